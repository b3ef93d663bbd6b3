"""What the endpoint says of itself in RDF: a pure function, its formats from the table that answers are written with.

Spec: https://www.w3.org/TR/sparql11-service-description/. What is in the dataset, and where else it can
be had, `server.catalogue` says; here stands where.
"""

from __future__ import annotations

import pyoxigraph as ox

from kg.engine.formats import FORMATS, Format
from kg.namespaces import ACCEPTED, RDF, RDFS, VOID

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMAT = "http://www.w3.org/ns/formats/"
W3C_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
    "nq": "N-Quads",
    "trig": "TriG",
}
"""What https://www.w3.org/ns/formats/ calls them."""


def describe(
    endpoint: str,
    home: str,
    dataset: ox.NamedNode,
    format: Format,
    *,
    has_accepted: bool = True,
    federates: bool = False,
) -> bytes:
    """The description in a graph format; it claims nothing that the guard refuses (updates, say)."""
    service = ox.NamedNode(endpoint)
    default = ox.NamedNode(home + "#default-graph")
    rdf_type = ox.NamedNode(RDF + "type")
    triples = [
        ox.Triple(service, rdf_type, _sd("Service")),
        ox.Triple(service, _sd("endpoint"), service),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        *(ox.Triple(service, _sd("resultFormat"), ox.NamedNode(FORMAT + W3C_NAMES[each.name])) for each in FORMATS),
        ox.Triple(service, _sd("defaultDataset"), dataset),
        ox.Triple(dataset, rdf_type, _sd("Dataset")),
        ox.Triple(dataset, ox.NamedNode(VOID + "sparqlEndpoint"), service),
        ox.Triple(dataset, ox.NamedNode(RDFS + "seeAlso"), ox.NamedNode(home + ".well-known/void")),
        ox.Triple(dataset, ox.NamedNode(RDFS + "seeAlso"), ox.NamedNode(home + ".well-known/sparql-examples")),
        ox.Triple(dataset, _sd("defaultGraph"), default),
        ox.Triple(default, rdf_type, _sd("Graph")),
    ]
    if federates:
        triples.append(ox.Triple(service, _sd("feature"), _sd("BasicFederatedQuery")))
    if has_accepted:
        named = ox.NamedNode(home + "#accepted-graph")
        triples += [
            ox.Triple(dataset, _sd("namedGraph"), named),
            ox.Triple(named, rdf_type, _sd("NamedGraph")),
            ox.Triple(named, _sd("name"), ACCEPTED),
            ox.Triple(named, _sd("graph"), default),
        ]
    assert isinstance(format.engine, ox.RdfFormat)
    written = ox.serialize(
        triples, format=format.engine, prefixes={"sd": SD, "format": FORMAT, "rdfs": RDFS, "void": VOID}
    )
    assert written is not None
    return written


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)
