"""Canned queries as RDF: each a `sh:SPARQLExecutable` as SIB's sparql-examples has them, its parameters with it.

Specs: https://www.w3.org/TR/shacl-af/, https://github.com/sib-swiss/sparql-examples
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.namespaces import DATASET, EXAMPLES, PREFIXES, RDF, RDFS, SH, SKOS, XSD
from kg.queries.declarations import CannedQuery, Parameter

DEFAULT_VALUE = SH + "defaultValue"
_TYPE = ox.NamedNode(RDF + "type")
_LABEL = ox.NamedNode(RDFS + "label")
_COMMENT = ox.NamedNode(RDFS + "comment")
_KEYWORDS = ox.NamedNode(PREFIXES["schema"] + "keywords")
_DATATYPES = {
    "string": "string",
    "language": "language",
    "integer": "integer",
    "decimal": "decimal",
    "date": "dateTime",
}
"""What a parameter of each type is bound as; the others are IRIs."""


def executables(queries: Iterable[CannedQuery]) -> Iterator[ox.Triple]:
    """What the graph of examples says."""
    for query in queries:
        yield from executable(query)


def executable(query: CannedQuery) -> Iterator[ox.Triple]:
    """One canned query: its text as it stands in its file, title and description, tags, parameters."""
    here = example_iri(query.slug)
    for kind in ("SPARQLExecutable", f"SPARQL{query.form.capitalize()}Executable"):
        yield ox.Triple(here, _TYPE, _sh(kind))
    yield ox.Triple(here, _LABEL, ox.Literal(query.title, language="en"))
    yield ox.Triple(here, _COMMENT, ox.Literal(f"{query.title}. {query.description}", language="en"))
    yield ox.Triple(here, _sh(query.form.lower()), ox.Literal(query.text))
    yield ox.Triple(here, _sh("prefixes"), DATASET)
    for tag in query.tags:
        yield ox.Triple(here, _KEYWORDS, ox.Literal(tag))
    for parameter in query.params:
        yield from _parameter(here, parameter)


def example_iri(slug: str) -> ox.NamedNode:
    """The IRI of a canned query.

    >>> example_iri("accessions").value
    'https://w3id.org/oxus/.well-known/sparql-examples/accessions'
    """
    return ox.NamedNode(f"{EXAMPLES.value}/{slug}")


def _parameter(query: ox.NamedNode, parameter: Parameter) -> Iterator[ox.Triple]:
    """All of them may be left out: each has a default, or then matches everything."""
    here = ox.NamedNode(f"{query.value}#{parameter.name}")
    yield ox.Triple(query, _sh("parameter"), here)
    yield ox.Triple(here, _TYPE, _sh("Parameter"))
    yield ox.Triple(here, _sh("path"), ox.NamedNode(f"{EXAMPLES.value}#{parameter.name}"))
    yield ox.Triple(here, _sh("name"), ox.Literal(parameter.label, language="en"))
    yield ox.Triple(here, _sh("optional"), ox.Literal(True))
    if parameter.type in _DATATYPES:
        yield ox.Triple(here, _sh("datatype"), ox.NamedNode(XSD + _DATATYPES[parameter.type]))
    else:
        yield ox.Triple(here, _sh("nodeKind"), _sh("IRI"))
    iri_class = SKOS + "Concept" if parameter.type == "topic" else parameter.iri_class
    if iri_class is not None:
        yield ox.Triple(here, _sh("class"), ox.NamedNode(iri_class))
    if parameter.default is not None and len(parameter.default) == 1:
        # SHACL allows one default value; several together stand in the query's text alone.
        yield ox.Triple(here, ox.NamedNode(DEFAULT_VALUE), parameter.default[0])


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)
