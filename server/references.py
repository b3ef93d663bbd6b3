"""A reference to a cited answer, ready to be pasted: in words, as BibTeX, as CSL-JSON.

Formats: https://ctan.org/pkg/bibtex (btxdoc), https://github.com/citation-style-language/schema (csl-data.json)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.queries.text import prologue, without_comments

_SPECIAL = {
    "\\": r"\textbackslash{}",
    # Not \{: BibTeX counts braces, whatever stands before them.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}


MOST_IN_TITLE = 100
"""Characters of a query that its title repeats."""


def title_of(query: str) -> str:
    """What a query of somebody's own is called: the first words of a comment before it, else the query, shortened.

    >>> title_of("# Ships by year\\n# of the fleet\\nPREFIX : <urn:a#> ASK {}")
    'Ships by year'
    >>> title_of("PREFIX : <urn:a#>\\nASK { :a  ?p ?o } # all")
    'SPARQL query: ASK { :a ?p ?o }'
    """
    before = prologue(query)
    for line in before.splitlines():
        # The header of a canned query, copied with it, names its title.
        found = re.match(r"\s*(?:#\+\s*title:|#+(?!\+))(.*)", line)
        if found and any(char.isalnum() for char in found[1]):
            return _shortened(found[1])
    return f"SPARQL query: {_shortened(without_comments(query[len(before) :]))}"


def _shortened(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= MOST_IN_TITLE else told[:MOST_IN_TITLE].rstrip() + "…"


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
