"""Where the dataset can be had, which only the server knows: its files and services, in DCAT.

Spec: https://www.w3.org/TR/vocab-dcat-3/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import takewhile

import pyoxigraph as ox

from kg.build.dumps import DESCRIPTIONS
from kg.build.manifest import MANIFEST_FILE
from kg.namespaces import DCAT, DCTERMS, PREFIXES, RDF, VOID, XSD
from server.editions import editions
from server.pages import address
from server.served import Dump
from server.service import Service

SPDX = "http://spdx.org/rdf/terms#"
SHA256 = ox.NamedNode(SPDX + "checksumAlgorithm_sha256")
IANA = "https://www.iana.org/assignments/media-types/"
PROTOCOL = ox.NamedNode("http://www.w3.org/TR/sparql11-protocol/")
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
DATES = frozenset(DCTERMS + name for name in ("created", "issued", "modified"))
A_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def described(service: Service) -> Iterator[ox.Triple]:
    """The dataset's distributions and its SPARQL service, and the catalogue that has them."""
    dataset = service.dataset
    endpoint = ox.NamedNode(service.settings.endpoint)
    home = ox.NamedNode(address())
    yield ox.Triple(dataset, _term(VOID, "sparqlEndpoint"), endpoint)
    yield ox.Triple(dataset, _term(DCAT, "landingPage"), home)
    yield ox.Triple(home, _term(RDF, "type"), _term(PREFIXES["foaf"], "Document"))
    yield from _previous(service)
    for name, dump in service.served.dumps.items():
        yield from _distribution(service, name, dump)
    yield from _service(service, endpoint)
    yield from _catalogue(service, endpoint)


