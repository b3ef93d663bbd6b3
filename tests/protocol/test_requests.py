"""A table of requests, and what each must get: SPARQL 1.1 Protocol, RFC 9110, RFC 9457, RFC 10008 and design §4.

`pytest -s tests/protocol/test_requests.py` prints it with what came back. What takes more than one request to judge is
`test_protocol`'s, `test_coded_answers`' and `test_routes`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import pytest
from live_server import LiveServer, Reply

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
PROBLEM = "application/problem+json"
TURTLE = "text/turtle"
TSV = "text/tab-separated-values"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ENTITIES = "https://w3id.org/oxus/graph/entities"
LONG_AGO = "Mon, 01 Jan 2001 00:00:00 GMT"
IN_THE_FUTURE = "Wed, 01 Jan 2070 00:00:00 GMT"


def asking(query: str) -> str:
    """The address of a query."""
    return f"/sparql?query={quote(query)}"


SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }"
TABLE, GRAPH, ASK = asking(SELECT), asking(CONSTRUCT), asking("ASK {}")
STAR = asking('VERSION "1.2" CONSTRUCT { <urn:r> <urn:says> <<( <urn:a> <urn:b> "x"@ar--rtl )>> } {}')
STAR_TABLE = asking('VERSION "1.2" SELECT (<<( <urn:a> <urn:b> "x"@ar--rtl )>> AS ?t) {}')
DIRECTED = asking('CONSTRUCT { <urn:a> <http://e/b> "x"@ar--rtl } {}')
NO_NAME = asking("CONSTRUCT { <urn:s> <urn:p:1> 1 } {}")
NO_CHARACTER = asking('SELECT ("\\u0001" AS ?x) {}')


@dataclass(frozen=True)
class Row:
    """One request and what must come back; `holds` are words of the body."""

    name: str
    request: str
    """Method and target."""
    status: int
    type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    holds: str = ""

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def target(self) -> str:
        return self.request.partition(" ")[2]


def get(name: str, target: str, status: int, kind: str, accept: str | None = None, holds: str = "") -> Row:
    return Row(name, f"GET {target}", status, kind, {"Accept": accept} if accept else {}, holds=holds)


def sent(
    name: str, body: str | bytes, status: int, kind: str = PROBLEM, content_type: str = "", how: str = "POST /sparql"
) -> Row:
    return Row(name, how, status, kind, {"Content-Type": content_type} if content_type else {}, body)


QUERIES = [
    # SPARQL Protocol 2.1: the ways to send a query
    get("query by GET", TABLE, 200, JSON),
    sent("query by form", f"query={quote(SELECT)}", 200, JSON, FORM),
    sent("query as the body", SELECT, 200, JSON, QUERY),
    sent("form that says its charset", f"query={quote(SELECT)}", 200, JSON, FORM + "; charset=UTF-8"),
    sent("body that says its charset", SELECT, 200, JSON, QUERY + ";charset=utf-8"),
    sent("body that says its version", SELECT, 200, JSON, QUERY + "; version=1.2"),
    Row("query by HEAD", f"HEAD {TABLE}", 200, JSON),
    sent("QUERY with the query as the body", SELECT, 200, JSON, QUERY, "QUERY /sparql"),
    sent("QUERY with a form", f"query={quote(SELECT)}&format=csv", 200, "text/csv", FORM, "QUERY /sparql"),
    sent("QUERY with the dataset in the address", "ASK {}", 200, JSON, QUERY, "QUERY /sparql?default-graph-uri=urn:g"),
    # … and the ways to send it wrongly
    get("two queries", TABLE + "&query=ASK{}", 400, PROBLEM),
    get("parameters without a query", "/sparql?default-graph-uri=urn:g", 400, PROBLEM),
    get("empty query", "/sparql?query=", 400, PROBLEM),
    sent("two queries in a form", "query=ASK{}&query=ASK{}", 400, content_type=FORM),
    sent("form without a query", "timeout=1", 400, content_type=FORM),
    sent("empty form", "", 400, content_type=FORM),
    sent("query in address and body", SELECT, 400, content_type=QUERY, how=f"POST {TABLE}"),
    sent("query in address and form", f"query={quote(SELECT)}", 400, content_type=FORM, how=f"POST {TABLE}"),
    sent("query in address and QUERY", SELECT, 400, content_type=QUERY, how=f"QUERY {TABLE}"),
    sent("body without a type", SELECT, 415),
    sent("QUERY without a type", SELECT, 415, how="QUERY /sparql"),
    sent("QUERY without a body", "", 415, how="QUERY /sparql"),
    sent("body of another type", SELECT, 415, content_type="text/plain"),
    sent("multipart form", "--x--", 415, content_type="multipart/form-data; boundary=x"),
    sent("body of another charset", SELECT.encode("utf-16"), 415, content_type=QUERY + ";charset=utf-16"),
    Row("compressed body", "POST /sparql", 415, PROBLEM, {"Content-Type": QUERY, "Content-Encoding": "gzip"}, b"\x1f"),
    get("no SPARQL", "/sparql?query=SELECT", 400, PROBLEM),
    get("address not UTF-8", "/sparql?query=ASK%20%7B%7D%23%FF", 400, PROBLEM),
    sent("form not UTF-8", "query=ASK%20%7B%7D%23%FF", 400, content_type=FORM),
    sent("bytes of a form not UTF-8", b"query=ASK{}#\xff", 400, content_type=FORM),
    sent("body not UTF-8", b"ASK {} # \xff", 400, content_type=QUERY),
    sent("body in UTF-16", SELECT.encode("utf-16"), 400, content_type=QUERY),
    # Parameters
    get("a day that would do nothing", TABLE + "&at=2007-05-23", 400, PROBLEM),
    get("unknown parameters", TABLE + "&output=json&results=json&nonsense=1", 200, JSON),
    get("a version of SPARQL", TABLE + "&version=1.2", 200, JSON),
    get("two versions of SPARQL", TABLE + "&version=1.1&version=1.2", 400, PROBLEM),
    get("lower timeout", TABLE + "&timeout=0.5", 200, JSON),
    get("empty timeout", TABLE + "&timeout=", 200, JSON),
    get("timeout that is no number", TABLE + "&timeout=soon", 400, PROBLEM),
    get("timeout of nothing", TABLE + "&timeout=0", 400, PROBLEM),
    get("timeout of NaN", TABLE + "&timeout=nan", 400, PROBLEM),
    get("dataset of no IRI", TABLE + "&default-graph-uri=not%20one", 400, PROBLEM),
    get("dataset of a relative IRI", TABLE + "&named-graph-uri=entities", 400, PROBLEM),
    # Updates and calls to others
    sent("update by form", "update=CLEAR+ALL", 403, content_type=FORM),
    sent("update as the body", "CLEAR ALL", 403, content_type=UPDATE),
    sent("update by QUERY", "CLEAR ALL", 403, content_type=UPDATE, how="QUERY /sparql"),
    get("update by GET", "/sparql?update=CLEAR+ALL", 403, PROBLEM),
    sent("query and update", "query=ASK{}&update=CLEAR+ALL", 403, content_type=FORM),
    get("update sent as a query", "/sparql?query=CLEAR+ALL", 403, PROBLEM, holds="only answers"),
    get("call to another service", asking("ASK { SERVICE <http://127.0.0.1:9/> {} }"), 403, PROBLEM),
    # Limits
    get("address too long", f"/sparql?query=ASK{{}}%23{'a' * 40_000}", 414, PROBLEM),
    sent("body too long", "ASK {} #" + "a" * 300_000, 413, content_type=QUERY),
    sent("query too deep", "ASK " + "{" * 3000 + "}" * 3000, 400, content_type=QUERY),
]

METHODS = [
    Row("PUT", "PUT /sparql", 405, PROBLEM, body=""),
    Row("DELETE", "DELETE /sparql", 405, PROBLEM),
    Row("TRACE", "TRACE /sparql", 405, PROBLEM),
    Row("PATCH of the catalogue", "PATCH /queries", 405, PROBLEM, body=""),
    Row("QUERY where nothing is queried", "QUERY /queries", 405, PROBLEM, {"Content-Type": QUERY}, "ASK {}"),
    Row("POST to a dump", "POST /dump/latest/oxus.ttl", 405, PROBLEM, body=""),
    Row("POST to a canned query", "POST /queries/accessions", 405, PROBLEM, {"Content-Type": FORM}, "party=vellmark"),
    Row("DELETE of a thing", "DELETE /id/vellmark", 405, PROBLEM, holds="only reads"),
    Row("PUT of a graph", "PUT /graph/entities", 405, PROBLEM, {"Content-Type": TURTLE}, "", "only reads"),
    Row("OPTIONS", "OPTIONS /sparql", 204),
    Row("OPTIONS of nothing", "OPTIONS /nothing", 404, PROBLEM),
]

REPRESENTATIONS = [
    # Accept on tables; ranking itself is test_negotiation's
    get("XML results", TABLE, 200, XML, XML, "<sparql"),
    get("CSV", TABLE, 200, "text/csv", "text/csv"),
    get("CSV in a charset that we write", TABLE, 200, "text/csv", "text/csv; charset=UTF-8"),
    get("CSV in one that we do not write", TABLE, 406, PROBLEM, "text/csv;charset=utf-16"),
    get("CSV without the head that we write", TABLE, 406, PROBLEM, "text/csv;header=absent"),
    get("TSV", TABLE, 200, TSV, TSV, "?s"),
    get("JSON by its plain name", TABLE, 200, "application/json", "application/json"),
    get("XML by its plain name", TABLE, 200, "application/xml", "application/xml"),
    get("the higher q", TABLE, 200, XML, f"text/csv;q=0.1, {XML}"),
    get("q of 0 shuts out", TABLE, 200, XML, f"{JSON};q=0, */*;q=0.1"),
    get("a range of types", TABLE, 200, "text/csv", "text/*"),
    get("the specific before the range", TABLE, 200, TSV, f"text/*;q=0.9, text/csv;q=0.1, {XML};q=0.5"),
    get("a browser", TABLE, 200, "text/html", BROWSER),
    get("a graph's type for a table", TABLE, 406, PROBLEM, TURTLE),
    get("an image", TABLE, 406, PROBLEM, "image/png", '"offered"'),
    get("format before Accept", TABLE + "&format=csv", 200, "text/csv", JSON),
    get("a media type as the format", TABLE + "&format=text/csv", 200, "text/csv"),
    get("unknown format", TABLE + "&format=docx", 406, PROBLEM),
    get("yes or no in CSV", ASK, 200, "text/csv", "text/csv", "true"),
    get("yes or no in TSV", ASK, 200, TSV, TSV, "true"),
    get("triple terms in JSON", STAR_TABLE, 200, JSON, JSON, '"type":"triple"'),
    get("a version of JSON results", STAR_TABLE, 200, JSON, JSON + "; version=1.2", '"its:dir":"rtl"'),
    get("triple terms in XML", STAR_TABLE, 200, XML, XML, "<triple>"),
    get("what XML cannot hold", NO_CHARACTER, 406, PROBLEM, XML, "U+0001"),
    # … and on graphs
    get("a graph", GRAPH, 200, TURTLE),
    get("N-Triples", GRAPH, 200, "application/n-triples", "application/n-triples"),
    get("RDF/XML", GRAPH, 200, "application/rdf+xml", "application/rdf+xml", "<rdf:RDF"),
    get("JSON-LD", GRAPH, 200, "application/ld+json", "application/ld+json", '"@id"'),
    get("N-Quads", GRAPH, 200, "application/n-quads", "application/n-quads"),
    get("TriG", GRAPH, 200, "application/trig", "application/trig"),
    get("a graph as plain JSON", GRAPH, 406, PROBLEM, "application/json"),
    get("a graph as CSV", GRAPH, 406, PROBLEM, "text/csv"),
    get("a graph for a browser", GRAPH, 200, "text/html", BROWSER),
    get("what RDF/XML cannot name", NO_NAME, 406, PROBLEM, "application/rdf+xml", "<urn:p:1>"),
    get("the same for who takes Turtle too", NO_NAME, 200, TURTLE, "application/rdf+xml;q=0.5, text/turtle"),
    get("triple terms in Turtle", STAR, 200, TURTLE, "text/turtle; version=1.2", "<<("),
    get("triple terms in RDF/XML", STAR, 200, "application/rdf+xml", "application/rdf+xml", 'parseType="Triple"'),
    get("triple terms in JSON-LD 1.1", STAR, 406, PROBLEM, "application/ld+json", "triple terms"),
    get("base direction in JSON-LD", DIRECTED, 200, "application/ld+json", "application/ld+json", '"@direction":"rtl"'),
    # Content codings; what is in them is test_coded_answers'
    Row("no coding of ours", f"GET {TABLE}", 406, PROBLEM, {"Accept-Encoding": "compress, identity;q=0"}, holds="zstd"),
    Row("any coding but none", f"GET {TABLE}", 406, PROBLEM, {"Accept-Encoding": "*;q=0"}),
    Row("a coding that we do not have", f"GET {TABLE}", 200, JSON, {"Accept-Encoding": "deflate"}, holds='"head"'),
    # The bare address
    get("the service described", "/sparql", 200, TURTLE, holds="Service"),
    get("the same in RDF/XML", "/sparql", 200, "application/rdf+xml", "application/rdf+xml"),
    get("the same by its format", "/sparql?format=nt", 200, "application/n-triples"),
    get("the page to write on", "/sparql", 200, "text/html", BROWSER),
    get("the service as an image", "/sparql", 406, PROBLEM, "image/png"),
]

PLACES = [
    # Canned queries
    get("catalogue", "/queries", 200, "application/json"),
    get("catalogue for a browser", "/queries", 200, "text/html", BROWSER),
    get("catalogue as Turtle", "/queries", 406, PROBLEM, TURTLE),
    get("canned", "/queries/accessions", 200, JSON),
    get("canned for a browser", "/queries/accessions", 200, "text/html", BROWSER),
    get("canned CSV", "/queries/accessions.csv", 200, "text/csv"),
    get("suffix before Accept", "/queries/accessions.csv", 200, "text/csv", BROWSER),
    get("canned TSV", "/queries/accessions.tsv", 200, TSV),
    get("canned XML", "/queries/accessions.xml", 200, XML),
    get("canned page", "/queries/accessions.html", 200, "text/html"),
    get("canned table as a graph", "/queries/accessions.ttl", 404, PROBLEM),
    get("unknown suffix", "/queries/accessions.docx", 404, PROBLEM),
    get("suffix and format", "/queries/accessions.csv?format=json", 400, PROBLEM),
    get("unknown query", "/queries/accesions", 404, PROBLEM, holds="accessions"),
    get("canned with a parameter", "/queries/accessions?party=vellmark", 200, JSON),
    get("unknown parameter of a canned query", "/queries/accessions?partie=vellmark", 400, PROBLEM, holds="party"),
    get("empty parameter", "/queries/accessions?party=", 400, PROBLEM),
    get("mistyped parameter", "/queries/accessions?party=two%20words", 400, PROBLEM),
    get("value not to choose from", "/queries/accessions?party=velmark", 400, PROBLEM, holds="vellmark"),
    get("two values for one", "/queries/accessions?party=vellmark&party=vellmark", 400, PROBLEM),
    get("citations", "/queries/accessions?cite=true", 200, JSON, holds='"citations"'),
    get("citations in TSV", "/queries/accessions.tsv?cite=true", 404, PROBLEM),
    get("citations neither true nor false", "/queries/accessions?cite=maybe", 400, PROBLEM),
    get("reserved parameter", "/queries/accessions?at=2010", 400, PROBLEM),
    get("another version", "/queries/accessions?version=0", 400, PROBLEM),
    get("a day to explain", "/queries/dated/explain?at=2007-05-23", 200, JSON, JSON),
    get("a day that is none", "/queries/dated/explain?at=soon", 400, PROBLEM, JSON),
    get("a day that explains nothing", f"/explain?at=2007-05-23&query={quote(SELECT)}", 400, PROBLEM),
    # Graph Store Protocol; the graphs themselves are test_store's
    get("default graph", "/store?default", 200, TURTLE),
    get("a graph by its IRI", f"/store?graph={quote(ENTITIES, safe='')}", 200, TURTLE),
    get("a graph as quads", f"/store?graph={ENTITIES}", 200, "application/n-quads", "application/n-quads"),
    Row("HEAD of a graph", f"HEAD /store?graph={ENTITIES}", 200, TURTLE),
    get("a graph that is not there", f"/store?graph={ENTITIES}x", 404, PROBLEM, holds=ENTITIES),
    get("neither graph nor default", "/store", 400, PROBLEM),
    get("both graph and default", f"/store?default&graph={ENTITIES}", 400, PROBLEM),
    get("a graph by a relative IRI", "/store?graph=entities", 400, PROBLEM, holds="absolute IRI"),
    get("a graph as a table", "/store?default", 406, PROBLEM, "text/csv"),
    Row("PUT to the store", "PUT /store?default", 405, PROBLEM, {"Content-Type": TURTLE}, "", "only reads"),
    Row("POST to the store", "POST /store", 405, PROBLEM, {"Content-Type": TURTLE}, "", "only reads"),
    get("a graph's own address", "/graph/entities", 303, "text/html"),
    # The rest
    get("home", "/", 200, "text/html"),
    get("problems", "/problems", 200, "text/html"),
    get("alive", "/healthz", 200, "application/json"),
    get("ready", "/readyz", 200, "application/json"),
    get("dump", "/dump/latest/oxus.ttl", 200, TURTLE),
    get("gzipped dump", "/dump/latest/oxus.ttl.gz", 200, "application/gzip"),
    get("unknown dump", "/dump/latest/oxus.rtl", 404, PROBLEM, holds="oxus.ttl"),
    get("dump of another version", "/dump/0.0.0/oxus.ttl", 404, PROBLEM, holds="latest"),
    get("dump outside the folder", "/dump/latest/..%2F..%2Fdata%2Fsources.ttl", 404, PROBLEM),
    Row("part of a dump", "GET /dump/latest/oxus.ttl", 206, TURTLE, {"Range": "bytes=0-9"}),
    Row("part beyond a dump", "GET /dump/latest/oxus.ttl", 416, PROBLEM, {"Range": "bytes=999999999-"}),
    Row("a dump if it is another", "GET /dump/latest/oxus.ttl", 412, PROBLEM, {"If-Match": '"another"'}),
    Row("a dump if it is as old", "GET /dump/latest/oxus.ttl", 412, PROBLEM, {"If-Unmodified-Since": LONG_AGO}),
    Row("a dump by its day", "GET /dump/latest/oxus.ttl", 200, TURTLE, {"If-Modified-Since": IN_THE_FUTURE}),
    Row("a dump if it is any", "GET /dump/latest/oxus.ttl", 200, TURTLE, {"If-Match": "*"}),
    Row("an answer if it is another", f"GET {TABLE}", 412, PROBLEM, {"If-Match": '"another"'}),
    Row("an answer if it is any", f"GET {TABLE}", 304, "", {"If-None-Match": "*"}),
    get("nothing here", "/nothing", 404, PROBLEM),
    get("nothing here for a browser", "/nothing", 404, "text/html", BROWSER),
    get("nothing here for a CSV reader", "/nothing", 404, PROBLEM, "text/csv"),
    get("a path that is not UTF-8", "/id/%FF", 400, PROBLEM),
    get("a path of another host", "//evil.example/", 400, PROBLEM),
]

TABLE_OF_REQUESTS = [*QUERIES, *METHODS, *REPRESENTATIONS, *PLACES]
OF_THE_REQUEST = ("date", "x-request-id")
TELLS_TOO_MUCH = ("Traceback", "site-packages", "/server/", "werkzeug", "granian", "flask", "pyoxigraph", "python/")


@pytest.fixture(scope="module")
def got() -> Iterator[dict[str, Reply]]:
    """What came back for each; printed at the end, for who asks pytest not to capture it."""
    replies: dict[str, Reply] = {}
    yield replies
    print("\n| request | method, target | headers | body | expected | got |\n|---|---|---|---|---|---|")
    for row in TABLE_OF_REQUESTS:
        if reply := replies.get(row.name):
            headers = "; ".join(f"{name}: {value}" for name, value in row.headers.items())
            body = row.body.decode(errors="replace") if isinstance(row.body, bytes) else row.body or ""
            sent = [row.name, shortened(unquote(row.request), 70), shortened(headers, 60), shortened(body, 30)]
            print("|", " | ".join([*sent, f"{row.status} {row.type}", f"{reply.status} {reply.type}"]), "|")


def shortened(text: str, most: int) -> str:
    """A cell of the table."""
    told = "".join(letter if letter.isprintable() and letter != "|" else "·" for letter in text)
    return told if len(told) <= most else f"{told[: most - 1]}…"


@pytest.mark.parametrize("row", TABLE_OF_REQUESTS, ids=lambda row: row.name.replace(" ", "-"))
def test_request(row: Row, live_server: LiveServer, got: dict[str, Reply]):
    reply = got[row.name] = live_server.ask(row.method, row.target, row.headers, row.body)
    assert (reply.status, reply.type) == (row.status, row.type), reply.body[:500]
    assert row.holds.encode() in reply.body
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["oxus-version"].count("+") == 1
    assert reply.headers["server"] == "oxus"
    assert len(reply.body) == int(reply.headers.get("content-length", 0)) or row.method == "HEAD"
    if reply.status >= 400:
        _check_problem(row, reply)
    elif row.method == "GET":
        _check_head_and_tag(row, reply, live_server)


def _check_problem(row: Row, reply: Reply) -> None:
    """One shape, not for caches, and nothing of what runs here."""
    assert reply.headers["cache-control"] == "no-store"
    if row.type == PROBLEM:
        problem = reply.json()
        assert problem["status"] == row.status
        assert problem["title"] and problem["detail"] and problem["type"]
    told = (str(dict(reply.headers)) + reply.text).lower()
    assert not any(word.lower() in told for word in TELLS_TOO_MUCH)
    if row.status == 405:
        assert {"GET", "HEAD", "OPTIONS"} <= {each.strip() for each in reply.headers["allow"].split(",")}


def _check_head_and_tag(row: Row, reply: Reply, server: LiveServer) -> None:
    """HEAD is GET without the body; who has an answer does not get it again."""
    ranged = "Range" in row.headers
    if not ranged:  # a range is asked of GET only
        head = server.ask("HEAD", row.target, row.headers)
        assert head.body == b""
        told, expected = (
            {name: value for name, value in each.headers.items() if name not in OF_THE_REQUEST}
            for each in (head, reply)
        )
        assert (head.status, told) == (reply.status, expected)
    if reply.status == 200 and row.target not in ("/healthz", "/readyz"):
        tag = reply.headers["etag"]
        assert tag.startswith('"')
        again = server.ask("GET", row.target, {**row.headers, "If-None-Match": tag})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert again.headers.get("vary") == reply.headers.get("vary")
        assert server.ask("GET", row.target, {**row.headers, "If-None-Match": '"another"'}).status == 200


def test_the_names_tell_rows_apart_and_there_are_enough():
    names = [row.name for row in TABLE_OF_REQUESTS]
    assert len(set(names)) == len(names) >= 60
