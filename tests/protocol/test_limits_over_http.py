"""Limits as a client meets them: named, with a time to try again, and never half an answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from live_server import LiveServer

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
ASK = "ASK {}"
JSON = "application/sparql-results+json"
PROBLEM = "application/problem+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GET = f"/sparql?query={quote(SELECT)}"
NEVER_ENDS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.mark.parametrize("accept", [JSON, BROWSER])
def test_a_query_that_never_ends_gets_503_that_names_the_limit(live_server: LiveServer, accept: str):
    began = time.monotonic()
    reply = live_server.query(NEVER_ENDS, accept, timeout=1)
    assert reply.status == 503
    assert time.monotonic() - began < 5
    assert int(reply.headers["retry-after"]) > 0
    assert "timeout" in (reply.json()["limit"] if reply.type == PROBLEM else reply.text)
    assert live_server.query(ASK).status == 200


def test_the_timeout_of_a_request_lowers_the_limit(live_server: LiveServer):
    began = time.monotonic()
    assert live_server.query(NEVER_ENDS, timeout=0.2).status == 503
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("accept", ["text/csv", JSON])
def test_an_answer_that_would_break_off_late_is_a_whole_problem_and_no_half_answer(
    live_server: LiveServer, accept: str
):
    rows = "SELECT ?a ?b ?c ?d ?e { ?a ?x ?b . ?c ?y ?d . ?e ?z ?f }"
    reply = live_server.query(rows, accept)
    assert (reply.status, reply.type) == (503, PROBLEM)
    assert reply.json()["limit"] in ("max_bytes", "timeout")


def test_a_long_answer_is_whole_and_has_its_length(live_server: LiveServer):
    query = "SELECT ?a ?b { ?a ?x ?y . ?b ?z ?w } LIMIT 20000"
    head = f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\nConnection: close\r\n\r\n"
    received = live_server.raw(head.encode())
    headers, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in headers.lower()
    assert f"content-length: {len(body)}".encode() in headers.lower()
    assert body.count(b"\r\n") == 20001
    assert len(body) > 1_000_000


def test_a_chunked_body_has_its_limit_too(live_server: LiveServer):
    chunk = b"%x\r\n%s\r\n" % (100_000, b"#" * 100_000)
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n"
    received = live_server.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 4 + b"0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 413")


DISGUISES = [
    "ASK {{ SERVICE <{}> {{ ?s ?p ?o }} }}",
    "ASK {{ sErViCe\tSILENT <{}> {{ ?s ?p ?o }} }}",
    "ASK {{ SERVICE#<urn:x>\n<{}>{{?s ?p ?o}} }}",
    "PREFIX l: <{}> ASK {{ service l: {{ ?s ?p ?o }} }}",
    "ASK {{ VALUES ?e {{ <{}> }} SERVICE ?e {{ ?s ?p ?o }} }}",
    'SELECT * {{ BIND("a\\u0022" AS ?x) SERVICE <{}> {{ ?s ?p "b\\u0022" }} }}',
    "SELECT * FROM <{}> {{ ?s ?p ?o }}",
]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on the loopback address that must hear nothing."""
    with socket.socket() as heard:
        heard.bind(("127.0.0.1", 0))
        heard.listen()
        heard.settimeout(0.3)
        yield heard


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_query_makes_the_server_call_anybody(live_server: LiveServer, listener: socket.socket, disguise: str):
    reply = live_server.query(disguise.format(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    assert reply.status == (200 if "FROM" in disguise else 403)
    with pytest.raises(TimeoutError):
        listener.accept()
