"""An answer's canonical form and hash: the same for the same answer, whatever stands around it."""

from __future__ import annotations

import hashlib
import io
import json
import time

import pyoxigraph as ox
import pytest

from kg.engine.evaluation import evaluate, serialise
from kg.engine.formats import format_named
from kg.versions.canonical import Answer, answer_canonically, canonical_answer, is_arbitrary, is_ordered, read_answer
from kg.versions.rows import compare

DATA = """
<urn:a> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<urn:b> <urn:p> "b\\t\\"tab\\" \\u0001"@en .
<urn:c> <urn:p> "c" .
<urn:c> <urn:q> <urn:d> .
_:x <urn:q> _:y .
_:y <urn:q> <urn:d> .
"""


def store(*lines: str) -> ox.Store:
    found = ox.Store()
    found.load("\n".join(lines or DATA.splitlines()).encode(), format=ox.RdfFormat.N_TRIPLES)
    return found


def sha256(query: str, data: ox.Store | None = None) -> str:
    return canonical_answer(data or store(), {"query": query}).sha256


def test_the_order_of_rows_counts_only_where_the_query_gives_one():
    rows = "VALUES ?x { 1 2 3 }"
    assert sha256(f"SELECT ?x {{ {rows} }}") == sha256("SELECT ?x { VALUES ?x { 3 1 2 } }")
    ordered = {sha256(f"SELECT ?x {{ {rows} }} ORDER BY {key}") for key in ("?x", "DESC(?x)")}
    assert len(ordered) == 2
    within = "SELECT ?x {{ {{ SELECT ?x {{ {} }} ORDER BY {} }} }}"
    assert sha256(within.format(rows, "?x")) == sha256(within.format(rows, "DESC(?x)"))


def test_the_order_of_loading_does_not_count():
    lines = DATA.strip().splitlines()
    for query in ("SELECT ?s ?o { ?s <urn:p> ?o }", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"):
        assert sha256(query, store(*lines)) == sha256(query, store(*reversed(lines)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT ?x { VALUES ?x { 1 } }", "SELECT ?x { VALUES ?x { 1 1 } }"),
        ("SELECT ?x { VALUES ?x { 1 } }", "SELECT ?y { VALUES ?y { 1 } }"),
        ("SELECT ?x { VALUES ?x { 1 } }", "SELECT ?x { VALUES ?x { 1.0 } }"),
        ('SELECT ?x { VALUES ?x { "a" } }', 'SELECT ?x { VALUES ?x { "a"@en } }'),
        ("SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) } }", "SELECT ?x ?y { VALUES (?x ?y) { (UNDEF 1) } }"),
        ("SELECT ?x { FILTER(false) }", 'SELECT ?x { VALUES ?x { "" } }'),
        ("ASK {}", "ASK { FILTER(false) }"),
    ],
)
def test_what_is_another_answer_has_another_hash(one: str, other: str):
    assert sha256(one) != sha256(other)


def test_the_names_of_blank_nodes_in_a_graph_do_not_count_but_what_they_join_does():
    graph = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
    renamed = DATA.replace("_:x", "_:t").replace("_:y", "_:x").replace("_:t", "_:y")
    assert sha256(graph) == sha256(graph, store(renamed))
    assert sha256(graph) != sha256(graph, store(DATA.replace("_:x <urn:q> _:y", "_:y <urn:q> _:x")))
    made = "CONSTRUCT { [] <urn:of> ?s } { ?s <urn:p> ?o }"
    assert sha256(made) == sha256(made)


def test_anybody_can_make_the_form_of_a_graph_from_its_n_triples():
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(!ISBLANK(?s)) }"
    output = io.BytesIO()
    serialise(evaluate(store(), query), format_named("nt"), output)
    lines = b"".join(sorted(set(output.getvalue().splitlines(keepends=True))))
    assert hashlib.sha256(lines).hexdigest() == sha256(query)


def test_a_row_is_its_terms_in_n_triples_with_tabs_between():
    answer = canonical_answer(store(), {"query": "SELECT ?s ?none ?o { ?s <urn:p> ?o }"})
    assert answer.text.splitlines() == [
        "?s\t?none\t?o",
        '<urn:a>\t\t"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '<urn:b>\t\t"b\\t\\"tab\\" \\u0001"@en',
        '<urn:c>\t\t"c"',
    ]
    assert answer.sha256 == hashlib.sha256(answer.text.encode()).hexdigest()


