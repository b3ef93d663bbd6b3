"""Citations of rows, over the world of `traced_world` and held by its `check`."""

from __future__ import annotations

import io
import json

import pyoxigraph as ox
import pytest
from traced_world import PREFIXES, REJECTED, RULE, check, world_store

from kg.build.rules import Rule, read_rule
from kg.errors import QueryRefusedError, QuerySyntaxError
from kg.namespaces import ACCEPTED
from kg.tracing.answers import answer_with_citations
from kg.tracing.trace import trace


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return world_store()


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    return {slug: read_rule(slug, RULE, f"{slug}.rq") for slug in ("official", "person")}


FREE = {
    "one pattern": "SELECT ?x ?s { ?x oxus:serves ?s } ORDER BY ?x ?s",
    "a join": "SELECT ?x ?r { ?x oxus:serves ?s . ?s oxus:rank ?r } ORDER BY ?x ?r",
    "a class": "SELECT ?x { ?x a oxus:Person } ORDER BY ?x",
    "a blank node": "SELECT ?x { ?x oxus:serves [ oxus:rank ?r ] } ORDER BY ?x",
    "distinct": "SELECT DISTINCT ?s { ?x oxus:serves ?s ; oxus:knows ?y } ORDER BY ?s",
    "rows alike": "SELECT ?s { ?x oxus:serves ?s } ORDER BY ?s",
    "a filter": 'SELECT ?x ?l { ?x rdfs:label ?l FILTER(LANG(?l) = "fr" && ?l IN ("Nord"@fr, "Est"@fr)) } ORDER BY ?x',
    "an optional": "SELECT ?x ?l { ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l } } ORDER BY ?x",
    "an optional unseen": "SELECT ?x { ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l } } ORDER BY ?x",
    "optionals in turn": """SELECT ?x ?l { ?x oxus:rank ?r
        OPTIONAL { ?x rdfs:label ?l FILTER(LANG(?l) = "en") } OPTIONAL { ?x rdfs:label ?l FILTER(LANG(?l) = "fr") }
    } ORDER BY ?x""",
    "an optional in an optional": """SELECT ?x ?s ?r { ?x a oxus:Envoy
        OPTIONAL { ?x oxus:serves ?s OPTIONAL { ?s oxus:rank ?r FILTER(?r > 3) } } } ORDER BY ?x ?s""",
    "an optional with a condition on the left": """SELECT ?s ?t { ?s oxus:rank ?r
        OPTIONAL { ?t oxus:rank ?q FILTER(?q > ?r) } } ORDER BY ?s ?t""",
    "a union": "SELECT ?x ?y { { ?x oxus:serves ?y } UNION { ?x oxus:knows ?y } } ORDER BY ?x ?y",
    "a union on both sides": "SELECT ?x { { ?x oxus:serves ?y } UNION { ?x oxus:knows ?y } } ORDER BY ?x",
    "values": "SELECT ?x ?s { VALUES (?x ?s) { (id:ann UNDEF) (UNDEF id:south) } ?x oxus:serves ?s } ORDER BY ?x ?s",
    "a parameter left out": """SELECT ?x ?l { VALUES ?l { UNDEF } ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l }
        } ORDER BY ?x""",
    "values at the end": "SELECT ?x ?s { ?x oxus:serves ?s } ORDER BY ?x ?s VALUES ?s { id:north }",
    "a copy": "SELECT ?y { ?x oxus:serves ?s BIND(?s AS ?y) } ORDER BY ?y",
    "a sequence": "SELECT ?x ?r { ?x oxus:serves/oxus:rank ?r } ORDER BY ?x ?r",
    "an inverse": "SELECT ?s ?x { ?s ^oxus:serves ?x } ORDER BY ?s ?x",
    "alternatives": "SELECT ?x ?y { ?x (oxus:serves|^oxus:knows) ?y } ORDER BY ?x ?y",
    "a negated path": "SELECT ?x ?y { ?x !(oxus:serves|oxus:knows|rdfs:label) ?y . ?x oxus:rank ?r } ORDER BY ?x ?y",
    "a closure": "SELECT ?x ?y { ?x oxus:knows+ ?y } ORDER BY ?x ?y",
    "a closure of a sequence": "SELECT ?x ?y { ?x (oxus:knows/oxus:serves/^oxus:serves)+ ?y } ORDER BY ?x ?y",
    "subclasses": "SELECT ?x { ?x a/rdfs:subClassOf* oxus:Person . ?x oxus:serves ?s } ORDER BY ?x",
    "a question mark": "SELECT ?c { oxus:Envoy rdfs:subClassOf? ?c . ?x a ?c } ORDER BY ?c",
    "a graph": "SELECT ?g ?x ?s { GRAPH ?g { ?x oxus:serves ?s } } ORDER BY ?g ?x ?s",
    "a graph for each": """SELECT ?x ?g ?h { GRAPH ?g { ?x oxus:serves ?s } GRAPH ?h { ?s oxus:rank ?r }
        } ORDER BY ?x ?g ?h""",
    "a named graph": "SELECT ?x { GRAPH first:100-120 { ?x oxus:serves ?s } } ORDER BY ?x",
    "an optional in a graph": """SELECT ?g ?x ?r { GRAPH ?g { ?x oxus:serves ?s OPTIONAL { ?s oxus:rank ?r } }
        } ORDER BY ?g ?x ?r""",
    "a sub-select": "SELECT ?x ?r { { SELECT ?x ?s { ?x oxus:serves ?s } } ?s oxus:rank ?r } ORDER BY ?x ?r",
    "a sub-select's own variable": "SELECT ?x ?r { { SELECT ?x { ?x oxus:knows ?r } } ?x oxus:serves/oxus:rank ?r }",
    "a sub-select in a graph": "SELECT ?x { GRAPH first:100-120 { { SELECT ?x { ?x oxus:serves ?s } } } } ORDER BY ?x",
    "exists": "SELECT ?x { ?x a oxus:Envoy FILTER EXISTS { ?x oxus:serves/oxus:joins ?l } } ORDER BY ?x",
    "exists and more": """SELECT ?x { ?x a oxus:Envoy FILTER(EXISTS { ?x rdfs:label ?l FILTER(?l != "Ben"@en) }
        && ISIRI(?x)) } ORDER BY ?x""",
    "minus": "SELECT ?x { ?x a oxus:Envoy MINUS { ?x rdfs:label ?l } } ORDER BY ?x",
    "not exists": "SELECT ?x { ?x a oxus:Envoy FILTER NOT EXISTS { ?x oxus:serves id:east } } ORDER BY ?x",
    "not bound": "SELECT ?x { ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l } FILTER(!BOUND(?l)) } ORDER BY ?x",
    "coalesce": """SELECT ?x (COALESCE(?l, ?x) AS ?n) { ?x a oxus:Envoy OPTIONAL { ?x rdfs:label ?l } } ORDER BY ?x""",
    "everything": "SELECT * { ?x oxus:knows ?y . ?y oxus:serves ?s } ORDER BY ?x ?y ?s",
    "a limit": "SELECT ?x ?s { ?x oxus:serves ?s } ORDER BY ?x ?s LIMIT 2",
    "functions": """SELECT ?x ?l { ?x rdfs:label ?l
        FILTER(REGEX(?l, "^[a-n]", "i") && STRLEN(STR(?l)) + 1 * 2 >= -(3) / 1 && IF(BOUND(?x), true, false)
        && !(?l = "Ann") && SUBSTR(?l, 1, 1) NOT IN ("X")) } ORDER BY ?x ?l""",
}
GROUPED = {
    "count": "SELECT ?s (COUNT(?x) AS ?n) { ?x oxus:serves ?s } GROUP BY ?s ORDER BY ?s",
    "count of all": "SELECT (COUNT(*) AS ?n) { ?x oxus:serves ?s }",
    "sum and greatest": """SELECT ?x (SUM(?r) AS ?t) (MAX(?r) AS ?m) { ?x oxus:serves/oxus:rank ?r }
        GROUP BY ?x ORDER BY ?x""",
    "having": "SELECT ?s { ?x oxus:serves ?s } GROUP BY ?s HAVING(COUNT(?x) > 1) ORDER BY ?s",
    "a hidden key": "SELECT (COUNT(?x) AS ?n) { ?x oxus:serves ?s } GROUP BY ?s ORDER BY ?n",
    "a computed key": "SELECT ?l (COUNT(?x) AS ?n) { ?x a ?c } GROUP BY (STRLEN(STR(?c)) AS ?l) ORDER BY ?l",
    "joined": """SELECT (GROUP_CONCAT(DISTINCT ?l; separator="; ") AS ?names) { ?x a oxus:Envoy ; rdfs:label ?l }""",
    "a sub-select that counts": """SELECT ?s ?n ?r { { SELECT ?s (COUNT(?x) AS ?n) { ?x oxus:serves ?s } GROUP BY ?s }
        ?s oxus:rank ?r } ORDER BY ?s""",
    "an optional in a group": """SELECT ?x (COUNT(?y) AS ?n) { ?x a oxus:Envoy OPTIONAL { ?x oxus:knows ?y } }
        GROUP BY ?x ORDER BY ?x""",
}


