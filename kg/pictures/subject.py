"""What a picture is of: the rows of an answer by the columns that a chart reads, and what their things are called.

How each kind of picture looks is left to the modules of that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.namespaces import compact
from kg.queries.declarations import NO_COLUMN, Chart

WIDTH = 960
LONGEST = 300
"""Letters of a text that a picture tells of at all; a name that is written has fewer."""
_LINK = re.compile(r"https?://[^\s\"<>\\^`{|}\x00-\x20]+|/(?![/\\])[^\s\"<>\\^`{|}\x00-\x20]*")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING = {ord(char): None for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"}
"""Signs that turn the direction of what follows them: a name must not turn its neighbours'."""


@dataclass(frozen=True)
class Subject:
    """A chart and the rows it is drawn from, terms as SPARQL results JSON has them.

    `headings` are what the columns are called, `names` what IRIs are called, `links` where to read about them,
    `pages` where a page that draws the picture's specification leads instead.
    """

    chart: Chart
    rows: Sequence[Mapping[str, Any]]
    title: str
    description: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    width: int = WIDTH
    language: str = "en"
    """Of dates in words."""

    def value(self, row: Mapping[str, Any], position: int) -> str:
        """What a row has in the chart's column at a position; nothing if it has none, or there is no such column."""
        columns = self.chart.columns
        name = columns[position] if position < len(columns) else NO_COLUMN
        term = row.get(name)
        return str(term["value"]) if isinstance(term, Mapping) else "" if term is None else str(term)

    def heading(self, position: int) -> str:
        """What the column at a position is called."""
        name = self.chart.columns[position] if position < len(self.chart.columns) else ""
        return legible(self.headings.get(name, name))

    def name(self, text: str) -> str:
        """A value as it is written: an IRI by its name, and no signs that a text cannot have."""
        return legible(self.names.get(text) or (compact(text).strip("<>") if _LINK.fullmatch(text) else text))

    def link(self, iri: str) -> str:
        """Where to read about a thing; nothing if it is none, or its IRI leads nowhere that a browser should go.

        >>> subject = Subject(Chart("bar", ("a", "b")), (), "")
        >>> subject.link("https://example.org/a"), subject.link("javascript:alert(1)"), subject.link("//evil.example/")
        ('https://example.org/a', '', '')
        """
        found = self.links.get(iri, iri)
        return found if _LINK.fullmatch(found) else ""


def iris_in(subject: Subject) -> list[str]:
    """The IRIs in the columns that a picture reads, each once: what is to be named, and to be followed."""
    columns = subject.chart.columns
    terms = (row.get(name) for row in subject.rows for name in columns)
    found = (term["value"] for term in terms if isinstance(term, Mapping) and term.get("type") == "uri")
    return list(dict.fromkeys(found))


def legible(text: str, most: int = LONGEST) -> str:
    """A text as one line, without what XML cannot hold or what turns the text around it, and not longer than `most`.

    >>> legible("a\\x00\\n b", 10), legible("a long name", 6)
    ('a b', 'a lon…')
    """
    plain = unicodedata.normalize("NFC", _NO_XML.sub("", text.translate(_TURNING)))
    line = " ".join(plain[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def number(text: str) -> float | None:
    """The finite number that a text is, if it is one.

    >>> number("2.50"), number("INF"), number("many")
    (2.5, None, None)
    """
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e15 else None


@dataclass(frozen=True)
class Drawn:
    """A view of Vega-Lite, what it shows in a sentence, and what it leaves out, each in a sentence."""

    view: dict[str, Any]
    summary: str
    notes: tuple[str, ...] = ()


def counted(count: int, one: str, many: str) -> str:
    """A number of things in words.

    >>> counted(1, "row", "rows"), counted(1200, "row", "rows")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {one if count == 1 else many}"
