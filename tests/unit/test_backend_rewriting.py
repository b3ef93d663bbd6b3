"""A query written anew for another store means there what it means here."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from held_world import HERE, PLAIN, THERE, VERSION, answered, answered_there

from kg.backend.mending import Mended
from kg.backend.naming import Holding
from kg.backend.rewriting import for_store
from kg.errors import QueryComplexityError, QueryRefusedError, QuerySyntaxError

QUERIES = [
    "SELECT * { ?s ?p ?o }",
    "SELECT DISTINCT * { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }",
    "SELECT * {}",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT ?g ?s { GRAPH ?g { ?s <urn:p> ?o } } ORDER BY ?g ?s",
    "SELECT ?s ?o { GRAPH <urn:rejected> { ?s ?p ?o } }",
    "PREFIX u: <urn:> SELECT ?s { GRAPH u:b { ?s u:q ?o } }",
    "SELECT * { GRAPH <urn:nowhere> { ?s ?p ?o } }",
    f"SELECT * {{ GRAPH <{VERSION.index}> {{ ?s ?p ?o }} }}",
    "SELECT * { GRAPH <https://w3id.org/oxus/graph/index> { ?s ?p ?o } }",
    "SELECT * { GRAPH <urn:someone> { ?s ?p ?o } }",
    "SELECT * { GRAPH <urn:a;version=0.9> { ?s ?p ?o } }",
    "SELECT ?g { ?g a <urn:Graph> . GRAPH ?g { <urn:1> <urn:p> ?o } }",
    "SELECT * { GRAPH ?g { ?g <urn:q> ?o } }",
    "SELECT * { GRAPH ?g { <urn:1> <urn:p> ?x GRAPH ?h { ?x <urn:q> ?y } } }",
    "SELECT * { GRAPH <urn:b> { { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s } } }",
    "SELECT ?s (COUNT(*) AS ?n) (COUNT(DISTINCT *) AS ?d) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s",
    "SELECT ?s { ?s ?p ?o { SELECT ?s { GRAPH ?g { ?s <urn:q> ?v } } } }",
    "SELECT * { { SELECT * { GRAPH ?g { ?s <urn:q> ?v } } } }",
    "SELECT * { ?s <urn:p> ?o OPTIONAL { GRAPH ?g { ?o <urn:q> ?v } FILTER(?s = <urn:2>) } }",
    "SELECT * { ?s <urn:p> ?o MINUS { GRAPH ?g { ?o <urn:q> ?v } } }",
    "SELECT * { ?s <urn:p> ?o FILTER NOT EXISTS { GRAPH <urn:b> { ?o ?q ?v } } }",
    "SELECT * { ?s <urn:p> ?o FILTER EXISTS { GRAPH ?g { ?o ?q ?v } } }",
    "SELECT ?s (EXISTS { ?s <urn:q> ?v } AS ?has) { ?s <urn:p> ?o }",
    "SELECT ?s (EXISTS { GRAPH <urn:rejected> { ?s <urn:p> ?v } } AS ?has) { ?s <urn:p> ?o }",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (COUNT(*) > 1)",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING EXISTS { ?s <urn:q> 2 }",
    "SELECT ?s { ?s <urn:p> ?o } ORDER BY EXISTS { ?s <urn:q> 2 } ?s",
    "SELECT * { ?s <urn:p>+ ?o }",
    "SELECT * { GRAPH ?g { ?s (<urn:p>|^<urn:q>)* <urn:3> } }",
    "SELECT * { VALUES ?g { <urn:a> <urn:b> } GRAPH ?g { ?s <urn:p> ?o } }",
    "SELECT * { GRAPH ?g { ?s <urn:p> ?o } } VALUES (?g ?o) { (<urn:b> UNDEF) (UNDEF <urn:3>) }",
    "SELECT * { BIND(<urn:b> AS ?g) GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { { GRAPH ?g { ?s <urn:q> ?o } } UNION { ?s <urn:p> ?o } }",
    "SELECT * { ?s ?p ?oxus_0 . GRAPH ?oxus_g { ?s ?p ?oxus__1 } }",
    "SELECT * FROM <urn:rejected> { ?s ?p ?o }",
    "SELECT * FROM <urn:rejected> FROM <urn:a> { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM NAMED <urn:a> { GRAPH ?g { ?s ?p ?o } OPTIONAL { ?s ?x ?y } }",
    "PREFIX u: <urn:> SELECT * FROM u:a FROM NAMED u:b { ?s ?p ?o . GRAPH ?g { ?x ?p ?y } }",
    "SELECT (EXISTS { ?s <urn:p> <urn:9> } AS ?e) FROM <urn:rejected> { ?s ?p ?o }",
    "BASE <urn:> SELECT * { <1> <p> ?o }",
    "SELECT * { ?s <urn:q> 'a \\u0022 b' }",
    "SELECT * { ?s <urn:q> '''one'''@en # a comment with } in it\n }",
    "SELECT * { ?s <\\u0075rn:p> ?o FILTER(?o<?s&&?s>-1||2>1) }",
    "SELECT (1-1 AS ?zero) (COALESCE(?x, 'none') AS ?y) { VALUES ?z { -1 +2 1.5e3 true } }",
    "SELECT (<http://www.w3.org/2001/XMLSchema#integer>('7') AS ?n) {}",
    "VERSION '1.2' SELECT * { ?s <urn:p> ?o {| <urn:q> ?x |} }",
    "ASK { ?s <urn:p> <urn:9> }",
    "ASK { GRAPH ?g { ?s <urn:p> <urn:9> } }",
    "ASK { GRAPH ?g { ?s <urn:p> <urn:theirs> } }",
    "ASK {}",
    "ASK { ?s ?p ?o } VALUES ?s { <urn:7> }",
    "ASK FROM <urn:rejected> WHERE { ?s <urn:p> <urn:9> }",
    "CONSTRUCT { ?o <urn:of> ?s } WHERE { GRAPH ?g { ?s <urn:p> ?o } }",
    "CONSTRUCT WHERE { ?s <urn:p> ?o ; <urn:q> ?v }",
    "CONSTRUCT FROM <urn:rejected> WHERE { ?s <urn:p> ?o }",
    "CONSTRUCT {} WHERE {}",
    "DESCRIBE <urn:1>",
    "DESCRIBE <urn:1> <urn:2>",
    "DESCRIBE ?o <urn:a> WHERE { GRAPH ?g { ?s <urn:p> ?o } FILTER(?o != <urn:9>) }",
    "DESCRIBE * { ?s <urn:q> ?v OPTIONAL { ?v <urn:none> ?w } } ORDER BY ?s LIMIT 1",
    "DESCRIBE <urn:1> FROM <urn:rejected>",
    "DESCRIBE ?x",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_means_the_same_in_another_store(query: str) -> None:
    expected = answered(HERE, query)
    assert answered_there(THERE, query, VERSION) == expected
    assert answered_there(PLAIN, query, Holding()) == expected


def test_most_of_these_queries_find_something() -> None:
    found = [answered(HERE, query) for query in QUERIES]
    assert sum(bool(each[1] if isinstance(each, tuple) else each) for each in found) > len(found) * 0.7


@pytest.mark.parametrize("default", [[], ["urn:a"], ["urn:a", "urn:rejected"], ["urn:nowhere"]])
@pytest.mark.parametrize("named", [[], ["urn:rejected"], ["urn:a", "urn:b"]])
@pytest.mark.parametrize("query", ["SELECT * FROM <urn:b> { ?s ?p ?o }", "SELECT * { GRAPH ?g { ?s ?p ?o } }"])
def test_a_dataset_beside_the_query_overrides_its_own(query: str, default: list[str], named: list[str]) -> None:
    graphs = {
        "default_graph": [ox.NamedNode(name) for name in default],
        "named_graphs": [ox.NamedNode(name) for name in named],
    }
    expected = answered(HERE, query, **graphs)
    for store, holding in ((THERE, VERSION), (PLAIN, Holding())):
        assert answered_there(store, query, holding, default_graphs=default, named_graphs=named) == expected


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (f"DESCRIBE * {{ VALUES ({' '.join(f'?v{n}' for n in range(600))}) {{}} }}", QueryComplexityError, "too many"),
        ("SELECT * {", SyntaxError, "error at"),
        ("SELECT * { ?s ?p }", SyntaxError, "error at"),
        ("SELECT (<urn:f>(1) AS ?x) {}", RuntimeError, "urn:f"),
        ("SELECT (IF(true, 1, <urn:f>(1)) AS ?x) {}", RuntimeError, "urn:f"),
        ("SELECT (IF(true, 1, <bif:user>()) AS ?x) {}", QueryRefusedError, "certain store"),
        ("PREFIX f: <java:a.> SELECT * { ?s f:B ?o }", QueryRefusedError, "certain store"),
        ("SELECT * { ?s <sql\\u003Aa> ?o }", QueryRefusedError, "certain store"),
        ("SELECT * { ?s <urn:a\\u003E> ?o }", (QuerySyntaxError, SyntaxError), "IRI"),
    ],
)
def test_what_our_engine_refuses_goes_nowhere(query: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        for_store(query, VERSION)


@pytest.mark.parametrize("size", [1, 7, 1000, -1])
def test_blank_nodes_of_virtuoso_are_mended_wherever_the_pieces_are_cut(size: int) -> None:
    told = b'{"a": {"type": "bnode", "value": "nodeID://b1"}, "b": {"type": "literal", "value": "nodeID://b1"}}' * 20

    class Source:
        left = told

        def read(self, count: int = -1) -> bytes:
            count = len(self.left) if count < 0 else count
            piece, self.left = self.left[:count], self.left[count:]
            return piece

    mended, found = Mended(Source()), b""
    while piece := mended.read(size):
        found += piece
    assert found == told.replace(b'"bnode", "value": "nodeID://', b'"bnode", "value": "')
