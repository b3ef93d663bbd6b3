"""Rows that came, went or changed, as a page shows them: with labels, and each with the word for what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from kg.versions.canonical import Row
from kg.versions.rows import RowChanges
from server.answers import PAGE_CELLS, encoded
from server.cells import Cell, Term, cell, iris
from server.editions import bound_to, service_of
from server.replay import Replay
from server.service import Service
from server.wording import marked

MOST_ROWS = 500
"""Rows of changes that a page shows; the JSON has them all."""
_ANY = "<urn:x> <urn:x> "


@dataclass(frozen=True)
class ChangedRow:
    """A row and what became of it: added, removed, or `was` and `is now` for the two sides of one that changed.

    `differs` are the columns of a changed row in which its sides differ.
    """

    word: str
    cells: tuple[Cell | None, ...]
    differs: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ChangedRows:
    """What a page shows: the columns, the first rows, and how many there are."""

    columns: tuple[str, ...]
    rows: tuple[ChangedRow, ...]
    total: int


def shown(found: Replay, old: Service, headings: Mapping[str, str]) -> ChangedRows | None:
    """The changes in a cited answer as its page shows them; None if there are none or they are not known."""
    if found.rows is None or found.rows.same:
        return None
    labels = labels_of(terms_of([found.rows], MOST_ROWS), (old, service_of(found.version)))
    return table(found.columns, found.rows, headings, labels, MOST_ROWS)


def terms_of(changes: Iterable[RowChanges], most: int) -> dict[str, Term]:
    """The terms in the first rows of some changes, by how they are written."""
    return read_terms(each for rows in changes for _, row, _ in _first(rows, most) for each in row)


def labels_of(terms: Mapping[str, Term], services: Iterable[Service]) -> dict[str, str]:
    """Names of IRIs in the versions that may know one, the last one's counting most. Each is asked once."""
    wanted = iris(terms.values())
    labels: dict[str, str] = {}
    for service in services:
        with bound_to(service):
            labels |= service.labels(wanted)
    return labels


def table(
    columns: Sequence[str], changes: RowChanges, headings: Mapping[str, str], labels: Mapping[str, str], most: int
) -> ChangedRows:
    """Changes as rows of cells, the first of them."""
    rows = _first(changes, most)
    terms = read_terms(each for _, row, _ in rows for each in row)
    made = (
        ChangedRow(word, tuple(cell(terms[each], labels) if each else None for each in row), differs)
        for word, row, differs in rows
    )
    total = 2 * len(changes.changed) + len(changes.removed) + len(changes.added)
    return ChangedRows(tuple(headings.get(name, name) for name in columns), tuple(made), total)


def read_terms(written: Iterable[str]) -> dict[str, Term]:
    """The terms that N-Triples write, by how they are written; IRIs with spaces between are one text."""
    found: dict[str, Term] = {}
    for each in dict.fromkeys(written):
        if not each:
            continue
        try:
            (quad,) = ox.parse(f"{_ANY}{each} .", format=ox.RdfFormat.N_TRIPLES)
        except SyntaxError:
            found[each] = {"type": "literal", "value": each}
        else:
            found[each] = encoded(quad.object)
    return found


def _first(changes: RowChanges, most: int) -> list[tuple[str, Row, frozenset[int]]]:
    """The first rows: no more than `most`, and no more cells than the page of an answer has."""
    widest = max((len(row) for _, row, _ in islice(_rows(changes), most)), default=0)
    return list(islice(_rows(changes), min(most, max(1, PAGE_CELLS // max(1, widest)))))


def _rows(changes: RowChanges) -> Iterator[tuple[str, Row, frozenset[int]]]:
    for old, new in changes.changed:
        differs = frozenset(number for number, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1])
        yield marked("was"), old, differs
        yield marked("is now"), new, differs
    for row in changes.removed:
        yield marked("removed"), row, frozenset()
    for row in changes.added:
        yield marked("added"), row, frozenset()