@pytest.mark.parametrize("name", FREE)
def test_each_row_follows_from_its_citations_and_from_no_fewer(
    store: ox.Store, rules: dict[str, Rule], name: str
) -> None:
    query = PREFIXES + FREE[name]
    traced = trace(store, query, rules=rules)
    assert traced.rows
    assert check(store, query, traced) >= len(traced.rows)


@pytest.mark.parametrize("name", GROUPED)
def test_a_row_of_a_group_follows_from_all_its_members(store: ox.Store, rules: dict[str, Rule], name: str) -> None:
    query = PREFIXES + GROUPED[name]
    traced = trace(store, query, rules=rules)
    assert traced.rows
    assert check(store, query, traced, minimal=name not in {"having", "sum and greatest"}) >= len(traced.rows)


UNTRACED: dict[str, set[str]] = {
    "SELECT ?x { ?x oxus:serves ?s }": set(),
    "SELECT ?s (COUNT(?x) AS ?n) { ?x oxus:serves ?s } GROUP BY ?s": set(),
    "SELECT ?x (STRLEN(STR(?x)) AS ?n) { ?x oxus:serves ?s }": {"n"},
    "SELECT ?x ?n { ?x oxus:serves ?s BIND(1 + 1 AS ?n) }": {"n"},
    "SELECT ?x ?n { ?x oxus:serves ?s VALUES ?n { 1 } }": {"n"},
    "SELECT ?x ?y { ?x oxus:serves ?s BIND(?s AS ?y) }": set(),
    "SELECT ?s (COUNT(?x) * 2 AS ?n) { ?x oxus:serves ?s } GROUP BY ?s": {"n"},
    "SELECT ?x ?s { ?x oxus:serves ?s MINUS { ?x oxus:leaves ?z } }": {"x"},
    "SELECT ?s { ?x oxus:serves ?s MINUS { ?x oxus:leaves ?z } }": {"s"},
    "SELECT ?x ?s { ?x oxus:serves ?s FILTER NOT EXISTS { ?x oxus:leaves ?s } }": {"x", "s"},
    "SELECT ?x ?s { ?x oxus:serves ?s FILTER(!EXISTS { ?x oxus:leaves ?z }) }": {"x"},
    "SELECT ?x ?s { ?x oxus:serves ?s FILTER(EXISTS { ?x oxus:leaves ?z } || ?s = id:north) }": set(),
    "SELECT ?x ?s { ?x oxus:serves ?s OPTIONAL { ?x rdfs:label ?l } FILTER(!BOUND(?l)) }": {"x", "s"},
    "SELECT ?x ?s { VALUES ?p { UNDEF } ?x oxus:serves ?s FILTER(!BOUND(?p) || ?p = ?s) }": set(),
    "SELECT ?s (COUNT(?x) AS ?n) { ?x oxus:serves ?s MINUS { ?x oxus:leaves ?z } } GROUP BY ?s": {"n"},
    "SELECT ?x ?r { ?s oxus:rank ?r { SELECT ?x ?s { ?x oxus:serves ?s } ORDER BY ?x LIMIT 2 } }": {"x"},
    "SELECT ?x { ?x oxus:serves ?s { SELECT ?s { ?s oxus:rank ?r MINUS { ?s oxus:joins ?l } } } }": {"x"},
    "SELECT (COUNT(?x) AS ?n) { ?x oxus:hates ?y }": {"n"},
    "SELECT ?x ?now { ?x oxus:serves ?s BIND(NOW() AS ?now) }": {"now"},
    "SELECT ?x { ?x !(oxus:serves|^oxus:knows) ?y }": {"x"},
}


