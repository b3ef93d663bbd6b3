"""What rests on an OPTIONAL: on what it matched, or on its having matched nothing."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from traced_world import PREFIXES, check, world_store

from kg.tracing.trace import trace
from kg.tracing.untraced import ABSENT

ENVOYS = "?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l }"


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return world_store()


def test_an_optional_that_matched_another_value_does_not_look_unmatched(store: ox.Store) -> None:
    """Ann serves the north alone: she is no witness of what is beside the south."""
    pattern = "?x a oxus:Envoy OPTIONAL { ?x oxus:serves ?s } ?y oxus:borders ?s"
    traced = trace(store, f"{PREFIXES} SELECT ?s (COUNT(?x) AS ?n) {{ {pattern} }} GROUP BY ?s")
    [row] = traced.citations
    named = {triple.subject.value.rpartition("/")[2] for triple in (each.triple for each in row)}
    assert named == {"ben", "cay", "north"}
    distinct = f"{PREFIXES} SELECT DISTINCT ?s ?y {{ {pattern} }}"
    assert check(store, distinct, trace(store, distinct)) == 2


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?x {{ {ENVOYS} FILTER(BOUND(?l) = false) }}",
        f"SELECT ?x {{ {ENVOYS} FILTER(IF(BOUND(?l), false, true)) }}",
        f"SELECT ?x {{ {ENVOYS} FILTER(COALESCE(?l, 'none') = 'none') }}",
        f"SELECT ?x {{ {ENVOYS} FILTER(!(BOUND(?l) && ?x = id:cay)) FILTER(?x = id:cay) }}",
        f"SELECT ?x {{ {ENVOYS} }} GROUP BY ?x HAVING(COUNT(?l) = 0)",
        f"SELECT ?x {{ {{ SELECT ?x (COUNT(?l) AS ?n) {{ {ENVOYS} }} GROUP BY ?x }} FILTER(?n = 0) }}",
    ],
)
def test_what_rests_on_nothing_being_bound_says_so(store: ox.Store, query: str) -> None:
    traced = trace(store, PREFIXES + query)
    assert traced.untraced == {"x": ABSENT}
    assert check(store, PREFIXES + query, traced) == len(traced.rows) == 1


def test_a_value_taken_because_another_is_missing_says_so(store: ox.Store) -> None:
    query = f"""{PREFIXES} SELECT ?x ?n {{ ?x a oxus:State OPTIONAL {{ ?x rdfs:label ?en FILTER(LANG(?en) = "en") }}
        ?x rdfs:label ?fr FILTER(LANG(?fr) = "fr") BIND(COALESCE(?en, ?fr) AS ?n) }} ORDER BY ?x"""
    traced = trace(store, query)
    assert traced.untraced == {"n": ABSENT}
    assert [len(row) for row in traced.citations] == [3, 2]


def test_what_stands_in_reserve_is_not_cited(store: ox.Store) -> None:
    query = f"""{PREFIXES} SELECT ?x (COALESCE(?en, ?fr) AS ?n) {{ ?x oxus:rank ?r
        OPTIONAL {{ ?x rdfs:label ?en FILTER(LANG(?en) = "en") }}
        OPTIONAL {{ ?x rdfs:label ?fr FILTER(LANG(?fr) = "fr") }} }} ORDER BY ?x"""
    traced = trace(store, query)
    assert check(store, query, traced) == 5  # east has no label
    either = f"""{PREFIXES} SELECT ?x {{ ?x a oxus:Envoy OPTIONAL {{ ?x rdfs:label ?l }} OPTIONAL {{ ?x oxus:knows ?y }}
        FILTER(BOUND(?l) || BOUND(?y)) }} ORDER BY ?x"""
    assert check(store, either, trace(store, either)) >= 6


def test_a_parameter_left_out_is_no_absence(store: ox.Store) -> None:
    query = "SELECT ?x { VALUES ?p { UNDEF } ?x a oxus:Envoy FILTER(!BOUND(?p) || EXISTS { ?x oxus:serves ?p }) }"
    assert trace(store, PREFIXES + query).untraced == {}
    named = query.replace("UNDEF", "id:east")
    assert check(store, PREFIXES + named, trace(store, PREFIXES + named)) == 2


def test_a_group_rests_on_an_absence_only_where_no_member_has_a_value(store: ox.Store) -> None:
    served = "?x oxus:serves ?s OPTIONAL { ?x rdfs:label ?l }"
    counted = f"{PREFIXES} SELECT ?s (COUNT(?l) AS ?n) {{ {served} FILTER(?s != id:east) }} GROUP BY ?s"
    assert trace(store, counted).untraced == {}
    assert trace(store, counted.replace("!= id:east", "= id:east")).untraced == {"n": ABSENT}
    greatest = counted.replace("COUNT", "MAX").replace("!= id:east", "= id:east")
    assert trace(store, greatest).untraced == {}
    having = f"{PREFIXES} SELECT ?s {{ {served} }} GROUP BY ?s HAVING(COUNT(?x) > 0) (COUNT(?l) = 0)"
    assert trace(store, having).untraced == {"s": ABSENT}
