"""A reference to a cited answer, ready to be pasted: in words, as BibTeX, as CSL-JSON.

Formats: https://ctan.org/pkg/bibtex (btxdoc), https://github.com/citation-style-language/schema (csl-data.json)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = {
    "\\": r"\textbackslash{}",
    # Not \{: BibTeX counts braces, whatever stands before them.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}


@dataclass(frozen=True)
class Reference:
    """What is cited: `title` of the answer, `dataset` that gave it, `version` of that and the day of its data."""

    title: str
    dataset: str
    version: str
    built: str
    address: str
    sha256: str

    @property
    def key(self) -> str:
        """A short name, the same for the same answer."""
        words = re.findall(r"[a-z0-9]+", self.title.lower())[:3]
        return "-".join([*words, self.sha256[:8]])

    def plain(self) -> str:
        """The reference in words.

        >>> print(Reference("Ships", "Fleet", "1+a", "2026-01-31", "https://example.org/", "00").plain())
        “Ships”, answer to a query of Fleet, version 1+a, data of 2026-01-31. https://example.org/ (SHA-256 00)
        """
        told = f"“{self.title}”, answer to a query of {self.dataset}, version {self.version}, data of {self.built}."
        return f"{told} {self.address} (SHA-256 {self.sha256})"

    def bibtex(self) -> str:
        """The reference as an entry of BibTeX, in UTF-8."""
        fields = {
            "title": f"{{{_latex(self.title)}}}",
            "howpublished": _latex(f"Answer to a query of {self.dataset}, version {self.version}"),
            "year": self.built[:4],
            "url": self.address,
            "note": f"Data of {self.built}, SHA-256 {self.sha256}",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}\n"

    def csl(self) -> list[dict[str, object]]:
        """The reference as CSL-JSON: a list of one item."""
        item: dict[str, object] = {
            "id": self.key,
            "type": "dataset",
            "title": self.title,
            "container-title": self.dataset,
            "version": self.version,
            "issued": {"date-parts": [[int(part) for part in self.built.split("-")]]},
            "URL": self.address,
            "note": f"SHA-256 {self.sha256}",
        }
        return [item]


def _latex(text: str) -> str:
    """A text as LaTeX has it.

    >>> print(_latex("50 % {of} it"))
    50 \\% \\textbraceleft{}of\\textbraceright{} it
    """
    return "".join(_SPECIAL.get(char, char) for char in text)
