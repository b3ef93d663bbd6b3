"""Rows are counted from an answer's bytes, in whatever pieces they come."""

from __future__ import annotations

import io

import pyoxigraph as ox
import pytest

from kg.engine.evaluation import evaluate, serialise
from kg.engine.formats import format_named
from kg.pool.rows import MARKS, RowCounter

TABLES = {
    "none": ("SELECT ?x { VALUES ?x { } }", 0),
    "one": ("SELECT ?x { VALUES ?x { 1 } }", 1),
    "some": ("SELECT * { VALUES (?x ?y) { (1 <urn:a>) (UNDEF 'b') ('c'@en UNDEF) } }", 3),
    "odd literals": ('SELECT ?x { VALUES ?x { "\\n" "}" "<result>" "\\t" "\\"},{\\"" "]}}" } }', 6),
    "a triple": ("SELECT ?x { VALUES ?x { <<( <urn:a> <urn:b> <urn:c> )>> 2 } }", 2),
    "no columns": ("SELECT ?x { { } }", 1),
}


def counted(query: str, name: str, piece: int) -> int | None:
    format = format_named(name)
    assert format is not None
    whole = io.BytesIO()
    serialise(evaluate(ox.Store(), query), format, whole)
    passed = io.BytesIO()
    counter = RowCounter(passed, name)
    for begin in range(0, len(whole.getvalue()), piece):
        counter.write(whole.getvalue()[begin : begin + piece])
    assert passed.getvalue() == whole.getvalue()
    return counter.rows


@pytest.mark.parametrize("piece", [1, 3, 10_000])
@pytest.mark.parametrize("name", sorted(set(MARKS) - {"nt"}))
@pytest.mark.parametrize("table", TABLES)
def test_the_rows_of_a_table(table: str, name: str, piece: int) -> None:
    query, rows = TABLES[table]
    assert counted(query, name, piece) == rows


@pytest.mark.parametrize("piece", [1, 10_000])
def test_the_triples_of_a_graph(piece: int) -> None:
    query = "CONSTRUCT { <urn:s> <urn:p> ?x } { VALUES ?x { 1 2 ' .\\n' } }"
    assert counted(query, "nt", piece) == 3
    assert counted(query, "ttl", piece) is None


def test_a_truth_has_no_rows() -> None:
    assert counted("ASK { }", "json", 1) is None
