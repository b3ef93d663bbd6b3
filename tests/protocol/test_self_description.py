"""The graph describes itself: VoID, DCAT, prefixes and examples, as tools that nobody here wrote look for them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from live_server import LiveServer, running
from node_packages import run_script
from pyshacl import validate
from rdflib import DCTERMS, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

BASE = "https://w3id.org/oxus/"
DATASET = URIRef(BASE)
DCAT, SH, SPDX = (
    Namespace(base)
    for base in ("http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/shacl#", "http://spdx.org/rdf/terms#")
)
VOID, SD = (
    Namespace(base) for base in ("http://rdfs.org/ns/void#", "http://www.w3.org/ns/sparql-service-description#")
)
FORMATS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld", "nq": "nquads", "trig": "trig"}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

# What harvesters need, after DCAT-AP 3's mandatory and recommended properties, and the shapes of VoID.
SHAPES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcterms:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dcterms:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dcterms:license ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dcterms:LicenseDocument ] ;
    sh:property [ sh:path dcterms:modified ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:date ] ;
    sh:property [ sh:path dcat:version ; sh:minCount 1 ; sh:maxCount 1 ] ;
    sh:property [ sh:path dcat:landingPage ; sh:minCount 1 ; sh:class foaf:Document ] ;
    sh:property [ sh:path dcat:distribution ; sh:minCount 1 ; sh:class dcat:Distribution ] ;
    sh:property [ sh:path void:sparqlEndpoint ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path void:triples ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:minInclusive 1 ] ;
    sh:property [ sh:path void:classPartition ; sh:minCount 1 ; sh:node [
        sh:property [ sh:path void:class ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
        sh:property [ sh:path void:entities ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ;
        sh:property [ sh:path void:propertyPartition ; sh:node [
            sh:property [ sh:path void:property ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
            sh:property [ sh:path void:triples ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ]
        ] ]
    ] ] .
[] a sh:NodeShape ; sh:targetClass dcat:Distribution ;
    sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:downloadURL ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:byteSize ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:nonNegativeInteger ] ;
    sh:property [ sh:path dcat:mediaType ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dcterms:MediaType ] ;
    sh:property [ sh:path dcterms:description ; sh:minCount 1 ] ;
    sh:property [ sh:path dcterms:license ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dcterms:LicenseDocument ] ;
    sh:property [ sh:path dcterms:modified ; sh:minCount 1 ; sh:datatype xsd:date ] ;
    sh:property [ sh:path dcat:version ; sh:minCount 1 ] ;
    sh:property [ sh:path spdx:checksum ; sh:minCount 1 ; sh:maxCount 1 ; sh:node [
        sh:property [ sh:path spdx:algorithm ; sh:hasValue spdx:checksumAlgorithm_sha256 ] ;
        sh:property [ sh:path spdx:checksumValue ; sh:datatype xsd:hexBinary ; sh:pattern "^[0-9a-f]{64}$" ]
    ] ] .
[] a sh:NodeShape ; sh:targetClass dcat:DataService ;
    sh:property [ sh:path dcterms:title ; sh:minCount 1 ] ;
    sh:property [ sh:path dcat:endpointURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:endpointDescription ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:servesDataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
[] a sh:NodeShape ; sh:targetClass dcat:Catalog ;
    sh:property [ sh:path dcterms:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dcterms:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ] ;
    sh:property [ sh:path dcat:service ; sh:minCount 1 ; sh:class dcat:DataService ] .
[] a sh:NodeShape ; sh:targetClass void:Linkset ;
    sh:property [ sh:path void:linkPredicate ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path void:subjectsTarget ; sh:minCount 1 ; sh:maxCount 1 ; sh:class void:Dataset ] ;
    sh:property [ sh:path void:objectsTarget ; sh:minCount 1 ; sh:maxCount 1 ; sh:class void:Dataset ] ;
    sh:property [ sh:path void:triples ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] .
"""