@pytest.mark.parametrize("query", UNTRACED)
def test_what_no_triple_shows_is_named_by_column_with_a_reason(store: ox.Store, query: str) -> None:
    traced = trace(store, PREFIXES + query)
    assert set(traced.untraced) == UNTRACED[query]
    assert all(traced.untraced.values())


def test_a_value_that_changes_each_time_does_not_hide_the_rest(store: ox.Store) -> None:
    traced = trace(store, PREFIXES + "SELECT ?x ?u { ?x oxus:joins ?s BIND(UUID() AS ?u) }")
    assert [len(row) for row in traced.citations] == [1]


def test_every_accepted_passage_that_states_a_triple_is_cited_in_reading_order(store: ox.Store) -> None:
    [[citation]] = trace(store, PREFIXES + "SELECT ?s { id:ann oxus:serves ?s }").citations
    assert [passage.value.rpartition("source/")[2] for passage in citation.passages] == ["first/0-50", "second/0-40"]
    assert citation.disputed is None and citation.rule is None


def test_a_rejected_reading_is_cited_only_where_its_graph_is_asked_for(store: ox.Store) -> None:
    [[accepted]] = trace(store, PREFIXES + "SELECT ?s { id:ben oxus:serves ?s }").citations
    assert REJECTED not in accepted.passages
    readings = trace(store, PREFIXES + "SELECT ?g ?s { GRAPH ?g { id:ben oxus:serves ?s } } ORDER BY ?s").citations
    assert REJECTED in readings[0][0].passages
    assert readings[0][0].disputed == ox.NamedNode("https://w3id.org/oxus/id/who-served")


