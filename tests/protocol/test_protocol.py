"""The protocol, one raw request a rule: SPARQL 1.1 Protocol, RFC 9110, RFC 9457 and design §4, on a running server."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from live_server import LiveServer

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
ASK = "ASK {}"
CONSTRUCT = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
JSON = "application/sparql-results+json"
PROBLEM = "application/problem+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GET = f"/sparql?query={quote(SELECT)}"
GET_GRAPH = f"/sparql?query={quote(CONSTRUCT)}"
NEVER_ENDS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"

# What is asked, and what must come back: id, method, target, headers, body, status, type.
RULES = [
    # 2.1: the three ways to send a query
    ("get_query", "GET", GET, {}, None, 200, JSON),
    ("post_form_query", "POST", "/sparql", {"Content-Type": FORM}, f"query={quote(SELECT)}", 200, JSON),
    ("post_direct_query", "POST", "/sparql", {"Content-Type": QUERY}, SELECT, 200, JSON),
    (
        "post_form_with_charset",
        "POST",
        "/sparql",
        {"Content-Type": FORM + "; charset=UTF-8"},
        f"query={quote(SELECT)}",
        200,
        JSON,
    ),
    ("post_direct_with_charset", "POST", "/sparql", {"Content-Type": QUERY + ";charset=utf-8"}, SELECT, 200, JSON),
    (
        "post_direct_with_another_charset",
        "POST",
        "/sparql",
        {"Content-Type": QUERY + ";charset=utf-16"},
        SELECT.encode("utf-16"),
        415,
        PROBLEM,
    ),
    ("head_query", "HEAD", GET, {}, None, 200, JSON),
    # … and the ways to send it wrongly
    ("get_two_queries", "GET", GET + "&query=ASK{}", {}, None, 400, PROBLEM),
    ("get_parameters_without_query", "GET", "/sparql?default-graph-uri=urn:g", {}, None, 400, PROBLEM),
    ("get_empty_query", "GET", "/sparql?query=", {}, None, 400, PROBLEM),
    ("post_two_queries", "POST", "/sparql", {"Content-Type": FORM}, "query=ASK{}&query=ASK{}", 400, PROBLEM),
    ("post_form_without_query", "POST", "/sparql", {"Content-Type": FORM}, "timeout=1", 400, PROBLEM),
    ("post_form_empty", "POST", "/sparql", {"Content-Type": FORM}, "", 400, PROBLEM),
    ("post_query_in_address_and_body", "POST", GET, {"Content-Type": QUERY}, SELECT, 400, PROBLEM),
    ("post_query_in_address_and_form", "POST", GET, {"Content-Type": FORM}, f"query={quote(SELECT)}", 400, PROBLEM),
    ("post_without_type", "POST", "/sparql", {}, SELECT, 415, PROBLEM),
    ("post_wrong_type", "POST", "/sparql", {"Content-Type": "text/plain"}, SELECT, 415, PROBLEM),
    ("post_multipart", "POST", "/sparql", {"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415, PROBLEM),
    ("get_query_not_sparql", "GET", "/sparql?query=SELECT", {}, None, 400, PROBLEM),
    ("get_query_not_utf8", "GET", "/sparql?query=ASK%20%7B%7D%23%FF", {}, None, 400, PROBLEM),
    ("post_form_not_utf8", "POST", "/sparql", {"Content-Type": FORM}, "query=ASK%20%7B%7D%23%FF", 400, PROBLEM),
    ("post_form_raw_bytes_not_utf8", "POST", "/sparql", {"Content-Type": FORM}, b"query=ASK{}#\xff", 400, PROBLEM),
    ("post_direct_not_utf8", "POST", "/sparql", {"Content-Type": QUERY}, b"ASK {} # \xff", 400, PROBLEM),
    ("post_direct_utf16", "POST", "/sparql", {"Content-Type": QUERY}, SELECT.encode("utf-16"), 400, PROBLEM),
    # Parameters
    ("a_day_that_would_do_nothing", "GET", GET + "&at=2007-05-23", {}, None, 400, PROBLEM),
    ("a_day_explains_nothing", "GET", f"/explain?at=2007-05-23&query={quote(SELECT)}", {}, None, 400, PROBLEM),
    ("a_day_to_explain", "GET", "/queries/dated/explain?at=2007-05-23", {"Accept": JSON}, None, 200, JSON),
    ("a_day_that_is_none_to_explain", "GET", "/queries/dated/explain?at=soon", {"Accept": JSON}, None, 400, PROBLEM),
    ("unknown_parameters_are_ignored", "GET", GET + "&output=json&results=json&nonsense=1", {}, None, 200, JSON),
    ("timeout_may_lower_the_limit", "GET", GET + "&timeout=0.5", {}, None, 200, JSON),
    ("timeout_left_empty_is_none", "GET", GET + "&timeout=", {}, None, 200, JSON),
    ("timeout_is_no_number", "GET", GET + "&timeout=soon", {}, None, 400, PROBLEM),
    ("timeout_is_not_positive", "GET", GET + "&timeout=0", {}, None, 400, PROBLEM),
    ("timeout_is_not_a_number", "GET", GET + "&timeout=nan", {}, None, 400, PROBLEM),
    ("graph_is_no_iri", "GET", GET + "&default-graph-uri=not%20one", {}, None, 400, PROBLEM),
    # Updates and calls to others
    ("post_update_form", "POST", "/sparql", {"Content-Type": FORM}, "update=CLEAR+ALL", 403, PROBLEM),
    ("post_update_direct", "POST", "/sparql", {"Content-Type": "application/sparql-update"}, "CLEAR ALL", 403, PROBLEM),
    ("get_update", "GET", "/sparql?update=CLEAR+ALL", {}, None, 403, PROBLEM),
    ("query_and_update", "POST", "/sparql", {"Content-Type": FORM}, "query=ASK{}&update=CLEAR+ALL", 403, PROBLEM),
    ("update_sent_as_query", "GET", "/sparql?query=CLEAR+ALL", {}, None, 403, PROBLEM),
    (
        "service_call",
        "GET",
        f"/sparql?query={quote('ASK { SERVICE <http://127.0.0.1:9/> {} }')}",
        {},
        None,
        403,
        PROBLEM,
    ),
    # Methods
    ("put", "PUT", "/sparql", {}, "", 405, PROBLEM),
    ("delete", "DELETE", "/sparql", {}, None, 405, PROBLEM),
    ("patch", "PATCH", "/queries", {}, "", 405, PROBLEM),
    ("post_to_a_dump", "POST", "/dump/latest/oxus.ttl", {}, "", 405, PROBLEM),
    ("options", "OPTIONS", "/sparql", {}, None, 204, ""),
    ("options_of_nothing", "OPTIONS", "/nothing", {}, None, 404, PROBLEM),
    # Accept; ranking itself is test_negotiation's
    (
        "accept_xml",
        "GET",
        GET,
        {"Accept": "application/sparql-results+xml"},
        None,
        200,
        "application/sparql-results+xml",
    ),
    ("accept_csv", "GET", GET, {"Accept": "text/csv"}, None, 200, "text/csv"),
    ("accept_tsv", "GET", GET, {"Accept": "text/tab-separated-values"}, None, 200, "text/tab-separated-values"),
    ("accept_json_alias", "GET", GET, {"Accept": "application/json"}, None, 200, "application/json"),
    (
        "accept_priority",
        "GET",
        GET,
        {"Accept": "text/csv;q=0.1, application/sparql-results+xml"},
        None,
        200,
        "application/sparql-results+xml",
    ),
    ("accept_q_zero", "GET", GET, {"Accept": f"{JSON};q=0, */*;q=0.1"}, None, 200, "application/sparql-results+xml"),
    ("accept_of_a_browser", "GET", GET, {"Accept": BROWSER}, None, 200, "text/html"),
    ("accept_turtle_for_a_table", "GET", GET, {"Accept": "text/turtle"}, None, 406, PROBLEM),
    ("accept_charset_we_do_not_write", "GET", GET, {"Accept": "text/csv;charset=utf-16"}, None, 406, PROBLEM),
    ("accept_nothing_known", "GET", GET, {"Accept": "image/png"}, None, 406, PROBLEM),
    ("format_before_accept", "GET", GET + "&format=csv", {"Accept": JSON}, None, 200, "text/csv"),
    ("format_unknown", "GET", GET + "&format=docx", {}, None, 406, PROBLEM),
    ("graph_default", "GET", GET_GRAPH, {}, None, 200, "text/turtle"),
    ("graph_ntriples", "GET", GET_GRAPH, {"Accept": "application/n-triples"}, None, 200, "application/n-triples"),
    ("graph_rdfxml", "GET", GET_GRAPH, {"Accept": "application/rdf+xml"}, None, 200, "application/rdf+xml"),
    ("graph_jsonld", "GET", GET_GRAPH, {"Accept": "application/ld+json"}, None, 200, "application/ld+json"),
    ("graph_as_plain_json", "GET", GET_GRAPH, {"Accept": "application/json"}, None, 406, PROBLEM),
    ("graph_as_csv", "GET", GET_GRAPH, {"Accept": "text/csv"}, None, 406, PROBLEM),
    ("graph_for_a_browser", "GET", GET_GRAPH, {"Accept": BROWSER}, None, 200, "text/html"),
    ("ask_csv", "GET", f"/sparql?query={quote(ASK)}", {"Accept": "text/csv"}, None, 200, "text/csv"),
    # The bare address
    ("bare_get_describes_the_service", "GET", "/sparql", {}, None, 200, "text/turtle"),
    (
        "bare_get_describes_it_in_rdfxml",
        "GET",
        "/sparql",
        {"Accept": "application/rdf+xml"},
        None,
        200,
        "application/rdf+xml",
    ),
    ("bare_get_by_format", "GET", "/sparql?format=nt", {}, None, 200, "application/n-triples"),
    ("bare_get_of_a_browser_is_a_page", "GET", "/sparql", {"Accept": BROWSER}, None, 200, "text/html"),
    # Limits
    ("address_too_long", "GET", f"/sparql?query=ASK{{}}%23{'a' * 40_000}", {}, None, 414, PROBLEM),
    ("body_too_large", "POST", "/sparql", {"Content-Type": QUERY}, "ASK {} #" + "a" * 300_000, 413, PROBLEM),
    ("query_too_deep", "POST", "/sparql", {"Content-Type": QUERY}, "ASK " + "{" * 3000 + "}" * 3000, 400, PROBLEM),
    # Canned queries
    ("catalogue", "GET", "/queries", {}, None, 200, "application/json"),
    ("catalogue_for_a_browser", "GET", "/queries", {"Accept": BROWSER}, None, 200, "text/html"),
    ("catalogue_as_turtle", "GET", "/queries", {"Accept": "text/turtle"}, None, 406, PROBLEM),
    ("canned", "GET", "/queries/accessions", {}, None, 200, JSON),
    ("canned_for_a_browser", "GET", "/queries/accessions", {"Accept": BROWSER}, None, 200, "text/html"),
    ("canned_csv", "GET", "/queries/accessions.csv", {}, None, 200, "text/csv"),
    ("canned_csv_for_a_browser", "GET", "/queries/accessions.csv", {"Accept": BROWSER}, None, 200, "text/csv"),
    ("canned_tsv", "GET", "/queries/accessions.tsv", {}, None, 200, "text/tab-separated-values"),
    ("canned_xml", "GET", "/queries/accessions.xml", {}, None, 200, "application/sparql-results+xml"),
    ("canned_html", "GET", "/queries/accessions.html", {}, None, 200, "text/html"),
    ("canned_as_another_kind", "GET", "/queries/accessions.ttl", {}, None, 404, PROBLEM),
    ("canned_unknown_suffix", "GET", "/queries/accessions.docx", {}, None, 404, PROBLEM),
    ("canned_format_given_twice", "GET", "/queries/accessions.csv?format=json", {}, None, 400, PROBLEM),
    ("canned_unknown", "GET", "/queries/accesions", {}, None, 404, PROBLEM),
    ("canned_with_parameter", "GET", "/queries/accessions?party=vellmark", {}, None, 200, JSON),
    ("canned_unknown_parameter", "GET", "/queries/accessions?partie=vellmark", {}, None, 400, PROBLEM),
    ("canned_empty_parameter", "GET", "/queries/accessions?party=", {}, None, 400, PROBLEM),
    ("canned_mistyped_parameter", "GET", "/queries/accessions?party=two%20words", {}, None, 400, PROBLEM),
    ("canned_value_not_to_choose_from", "GET", "/queries/accessions?party=velmark", {}, None, 400, PROBLEM),
    ("canned_two_values_for_one", "GET", "/queries/accessions?party=vellmark&party=vellmark", {}, None, 400, PROBLEM),
    ("canned_with_citations", "GET", "/queries/accessions?cite=true", {}, None, 200, JSON),
    ("canned_citations_in_tsv", "GET", "/queries/accessions.tsv?cite=true", {}, None, 404, PROBLEM),
    ("canned_citations_neither_true_nor_false", "GET", "/queries/accessions?cite=maybe", {}, None, 400, PROBLEM),
    ("canned_reserved_parameter", "GET", "/queries/accessions?at=2010", {}, None, 400, PROBLEM),
    ("canned_of_another_version", "GET", "/queries/accessions?version=0", {}, None, 400, PROBLEM),
    # The rest
    ("home", "GET", "/", {}, None, 200, "text/html"),
    ("problems", "GET", "/problems", {}, None, 200, "text/html"),
    ("alive", "GET", "/healthz", {}, None, 200, "application/json"),
    ("ready", "GET", "/readyz", {}, None, 200, "application/json"),
    ("dump", "GET", "/dump/latest/oxus.ttl", {}, None, 200, "text/turtle"),
    ("dump_unknown", "GET", "/dump/latest/oxus.rtl", {}, None, 404, PROBLEM),
    ("dump_of_another_version", "GET", "/dump/0.0.0/oxus.ttl", {}, None, 404, PROBLEM),
    ("dump_outside_the_folder", "GET", "/dump/latest/..%2F..%2Fdata%2Fsources.ttl", {}, None, 404, PROBLEM),
    ("nothing_here", "GET", "/nothing", {}, None, 404, PROBLEM),
    ("nothing_here_for_a_browser", "GET", "/nothing", {"Accept": BROWSER}, None, 404, "text/html"),
    ("nothing_here_for_a_csv_reader", "GET", "/nothing", {"Accept": "text/csv"}, None, 404, PROBLEM),
]


@pytest.fixture(scope="module")
def replies(live_server: LiveServer):
    """Every rule's reply, asked once."""
    return {rule[0]: live_server.ask(rule[1], rule[2], rule[3], rule[4]) for rule in RULES}