# What SIB demands of an example, after spex.shacl of github.com/sib-swiss/sparql-examples-utils (MIT licence).
SIB_SHAPES = r"""
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spex: <https://purl.expasy.org/sparql-examples/ontology#> .

[] a sh:NodeShape ; sh:targetClass sh:SPARQLExecutable ;
    sh:property [
        sh:path [ sh:alternativePath ( sh:select sh:ask spex:describe sh:construct ) ] ; sh:minCount 1 ; sh:maxCount 1
    ] ;
    sh:property [
        sh:path rdfs:comment ; sh:minCount 1 ; sh:or ( [ sh:datatype rdf:langString ] [ sh:datatype rdf:HTML ] )
    ] ;
    sh:property [ sh:path schema:target ; sh:minCount 1 ] ;
    sh:property [ sh:path schema:keywords ; sh:pattern "^[^\\s].*[^\\s]$" ] .
"""

# What a service description may say, after https://www.w3.org/TR/sparql11-service-description/ (3.2 to 3.4).
SD_SHAPES = """
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

[] a sh:NodeShape ; sh:targetClass sd:Service ;
    sh:property [ sh:path sd:endpoint ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path sd:supportedLanguage ; sh:minCount 1 ; sh:in ( sd:SPARQL10Query sd:SPARQL11Query ) ] ;
    sh:property [ sh:path sd:resultFormat ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path sd:feature ; sh:in ( sd:DereferencesURIs sd:UnionDefaultGraph sd:RequiresDataset
        sd:EmptyGraphs sd:BasicFederatedQuery ) ] ;
    sh:property [ sh:path sd:defaultDataset ; sh:minCount 1 ; sh:maxCount 1 ; sh:class sd:Dataset ] .
[] a sh:NodeShape ; sh:targetClass sd:Dataset ;
    sh:property [ sh:path sd:defaultGraph ; sh:minCount 1 ; sh:maxCount 1 ; sh:class sd:Graph ] ;
    sh:property [ sh:path sd:namedGraph ; sh:class sd:NamedGraph ] .
[] a sh:NodeShape ; sh:targetClass sd:NamedGraph ;
    sh:property [ sh:path sd:name ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path sd:graph ; sh:maxCount 1 ; sh:class sd:Graph ] .
"""

# The three queries of github.com/sib-swiss/sparql-editor, packages/sparql-editor/src/metadata.ts, to the letter.
SIB_PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
      SELECT DISTINCT ?prefix ?namespace
      WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix}
      ORDER BY ?prefix"""
SIB_CLASSES = """PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh:<http://www.w3.org/ns/shacl#>
PREFIX sd:<http://www.w3.org/ns/sparql-service-description#>
PREFIX void:<http://rdfs.org/ns/void#>
PREFIX void-ext:<http://ldf.fi/void-ext#>
SELECT DISTINCT ?graph ?graphLabel ?subjectClass ?prop ?objectClass ?objectDatatype
?triples ?subjectClassLabel ?objectClassLabel ?subjectClassComment ?objectClassComment ?propLabel ?propComment
WHERE {
      {
        OPTIONAL {
          ?graph sd:graph ?graphDesc .
          OPTIONAL { ?graph rdfs:label ?graphLabel }
          ?graphDesc void:classPartition ?cp .
        }
        ?cp void:class ?subjectClass ;
          void:propertyPartition ?pp .
        OPTIONAL { ?subjectClass rdfs:label ?subjectClassLabel }
        OPTIONAL { ?subjectClass rdfs:comment ?subjectClassComment }

        ?pp void:property ?prop .
        OPTIONAL { ?pp void:triples ?triples }
        OPTIONAL { ?prop rdfs:label ?propLabel }
        OPTIONAL { ?prop rdfs:comment ?propComment }
        OPTIONAL {
          {
            ?pp  void:classPartition [ void:class ?objectClass ] .
            OPTIONAL { ?objectClass rdfs:label ?objectClassLabel }
            OPTIONAL { ?objectClass rdfs:comment ?objectClassComment }
          } UNION {
            ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] .
          }
        }
      } UNION {
        ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
          void:linkPredicate ?prop ;
          void:objectsTarget [ void:class ?objectClass ] .
      }
} ORDER BY ?subjectClass ?objectClass ?objectDatatype ?graph ?triples"""
SIB_EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?sq ?comment ?query
WHERE {
    ?sq a sh:SPARQLExecutable ;
        rdfs:comment ?comment ;
        sh:select|sh:ask|sh:construct|spex:describe ?query .
} ORDER BY ?sq"""


