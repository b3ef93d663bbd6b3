"""Checks of what the dataset and its service say of themselves: that it is there, agrees with itself and is so."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.engine.formats import FORMATS
from kg.namespaces import CATALOGUE, DCAT, DCTERMS, RDF, RDFS, SH, VOID
from server.description import FORMAT, SD, W3C_NAMES
from server.harvest.site import MetadataError, Site, read, values_of
from server.publishing import ACCEPTED_COUNT

CLASSES_COUNTED = 8
JSON_LD = re.compile(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', re.DOTALL)
ASKED = {"results": "SELECT * { VALUES ?one { 1 } }", "graph": "CONSTRUCT { <urn:a> <urn:b> <urn:c> } WHERE {}"}


def service_description(site: Site) -> str:
    """The bare endpoint describes itself, and says the address at which it was asked."""
    told = site.told("/sparql")
    services = told.members(SD + "Service")
    if len(services) != 1:
        raise MetadataError(f"/sparql describes {len(services) or 'no'} sd:Service, and should describe one")
    endpoint = told.one(services[0], SD + "endpoint")
    if endpoint != site.endpoint:
        raise MetadataError(f"sd:endpoint is {endpoint}, and queries are asked at {site.endpoint}")
    told.one(services[0], SD + "defaultDataset")
    return f"one service, at {endpoint.value}"


def formats(site: Site) -> str:
    """Whatever format the service claims, it gives."""
    told = site.told("/sparql")
    claimed = {iri.removeprefix(FORMAT) for iri in values_of(told.values(None, SD + "resultFormat"))}
    known = {W3C_NAMES[format.name]: format for format in FORMATS}
    if not claimed or (strange := claimed - known.keys()):
        raise MetadataError(f"formats claimed: {', '.join(sorted(strange)) if claimed else 'none'}")
    for name in sorted(claimed):
        site.found("/sparql?" + urlencode({"query": ASKED[known[name].kind]}), known[name].media_type)
    return f"{len(claimed)} formats claimed and given"


def description(site: Site) -> str:
    """The description is found from the service, is about the same dataset, and says the same in JSON-LD."""
    dataset = site.dataset
    default = values_of(site.told("/sparql").values(site.endpoint, SD + "defaultDataset"))
    if default != [dataset.value]:
        raise MetadataError(f"/sparql serves {', '.join(default) or 'nothing'}, and the description is of {dataset}")
    kinds = values_of(site.description.values(dataset, RDF + "type"))
    if VOID + "Dataset" not in kinds:
        raise MetadataError(f"{dataset} is a dcat:Dataset and no void:Dataset")
    seen = values_of(site.told("/sparql").values(dataset, RDFS + "seeAlso"))
    if f"{site.url}.well-known/void" not in seen:
        raise MetadataError("the service description does not lead to /.well-known/void")
    other = site.found("/.well-known/void", "application/ld+json")
    in_json = read(other.body, ox.RdfFormat.JSON_LD, "/.well-known/void as JSON-LD")
    if len(in_json.store) != len(site.description.store):
        raise MetadataError(f"{len(site.description.store)} statements in Turtle, {len(in_json.store)} in JSON-LD")
    return f"{len(in_json.store):,} statements on {dataset.value}, in Turtle and in JSON-LD"


def licence_and_version(site: Site) -> str:
    """Title, licence, date and version are there, once, and the version is the one that answers."""
    told, dataset = site.description, site.dataset
    if not told.values(dataset, DCTERMS + "title"):
        raise MetadataError("the dataset has no title")
    licence, modified = told.one(dataset, DCTERMS + "license"), told.one(dataset, DCTERMS + "modified")
    if not isinstance(licence, ox.NamedNode):
        raise MetadataError(f"the licence is {licence}, and should be an IRI that programs know")
    version = told.one(dataset, DCAT + "version").value
    answering = site.get("/.well-known/void", {"accept": "text/turtle"}).headers.get("oxus-version", "none")
    if version != answering:
        raise MetadataError(f"dcat:version is {version}, and the header Oxus-Version says {answering}")
    return f"version {version} of {modified.value}, under {licence.value}"


def endpoint_agrees(site: Site) -> str:
    """Every description names the same endpoint."""
    told, dataset = site.description, site.dataset
    named = {
        "void:sparqlEndpoint": told.one(dataset, VOID + "sparqlEndpoint").value,
        "dcat:endpointURL": told.one(site.endpoint, DCAT + "endpointURL").value,
        "sd:endpoint": ", ".join(values_of(site.told("/sparql").values(None, SD + "endpoint"))),
        "openapi.json": site.json("/openapi.json").get("servers", [{}])[0].get("url", "no server") + "/sparql",
    }
    wrong = {name: address for name, address in named.items() if address != site.endpoint.value}
    if wrong:
        raise MetadataError(f"not {site.endpoint.value}: {', '.join(f'{name} {iri}' for name, iri in wrong.items())}")
    if told.one(site.endpoint, DCAT + "servesDataset") != dataset:
        raise MetadataError(f"dcat:servesDataset is not {dataset}")
    return f"{len(named)} descriptions name {site.endpoint.value}"


def counts(site: Site) -> str | None:
    """The numbers of the description are those that a query counts; None if it has none."""
    told, dataset = site.description, site.dataset
    if not told.values(dataset, VOID + "triples"):
        return None
    said = told.one(dataset, VOID + "triples").value
    (row,) = site.rows(ACCEPTED_COUNT.query)
    if row["n"] != said:
        raise MetadataError(f"void:triples is {said}, and a query counts {row['n']}")
    partitions = {
        told.one(part, VOID + "class"): told.one(part, VOID + "entities").value
        for part in told.values(dataset, VOID + "classPartition")
    }
    asked = sorted(partitions, key=lambda each: (-int(partitions[each]), each.value))[:CLASSES_COUNTED]
    query = f"""SELECT ?class (COUNT(DISTINCT ?s) AS ?n) {{
      VALUES ?class {{ {" ".join(map(str, asked))} }}
      ?s a ?class
      FILTER NOT EXISTS {{ GRAPH {CATALOGUE} {{ ?s a ?class }} }}
    }} GROUP BY ?class"""
    counted = {row["class"]: row["n"] for row in site.rows(query)}
    for each in asked:
        if counted.get(each.value) != partitions[each]:
            raise MetadataError(f"{partitions[each]} {each} by void:entities, {counted.get(each.value, 0)} by a query")
    sample = f"the members of {len(asked)} of {len(partitions)} classes"
    return f"{int(said):,} statements, and {sample}, as a query counts them"


def prefixes(site: Site) -> str:
    """No prefix means two namespaces, in what is declared and in what the documents are written with."""
    described = site.description
    declared = [
        (described.one(each, SH + "prefix").value, described.one(each, SH + "namespace").value, "sh:declare")
        for each in described.values(None, SH + "declare")
    ]
    papers = ("/sparql", "/.well-known/void", "/.well-known/sparql-examples")
    written = [(name, iri, path) for path in papers for name, iri in site.told(path).prefixes.items()]
    meaning: dict[str, tuple[str, str]] = {}
    for name, namespace, place in declared + written:
        known, where = meaning.setdefault(name, (namespace, place))
        if known != namespace:
            raise MetadataError(f"{name}: is <{known}> in {where}, and <{namespace}> in {place}")
    return f"{len(meaning)} prefixes, each with one meaning"


def home(site: Site) -> str:
    """The home page tells search engines the same of the dataset."""
    found = JSON_LD.search(site.found("/", "text/html").body.decode())
    if found is None:
        raise MetadataError("the home page has no JSON-LD")
    told, dataset = json.loads(found[1]), site.dataset
    said = {
        "@id": dataset.value,
        "version": site.description.one(dataset, DCAT + "version").value,
        "license": site.description.one(dataset, DCTERMS + "license").value,
    }
    for name, value in said.items():
        if told.get(name) != value:
            raise MetadataError(f"{name} is {told.get(name)!r} on the home page, and {value!r} in the description")
    return "schema.org's Dataset on the home page has the same name, version and licence"