def dated(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples, their days typed as DCAT wants them: the data cannot, since OWL 2 DL has no `xsd:date`."""
    for triple in triples:
        value = triple.object
        if triple.predicate.value in DATES and isinstance(value, ox.Literal) and A_DATE.fullmatch(value.value):
            yield ox.Triple(triple.subject, triple.predicate, _typed(value.value, "date"))
        else:
            yield triple


def untold(service: Service, told: Collection[ox.Triple]) -> Iterator[ox.Triple]:
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
    if (licence := _named(site.licence)) is not None:
        needed.append((_term(DCTERMS, "license"), licence))
    yield from (ox.Triple(service.dataset, name, value) for name, value in needed if name not in known)
    publisher = _term(DCTERMS, "publisher")
    # Who publishes the dataset publishes the catalogue that is made of it.
    for triple in told:
        if triple.subject == service.dataset and triple.predicate == publisher:
            yield ox.Triple(_catalogue_iri(), publisher, triple.object)


def _previous(service: Service) -> Iterator[ox.Triple]:
    """The version that was published here before this one, by the address that tells of it, kept or not."""
    current = service.served.manifest.version
    before = list(takewhile(lambda each: each.version != current, editions()))
    if before:
        former = ox.NamedNode(address(f"dump/{before[-1].version}/{MANIFEST_FILE}"))
        yield ox.Triple(service.dataset, _term(DCAT, "previousVersion"), former)
        yield ox.Triple(former, _term(DCAT, "version"), ox.Literal(before[-1].version))


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
    if told := described_as(service, name):
        yield ox.Triple(here, _term(DCTERMS, "description"), ox.Literal(told, language="en"))
    yield ox.Triple(here, _term(DCTERMS, "modified"), _typed(manifest.built, "date"))
    yield ox.Triple(here, _term(DCAT, "version"), ox.Literal(manifest.version))
    yield ox.Triple(here, _term(DCAT, "downloadURL"), file)
    yield ox.Triple(here, _term(DCAT, "accessURL"), file)
    yield ox.Triple(here, _term(DCAT, "byteSize"), _typed(str(dump.entry.bytes), "nonNegativeInteger"))
    if name.endswith(GZIP):
        yield from _media_type(here, "compressFormat", dump.entry.type)
    inside = next((kind for suffix, kind in INSIDE.items() if stem != name and stem.endswith(suffix)), dump.entry.type)
    yield from _media_type(here, "mediaType", inside)
    yield ox.Triple(here, _term(SPDX, "checksum"), checksum)
    yield ox.Triple(checksum, _term(RDF, "type"), _term(SPDX, "Checksum"))
    yield ox.Triple(checksum, _term(SPDX, "algorithm"), SHA256)
    yield ox.Triple(SHA256, _term(RDF, "type"), _term(SPDX, "ChecksumAlgorithm"))
    yield ox.Triple(checksum, _term(SPDX, "checksumValue"), _typed(dump.entry.sha256, "hexBinary"))
    yield from _licence(service, here)


def _service(service: Service, endpoint: ox.NamedNode) -> Iterator[ox.Triple]:
    yield ox.Triple(endpoint, _term(RDF, "type"), _term(DCAT, "DataService"))
    yield ox.Triple(endpoint, _term(DCTERMS, "title"), ox.Literal(f"{service.overview().title}: SPARQL", language="en"))
    yield ox.Triple(endpoint, _term(DCTERMS, "conformsTo"), PROTOCOL)
    yield ox.Triple(PROTOCOL, _term(RDF, "type"), _term(DCTERMS, "Standard"))
    yield ox.Triple(endpoint, _term(DCAT, "endpointURL"), endpoint)
    yield ox.Triple(endpoint, _term(DCAT, "endpointDescription"), ox.NamedNode(address("openapi.json")))
    yield ox.Triple(endpoint, _term(DCAT, "servesDataset"), service.dataset)
    yield from _licence(service, endpoint)


def _catalogue(service: Service, endpoint: ox.NamedNode) -> Iterator[ox.Triple]:
    here, site = _catalogue_iri(), service.overview()
    yield ox.Triple(here, _term(RDF, "type"), _term(DCAT, "Catalog"))
    yield ox.Triple(here, _term(DCTERMS, "title"), ox.Literal(site.title))
    yield ox.Triple(here, _term(DCTERMS, "description"), ox.Literal(site.description or site.title))
    yield ox.Triple(here, _term(DCTERMS, "modified"), _typed(service.served.manifest.built, "date"))
    yield ox.Triple(here, _term(PREFIXES["foaf"], "homepage"), ox.NamedNode(address()))
    yield ox.Triple(here, _term(DCAT, "dataset"), service.dataset)
    yield ox.Triple(here, _term(DCAT, "service"), endpoint)
    yield from _licence(service, here)


def _catalogue_iri() -> ox.NamedNode:
    return ox.NamedNode(address(".well-known/void", fragment="catalogue"))


def _licence(service: Service, thing: ox.NamedNode) -> Iterator[ox.Triple]:
    if (licence := _named(service.overview().licence)) is not None:
        yield ox.Triple(thing, _term(DCTERMS, "license"), licence)
        yield ox.Triple(licence, _term(RDF, "type"), _term(DCTERMS, "LicenseDocument"))


def _named(text: str) -> ox.NamedNode | None:
    """The IRI that some text is, None if it is none: in files of others a licence may be the words of one."""
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def described_as(service: Service, name: str) -> str:
    """What is in a file of a build, "" for other files."""
    if not service.served.is_build:
        return ""
    if name == MANIFEST_FILE:
        return "What the build holds: version, counts, files."
    return DESCRIPTIONS.get(name) or DESCRIPTIONS.get(name.removesuffix(GZIP), "")


def address_of(service: Service, name: str) -> str:
    """Where this version of a file stays."""
    return address(f"dump/{service.served.manifest.version}/{name}")


def _media_type(file: ox.NamedNode, kind: str, name: str) -> Iterator[ox.Triple]:
    media_type = ox.NamedNode(IANA + name.partition(";")[0])
    yield ox.Triple(file, _term(DCAT, kind), media_type)
    yield ox.Triple(media_type, _term(RDF, "type"), _term(DCTERMS, "MediaType"))


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=_term(XSD, datatype))


def _term(namespace: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(namespace + name)
