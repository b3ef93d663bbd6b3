"""What conditions rest on: an EXISTS wherever it stands, by how it came out and by no more than it needs."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from traced_world import PREFIXES, check, world_store

from kg.tracing.trace import trace
from kg.tracing.untraced import ABSENT, COMPUTED


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return world_store()


HELD = {
    "either": "FILTER(EXISTS { ?x oxus:leaves ?s } || EXISTS { ?x oxus:knows id:cay })",
    "either with a value": "FILTER(?x = id:cay || EXISTS { ?x oxus:knows id:ben })",
    "not that it does not": "FILTER(!(NOT EXISTS { ?x rdfs:label ?l }))",
    "not both missing": "FILTER(!(NOT EXISTS { ?x oxus:leaves ?s } && NOT EXISTS { ?x oxus:knows id:ann }))",
    "one inside another": "FILTER EXISTS { ?x oxus:knows ?y FILTER(EXISTS { ?y oxus:leaves ?s } || ?y = id:cay) }",
    "values from outside": ". ?x oxus:serves/oxus:rank ?r FILTER EXISTS { ?s oxus:rank ?q FILTER(?q < ?r) }",
    "if": "FILTER(IF(EXISTS { ?x rdfs:label ?l }, true, EXISTS { ?x oxus:serves id:east }))",
    "compared": "FILTER(EXISTS { ?x rdfs:label ?l } = true)",
}


@pytest.mark.parametrize("name", HELD)
def test_an_exists_that_holds_is_a_witness(store: ox.Store, name: str) -> None:
    query = f"{PREFIXES} SELECT ?x {{ ?x a oxus:Envoy {HELD[name]} }} ORDER BY ?x"
    traced = trace(store, query)
    assert traced.rows and check(store, query, traced) > 0
    assert traced.untraced in ({}, {"x": ABSENT}) and (name == "if" or not traced.untraced)


def test_whether_something_is_rests_on_it_or_on_its_absence(store: ox.Store) -> None:
    query = f"{PREFIXES} SELECT ?x (EXISTS {{ ?x rdfs:label ?l }} AS ?e) {{ ?x a oxus:Envoy }} ORDER BY ?x"
    traced = trace(store, query)
    assert [len(row) for row in traced.citations] == [2, 2, 1] and traced.untraced == {"e": ABSENT}
    path = query.replace("rdfs:label ?l", "oxus:serves/oxus:rank ?l")
    assert trace(store, path).untraced == {"e": COMPUTED}
    assert check(store, path, trace(store, path)) == 9


@pytest.mark.parametrize("inside", ["FILTER EXISTS { ?x oxus:knows ?z }", "{ SELECT ?x { ?x oxus:knows ?z } }"])
def test_what_is_cited_already_is_witness_enough(store: ox.Store, inside: str) -> None:
    query = f"{PREFIXES} SELECT DISTINCT ?x ?y {{ ?x oxus:knows ?y {inside} }} ORDER BY ?x ?y"
    traced = trace(store, query)
    assert [len(row) for row in traced.citations] == [1, 1, 1, 1]
    assert check(store, query, traced) == 4


def test_no_triple_is_cited_that_can_be_spared(store: ox.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so many solutions that not all are compared, the one chosen may rest on more than the row needs."""
    monkeypatch.setattr("kg.tracing.witnesses.MOST_CANDIDATES", 0)
    query = PREFIXES + "SELECT DISTINCT ?c { ?x (a|oxus:knows) ?c . ?y a ?c } ORDER BY ?c"
    assert check(store, query, trace(store, query)) == len(trace(store, query).rows)
