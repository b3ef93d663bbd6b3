"""A small world whose every statement stands in a passage, and what holds the citations of a query over it.

Each cited triple must stand in the graphs named for it; the query over a row's cited triples alone must give the row;
without any one of them the row must vanish or change. Nothing here knows how citations are found.
"""

from __future__ import annotations

import pyoxigraph as ox

from kg.namespaces import ACCEPTED
from kg.tracing.trace import Traced

PREFIXES = """
PREFIX id: <https://w3id.org/oxus/id/>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX graph: <https://w3id.org/oxus/graph/>
PREFIX inferred: <https://w3id.org/oxus/graph/inferred/>
PREFIX first: <https://w3id.org/oxus/source/first/>
PREFIX second: <https://w3id.org/oxus/source/second/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
NAMED = (
    PREFIXES
    + """
graph:entities {
    id:ann a oxus:Envoy ; rdfs:label "Ann"@en . id:ben a oxus:Envoy ; rdfs:label "Ben"@en .
    id:cay a oxus:Envoy . id:north a oxus:State ; rdfs:label "North"@en . id:south a oxus:State .
}
graph:ontology { oxus:Envoy rdfs:subClassOf oxus:Official . oxus:Official rdfs:subClassOf oxus:Person . }
graph:reference\\/names { id:north rdfs:label "Nord"@fr . id:south rdfs:label "Sud"@fr . }
first:0-50 { id:ann oxus:serves id:north . id:north oxus:joins id:league ; oxus:rank 3 . }
first:60-90 { id:ben oxus:serves id:south . id:ann oxus:knows id:ben . id:north oxus:borders id:south . }
first:100-120 { id:ben oxus:serves id:north . }
second:0-40 { id:ann oxus:serves id:north . id:ben oxus:knows id:cay . id:cay oxus:knows id:ann . }
second:50-80 { id:cay oxus:serves id:south . id:south oxus:rank 5 . id:ben oxus:knows id:ann . }
second:90-99 { id:cay oxus:serves id:east . id:east oxus:rank 1 . id:ann oxus:leaves id:north . }
graph:judgements {
    id:who-served oxus:question "Whom did Ben serve?"@en ; oxus:accepts first:60-90 ; oxus:rejects first:100-120 .
    id:where-cay oxus:question "Where was Cay?"@en ; oxus:leavesOpen second:90-99 .
}
inferred:official { id:ann a oxus:Official . id:ben a oxus:Official . id:cay a oxus:Official . }
inferred:person { id:ann a oxus:Person . id:ben a oxus:Person . id:cay a oxus:Person . }
"""
).replace("graph:reference\\/names", "<https://w3id.org/oxus/graph/reference/names>")
REJECTED = ox.NamedNode("https://w3id.org/oxus/source/first/100-120")
RULE = """#+ title: Subclass
#+ description: An instance of a class is one of its superclass.
#+ kind: axiom

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?x a ?super } WHERE { ?x a ?class . ?class rdfs:subClassOf ?super . }
"""


def world_store() -> ox.Store:
    store = ox.Store()
    store.load(NAMED.encode(), ox.RdfFormat.TRIG)
    for quad in list(store):
        if quad.graph_name != REJECTED:
            for graph in (ox.DefaultGraph(), ACCEPTED):
                store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    return store


Terms = tuple[object, ...]


def rows_of(store: ox.Store, query: str) -> list[Terms]:
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(solution[name] for name in answer.variables) for solution in answer]


def _in_graph(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def world(quads: set[ox.Quad]) -> ox.Store:
    found = ox.Store()
    found.extend(quads)
    return found


def check(store: ox.Store, query: str, traced: Traced, *, minimal: bool = True) -> int:
    """Holds every row's citations against the store and the query; gives the number of triples checked."""
    count = 0
    assert [tuple(row.values()) for row in traced.rows] == rows_of(store, query)
    for row, citations in zip(traced.rows, traced.citations, strict=True):
        statements: list[set[ox.Quad]] = []
        for citation in citations:
            graphs = set(citation.passages) | ({citation.rule} if citation.rule else set())
            assert graphs, f"{citation.triple} is cited from nowhere"
            for graph in sorted(graphs, key=str):
                assert store.query(f"ASK {{ GRAPH {graph} {{ {' '.join(map(str, citation.triple))} }} }}")
            places = {_in_graph(citation.triple, graph) for graph in graphs}
            copies = {_in_graph(citation.triple, graph) for graph in (ox.DefaultGraph(), ACCEPTED)}
            places |= {quad for quad in copies if quad in store}
            statements.append(places)
            count += 1
        everything = set().union(*statements) if statements else set()
        terms = tuple(row.values())
        assert terms in rows_of(world(everything), query), f"{terms} does not follow from {everything}"
        for number in range(len(statements)) if minimal else ():
            rest = set().union(*statements[:number], *statements[number + 1 :])
            assert terms not in rows_of(world(rest), query), f"{terms} does not need {statements[number]}"
    return count
