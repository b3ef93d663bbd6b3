"""Citations as RDF: each cited triple a `rdf:Statement` that was derived from what states it (PROV-O).

    <statement>    a rdf:Statement, prov:Entity ; rdf:subject … ; rdf:predicate … ; rdf:object … ;
                   prov:wasDerivedFrom <passage> .              # inferred: its rule's graph, and the premises
                   prov:wasInfluencedBy <judgement> .           # one has judged a passage that states it
    <passage>      a prov:Entity ; oxus:gist … ; oxus:hasKind … ; prov:wasQuotedFrom <document> .

Spec: https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.namespaces import PREFIXES, RDF, oxus
from kg.tracing.citations import Citation
from kg.tracing.notes import passage_notes

TYPE = ox.NamedNode(RDF + "type")


def prov(name: str) -> ox.NamedNode:
    """A term of PROV-O."""
    return ox.NamedNode(PREFIXES["prov"] + name)


class Statements:
    """The statements under one address, each named by its triple: the same in every format, and when others come."""

    def __init__(self, address: str) -> None:
        self._address = address

    def name(self, triple: ox.Triple) -> ox.NamedNode:
        """The IRI of a triple's statement."""
        digest = hashlib.sha256(str(triple).encode()).hexdigest()
        return ox.NamedNode(f"{self._address}#statement-{digest[:16]}")

    def triples(self, citation: Citation) -> Iterator[ox.Triple]:
        """A citation's statement, and those of its premises all the way down."""
        statement = self.name(citation.triple)
        for kind in (ox.NamedNode(RDF + "Statement"), prov("Entity")):
            yield ox.Triple(statement, TYPE, kind)
        for part, term in zip(("subject", "predicate", "object"), citation.triple, strict=True):
            yield ox.Triple(statement, ox.NamedNode(RDF + part), term)
        for graph in (*citation.passages, *([citation.rule] if citation.rule else [])):
            yield ox.Triple(statement, prov("wasDerivedFrom"), graph)
        if citation.disputed is not None:
            yield ox.Triple(statement, prov("wasInfluencedBy"), citation.disputed)
        for premise in citation.premises:
            yield ox.Triple(statement, prov("wasDerivedFrom"), self.name(premise.triple))
            yield from self.triples(premise)


def quoted(store: ox.Store, citations: Iterable[Citation]) -> Iterator[ox.Triple]:
    """What is known of the passages that citations name."""
    for iri, note in passage_notes(store, citations).items():
        passage = ox.NamedNode(iri)
        yield ox.Triple(passage, TYPE, prov("Entity"))
        yield ox.Triple(passage, oxus("gist"), ox.Literal(str(note.get("gist", "")), language="en"))
        if "kind" in note:
            yield ox.Triple(passage, oxus("hasKind"), ox.NamedNode(str(note["kind"])))
        if "document" in note:
            yield ox.Triple(passage, prov("wasQuotedFrom"), ox.NamedNode(str(note["document"])))


def by_subject(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples, each once, those of a subject together: as a reader of Turtle wants them."""
    found: dict[object, dict[ox.Triple, None]] = {}
    for triple in triples:
        found.setdefault(triple.subject, {})[triple] = None
    return [triple for node in found.values() for triple in node]
