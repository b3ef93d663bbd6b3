"""The IRIs that Oxus itself is written in. Terms of a subject (its classes, its people) are never named in Python."""

from __future__ import annotations

from pyoxigraph import NamedNode

BASE = "https://w3id.org/oxus/"
ONTOLOGY = BASE + "ontology#"
ID = BASE + "id/"
TOPIC = BASE + "topic/"
TIME = BASE + "time/"
SOURCE = BASE + "source/"
GRAPH = BASE + "graph/"
REFERENCE = GRAPH + "reference/"
INFERRED = GRAPH + "inferred/"
KINDS = ("id", "topic", "source", "time", "graph")
"""What stands after the base in the IRIs of things, and so in the addresses of their documents."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
SH = "http://www.w3.org/ns/shacl#"
VOID = "http://rdfs.org/ns/void#"

NAMES = (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
ALIASES = (SKOS + "altLabel", SKOS + "hiddenLabel")
DESCRIPTIONS = (RDFS + "comment", DCTERMS + "description", SKOS + "definition", SKOS + "scopeNote", ONTOLOGY + "gist")
"""The properties that say what something is called and what it is."""

PREFIXES: dict[str, str] = {
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "graph": GRAPH,
    "id": ID,
    "inferred": INFERRED,
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "oxus": ONTOLOGY,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "reference": REFERENCE,
    "schema": "https://schema.org/",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "sh": SH,
    "skos": SKOS,
    "source": SOURCE,
    "span": TIME,
    "time": "http://www.w3.org/2006/time#",
    "topic": TOPIC,
    "vann": "http://purl.org/vocab/vann/",
    "void": VOID,
    "xsd": XSD,
}
"""Every prefix that our files and pages use, sorted; each source adds its own slug for its passages."""

ACCEPTED = NamedNode(GRAPH + "accepted")
ENTITIES = NamedNode(GRAPH + "entities")
ONTOLOGY_GRAPH = NamedNode(GRAPH + "ontology")
TOPICS = NamedNode(GRAPH + "topics")
SOURCES = NamedNode(GRAPH + "sources")
JUDGEMENTS = NamedNode(GRAPH + "judgements")
TIME_GRAPH = NamedNode(GRAPH + "time")
CATALOGUE = NamedNode(GRAPH + "catalogue")
EXAMPLES = NamedNode(BASE + ".well-known/sparql-examples")
SELF_DESCRIPTION = (CATALOGUE, EXAMPLES)
"""The graphs in which a build describes itself, under the names that other tools look for where there are such."""
DATASET = NamedNode(BASE)
VOID_DESCRIPTION = BASE + ".well-known/void"
VIEW = NamedNode(GRAPH + "view")
"""Which readings a view accepts that a judgement rejects; in the dataset itself there is no such graph."""


def oxus(name: str) -> NamedNode:
    """The ontology's term of this name.

    >>> oxus("Passage").value
    'https://w3id.org/oxus/ontology#Passage'
    """
    return NamedNode(ONTOLOGY + name)


def compact(iri: str) -> str:
    """The IRI as a prefixed name where a prefix fits and the rest needs no escape, else in angle brackets.

    >>> compact("https://w3id.org/oxus/source/mfa-2021/450-783")
    'mfa-2021:450-783'
    >>> compact("https://w3id.org/oxus/id/tajikistan")
    'id:tajikistan'
    """
    if iri.startswith(SOURCE):
        document, slash, place = iri[len(SOURCE) :].partition("/")
        if slash and place and "/" not in place:
            return f"{document}:{place}"
    matches = [(base, prefix) for prefix, base in PREFIXES.items() if iri.startswith(base)]
    if not matches:
        return f"<{iri}>"
    base, prefix = max(matches, key=lambda match: len(match[0]))
    local = iri[len(base) :]
    if local and not all(char.isalnum() or char in "-_" for char in local):
        return f"<{iri}>"
    return f"{prefix}:{local}"