@pytest.fixture(scope="module")
def description(live_server: LiveServer) -> Graph:
    return Graph().parse(data=live_server.get("/.well-known/void").body, format="turtle")


def conforms(graph: Graph, shapes: str = SHAPES) -> tuple[bool, str]:
    fits, _, report = validate(graph, shacl_graph=Graph().parse(data=shapes, format="turtle"))
    return fits, report


def bindings(server: LiveServer, query: str) -> list[dict[str, str]]:
    # As the editor asks: `ac=1` is a parameter of SIB's own.
    reply = server.query(query, "application/sparql-results+json", ac=1)
    assert reply.status == 200, reply.text
    rows = reply.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


# The description


def test_the_description_is_what_harvesters_need(description: Graph):
    fits, report = conforms(description)
    assert fits, report
    assert (DATASET, RDF.type, DCAT.Dataset) in description and (DATASET, RDF.type, VOID.Dataset) in description
    assert set(description.subjects(RDF.type, VOID.Linkset))


@pytest.mark.parametrize(
    "name",
    [DCAT.byteSize, DCAT.dataset, DCAT.landingPage, DCTERMS.modified, SPDX.checksum, VOID.entities, VOID.linkPredicate],
)
def test_the_shapes_find_what_is_missing(description: Graph, name: URIRef):
    broken = Graph() + description
    broken.remove((None, name, None))
    assert not conforms(broken)[0]


def test_every_dump_is_a_distribution_with_the_size_and_hash_of_the_file(live_server: LiveServer, description: Graph):
    files = {}
    for each in description.objects(DATASET, DCAT.distribution):
        url = str(description.value(each, DCAT.downloadURL))
        assert url.startswith(live_server.url + "/dump/")
        reply = live_server.get(urlsplit(url).path)
        assert reply.status == 200 and "immutable" in reply.headers["cache-control"]
        checksum = description.value(each, SPDX.checksum)
        assert str(description.value(each, DCAT.byteSize)) == str(len(reply.body))
        value = description.value(checksum, SPDX.checksumValue)
        assert value is not None and value.n3().startswith(f'"{hashlib.sha256(reply.body).hexdigest()}"')
        kind = str(description.value(each, DCAT.compressFormat) or description.value(each, DCAT.mediaType))
        assert kind.endswith("/" + reply.type)
        files[url.rpartition("/")[2]] = url
    assert set(files) == {*live_server.get("/dump/latest/manifest.json").json()["files"], "manifest.json"}
    dumped = {str(url) for url in description.objects(DATASET, VOID.dataDump)}
    assert dumped == {url for name, url in files.items() if not name.endswith((".json", ".parquet", ".zip"))}


def test_the_service_is_described_where_it_is_said_to_be(live_server: LiveServer, description: Graph):
    endpoint = URIRef(live_server.url + "/sparql")
    assert description.value(DATASET, VOID.sparqlEndpoint) == endpoint
    assert (endpoint, DCAT.servesDataset, DATASET) in description
    assert description.value(endpoint, DCAT.endpointDescription) == URIRef(live_server.url + "/openapi.json")
    service = Graph().parse(data=live_server.get("/sparql", accept="text/turtle").body, format="turtle")
    assert service.value(endpoint, SD.defaultDataset) == DATASET
    seen = {str(each) for each in service.objects(DATASET, URIRef("http://www.w3.org/2000/01/rdf-schema#seeAlso"))}
    assert seen == {f"{live_server.url}/.well-known/{name}" for name in ("void", "sparql-examples")}


# The W3C's three tests of service descriptions (rdf-tests, sparql11/service-description), by their names.


def test_returns_rdf(live_server: LiveServer):
    reply = live_server.get("/sparql")
    assert (reply.status, reply.type) == (200, "text/turtle") and len(Graph().parse(data=reply.body, format="turtle"))


def test_has_endpoint_triple(live_server: LiveServer):
    endpoint = URIRef(live_server.url + "/sparql")
    assert (endpoint, SD.endpoint, endpoint) in Graph().parse(data=live_server.get("/sparql").body, format="turtle")


