"""What changed between two answers to one question: rows added, removed and changed. Asking is left to others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from kg.versions.canonical import Answer, Row

MOST_KEYS = 50_000
"""Rows that differ, times columns, up to which a row is looked for without each of its values in turn: half a second at
most, for 500 columns."""


@dataclass(frozen=True)
class RowChanges:
    """Rows, their terms in N-Triples; `changed` are pairs of what a row was and what it is.

    A row counts as changed if it differs in a single value from one that is gone, or if each is the only one left with
    its first value; if too much differs (`MOST_KEYS`) only the first value counts. `reordered` is whether the rows are
    the same in another order, `other_columns` whether the answers have different columns, so that their rows cannot be
    compared.
    """

    added: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    changed: tuple[tuple[Row, Row], ...] = ()
    reordered: bool = False
    other_columns: bool = False

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return self == RowChanges()

    def as_json(self) -> dict[str, object]:
        """The changes, every row a list."""
        return {
            "added": [list(row) for row in self.added],
            "removed": [list(row) for row in self.removed],
            "changed": [{"from": list(old), "to": list(new)} for old, new in self.changed],
            "reordered": self.reordered,
            "other_columns": self.other_columns,
        }


def compare(old: Answer, new: Answer) -> RowChanges:
    """What changed from one answer to the other; triples of a graph are never paired.

    >>> old = Answer("table", ("who", "when"), (("<urn:a>", '"1"'), ("<urn:b>", '"2"')))
    >>> new = Answer("table", ("who", "when"), (("<urn:a>", '"3"'), ("<urn:c>", '"2"')))
    >>> compare(old, new).changed
    ((('<urn:a>', '"1"'), ('<urn:a>', '"3"')),)
    >>> compare(old, new).added
    (('<urn:c>', '"2"'),)
    """
    if (old.kind, old.columns) != (new.kind, new.columns):
        return RowChanges(new.rows, old.rows, other_columns=True)
    before, after = Counter(old.rows), Counter(new.rows)
    if before == after:
        return RowChanges(reordered=old.rows != new.rows)
    removed, added = list((before - after).elements()), list((after - before).elements())
    pairs: list[tuple[Row, Row]] = []
    if old.kind == "boolean":
        pairs, removed, added = list(zip(removed, added, strict=True)), [], []
    elif old.kind == "table" and len(old.columns) > 1:
        # A first value alone says that two rows are of one thing; two rows that share another value seldom are.
        if len(old.columns) * (len(removed) + len(added)) <= MOST_KEYS:
            for column in range(len(old.columns) - 1, 0, -1):
                pairs += _pair(removed, added, partial(_without, column))
        pairs += _pair(removed, added, itemgetter(0))
    place = {row: number for number, row in enumerate(old.rows)}
    pairs.sort(key=lambda pair: place[pair[0]])
    return RowChanges(tuple(added), tuple(removed), tuple(pairs))


def _pair(removed: list[Row], added: list[Row], key: Callable[[Row], object]) -> list[tuple[Row, Row]]:
    """The pairs of rows that are the only ones with their key on both sides; they are taken out of the lists."""
    gone, come = _by_key(removed, key), _by_key(added, key)
    pairs = [(rows[0], come[each][0]) for each, rows in gone.items() if len(rows) == 1 and len(come.get(each, ())) == 1]
    # Each row of a pair is the only one of its kind.
    paired_old, paired_new = {old for old, _ in pairs}, {new for _, new in pairs}
    removed[:] = [row for row in removed if row not in paired_old]
    added[:] = [row for row in added if row not in paired_new]
    return pairs


def _without(column: int, row: Row) -> Row:
    return row[:column] + row[column + 1 :]


def _by_key(rows: Iterable[Row], key: Callable[[Row], object]) -> dict[object, list[Row]]:
    found: defaultdict[object, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)