def ids(rules):
    return [pytest.param(rule, id=rule[0]) for rule in rules]


@pytest.mark.parametrize("rule", ids(RULES))
def test_status_and_type(rule, replies):
    name, *_, status, kind = rule
    assert (replies[name].status, replies[name].type) == (status, kind)


@pytest.mark.parametrize("rule", ids(RULES))
def test_every_answer_says_its_version_and_opens_itself_to_scripts_and_closes_itself_to_frames(rule, replies):
    headers = replies[rule[0]].headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["oxus-version"].count("+") == 1
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("rule", ids([rule for rule in RULES if rule[6] == PROBLEM]))
def test_every_error_is_one_problem_document(rule, replies):
    reply = replies[rule[0]]
    problem = reply.json()
    assert problem["status"] == rule[5]
    assert problem["title"] and problem["detail"] and problem["type"]
    assert reply.headers["cache-control"] == "no-store"
    assert "Traceback" not in reply.text and "/site-packages" not in reply.text


@pytest.mark.parametrize("rule", ids([rule for rule in RULES if rule[5] == 200 and rule[1] == "GET"]))
def test_head_is_get_without_the_body(rule, replies, live_server: LiveServer):
    head, got = live_server.ask("HEAD", rule[2], rule[3]), replies[rule[0]]
    assert head.body == b""
    for name in ("content-type", "content-length", "etag", "vary", "cache-control"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    "rule", ids([rule for rule in RULES if rule[5] == 200 and rule[1] == "GET" and "z" not in rule[2][-3:]])
)
def test_what_a_client_has_is_not_sent_again(rule, replies, live_server: LiveServer):
    tag = replies[rule[0]].headers["etag"]
    assert tag.startswith('"')
    again = live_server.ask("GET", rule[2], rule[3] | {"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    other = live_server.ask("GET", rule[2], rule[3] | {"If-None-Match": '"another"'})
    assert other.status == 200


def test_each_representation_has_a_tag_of_its_own(live_server: LiveServer):
    types = [JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values", "text/html"]
    assert len({live_server.query(SELECT, accept).headers["etag"] for accept in types}) == len(types)


def test_answers_that_depend_on_accept_say_so(live_server: LiveServer):
    for path in (GET, "/sparql", "/queries", "/queries/accessions", "/nothing"):
        assert "Accept" in live_server.get(path).headers["vary"]


def test_not_allowed_says_what_is(live_server: LiveServer):
    for method in ("PUT", "DELETE", "PATCH"):
        allowed = live_server.ask(method, "/sparql").headers["allow"]
        assert {each.strip() for each in allowed.split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


def test_not_acceptable_lists_what_is(live_server: LiveServer):
    offered = live_server.query(SELECT, "image/png").json()["offered"]
    assert {"format": "csv", "type": "text/csv"} in offered


def test_unsupported_type_says_what_is_supported(live_server: LiveServer):
    reply = live_server.ask("POST", "/sparql", {"Content-Type": "text/plain"}, SELECT)
    assert reply.headers["accept-post"] == f"{FORM}, {QUERY}"


def test_a_preflight_allows_what_it_asks_for(live_server: LiveServer):
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    reply = live_server.ask("OPTIONS", "/sparql", asked | {"Access-Control-Request-Headers": "content-type, x-own"})
    assert reply.status == 204
    assert "POST" in reply.headers["access-control-allow-methods"]
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


def test_the_document_of_errors_is_json_in_a_fixed_order(live_server: LiveServer):
    assert list(json.loads(live_server.get("/nothing").body)) == ["type", "title", "status", "detail"]
