"""Answers in the terminal: tables of names and labels, from SPARQL results JSON. Citations are left to `tracing.cited`.

On a terminal a cell is an IRI's label with its short name beside it, or below it where the line is too short; where
the columns would be too narrow for that, each row becomes a block. In a pipe there is neither colour nor box.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from kg.namespaces import DCTERMS, RDFS, SKOS, XSD, compact

Term = Mapping[str, Any]
Results = Mapping[str, Any]
Ask = Callable[[str], Sequence[Mapping[str, Term]]]
"""Puts a SELECT and gives its rows, terms as in SPARQL results JSON."""

AT_ONCE = 200
"""How many IRIs are asked about in one query."""
NARROW = 20
"""Characters a column must have for a word to be broken in it."""
_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_PLAIN = frozenset(XSD + name for name in ("string", "boolean", "dateTime"))
_MIDNIGHT = "T00:00:00Z"


@dataclass(frozen=True)
class Cell:
    """One value: the text to read and, fainter, a name or a datatype beside it."""

    text: str
    note: str = ""
    number: bool = False

    def __str__(self) -> str:
        """Both on one line."""
        return f"{self.text} ({self.note})" if self.note else self.text


def cell(term: Term | None, labels: Mapping[str, str]) -> Cell:
    """One term as it is shown.

    >>> str(cell({"type": "uri", "value": "https://w3id.org/oxus/id/nile"}, {"https://w3id.org/oxus/id/nile": "Nile"}))
    'Nile (id:nile)'
    """
    if term is None:
        return Cell("")
    kind, value = term["type"], term["value"]
    if kind == "uri":
        name = compact(value)
        return Cell(labels[value], name) if value in labels else Cell(name)
    if kind == "triple":
        parts = (cell(value[part], labels).text for part in ("subject", "predicate", "object"))
        return Cell(f"<<( {' '.join(parts)} )>>")
    if kind == "bnode":
        return Cell("_:" + value)
    datatype = term.get("datatype", XSD + "string")
    if datatype == XSD + "dateTime" and value.endswith(_MIDNIGHT):
        return Cell(value.removesuffix(_MIDNIGHT))
    if datatype in _NUMBERS:
        return Cell(value, number=True)
    language = term.get("xml:lang", "en")
    note = "" if datatype in _PLAIN else compact(datatype)
    return Cell(value, note if language == "en" else f"@{language}")


def iris_in(terms: Iterable[Term]) -> list[str]:
    """The IRIs among some terms, each once, those inside triple terms included."""
    found: dict[str, None] = {}
    for term in terms:
        if term["type"] == "uri":
            found[term["value"]] = None
        elif term["type"] == "triple":
            found |= dict.fromkeys(iris_in(term["value"].values()))
    return list(found)


def in_lots(iris: Sequence[str]) -> Iterator[str]:
    """The IRIs as they stand in a VALUES, so many at once that no query grows too large."""
    for start in range(0, len(iris), AT_ONCE):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + AT_ONCE])


def read_labels(ask: Ask, iris: Sequence[str]) -> dict[str, str]:
    """A label for each IRI that has one: the English one, else one without a language, else any."""
    found: dict[str, str] = {}
    for lot in in_lots(iris):
        query = f"""SELECT ?iri ?label WHERE {{
          VALUES ?iri {{ {lot} }}
          ?iri <{RDFS}label>|<{SKOS}prefLabel>|<{DCTERMS}title> ?label
        }} ORDER BY ?iri (LANG(?label) = "en") (LANG(?label) = "") ?label"""
        found |= {row["iri"]["value"]: row["label"]["value"] for row in ask(query)}
    return found


def print_table(console: Console, results: Results, labels: Mapping[str, str]) -> None:
    """The rows of a SELECT, in the layout that fits the console."""
    names: list[str] = results["head"]["vars"]
    rows = [[cell(row.get(name), labels) for name in names] for row in results["results"]["bindings"]]
    if not console.is_terminal:
        print_plain(console, names, rows)
        return
    beside, below = _boxed(names, rows, " "), _boxed(names, rows, "\n")
    if _widths(console, beside).maximum <= console.width:
        console.print(beside)
    elif _widths(console, below).minimum <= console.width or console.width >= len(names) * NARROW:
        console.print(below)
    else:
        for number, row in enumerate(rows, 1):
            print_block(console, number, names, row)
            console.print()
    console.print(Text(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}", style="dim"))


def print_plain(console: Console, names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Columns held apart by two spaces, one line a row."""
    lines = [list(names), *([one_line(str(each)) for each in row] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(names))]
    for line in lines:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        console.out("  ".join(padded).rstrip(), highlight=False)


def print_block(console: Console, number: int, names: Sequence[str], row: Sequence[Cell]) -> None:
    """One row as a numbered block, a line a column; empty cells are left out."""
    block = Table.grid(padding=(0, 2, 0, 0))
    block.add_column(justify="right", style="bold", min_width=2)
    block.add_column(style="cyan", no_wrap=True)
    block.add_column(overflow="fold")
    for name, each in zip(names, row, strict=True):
        if each.text:
            block.add_row("" if block.row_count else str(number), name, styled(each, " "))
    console.print(block)


def styled(each: Cell, between: str) -> Text:
    """A cell with its note fainter."""
    text = Text(each.text)
    if each.note:
        text.append(between + each.note, style="dim")
    return text


def one_line(text: str) -> str:
    """The text with its white space, line ends included, as single spaces."""
    return re.sub(r"\s+", " ", text)


def _widths(console: Console, table: Table) -> Measurement:
    """The least width that breaks no word, and the width that breaks no line."""
    return Measurement.get(console, console.options.update(max_width=10_000), table)


def _boxed(names: Sequence[str], rows: Sequence[Sequence[Cell]], between: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="cyan")
    for n, name in enumerate(names):
        numeric = any(row[n].number for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(styled(each, between) for each in row))
    return table