def test_sources_are_counted_whatever_graph_is_asked() -> None:
    store = ox.Store()
    told = "".join(f"GRAPH source:{slug}\\/0-9 {{ id:ann oxus:serves id:north }}" for slug in "abc")
    known = "".join(f"source:{slug}\\/0-9 oxus:isPassageOf source:{slug} ." for slug in "abc")
    kin = "source:a oxus:sharesAncestryWith source:b . id:ann oxus:serves id:north ."
    prefixes = PREFIXES.replace("PREFIX first:", "PREFIX source: <https://w3id.org/oxus/source/>\nPREFIX first:")
    rejected = "GRAPH source:d\\/0-9 { id:ann oxus:serves id:north } source:d\\/0-9 oxus:isPassageOf source:d ."
    rejected += "<urn:j> oxus:rejects source:d\\/0-9 ."
    store.load((prefixes + told + known + kin + rejected).encode(), ox.RdfFormat.TRIG)
    [[plain]] = trace(store, prefixes + "SELECT ?s { id:ann oxus:serves ?s }").citations
    assert (len(plain.passages), plain.sources) == (3, 2)
    rows = trace(store, prefixes + "SELECT ?g ?s { GRAPH ?g { id:ann oxus:serves ?s } }").citations
    assert [(len(citation.passages), citation.sources) for (citation,) in rows] == [(1, 2)] * 4


def test_an_open_reading_is_marked_with_its_judgement(store: ox.Store) -> None:
    [[citation]] = trace(store, PREFIXES + "SELECT ?x { ?x oxus:serves id:east }").citations
    assert citation.disputed == ox.NamedNode("https://w3id.org/oxus/id/where-cay")


def test_an_inferred_triple_is_explained_down_to_graphs(store: ox.Store, rules: dict[str, Rule]) -> None:
    [[citation]] = trace(store, PREFIXES + "SELECT ?x { ?x a oxus:Person FILTER(?x = id:ann) }", rules=rules).citations
    assert citation.rule is not None and citation.rule.value.endswith("inferred/person") and not citation.passages
    official = next(premise for premise in citation.premises if premise.rule)
    assert official.rule is not None and official.rule.value.endswith("inferred/official")
    leaves = [leaf for premise in (citation, official) for leaf in premise.premises if not leaf.rule]
    assert len(leaves) == 3 and all(leaf.passages for leaf in leaves)


