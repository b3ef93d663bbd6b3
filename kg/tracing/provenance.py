"""A traced answer as an RDF graph in PROV-O: where each row comes from, statement by statement.

The answer is a `prov:Collection` and an `rs:ResultSet` (the vocabulary of the SPARQL test suite for result tables):

    <answer>       a prov:Collection, rs:ResultSet ; prov:value "SELECT …" ; schema:version "…" ;
                   rs:resultVariable "date" ; prov:hadMember <row> ; rdfs:comment "date: its value is computed"@en .
    <row>          a prov:Entity ; rs:index 1 ; rs:binding [ rs:variable "date" ; rs:value … ] ;
                   prov:wasDerivedFrom <statement>, <passage> .
    <statement>    a rdf:Statement, prov:Entity ; rdf:subject … ; rdf:predicate … ; rdf:object … ;
                   prov:wasDerivedFrom <passage> .              # inferred: its rule's graph, and the premises
                   prov:wasInfluencedBy <judgement> .           # one has judged a passage that states it
    <passage>      a prov:Entity ; oxus:gist … ; oxus:hasKind … ; prov:wasQuotedFrom <document> .

A row is derived from every passage that its statements are, those of their premises included. The answer's IRI comes
from the query and the version of the dataset: the same answer has the same IRI. Spec: https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kg.namespaces import BASE, PREFIXES, RDF, RDFS, XSD, oxus
from kg.tracing.citations import Citation
from kg.tracing.notes import passage_notes
from kg.tracing.trace import Traced

RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_TYPE = ox.NamedNode(RDF + "type")
_COMMENT = ox.NamedNode(RDFS + "comment")
_VERSION = ox.NamedNode(PREFIXES["schema"] + "version")


def provenance(store: ox.Store, traced: Traced, query: str, version: str, row: int | None = None) -> list[ox.Triple]:
    """The graph of an answer; `row` is the number of the only row, if it is one alone."""
    digest = hashlib.sha256(f"{version}\n{query}".encode()).hexdigest()
    writer = _Writer(store, traced, f"{BASE}answer/{digest[:20]}", row or 1)
    found: dict[object, dict[ox.Triple, None]] = {}
    for triple in writer.triples(query, version):
        found.setdefault(triple.subject, {})[triple] = None
    return [triple for node in found.values() for triple in node]


class _Writer:
    """Writes one answer; statements are numbered by their first mention."""

    def __init__(self, store: ox.Store, traced: Traced, address: str, first: int) -> None:
        self._store = store
        self._traced = traced
        self._address = address
        self._first = first
        self._answer = ox.NamedNode(address)
        self._statements: dict[ox.Triple, ox.NamedNode] = {}

    def triples(self, query: str, version: str) -> Iterator[ox.Triple]:
        traced = self._traced
        for kind in (_prov("Entity"), _prov("Collection"), _rs("ResultSet")):
            yield ox.Triple(self._answer, _TYPE, kind)
        yield ox.Triple(self._answer, _prov("value"), ox.Literal(query))
        if version:
            yield ox.Triple(self._answer, _VERSION, ox.Literal(version))
        for name in traced.columns:
            yield ox.Triple(self._answer, _rs("resultVariable"), ox.Literal(name))
        for name, reason in traced.untraced.items():
            yield ox.Triple(self._answer, _COMMENT, ox.Literal(f"{name}: {reason}", language="en"))
        for number, citations in enumerate(traced.citations, self._first):
            yield from self._row(number, citations)
        for iri, note in passage_notes(self._store, traced.every_citation).items():
            passage = ox.NamedNode(iri)
            yield ox.Triple(passage, _TYPE, _prov("Entity"))
            yield ox.Triple(passage, oxus("gist"), ox.Literal(str(note.get("gist", "")), language="en"))
            if "kind" in note:
                yield ox.Triple(passage, oxus("hasKind"), ox.NamedNode(str(note["kind"])))
            if "document" in note:
                yield ox.Triple(passage, _prov("wasQuotedFrom"), ox.NamedNode(str(note["document"])))

    def _row(self, number: int, citations: tuple[Citation, ...]) -> Iterator[ox.Triple]:
        row = ox.NamedNode(f"{self._address}#row-{number}")
        yield ox.Triple(self._answer, _prov("hadMember"), row)
        yield ox.Triple(row, _TYPE, _prov("Entity"))
        yield ox.Triple(row, _rs("index"), ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer")))
        values = self._traced.rows[number - self._first]
        for column, term in values.items():
            if term is not None:
                binding = ox.BlankNode(f"row{number}{column.value}")
                yield ox.Triple(row, _rs("binding"), binding)
                yield ox.Triple(binding, _rs("variable"), ox.Literal(column.value))
                yield ox.Triple(binding, _rs("value"), term)
        for citation in citations:
            yield ox.Triple(row, _prov("wasDerivedFrom"), self._named(citation.triple))
            yield from self._statement(citation)
            for each in citation.with_premises():
                for passage in each.passages:
                    yield ox.Triple(row, _prov("wasDerivedFrom"), passage)

    def _statement(self, citation: Citation) -> Iterator[ox.Triple]:
        statement = self._named(citation.triple)
        for kind in (ox.NamedNode(RDF + "Statement"), _prov("Entity")):
            yield ox.Triple(statement, _TYPE, kind)
        for part, term in zip(("subject", "predicate", "object"), citation.triple, strict=True):
            yield ox.Triple(statement, ox.NamedNode(RDF + part), term)
        for graph in (*citation.passages, *([citation.rule] if citation.rule else [])):
            yield ox.Triple(statement, _prov("wasDerivedFrom"), graph)
        if citation.disputed is not None:
            yield ox.Triple(statement, _prov("wasInfluencedBy"), citation.disputed)
        for premise in citation.premises:
            yield ox.Triple(statement, _prov("wasDerivedFrom"), self._named(premise.triple))
            yield from self._statement(premise)

    def _named(self, triple: ox.Triple) -> ox.NamedNode:
        number = len(self._statements) + 1
        return self._statements.setdefault(triple, ox.NamedNode(f"{self._address}#statement-{number}"))


def _prov(name: str) -> ox.NamedNode:
    return ox.NamedNode(PREFIXES["prov"] + name)


def _rs(name: str) -> ox.NamedNode:
    return ox.NamedNode(RESULT_SET + name)
