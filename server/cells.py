"""Answers as a person reads them: rows of cells with labels and links, from SPARQL results JSON.

Fetching them is left to `server.service`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.namespaces import XSD, compact
from server.languages import current_language

Term = Mapping[str, Any]
"""One term in the encoding of SPARQL results JSON: type, value, datatype, xml:lang."""

TermTriple = tuple[Term, Term, Term]


class Label(str):
    """What something is called, or what is said of it, and in which language."""

    language: str

    def __new__(cls, text: str, language: str) -> Label:
        """The text, which knows its language.

        >>> Label("Nile", "en"), Label("Nile", "en").language
        ('Nile', 'en')
        """
        label = super().__new__(cls, text)
        label.language = language
        return label


def label_of(term: Term) -> str:
    """The text of a term, which knows its language if it has one."""
    language = term.get("xml:lang", "")
    return Label(term["value"], language) if language else str(term["value"])


def foreign(text: str) -> str:
    """The language of a text, if it is another than the reader's."""
    language = text.language if isinstance(text, Label) else ""
    return "" if language == current_language() else language


@dataclass(frozen=True)
class Cell:
    """One value: `text` to read, `note` beside it (a compact name, a datatype), `iri` if it can be followed."""

    text: str
    note: str = ""
    iri: str = ""
    language: str = ""
    number: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is better not broken over lines: a date, a passage."""
        return len(self.text) <= LONGEST_WHOLE and not any(char.isspace() for char in self.text)


@dataclass(frozen=True)
class Column:
    """A column's name in the query and what it is called."""

    name: str
    label: str


@dataclass(frozen=True)
class Table:
    """What a page shows of an answer: the first rows, and how many there are."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    total: int

    @property
    def cut(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.total > len(self.rows)


LONGEST_WHOLE = 24
NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float", "int", "long"))
PLAIN = NUMBERS | {"", XSD + "string", XSD + "boolean", XSD + "dateTime", XSD + "date"}
"""Datatypes that a reader sees without being told."""


def table(
    results: Mapping[str, Any], labels: Mapping[str, str], most: int, headings: Mapping[str, str] | None = None
) -> Table:
    """The first rows of a result; `labels` are names of IRIs, `headings` of columns.

    >>> results = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "1"}}, {}]}}
    >>> table(results, {}, most=1).total
    2
    """
    names = results["head"]["vars"]
    bindings = results["results"]["bindings"]
    columns = tuple(Column(name, (headings or {}).get(name, name)) for name in names)
    rows = tuple(tuple(cell(row[name], labels) if name in row else None for name in names) for row in bindings[:most])
    return Table(columns, rows, len(bindings))


def cell(term: Term, labels: Mapping[str, str]) -> Cell:
    """One term.

    >>> cell({"type": "uri", "value": "https://w3id.org/oxus/id/nile"}, {"https://w3id.org/oxus/id/nile": "Nile"})
    Cell(text='Nile', note='id:nile', iri='https://w3id.org/oxus/id/nile', language='', number=False)
    """
    kind, value = term["type"], term["value"]
    if kind == "uri":
        short = compact(value).strip("<>")
        label = labels.get(value)
        return Cell(label or short, short if label else "", value, foreign(label) if label else "")
    if kind == "triple":
        parts = (cell(value[part], labels).text for part in ("subject", "predicate", "object"))
        return Cell(f"<< {' '.join(parts)} >>")
    if kind == "bnode":
        return Cell("_:" + value)
    datatype = term.get("datatype", "")
    note = "" if datatype in PLAIN else compact(datatype).strip("<>")
    return Cell(value, note, language=term.get("xml:lang", ""), number=datatype in NUMBERS)


def iris(terms: Iterable[Term]) -> list[str]:
    """The IRIs among some terms, each once, those inside triple terms included."""
    found: dict[str, None] = {}
    for term in terms:
        if term["type"] == "uri":
            found[term["value"]] = None
        elif term["type"] == "triple":
            found |= dict.fromkeys(iris(term["value"].values()))
    return list(found)


def terms_shown(results: Mapping[str, Any], most: int) -> Iterable[Term]:
    """Every term of the rows that a page shows."""
    for row in results["results"]["bindings"][:most]:
        yield from row.values()


def as_results(triples: Sequence[TermTriple]) -> dict[str, Any]:
    """Triples in the shape of a result with three columns, so that one table shows both."""
    names = ("subject", "predicate", "object")
    bindings = [dict(zip(names, triple, strict=True)) for triple in triples]
    return {"head": {"vars": list(names)}, "results": {"bindings": bindings}}