def test_the_operation_tells_the_answer_its_hash_alone_or_its_text():
    request = {"query": "SELECT ?s { ?s <urn:p> ?o }"}
    told = {}
    for name, more in (("whole", {}), ("hash", {"hash_only": True}), ("text", {"as_text": True})):
        output = io.BytesIO()
        answer_canonically(store(), {**request, **more}, output)
        told[name] = output.getvalue()
    whole, alone = json.loads(told["whole"]), json.loads(told["hash"])
    assert read_answer(whole) == canonical_answer(store(), request)
    assert (alone["sha256"], alone["count"], alone["rows"]) == (whole["sha256"], 3, [])
    assert hashlib.sha256(told["text"]).hexdigest() == whole["sha256"]


def test_words_in_strings_comments_and_names_order_nothing():
    for text in (
        'SELECT ?x { ?x ?p "ORDER BY ?x" }',
        "SELECT ?x { } # ORDER BY ?x",
        "SELECT ?x { ?x <urn:ORDER BY> 1 }",
    ):
        assert not is_ordered(text)
    assert is_ordered("select ?x { } order\n by ?x")
    assert is_arbitrary("SELECT ?x { ?x ?p ?o } LIMIT 5") and not is_arbitrary('SELECT ?x { ?x ?p "LIMIT 5" }')


# What changed between two answers


def answer(query: str):
    return canonical_answer(ox.Store(), {"query": query})


def rows(*values: str, order: str = "") -> str:
    return f"SELECT ?who ?when ?where {{ VALUES (?who ?when ?where) {{ {' '.join(values)} }} }} {order}"


def test_a_row_that_differs_in_one_value_has_changed():
    changes = compare(answer(rows("(1 2 3)", "(4 5 6)")), answer(rows("(1 2 3)", "(4 5 7)")))
    assert [(old[2][1], new[2][1]) for old, new in changes.changed] == [("6", "7")]
    assert not changes.added and not changes.removed


def test_the_only_rows_with_a_first_value_are_one_that_changed():
    changes = compare(answer(rows("(1 2 3)", "(4 5 6)")), answer(rows("(1 8 9)", "(7 5 9)")))
    assert [(old[1][1], new[1][1]) for old, new in changes.changed] == [("2", "8")]
    assert (len(changes.removed), len(changes.added)) == (1, 1)


def test_where_it_is_not_clear_which_row_became_which_none_is_said_to_have_changed():
    changes = compare(answer(rows("(1 2 3)")), answer(rows("(1 2 4)", "(1 2 5)")))
    assert (changes.changed, len(changes.removed), len(changes.added)) == ((), 1, 2)


def test_equal_rows_are_counted():
    changes = compare(answer(rows("(1 2 3)", "(1 2 3)")), answer(rows("(1 2 3)")))
    assert (len(changes.removed), len(changes.added)) == (1, 0)


def test_another_order_is_told_where_the_query_gives_one():
    same = compare(answer(rows("(1 2 3)", "(4 5 6)")), answer(rows("(4 5 6)", "(1 2 3)")))
    assert same.same
    order = "ORDER BY {}(?who)"
    other = compare(
        answer(rows("(1 2 3)", "(4 5 6)", order=order.format("ASC"))),
        answer(rows("(1 2 3)", "(4 5 6)", order=order.format("DESC"))),
    )
    assert other.reordered and not other.same and not other.added


def test_a_truth_and_a_graph_change_too():
    turned = compare(answer("ASK {}"), answer("ASK { FILTER(false) }"))
    assert turned.changed == ((("true",), ("false",)),)
    graph = "CONSTRUCT {{ <urn:a> <urn:p> {} }} {{}}"
    changes = compare(answer(graph.format(1)), answer(graph.format(2)))
    assert (len(changes.added), len(changes.removed), changes.changed) == (1, 1, ())


def test_answers_with_other_columns_are_not_compared_row_by_row():
    assert compare(answer("SELECT ?a { VALUES ?a { 1 } }"), answer("SELECT ?b { VALUES ?b { 1 } }")).other_columns


def test_answers_with_many_columns_and_rows_are_compared_soon_by_the_first_value_alone() -> None:
    columns = tuple(f"c{number}" for number in range(1500))
    old, new = (
        Answer("table", columns, tuple((f'"{row}"', *[f'"{row} {side}"'] * 1499) for row in range(640)))
        for side in ("old", "new")
    )
    began = time.thread_time()
    assert len(compare(old, new).changed) == 640
    assert time.thread_time() - began < 2  # looking for each row without each of its values took twenty
