"""Answers that are kept or shared: the same for the client, and nobody works them out twice."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from live_server import LiveServer, Reply, pool_of, processes_below, running

ACCESSIONS = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
NEVER_ENDS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
OF_THE_REQUEST = {"x-request-id", "date"}


def slow(name: str) -> str:
    """A query that takes a good part of a second; another name makes it another."""
    rows = "{ SELECT ?a { ?a ?b ?c } LIMIT 600 } { SELECT ?d { ?d ?e ?f } LIMIT 600 }"
    return f"SELECT (COUNT(*) AS ?{name}) {{ {rows} FILTER(STRLEN(CONCAT(STR(?a), STR(?d))) > 0) }}"


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One worker, and two that may wait for it."""
    log = tmp_path_factory.mktemp("cached") / "log"
    limits = ("--workers", 1, "--queue", 2, "--timeout-s", 8, "--client-workers", 100)
    with running(mini_build.parent, log, *limits) as server:
        yield server


@contextmanager
def asleep(server: LiveServer) -> Iterator[None]:
    """The pool and its workers stopped: what is answered meanwhile needs none of them."""
    pool = pool_of(server)
    pids = [pool, *processes_below(pool)]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def same(one: Reply, other: Reply) -> bool:
    """Whether two replies are the same but for what tells requests apart."""
    headers = [
        {name: value for name, value in each.headers.items() if name not in OF_THE_REQUEST} for each in (one, other)
    ]
    return (one.status, one.body) == (other.status, other.body) and headers[0] == headers[1]


ASKED = [
    ("a query", "GET", f"/sparql?query={quote(ACCESSIONS)}", {}, None),
    ("a page", "GET", f"/sparql?query={quote(ACCESSIONS)}", {"Accept": "text/html"}, None),
    ("a form", "POST", "/sparql", {"Content-Type": FORM}, f"query={quote(ACCESSIONS)}"),
    ("a query as the body", "POST", "/sparql", {"Content-Type": QUERY}, ACCESSIONS),
    ("a canned query", "GET", "/queries/accessions.csv", {}, None),
    ("citations", "GET", "/queries/accessions?cite=true", {}, None),
    ("the home page", "GET", "/", {}, None),
    ("conflicts", "GET", "/conflicts", {"Accept": "text/html"}, None),
    ("the description", "GET", "/sparql", {}, None),
    ("a small dump", "GET", "/dump/latest/oxus.ttl", {}, None),
]


@pytest.mark.parametrize(("method", "path", "headers", "body"), [case[1:] for case in ASKED], ids=[c[0] for c in ASKED])
def test_the_second_answer_is_the_first_and_needs_no_worker(server, method, path, headers, body):
    first = server.ask(method, path, headers, body)
    assert first.status == 200
    with asleep(server):
        again = server.ask(method, path, headers, body)
        unchanged = server.ask(method, path, headers | {"If-None-Match": first.headers["etag"]}, body)
        changed = server.ask(method, path, headers | {"If-None-Match": '"another"'}, body)
        head = server.ask("HEAD", path, headers) if method == "GET" else None
    assert same(again, first)
    assert same(changed, first)
    if method == "POST":  # never 304 (RFC 9110, 13.1.2)
        assert same(unchanged, first)
    else:
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert unchanged.headers["etag"] == first.headers["etag"]
        assert unchanged.headers.get("vary") == first.headers.get("vary")
    if head:
        assert head.body == b""
        assert same(Reply(200, head.headers, first.body), first)


def test_what_is_asked_with_its_parameters_in_another_order_is_the_same(server: LiveServer):
    query = quote("ASK { ?other ?order 1 }")
    first = server.get(f"/sparql?query={query}&timeout=5")
    with asleep(server):
        assert same(server.get(f"/sparql?timeout=5&query={query.replace('%20', '+')}"), first)


def test_what_post_asked_is_kept_for_the_method_query(server: LiveServer):
    headers, query = {"Content-Type": QUERY, "Accept-Encoding": "br"}, ACCESSIONS + " # by POST, then by QUERY"
    first = server.ask("POST", "/sparql", headers, query)
    with asleep(server):
        assert same(server.ask("QUERY", "/sparql", headers, query), first)


def test_each_coding_is_kept_and_headers_that_mean_the_same_find_it(server: LiveServer):
    path = "/queries/accessions.html"
    wishes = {"gzip, deflate": "gzip;q=0.8", "deflate, br, gzip": "gzip, br", "identity": "deflate"}
    first = {wish: server.get(path, accept_encoding=wish) for wish in wishes}
    assert len({reply.headers["etag"] for reply in first.values()}) == 3
    with asleep(server):
        for wish, alike in wishes.items():
            assert same(server.get(path, accept_encoding=alike), first[wish])
            assert same(server.get(path, accept_encoding=wish), first[wish])


