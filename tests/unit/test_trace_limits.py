"""Queries that are not traced, or not in full: they answer all the same, and say what was not traced and why."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
from traced_world import PREFIXES, check, rows_of, world_store

from kg.tracing.algebra import UntraceableError, read_select
from kg.tracing.grounding import Ground
from kg.tracing.trace import NOT_FOUND, NOT_SHOWN, NOTHING_CITED, trace
from kg.tracing.untraced import SLICED
from kg.tracing.witnesses import Witnesses


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return world_store()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x ?mark__1 { ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?mark__1 } } ORDER BY ?x",
        "SELECT ?x ?way__1 { ?x oxus:serves ?way__1 FILTER(?x = id:ann || ?way__1 = id:east) } ORDER BY ?x",
        "SELECT ?x { ?x oxus:serves _:a . _:a oxus:rank ?blank__a } ORDER BY ?x",
        "SELECT ?x { ?x oxus:serves _:a-1.b . _:a-1.b oxus:rank ?r } ORDER BY ?x",
        "SELECT ?x { ?x oxus:serves ?s . { SELECT ?x { ?x oxus:knows ?s } } } ORDER BY ?x",
        r"PREFIX base: <https://w3id.org/oxus/> SELECT ?s { base:id\/ann oxus:serves ?s }",
        "SELECT ?key__1 { ?x rdfs:label ?key__1 } GROUP BY ?key__1 (LANG(?key__1)) ORDER BY ?key__1",
    ],
)
def test_names_do_not_clash_and_escapes_are_read(store: ox.Store, query: str) -> None:
    traced = trace(store, PREFIXES + query)
    assert traced.rows and traced.untraced == {}
    assert check(store, PREFIXES + query, traced) > 0


def test_groups_of_a_value_without_a_name(store: ox.Store) -> None:
    query = PREFIXES + "SELECT (COUNT(?x) AS ?n) { ?x rdfs:label ?l } GROUP BY (LANG(?l)) LANG(?l) ORDER BY ?n"
    traced = trace(store, query)
    assert [len(row) for row in traced.citations] == [2, 3] and traced.untraced == {}


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), RecursionError(), AssertionError(), ValueError("x")])
def test_whatever_goes_wrong_in_tracing_the_answer_stands(
    monkeypatch: pytest.MonkeyPatch, store: ox.Store, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    query = PREFIXES + "SELECT ?x { ?x oxus:serves ?s } ORDER BY ?x"
    for place in ("kg.tracing.algebra.translateQuery", "kg.tracing.algebra._Reader.select", "kg.tracing.trace.Citer"):
        with monkeypatch.context() as patched:
            patched.setattr(place, fail)
            traced = trace(store, query)
        assert [tuple(row.values()) for row in traced.rows] == rows_of(store, query)
        assert set(traced.citations) == {()} and traced.untraced["x"].startswith("the query is not traced: ")
    with monkeypatch.context() as patched:
        patched.setattr("kg.tracing.algebra._Reader.select", fail)
        with pytest.raises(UntraceableError):
            read_select(query)


def test_an_exists_of_whole_groups_is_not_traced(store: ox.Store) -> None:
    query = "SELECT ?s { ?x oxus:serves ?s } GROUP BY ?s HAVING(EXISTS { ?s oxus:rank ?r })"
    assert "EXISTS of whole groups" in trace(store, PREFIXES + query).untraced["s"]


def test_every_row_alike_has_a_witness_of_its_own() -> None:
    store = ox.Store()
    for number in range(600):
        thing = ox.NamedNode(f"urn:{number}")
        for graph in (ox.DefaultGraph(), ox.NamedNode("urn:g")):
            store.add(ox.Quad(thing, ox.NamedNode("urn:is"), ox.NamedNode("urn:thing"), graph))
    traced = trace(store, "SELECT ?t { ?x <urn:is> ?t }")
    assert len({row[0].triple for row in traced.citations}) == 600 and traced.untraced == {}


def test_rows_alike_by_a_sub_select_have_witnesses_of_their_own(store: ox.Store) -> None:
    query = PREFIXES + "SELECT ?x { ?x a oxus:Envoy { SELECT ?x { ?x oxus:knows ?y } } } ORDER BY ?x"
    traced = trace(store, query)
    assert len({row for row in traced.citations}) == len(traced.rows) == 4
    assert check(store, query, traced) == 8


def test_paths_over_blank_nodes_are_told_apart() -> None:
    store = ox.Store()
    lists = "<urn:a> <urn:is> ( 1 2 3 ) . <urn:b> <urn:is> ( 4 5 6 ) ."
    store.load(f"{lists} GRAPH <urn:g> {{ }}".encode(), ox.RdfFormat.TRIG)
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode("urn:g")))
    query = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT ?x ?y { ?x <urn:is>/rdf:rest*/rdf:first ?y } ORDER BY ?x ?y"""
    assert check(store, query, trace(store, query)) == 2 * (2 + 3 + 4)


@pytest.mark.parametrize("tail", ["OFFSET 1", "LIMIT 2 OFFSET 1"])
def test_rows_further_down_rest_on_those_before(store: ox.Store, tail: str) -> None:
    traced = trace(store, f"{PREFIXES} SELECT ?x ?s {{ ?x oxus:serves ?s }} ORDER BY ?x ?s {tail}")
    assert traced.untraced == {"x": SLICED, "s": SLICED} and all(traced.citations)


def test_what_is_not_found_is_told_from_what_nothing_states(store: ox.Store) -> None:
    assert trace(store, "SELECT ?n { VALUES ?n { 1 } }").untraced == {"n": "the query itself gives its value"}
    assert trace(store, PREFIXES + "SELECT (COUNT(?x) AS ?n) { ?x oxus:hates ?y }").untraced == {"n": NOTHING_CITED}


def test_a_row_without_witness_says_that_it_was_not_found_again(
    monkeypatch: pytest.MonkeyPatch, store: ox.Store
) -> None:
    monkeypatch.setattr(Witnesses, "facts", lambda *_, **__: None)
    assert trace(store, PREFIXES + "SELECT ?x { ?x oxus:serves ?s }").untraced == {"x": NOT_FOUND}


def test_citations_that_do_not_give_the_row_say_so(monkeypatch: pytest.MonkeyPatch, store: ox.Store) -> None:
    """Whatever is wrong in finding what a row rests on shows when the query is asked of nothing else."""
    found = Witnesses.facts

    def forgetful(self: Witnesses, *given: Any, **named: Any) -> Ground | None:
        ground = found(self, *given, **named)
        return ground and Ground(dict(list(ground.facts.items())[:-1]))

    monkeypatch.setattr(Witnesses, "facts", forgetful)
    query = PREFIXES + "SELECT ?x ?l { ?x oxus:serves id:east OPTIONAL { ?x oxus:knows ?l } }"
    assert trace(store, query).untraced == {"l": NOT_SHOWN}