def test_the_dataset_of_the_request_decides_who_is_cited(store: ox.Store) -> None:
    query = PREFIXES + "SELECT ?s { id:ann oxus:serves ?s }"
    second = "https://w3id.org/oxus/source/second/0-40"
    [[citation]] = trace(store, query, default_graphs=[second], named_graphs=[]).citations
    assert [passage.value for passage in citation.passages] == [second]
    [[citation]] = trace(store, query.replace("{", f"FROM <{second}> {{", 1)).citations
    assert [passage.value for passage in citation.passages] == [second]
    [[citation]] = trace(store, query, default_graphs=[ACCEPTED.value], named_graphs=[]).citations
    assert len(citation.passages) == 2
    [[citation]] = trace(store, query.replace("{ id:ann", "{ GRAPH graph:accepted { id:ann") + "}").citations
    assert len(citation.passages) == 2


def test_a_blank_node_in_a_row_is_found_again() -> None:
    store = ox.Store()
    store.load(b"<urn:g> { <urn:a> <urn:p> [ <urn:q> 1 ], [ <urn:q> 2 ] }", ox.RdfFormat.TRIG)
    query = "SELECT ?b ?n { GRAPH ?g { <urn:a> <urn:p> ?b . ?b <urn:q> ?n } } ORDER BY ?n"
    assert check(store, query, trace(store, query)) == 4


def test_literals_are_found_as_they_are_written() -> None:
    store = ox.Store()
    store.load(b'<urn:g> { <urn:a> <urn:p> 01, "x"@EN, "a\\"\\\\\\n}" , 1.50 }', ox.RdfFormat.TRIG)
    query = "SELECT ?v { GRAPH <urn:g> { ?s ?p ?v } VALUES ?p { <urn:p> } FILTER(?v != 01.0 || true) } ORDER BY ?v"
    assert check(store, query, trace(store, query)) == 4


def test_asks_and_constructs_have_no_rows_to_cite(store: ox.Store) -> None:
    with pytest.raises(QueryRefusedError, match="rows of a SELECT"):
        trace(store, "ASK { ?s ?p ?o }")
    with pytest.raises(QuerySyntaxError):
        trace(store, "SELECT * {")


def test_a_big_group_says_that_members_were_left_out(monkeypatch: pytest.MonkeyPatch, store: ox.Store) -> None:
    monkeypatch.setattr("kg.tracing.witnesses.MOST_MEMBERS", 2)
    traced = trace(store, PREFIXES + "SELECT (COUNT(?x) AS ?n) { ?x oxus:serves ?s }")
    assert "more members" in traced.untraced["n"]


def test_the_operation_writes_results_json_with_one_more_member(store: ox.Store) -> None:
    pattern = "?x oxus:serves ?s OPTIONAL { ?x rdfs:label ?l } OPTIONAL { ?s oxus:rank ?r }"
    query = f"{PREFIXES} SELECT * {{ {pattern} }} ORDER BY ?x ?s"
    output = io.BytesIO()
    request = {"query": query, "version": "v1", "rules": {"person": RULE, "official": RULE}, "default_graphs": None}
    answer_with_citations(store, request, output)
    document = json.loads(output.getvalue())
    extra = document.pop("oxus")
    plain = store.query(query)
    assert isinstance(plain, ox.QuerySolutions)
    written = plain.serialize(format=ox.QueryResultsFormat.JSON)
    assert written is not None and document == json.loads(written)
    assert extra["version"] == "v1" and extra["untraced"] == []
    assert len(extra["citations"]) == len(document["results"]["bindings"])
    first = extra["citations"][0][0]
    assert set(first) == {"triple", "passages"} and first["triple"][0]["type"] == "uri"


def test_terms_are_written_as_the_engine_writes_them() -> None:
    query = """SELECT * { VALUES ?x { <urn:a> "a" "a"@en "a"@ar--rtl 1 1.5 <<( <urn:a> <urn:b> "c" )>> } }"""
    traced = trace(ox.Store(), query)
    answer = ox.Store().query(query)
    assert isinstance(answer, ox.QuerySolutions)
    written = answer.serialize(format=ox.QueryResultsFormat.JSON)
    output = io.BytesIO()
    answer_with_citations(ox.Store(), {"query": query}, output)
    assert written is not None
    assert json.loads(output.getvalue())["results"] == json.loads(written)["results"]
    assert list(traced.untraced) == ["x"]