def test_conforms_to_schema(live_server: LiveServer):
    described = Graph().parse(data=live_server.get("/sparql").body, format="turtle")
    fits, report = conforms(described, SD_SHAPES)
    assert fits, report
    for name in (SD.endpoint, SD.supportedLanguage, SD.resultFormat, SD.defaultGraph, SD.name):
        broken = Graph() + described
        broken.remove((None, name, None))
        assert not conforms(broken, SD_SHAPES)[0], name


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers use classes that it deprecates
@pytest.mark.parametrize("address", ["/.well-known/void", "/.well-known/sparql-examples"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(live_server: LiveServer, address: str, name: str):
    turtle = Graph().parse(data=live_server.get(address).body, format="turtle")
    reply = live_server.get(f"{address}?format={name}")
    assert (reply.status, reply.headers["vary"]) == (200, "Accept-Encoding, Accept")
    negotiated = live_server.get(address, accept=reply.type)
    assert (negotiated.type, len(negotiated.body)) == (reply.type, len(reply.body))
    graph = Graph()
    for triple in _triples(reply.body, FORMATS[name]):
        graph.add(triple)
    assert isomorphic(graph, turtle)


def _triples(data: bytes, format: str) -> Iterator[tuple[object, object, object]]:
    from rdflib import Dataset

    parsed = (
        Dataset().parse(data=data, format=format)
        if format in ("nquads", "trig")
        else Graph().parse(data=data, format=format)
    )
    yield from (quad[:3] for quad in (parsed.quads() if isinstance(parsed, Dataset) else parsed))


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/.well-known/void", "/#dumps"),
        ("/.well-known/sparql-examples", "/queries"),
        ("/.well-known/sparql-examples/accessions", "/queries/accessions"),
    ],
)
def test_people_are_sent_to_the_page(live_server: LiveServer, address: str, page: str):
    reply = live_server.get(address, accept="text/html,*/*;q=0.8")
    assert (reply.status, reply.headers["location"], reply.headers["vary"]) == (303, page, "Accept")


def test_what_is_asked_wrongly(live_server: LiveServer):
    assert live_server.get("/.well-known/void", accept="image/png").status == 406
    assert live_server.get("/.well-known/void?format=xls").status == 406
    reply = live_server.get("/.well-known/sparql-examples/accession", accept="text/turtle")
    assert (reply.status, reply.json()["suggestions"][:1]) == (404, ["accessions"])
    assert live_server.ask("POST", "/.well-known/void", {"Content-Type": "text/turtle"}, "").status == 405


# What SIB's editor asks


def test_the_editor_finds_the_prefixes(live_server: LiveServer):
    found = {row["prefix"]: row["namespace"] for row in bindings(live_server, SIB_PREFIXES)}
    assert found["oxus"] == BASE + "ontology#" and found["id"] == BASE + "id/"
    assert found["gazette"] == BASE + "source/gazette/"


def test_the_editor_finds_classes_with_properties_and_what_they_lead_to(live_server: LiveServer):
    rows = bindings(live_server, SIB_CLASSES)
    ontology = BASE + "ontology#"
    of_accession = [row for row in rows if row["subjectClass"] == ontology + "Accession"]
    assert {row["prop"] for row in of_accession} >= {ontology + "hasParty", ontology + "joins"}
    party = [row for row in of_accession if row["prop"] == ontology + "hasParty"]
    assert ontology + "State" in {row.get("objectClass") for row in party}
    assert all(int(row["triples"]) > 0 for row in party)
    assert any(row.get("objectDatatype", "").endswith("langString") for row in rows)


def test_the_editor_finds_the_canned_queries_and_they_run(live_server: LiveServer, mini_build: Path):
    rows = bindings(live_server, SIB_EXAMPLES)
    files = {path.stem: path.read_text("utf-8") for path in (mini_build.parent / "queries").glob("*.rq")}
    assert {row["sq"].removeprefix(BASE + ".well-known/sparql-examples/"): row["query"] for row in rows} == files
    for row in rows:
        assert row["comment"]
        assert live_server.query(row["query"]).status == 200


