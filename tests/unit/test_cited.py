"""Citations under the rows: passages with gist, kind, document; judgements, references, rules, what is not traced."""

from __future__ import annotations

import io
import json
from typing import Any

import pyoxigraph as ox
import pytest
from rich.console import Console

from kg.namespaces import ACCEPTED
from kg.tracing.answers import answer_with_citations
from kg.tracing.cited import MOST_FACTS, print_cited, read_notes

PREFIXES = """
PREFIX id: <https://w3id.org/oxus/id/>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX graph: <https://w3id.org/oxus/graph/>
PREFIX inferred: <https://w3id.org/oxus/graph/inferred/>
PREFIX reference: <https://w3id.org/oxus/graph/reference/>
PREFIX first: <https://w3id.org/oxus/source/first/>
PREFIX source: <https://w3id.org/oxus/source/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
DATA = """
graph:entities { id:ann a oxus:Envoy ; rdfs:label "Ann Example"@en . }
graph:ontology { oxus:serves rdfs:label "serves"@en . }
graph:sources {
    source:first dcterms:title "The First Gazette"@en .
    reference:atlas dcterms:title "An Atlas"@en .
    first:0-50 oxus:gist "Ann is said to serve the North."@en ; oxus:hasKind oxus:hedged ;
        oxus:isPassageOf source:first ; oxus:begin 0 ; oxus:end 50 .
    first:60-90 oxus:gist "Ann is said to serve the South."@en ; oxus:hasKind oxus:stated ;
        oxus:isPassageOf source:first ; oxus:begin 60 ; oxus:end 90 .
}
first:0-50 { id:ann oxus:serves id:north . }
first:60-90 { id:ann oxus:serves id:south . }
reference:atlas { id:north rdfs:label "North"@en . id:south rdfs:label "South"@en . }
graph:judgements {
    id:whom oxus:question "Whom did Ann serve?"@en ; oxus:hasCertainty oxus:likely ;
        oxus:accepts first:0-50 ; oxus:rejects first:60-90 .
}
inferred:official { id:ann a oxus:Official . }
"""
RULE = """#+ title: Officials
#+ description: Who serves somebody is an official.
#+ kind: derived

PREFIX oxus: <https://w3id.org/oxus/ontology#>
CONSTRUCT { ?x a oxus:Official } WHERE { ?x oxus:serves ?whom }
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    found = ox.Store()
    found.load((PREFIXES + DATA).encode(), ox.RdfFormat.TRIG)
    for quad in list(found):
        if "60-90" not in str(quad.graph_name):
            for graph in (ox.DefaultGraph(), ACCEPTED):
                found.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    return found


def printed(store: ox.Store, query: str) -> str:
    def ask(text: str) -> list[dict[str, Any]]:
        answer = store.query(text)
        assert isinstance(answer, ox.QuerySolutions)
        written = answer.serialize(format=ox.QueryResultsFormat.JSON)
        assert written is not None
        bindings: list[dict[str, Any]] = json.loads(written)["results"]["bindings"]
        return bindings

    answer = io.BytesIO()
    answer_with_citations(store, {"query": PREFIXES + query, "rules": {"official": RULE}}, answer)
    results = json.loads(answer.getvalue())
    output = io.StringIO()
    print_cited(Console(file=output, width=90, highlight=False), results, read_notes(ask, results))
    return output.getvalue()


def test_a_passage_has_gist_place_kind_and_document(store: ox.Store) -> None:
    text = printed(store, "SELECT ?who { ?who oxus:serves id:north }")
    assert " 1  who  Ann Example id:ann" in text
    assert "[1] Ann is said to serve the North." in text
    assert "first:0-50 · hedged · The First Gazette" in text
    assert "Ann Example serves North" in text
    assert "accepted (likely): Whom did Ann serve? id:whom" in text
    assert "rejected: Ann is said to serve the South. first:60-90" in text


def test_a_rejected_reading_says_so(store: ox.Store) -> None:
    text = printed(store, "SELECT ?g { GRAPH ?g { id:ann oxus:serves id:south } }")
    assert "rejected (likely): Whom did Ann serve? id:whom" in text


def test_references_and_our_own_files_are_told_apart(store: ox.Store) -> None:
    text = printed(
        store, "SELECT ?place ?name ?who { ?who oxus:serves ?place ; a oxus:Envoy . ?place rdfs:label ?name }"
    )
    assert "[2] An Atlas" in text and "reference:atlas · reference" in text
    assert "North is called “North”" in text
    assert any("is a oxus:Envoy" in line and "entities" in line for line in text.splitlines())


def test_an_inferred_statement_names_its_rule_and_premises(store: ox.Store) -> None:
    text = printed(store, "SELECT ?who { ?who a oxus:Official }")
    lines = text.splitlines()
    line = next(n for n, line in enumerate(lines) if "is a oxus:Official" in line)
    assert "inferred: official" in lines[line]
    assert "← Ann Example serves North" in lines[line + 1] and "[1]" in lines[line + 1]
    assert "[1] Ann is said to serve the North." in text


def test_what_is_not_traced_is_told_with_the_reason(store: ox.Store) -> None:
    text = printed(store, "SELECT ?who (STRLEN(STR(?who)) AS ?n) { ?who oxus:serves id:north }")
    assert "n is not traced in full: its value is computed" in text
    assert "nothing in the graph states this row" in printed(store, "SELECT (COUNT(?x) AS ?n) { ?x oxus:hates ?y }")


def test_many_statements_are_cut_and_counted(store: ox.Store) -> None:
    text = printed(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert "more statements (all: --format json)" in text
    assert sum(line.startswith("    [") for line in text.splitlines()) <= MOST_FACTS


def test_what_one_source_alone_states_is_counted(store: ox.Store) -> None:
    text = printed(store, "SELECT ?who ?name { ?who oxus:serves id:north . id:north rdfs:label ?name }")
    assert "[1] · 1 source " in text and "one source only: 2 of 2 statements" in text
    assert "one source only" not in printed(store, "SELECT ?g { ?g a oxus:Passage }")
