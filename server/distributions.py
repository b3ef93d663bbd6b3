"""Where the dataset can be had, which only the server knows: its files and services, in DCAT and in schema.org's words.

Specs: https://www.w3.org/TR/vocab-dcat-3/, https://schema.org/Dataset
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from kg.namespaces import DCAT, DCTERMS, RDF, VOID, XSD
from server.pages import address
from server.served import Dump
from server.service import Service

SPDX = "http://spdx.org/rdf/terms#"
IANA = "https://www.iana.org/assignments/media-types/"
PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
RDF_SUFFIXES = (".ttl", ".trig", ".nt", ".nq", ".rdf", ".jsonld")
GZIP = ".gz"
INSIDE = {
    ".jsonld": "application/ld+json",
    ".nq": "application/n-quads",
    ".nt": "application/n-triples",
    ".trig": "application/trig",
    ".ttl": "text/turtle",
}
"""What is in a compressed file, by the suffix before `.gz`."""


def described(service: Service) -> Iterator[ox.Triple]:
    """The dataset's distributions and its SPARQL service."""
    dataset = service.dataset
    endpoint = ox.NamedNode(service.settings.endpoint)
    yield ox.Triple(dataset, _term(VOID, "sparqlEndpoint"), endpoint)
    yield ox.Triple(dataset, _term(DCAT, "landingPage"), ox.NamedNode(address()))
    for name, dump in service.served.dumps.items():
        yield from _distribution(service, name, dump)
    yield from _service(service, endpoint)


def untold(service: Service, told: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """What harvesters need to know of the dataset and the data do not tell; the site says it of itself likewise."""
    site = service.overview()
    known = {triple.predicate for triple in told if triple.subject == service.dataset}
    needed: list[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]] = [
        (_term(RDF, "type"), _term(VOID, "Dataset")),
        (_term(RDF, "type"), _term(DCAT, "Dataset")),
        (_term(DCTERMS, "title"), ox.Literal(site.title)),
        (_term(DCTERMS, "modified"), _typed(service.served.manifest.built, "date")),
        (_term(DCAT, "version"), ox.Literal(service.served.manifest.version)),
    ]
    if site.description:
        needed.append((_term(DCTERMS, "description"), ox.Literal(site.description)))
    if site.licence:
        needed.append((_term(DCTERMS, "license"), ox.NamedNode(site.licence)))
    yield from (ox.Triple(service.dataset, name, value) for name, value in needed if name not in known)


def _distribution(service: Service, name: str, dump: Dump) -> Iterator[ox.Triple]:
    here = ox.NamedNode(address(".well-known/void", fragment=name))
    checksum = ox.NamedNode(address(".well-known/void", fragment=f"{name}-sha256"))
    file = ox.NamedNode(address_of(service, name))
    manifest = service.served.manifest
    yield ox.Triple(service.dataset, _term(DCAT, "distribution"), here)
    stem = name.removesuffix(GZIP)
    if stem.endswith(RDF_SUFFIXES):
        yield ox.Triple(service.dataset, _term(VOID, "dataDump"), file)
    yield ox.Triple(here, _term(RDF, "type"), _term(DCAT, "Distribution"))
    yield ox.Triple(here, _term(DCTERMS, "title"), ox.Literal(name))
    yield ox.Triple(here, _term(DCTERMS, "modified"), _typed(manifest.built, "date"))
    yield ox.Triple(here, _term(DCAT, "version"), ox.Literal(manifest.version))
    yield ox.Triple(here, _term(DCAT, "downloadURL"), file)
    yield ox.Triple(here, _term(DCAT, "accessURL"), file)
    yield ox.Triple(here, _term(DCAT, "byteSize"), _typed(str(dump.entry.bytes), "nonNegativeInteger"))
    if name.endswith(GZIP):
        yield ox.Triple(here, _term(DCAT, "compressFormat"), _media_type(dump.entry.type))
    inside = next((kind for suffix, kind in INSIDE.items() if stem != name and stem.endswith(suffix)), dump.entry.type)
    yield ox.Triple(here, _term(DCAT, "mediaType"), _media_type(inside))
    yield ox.Triple(here, _term(SPDX, "checksum"), checksum)
    yield ox.Triple(checksum, _term(RDF, "type"), _term(SPDX, "Checksum"))
    yield ox.Triple(checksum, _term(SPDX, "algorithm"), _term(SPDX, "checksumAlgorithm_sha256"))
    yield ox.Triple(checksum, _term(SPDX, "checksumValue"), _typed(dump.entry.sha256, "hexBinary"))
    yield from _licence(service, here)


def _service(service: Service, endpoint: ox.NamedNode) -> Iterator[ox.Triple]:
    yield ox.Triple(endpoint, _term(RDF, "type"), _term(DCAT, "DataService"))
    yield ox.Triple(endpoint, _term(DCTERMS, "title"), ox.Literal(f"{service.overview().title}: SPARQL", language="en"))
    yield ox.Triple(endpoint, _term(DCTERMS, "conformsTo"), ox.NamedNode(PROTOCOL))
    yield ox.Triple(endpoint, _term(DCAT, "endpointURL"), endpoint)
    yield ox.Triple(endpoint, _term(DCAT, "endpointDescription"), ox.NamedNode(address("openapi.json")))
    yield ox.Triple(endpoint, _term(DCAT, "servesDataset"), service.dataset)
    yield from _licence(service, endpoint)


def _licence(service: Service, thing: ox.NamedNode) -> Iterator[ox.Triple]:
    if service.overview().licence:
        yield ox.Triple(thing, _term(DCTERMS, "license"), ox.NamedNode(service.overview().licence))


def address_of(service: Service, name: str) -> str:
    """Where this version of a file stays."""
    return address(f"dump/{service.served.manifest.version}/{name}")


def as_schema_org(service: Service) -> dict[str, Any]:
    """The dataset in the words that search engines read."""
    site, manifest = service.overview(), service.served.manifest
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": service.dataset.value,
        "name": site.title,
        "description": site.description,
        "url": address(),
        "identifier": service.dataset.value,
        "license": site.licence,
        "citation": site.citation,
        "version": manifest.version,
        "dateModified": manifest.built,
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "contentUrl": address_of(service, name),
                "encodingFormat": dump.entry.type.partition(";")[0],
                "contentSize": f"{dump.entry.bytes} B",
                "sha256": dump.entry.sha256,
            }
            for name, dump in service.served.dumps.items()
        ],
    }
    return {name: value for name, value in told.items() if value != ""}


def _media_type(name: str) -> ox.NamedNode:
    return ox.NamedNode(IANA + name.partition(";")[0])


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=_term(XSD, datatype))


def _term(namespace: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(namespace + name)
