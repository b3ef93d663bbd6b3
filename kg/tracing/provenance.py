"""A traced answer as an RDF graph in PROV-O: where each row comes from, statement by statement.

The answer is a `prov:Collection` and an `rs:ResultSet` (the vocabulary of the SPARQL test suite for result tables):

    <answer>       a prov:Collection, rs:ResultSet ; prov:value "SELECT …" ; schema:version "…" ;
                   rs:resultVariable "date" ; prov:hadMember <row> ; rdfs:comment "date: its value is computed"@en .
    <row>          a prov:Entity ; rs:index 1 ; rs:binding [ rs:variable "date" ; rs:value … ] ;
                   prov:wasDerivedFrom <statement>, <passage> .

Statements and passages are as in `statements`. A row is derived from every passage that its statements are, those of
their premises included. The answer's IRI comes from the query and the version of the dataset: the same answer has the
same IRI. Spec: https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kg.namespaces import BASE, PREFIXES, RDFS, XSD
from kg.tracing.citations import Citation
from kg.tracing.statements import TYPE, Statements, by_subject, prov, quoted
from kg.tracing.trace import Traced

RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_COMMENT = ox.NamedNode(RDFS + "comment")
_VERSION = ox.NamedNode(PREFIXES["schema"] + "version")


def provenance(store: ox.Store, traced: Traced, query: str, version: str, row: int | None = None) -> list[ox.Triple]:
    """The graph of an answer; `row` is the number of the only row, if it is one alone."""
    digest = hashlib.sha256(f"{version}\n{query}".encode()).hexdigest()
    writer = _Writer(store, traced, f"{BASE}answer/{digest[:20]}", row or 1)
    return by_subject(writer.triples(query, version))


class _Writer:
    """Writes one answer."""

    def __init__(self, store: ox.Store, traced: Traced, address: str, first: int) -> None:
        self._store = store
        self._traced = traced
        self._address = address
        self._first = first
        self._answer = ox.NamedNode(address)
        self._statements = Statements(address)

    def triples(self, query: str, version: str) -> Iterator[ox.Triple]:
        traced = self._traced
        for kind in (prov("Entity"), prov("Collection"), _rs("ResultSet")):
            yield ox.Triple(self._answer, TYPE, kind)
        yield ox.Triple(self._answer, prov("value"), ox.Literal(query))
        if version:
            yield ox.Triple(self._answer, _VERSION, ox.Literal(version))
        for name in traced.columns:
            yield ox.Triple(self._answer, _rs("resultVariable"), ox.Literal(name))
        for name, reason in traced.untraced.items():
            yield ox.Triple(self._answer, _COMMENT, ox.Literal(f"{name}: {reason}", language="en"))
        for number, citations in enumerate(traced.citations, self._first):
            yield from self._row(number, citations)
        yield from quoted(self._store, traced.every_citation)

    def _row(self, number: int, citations: tuple[Citation, ...]) -> Iterator[ox.Triple]:
        row = ox.NamedNode(f"{self._address}#row-{number}")
        yield ox.Triple(self._answer, prov("hadMember"), row)
        yield ox.Triple(row, TYPE, prov("Entity"))
        yield ox.Triple(row, _rs("index"), ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer")))
        values = self._traced.rows[number - self._first]
        for column, term in values.items():
            if term is not None:
                binding = ox.BlankNode(f"row{number}{column.value}")
                yield ox.Triple(row, _rs("binding"), binding)
                yield ox.Triple(binding, _rs("variable"), ox.Literal(column.value))
                yield ox.Triple(binding, _rs("value"), term)
        for citation in citations:
            yield ox.Triple(row, prov("wasDerivedFrom"), self._statements.name(citation.triple))
            yield from self._statements.triples(citation)
            for each in citation.with_premises():
                for passage in each.passages:
                    yield ox.Triple(row, prov("wasDerivedFrom"), passage)


def _rs(name: str) -> ox.NamedNode:
    return ox.NamedNode(RESULT_SET + name)