def test_the_examples_are_what_sib_demands(live_server: LiveServer):
    document = Graph().parse(data=live_server.get("/.well-known/sparql-examples").body, format="turtle")
    fits, report = conforms(document, SIB_SHAPES)
    assert fits, report
    document.add((next(document.subjects(RDF.type, SH.SPARQLExecutable)), RDFS.comment, Literal("no language")))
    assert not conforms(document, SIB_SHAPES)[0]


def test_the_document_of_examples_is_the_graph_of_examples_and_the_endpoint(live_server: LiveServer):
    document = Graph().parse(data=live_server.get("/.well-known/sparql-examples").body, format="turtle")
    graph = live_server.get(f"/store?graph={BASE}.well-known/sparql-examples&format=ttl")
    target = URIRef("https://schema.org/target")
    assert {str(each) for each in document.objects(None, target)} == {live_server.url + "/sparql"}
    document.remove((None, target, None))
    assert isomorphic(document, Graph().parse(data=graph.body, format="turtle"))


# What crawlers and search engines read


def test_every_address_of_the_sitemap_answers(live_server: LiveServer):
    reply = live_server.get("/sitemap.xml")
    assert reply.type == "application/xml"
    root = ElementTree.fromstring(reply.body)
    assert root.tag == SITEMAP + "urlset"
    addresses = [each.text or "" for each in root.iter(SITEMAP + "loc")]
    assert len(addresses) == len(set(addresses)) > 50
    for address in addresses:
        assert address.startswith(live_server.url + "/")
        assert live_server.ask("HEAD", address.removeprefix(live_server.url)).status == 200, address
    assert {f"{live_server.url}/queries/accessions", f"{live_server.url}/page/source/gazette"} <= set(addresses)
    assert live_server.get("/sitemap.xml?page=1").body == reply.body
    assert live_server.get("/sitemap.xml?page=2").status == 404


def test_robots_are_kept_from_what_is_expensive(live_server: LiveServer):
    reply = live_server.get("/robots.txt")
    assert reply.type == "text/plain"
    rules = [line.removeprefix("Disallow: ") for line in reply.text.splitlines() if line.startswith("Disallow: ")]
    closed = [re.compile(re.escape(rule).replace(r"\*", ".*")) for rule in rules]
    for path in (
        "/sparql?query=x",
        "/explain?query=x",
        "/queries/accessions?cite=true",
        "/store?default",
        "/dump/latest/x",
    ):
        assert any(rule.match(path) for rule in closed), path
    for path in (
        "/",
        "/queries",
        "/queries/accessions",
        "/page/id/x",
        "/conflicts",
        "/sitemap.xml",
        "/.well-known/void",
    ):
        assert not any(rule.match(path) for rule in closed), path
    assert f"Sitemap: {live_server.url}/sitemap.xml" in reply.text.splitlines()


def linked_data(page: str) -> dict[str, object]:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    parsed: dict[str, object] = json.loads(found)
    return parsed


def test_the_home_page_tells_search_engines_of_the_dataset(live_server: LiveServer):
    told = linked_data(live_server.get("/", accept="text/html").text)
    assert (told["@type"], told["@id"]) == ("Dataset", BASE)
    assert told["version"] == live_server.get("/readyz").json()["version"]
    files = told["distribution"]
    assert isinstance(files, list)
    assert {each["name"] for each in files} >= {"oxus.ttl", "manifest.json"}
    assert all(live_server.ask("HEAD", urlsplit(each["contentUrl"]).path).status == 200 for each in files)


def test_a_canned_query_is_told_as_a_table_with_its_files(live_server: LiveServer):
    told = linked_data(live_server.get("/queries/accessions", accept="text/html").text)
    assert (told["@type"], told["@id"]) == ("Dataset", live_server.url + "/queries/accessions")
    assert told["isPartOf"] == {"@type": "Dataset", "@id": BASE}
    files = told["distribution"]
    assert isinstance(files, list)
    assert {each["contentUrl"].rpartition(".")[2] for each in files} >= {"csv", "json", "parquet"}
    for each in files:
        reply = live_server.ask("HEAD", each["contentUrl"].removeprefix(live_server.url))
        assert (reply.status, reply.type) == (200, each["encodingFormat"])