def test_a_head_request_fills_the_cache_for_get(server: LiveServer):
    path = f"/sparql?query={quote('ASK { ?head ?first 1 }')}"
    assert server.ask("HEAD", path).body == b""
    with asleep(server):
        assert "boolean" in server.get(path).json()


def test_other_parameters_other_types_and_other_languages_are_other_answers(server: LiveServer):
    path = f"/sparql?query={quote(ACCESSIONS)}"
    types = ["text/csv", "text/html", "application/sparql-results+xml", "text/csv", "text/html"]
    assert [server.get(path, accept=each).type for each in types] == types
    assert server.get(path + "&format=tsv", accept="text/csv").type == "text/tab-separated-values"
    assert server.query(ACCESSIONS + " LIMIT 0").json()["results"]["bindings"] == []
    table = "/queries/accessions.csv"
    assert "accept-language" in server.get(table, accept_language="tg").headers["vary"].lower()
    assert server.get(table, accept_language="ru").status == 200


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_is_new_each_time_is_worked_out_each_time(server: LiveServer, function: str):
    query = f"SELECT ({function} AS ?x) {{}}"
    first, second = (server.query(query).json()["results"]["bindings"][0]["x"]["value"] for _ in range(2))
    assert first != second or function == "BNODE()"


def test_those_who_ask_something_new_at_once_do_not_share_it(server: LiveServer):
    query = f"SELECT (STRUUID() AS ?x) ?n {{ {{ {slow('n')} }} }}"
    with ThreadPoolExecutor(2) as asking:
        replies = list(asking.map(server.query, [query] * 2))
    assert len({reply.body for reply in replies}) == 2


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", "/sparql?query=SELECT"])
def test_health_and_errors_are_not_kept(server: LiveServer, path: str):
    first = server.get(path)
    assert first.headers["cache-control"] == "no-store"
    again = server.get(path, if_none_match="*")
    assert again.status == first.status


def test_a_stampede_is_one_evaluation(server: LiveServer):
    with ThreadPoolExecutor(10) as asking:
        same_query = list(asking.map(server.query, [slow("same")] * 10))
        others = list(asking.map(server.query, [slow(f"other{number}") for number in range(10)]))
    assert [reply.status for reply in same_query] == [200] * 10
    assert len({reply.body for reply in same_query}) == 1
    # So many evaluations at once would not have found room.
    assert 503 in [reply.status for reply in others]


def test_an_error_is_shared_with_those_who_waited_and_not_kept(server: LiveServer):
    path = f"/sparql?query={quote(NEVER_ENDS)}&timeout=1"
    with ThreadPoolExecutor(8) as asking:
        replies = list(asking.map(server.get, [path] * 8))
    assert {(reply.status, reply.json()["limit"]) for reply in replies} == {(503, "timeout")}
    with asleep(server), pytest.raises(TimeoutError), unread(server, path) as connection:
        connection.settimeout(0.5)
        connection.recv(1)


def test_the_work_goes_on_while_one_of_those_who_asked_waits(server: LiveServer):
    path = f"/sparql?query={quote(slow('leader'))}"
    with unread(server, path), ThreadPoolExecutor(1) as asking:
        time.sleep(0.2)
        waiting = asking.submit(server.get, path)
        time.sleep(0.2)
    assert waiting.result().status == 200


def test_work_that_nobody_waits_for_is_stopped(server: LiveServer):
    with unread(server, f"/sparql?query={quote(NEVER_ENDS)}"), unread(server, f"/sparql?query={quote(NEVER_ENDS)}"):
        time.sleep(0.3)
    began = time.monotonic()
    assert server.query("ASK { ?after ?leaving 1 }").status == 200
    assert time.monotonic() - began < 3


def test_a_hundred_abandoned_queries_leave_nothing_behind(server: LiveServer):
    for number in range(100):
        with unread(server, f"/sparql?query={quote(NEVER_ENDS)}%23{number}"):
            time.sleep(0.01)
    began = time.monotonic()
    while (reply := server.query("ASK { ?after ?hundred 1 }")).status == 503:
        assert time.monotonic() - began < 3
    assert reply.status == 200
    assert server.get("/readyz").status == 200


@contextmanager
def unread(server: LiveServer, path: str) -> Iterator[socket.socket]:
    """A client that has asked, and leaves when the block ends."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield connection
