"""The protocol on a running server, where more than status and type counts: `test_requests` has those."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

import pyoxigraph as ox
import rdflib
from live_server import LiveServer

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
JSON = "application/sparql-results+json"
GET = f"/sparql?query={quote(SELECT)}"


def test_each_representation_has_a_tag_of_its_own(live_server: LiveServer):
    types = [JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values", "text/html"]
    assert len({live_server.query(SELECT, accept).headers["etag"] for accept in types}) == len(types)


def test_answers_that_depend_on_accept_say_so(live_server: LiveServer):
    for path in (GET, "/sparql", "/queries", "/queries/accessions", "/nothing"):
        assert "Accept" in live_server.get(path).headers["vary"]


def test_not_allowed_says_what_is(live_server: LiveServer):
    for method in ("PUT", "DELETE", "PATCH"):
        allowed = live_server.ask(method, "/sparql").headers["allow"]
        assert {each.strip() for each in allowed.split(",")} == {"GET", "HEAD", "OPTIONS", "POST", "QUERY"}


def test_the_method_query_answers_as_get_does_and_is_told_of(live_server: LiveServer):
    got = live_server.query(SELECT)
    asked = live_server.ask("QUERY", "/sparql", {"Content-Type": QUERY}, SELECT)
    assert (asked.body, asked.headers["etag"]) == (got.body, got.headers["etag"])
    again = live_server.ask("QUERY", "/sparql", {"Content-Type": QUERY, "If-None-Match": got.headers["etag"]}, SELECT)
    assert (again.status, again.body) == (304, b"")
    refused = live_server.ask("QUERY", "/sparql", {"Content-Type": "text/plain"}, SELECT)
    for reply in (got, asked, refused, live_server.ask("OPTIONS", "/sparql")):
        assert reply.headers["accept-query"] == f"{FORM}, {QUERY}"
    assert "accept-query" not in live_server.get("/queries").headers
    explained = live_server.ask("QUERY", "/explain", {"Content-Type": QUERY, "Accept": "application/json"}, SELECT)
    assert explained.json()["oxus"]["citations"]


def test_not_acceptable_lists_what_is(live_server: LiveServer):
    offered = live_server.query(SELECT, "image/png").json()["offered"]
    assert {"format": "csv", "type": "text/csv"} in offered


def test_unsupported_type_says_what_is_supported(live_server: LiveServer):
    reply = live_server.ask("POST", "/sparql", {"Content-Type": "text/plain"}, SELECT)
    assert reply.headers["accept-post"] == f"{FORM}, {QUERY}"


def test_a_preflight_allows_what_it_asks_for(live_server: LiveServer):
    for method in ("POST", "QUERY"):
        asked = {"Origin": "https://example.org", "Access-Control-Request-Method": method}
        reply = live_server.ask("OPTIONS", "/sparql", asked | {"Access-Control-Request-Headers": "content-type, x-own"})
        assert reply.status == 204
        assert method in reply.headers["access-control-allow-methods"]
        assert "x-own" in reply.headers["access-control-allow-headers"]


def test_a_syntax_error_says_where(live_server: LiveServer):
    problem = live_server.query("SELECT *\nWHERE { ?s ?p }").json()
    assert (problem["line"], problem["type"].rpartition("#")[2]) == (2, "query-syntax")
    assert problem["column"] >= 9


def test_the_address_of_the_service_comes_from_the_settings_and_not_from_the_host_header(live_server: LiveServer):
    described = live_server.get("/sparql", host="evil.example").text
    assert "evil.example" not in described
    assert f"<{live_server.url}/sparql>" in described
    answer = live_server.get(f"/sparql?query={quote('SELECT (<x> AS ?x) {}')}", host="evil.example").json()
    assert answer["results"]["bindings"][0]["x"]["value"] == f"{live_server.url}/x"


def test_the_description_claims_every_format_and_no_federation(live_server: LiveServer):
    graph = {str(quad.object) for quad in ox.parse(live_server.get("/sparql").body, format=ox.RdfFormat.TURTLE)}
    assert "<http://www.w3.org/ns/formats/SPARQL_Results_CSV>" in graph
    assert "<http://www.w3.org/ns/formats/JSON-LD>" in graph
    assert not any("BasicFederatedQuery" in each or "UnionDefaultGraph" in each for each in graph)


def test_the_dataset_of_the_request_overrides_from(live_server: LiveServer):
    query = "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/oxus/graph/entities> { ?s ?p ?o }"

    def count(**graphs: object) -> int:
        return int(live_server.query(query, **graphs).json()["results"]["bindings"][0]["n"]["value"])

    assert count() > 0
    assert count(**{"default-graph-uri": "https://w3id.org/oxus/graph/nothing"}) == 0
    assert count(**{"named-graph-uri": "https://w3id.org/oxus/graph/entities"}) == 0


def test_only_the_default_graphs_given_leave_no_named_graph(live_server: LiveServer):
    ask = "ASK { GRAPH ?g { ?s ?p ?o } }"
    assert live_server.query(ask).json()["boolean"] is True
    entities = "https://w3id.org/oxus/graph/entities"
    assert live_server.query(ask, **{"default-graph-uri": entities}).json()["boolean"] is False
    assert live_server.query(ask, **{"named-graph-uri": entities}).json()["boolean"] is True


def test_a_value_is_decoded_once(live_server: LiveServer):
    answer = live_server.query('SELECT ("100%25" AS ?x) {}').json()
    assert answer["results"]["bindings"][0]["x"]["value"] == "100%25"


def test_formats_hold_what_they_promise(live_server: LiveServer):
    query = "SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) ('x'@en <urn:x>) } }"
    assert live_server.query(query, "text/csv").body == b"a,b\r\n1,\r\nx,urn:x\r\n"
    assert live_server.query(query, "text/tab-separated-values").text.splitlines() == [
        "?a\t?b",
        "1\t",
        '"x"@en\t<urn:x>',
    ]
    rows = live_server.query(query).json()["results"]["bindings"]
    assert rows[1]["a"] == {"type": "literal", "value": "x", "xml:lang": "en"}
    assert "b" not in rows[0]
    root = ElementTree.fromstring(live_server.query(query, "application/sparql-results+xml").body)
    assert root.tag.endswith("sparql")


def test_a_predicate_that_rdfxml_cannot_write_is_not_acceptable(live_server: LiveServer):
    reply = live_server.query("CONSTRUCT { <urn:s> <urn:p:1> 1 } {}", "application/rdf+xml")
    assert reply.status == 406
    assert "urn:p:1" in reply.json()["detail"]
    # What it does write is XML to a parser that knows no RDF, and RDF to one that is not the engine's.
    query = "CONSTRUCT { <urn:s> <urn:p:q> 'a&<b>'@en ; <http://e/%2Fp> <urn:x?a=1&b=2> ; <http://e/ns#é> _:b } {}"
    written = live_server.query(query, "application/rdf+xml").body
    assert len(ElementTree.fromstring(written)) == 1
    assert len(rdflib.Graph().parse(data=written, format="xml")) == 3


def test_the_document_of_errors_is_json_in_a_fixed_order(live_server: LiveServer):
    assert list(json.loads(live_server.get("/nothing").body)) == ["type", "title", "status", "detail"]
