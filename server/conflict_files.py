"""Judgements as files: JSON of a fixed shape, CSV, RDF. The page is left to `server.conflicts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.engine.formats import format_named
from kg.engine.guard import QueryForm
from kg.namespaces import JUDGEMENTS, PREFIXES, SOURCE, XSD, oxus
from kg.queries.spreadsheet import write_csv
from server.footnotes import notes_on
from server.judgements import Judgement
from server.service import LABELS_AT_ONCE, Question, Service

WITH_GRAPHS = ("trig", "nq", "jsonld")
"""The formats that keep each reading in a graph of its own. In the others its statements are left out: outside its
graph a statement counts as asserted, and what we reject is not."""

COLUMNS = ("judgement", "question", "kind", "certainty", "reason", "verdict", "reading", "document", "gist")
STATEMENT = ("subject", "property", "value")
SHOWN_PREFIXES = ("id", "oxus", "rdfs", "skos", "source", "span", "topic")


def as_json(judgement: Judgement) -> dict[str, Any]:
    """The JSON that others rely on (design §4.5)."""
    return {
        "iri": judgement.iri,
        "question": judgement.question,
        "kind": judgement.kind,
        "readings": [
            {"passage": each.passage, "triples": [list(triple) for triple in each.triples], "verdict": each.verdict}
            for each in judgement.readings
        ],
        "certainty": judgement.certainty,
        "reason": judgement.reason,
    }


def as_csv(service: Service, judgements: Sequence[Judgement]) -> bytes:
    """One row a statement of a reading; one without statements has a row of its own."""
    notes = notes_on(service, [reading.passage for each in judgements for reading in each.readings])
    rows: list[tuple[str, ...]] = []
    for judgement in judgements:
        head = (judgement.iri, judgement.question, judgement.kind, judgement.certainty, judgement.reason)
        for reading in judgement.readings:
            gist = notes[reading.passage].gist
            for triple in reading.triples or [()]:
                values = [term["value"] for term in triple] or [""] * len(STATEMENT)
                rows.append((*head, reading.verdict, reading.passage, reading.document, gist, *values))
    return write_csv((*COLUMNS, *STATEMENT), rows)


def as_rdf(service: Service, judgements: Sequence[Judgement], name: str) -> bytes:
    """The judgements, the descriptions of their passages and, in `WITH_GRAPHS`, the readings as named graphs."""
    described = [judgement.iri for judgement in judgements]
    read = list(dict.fromkeys(reading.passage for each in judgements for reading in each.readings))
    named = name in WITH_GRAPHS
    quads = list(_quads(service, f"GRAPH {JUDGEMENTS} {{ ?s ?p ?o }}", described, JUDGEMENTS if named else None))
    quads += _quads(service, "?s ?p ?o . ?s a " + str(oxus("Passage")), read, None)
    for judgement in judgements if named else ():
        for reading in judgement.readings:
            quads += [_quad(triple, ox.NamedNode(reading.passage)) for triple in reading.triples]
    ordered = sorted(dict.fromkeys(quads), key=lambda quad: [str(quad.graph_name), *map(str, quad.triple)])
    format = format_named(name)
    assert format is not None and isinstance(format.engine, ox.RdfFormat), name
    documents = {reading.document for each in judgements for reading in each.readings if reading.document}
    prefixes = {prefix: PREFIXES[prefix] for prefix in SHOWN_PREFIXES}
    prefixes |= {document[len(SOURCE) :]: document + "/" for document in sorted(documents)}
    statements = ordered if named else [quad.triple for quad in ordered]
    written = ox.serialize(statements, format=format.engine, prefixes=prefixes)
    assert written is not None
    return written


def _quads(service: Service, pattern: str, subjects: Sequence[str], graph: ox.NamedNode | None) -> Iterable[ox.Quad]:
    for start in range(0, len(subjects), LABELS_AT_ONCE):
        values = " ".join(f"<{iri}>" for iri in subjects[start : start + LABELS_AT_ONCE])
        question = Question(f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} {pattern} }}", QueryForm.SELECT)
        for row in service.results(question)["results"]["bindings"]:
            yield _quad((row["s"], row["p"], row["o"]), graph)


def _quad(triple: Sequence[Mapping[str, Any]], graph: ox.NamedNode | None) -> ox.Quad:
    subject, predicate, value = map(_term, triple)
    assert isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode)
    return ox.Quad(subject, predicate, value, graph or ox.DefaultGraph())


def _term(term: Mapping[str, Any]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term["type"] == "uri":
        return ox.NamedNode(term["value"])
    if term["type"] == "bnode":
        return ox.BlankNode(term["value"])
    if "xml:lang" in term:
        return ox.Literal(term["value"], language=term["xml:lang"])
    datatype = term.get("datatype", XSD + "string")
    return ox.Literal(term["value"], datatype=ox.NamedNode(datatype))