def test_the_ontology_is_told_as_a_set_of_terms(live_server: LiveServer):
    told = linked_data(live_server.get("/page/ontology", accept="text/html").text)
    assert (told["@type"], told["@id"]) == ("DefinedTermSet", BASE + "ontology")


def test_a_page_tells_search_engines_of_its_thing(live_server: LiveServer):
    told = linked_data(live_server.get("/page/id/vellmark", accept="text/html").text)
    thing = told["mainEntity"]
    assert isinstance(thing, dict)
    assert (thing["@id"], thing["name"]) == (BASE + "id/vellmark", "Vellmark")
    assert told["url"] == live_server.url + "/page/id/vellmark"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its JSON-LD parser uses a class that it deprecates
def test_a_json_ld_processor_reads_what_rdflib_reads(live_server: LiveServer):
    paths = ("/", "/page/id/vellmark", "/queries/accessions", "/page/ontology")
    pages = [live_server.get(path, accept="text/html").text for path in paths]
    documents = {
        "/data/id/vellmark": live_server.get("/data/id/vellmark.jsonld").text,
        "/.well-known/void": live_server.get("/.well-known/void?format=jsonld").text,
    }
    embedded = [json.dumps(linked_data(page)) for page in pages]
    read = run_script("json-ld.mjs", [*documents.values(), *embedded], "jsonld")
    for (path, text), quads in zip(documents.items(), read, strict=False):
        assert isomorphic(Graph().parse(data=quads, format="nt"), Graph().parse(data=text, format="json-ld")), path
    dataset, page, query, ontology = (Graph().parse(data=quads, format="nt") for quads in read[len(documents) :])
    schema = Namespace("https://schema.org/")
    assert set(dataset.subjects(RDF.type, schema.Dataset)) == {DATASET}
    downloads = {str(each) for each in dataset.objects(None, schema.contentUrl)}
    assert len(downloads) == len(live_server.get("/dump/latest/manifest.json").json()["files"]) + 1
    assert set(page.objects(None, schema.mainEntity)) == {URIRef(BASE + "id/vellmark")}
    assert {DATASET} == set(query.objects(None, schema.isPartOf)) == set(ontology.objects(None, schema.isPartOf))


# Over RDF files, and hostile text in them


def test_rdf_files_are_described_too_and_their_text_stays_text(mini_build: Path, tmp_path: Path):
    hostile = "</script><script>alert(1)</script>"
    public, file = "https://example.org/", tmp_path / "a.ttl"
    file.write_text(f"""PREFIX dcterms: <http://purl.org/dc/terms/>
        <{BASE}id/a> <http://www.w3.org/2000/01/rdf-schema#label> "{hostile}"@en .
        <{public}#dataset> a <{DCAT.Dataset}> ; dcterms:title "Theirs" ; dcterms:license "their own" ;
            dcterms:publisher <{public}them> ; dcterms:modified "2001-02-03" ;
            <{DCAT.previousVersion}> <{public}old> .""")
    with running(mini_build.parent, tmp_path / "log", "--public-url", public, file) as server:
        graph = Graph().parse(data=server.get("/.well-known/void").body, format="turtle")
        (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
        assert dataset == URIRef(public + "#dataset")
        assert len(list(graph.objects(dataset, DCAT.distribution))) == 1
        assert list(graph.objects(dataset, DCAT.previousVersion)) == [URIRef(public + "old")]
        assert list(graph.objects(dataset, DCTERMS.modified)) == [Literal("2001-02-03", datatype=XSD.date)]
        assert list(graph.objects(dataset, DCTERMS.license)) == [Literal("their own")]
        (catalogue,) = graph.subjects(DCAT.dataset, dataset)
        assert list(graph.objects(catalogue, DCTERMS.publisher)) == [URIRef(public + "them")]
        page = server.get("/page/id/a", accept="text/html").text
        assert "<script>alert" not in page
        thing = linked_data(page)["mainEntity"]
        assert isinstance(thing, dict) and thing["name"] == hostile
