"""The log as whoever runs the server reads it: a line of JSON for each request, and nothing about people in it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_server import LiveServer, running

WITHIN_S = 5.0
MEMBERS = {"time", "level", "logger", "request", "client", "method", "path", "route", "status", "duration_ms"}
MEMBERS |= {"worker_ms", "rows", "bytes", "cache", "verdict", "version"}
SECRET = "urn:secret-of-a-visitor"
TOKEN = "a-token-for-this-test-only"


def events(server: LiveServer) -> list[dict[str, Any]]:
    """The lines written so far; every one but the first, which says where it serves, is JSON."""
    lines = server.log.read_text().splitlines()
    assert lines[0].startswith("Serving version ")
    return [json.loads(line) for line in lines[1:]]


def event_of(server: LiveServer, request_id: str) -> dict[str, Any]:
    """The line of one request; it is written when the answer has gone out, which the client sees first."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if found := [event for event in events(server) if event.get("request") == request_id]:
            assert len(found) == 1
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"no line of request {request_id}:\n{server.log.read_text()}")


@pytest.fixture(scope="module")
def logged(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    environ = {"KG_TOKEN": TOKEN, "KG_TRUSTED_PROXIES": "1"}
    with running(mini_build.parent, tmp_path_factory.mktemp("logged") / "log", environ=environ) as server:
        yield server


def test_a_request_leaves_one_line_that_says_what_became_of_it(logged: LiveServer):
    reply = logged.query(f"SELECT ?s {{ ?s ?p ?o, <{SECRET}> }}", "text/csv")
    event = event_of(logged, reply.headers["x-request-id"])
    assert set(event) == MEMBERS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", event["time"])
    expected = {"method": "GET", "path": "/sparql", "route": "/sparql", "status": 200, "verdict": "ok"}
    assert {name: event[name] for name in expected} == expected
    assert event["bytes"] == len(reply.body)
    assert event["version"] == reply.headers["oxus-version"]
    assert 0 < event["worker_ms"] <= event["duration_ms"] < 10_000


@pytest.mark.parametrize(
    ("path", "accept", "rows"),
    [
        ("/sparql?query=SELECT+*+{+VALUES+?x+{+1+2+3+}+}", "text/csv", 3),
        ("/sparql?query=SELECT+*+{+VALUES+?x+{+1+2+3+}+}", "application/sparql-results+json", 3),
        ("/sparql?query=SELECT+*+{+VALUES+?x+{+1+2+3+}+}&cite=true", "application/sparql-results+json", 3),
        ("/sparql?query=SELECT+*+{+VALUES+?x+{+1+2+3+}+}", "text/html", 3),
        ("/sparql?query=SELECT+*+{+%3Curn:a%3E+%3Curn:b%3E+?x+}", "application/sparql-results+json", 0),
        ("/sparql?query=CONSTRUCT+{+%3Curn:a%3E+%3Curn:b%3E+?x+}+{+VALUES+?x+{+1+2+}+}", "application/n-triples", 2),
        ("/sparql?query=ASK+{}", "application/sparql-results+json", None),
        ("/queries/accessions.csv", "*/*", 1),
        ("/queries", "text/html", None),
    ],
)
def test_a_line_says_how_many_rows_went_out(logged: LiveServer, path: str, accept: str, rows: int | None):
    found = [event_of(logged, logged.get(path, accept=accept).headers["x-request-id"]) for _ in range(2)]
    assert [(event["rows"], event["status"]) for event in found] == [(rows, 200)] * 2
    assert found[1]["cache"] == "hit"


def test_no_line_holds_a_query_or_a_whole_address(logged: LiveServer):
    text = f"ASK {{ <{SECRET}> ?p ?o }}"
    replies = [
        logged.query(text),
        logged.query(text + " nonsense"),
        logged.ask("POST", "/sparql", {"Content-Type": "application/sparql-query"}, text),
        logged.get(f"/explain?query={SECRET}"),
        logged.get(f"/queries/accessions?nonsense={SECRET}"),
        logged.get("/", X_Forwarded_For="203.0.113.77"),
        logged.get("/", X_Forwarded_For="2001:db8:1:2::77"),
        logged.get("/", authorization=f"Bearer {TOKEN}"),
        logged.get("/", authorization=f"Bearer {TOKEN}-but-wrong"),
    ]
    found = [event_of(logged, reply.headers["x-request-id"]) for reply in replies]
    clients = [event["client"] for event in found[5:8]]
    assert clients == ["203.0.113.0/24", "2001:db8:1::/48", "token"]
    log = logged.log.read_text()
    for hidden in (SECRET, "127.0.0.1, ", "203.0.113.77", ":77", TOKEN):
        assert hidden not in log


def test_the_verdict_names_the_problem(logged: LiveServer):
    for path, verdict in {
        "/sparql?query=nonsense": "query-syntax",
        "/sparql?query=DROP+ALL": "query-refused",
        "/nothing": "http-404",
        "/queries/nothing": "not-found",
    }.items():
        assert event_of(logged, logged.get(path).headers["x-request-id"])["verdict"] == verdict


@pytest.mark.parametrize(
    "path",
    ["/x%0A%7B%22level%22:%22error%22%7D", "/x%0D%0Ay", "/%1B[31mred", "/x%E2%80%A8y", "/%00", "/%22%7D", "/%FF"],
)
def test_nothing_that_a_client_sends_begins_a_line(logged: LiveServer, path: str):
    before = len(events(logged))
    event = event_of(logged, logged.get(path).headers["x-request-id"])
    assert event["status"] in (400, 404) and event["route"] is None
    assert len(events(logged)) == before + 1
    assert logged.log.read_bytes().isascii() and b"\x1b" not in logged.log.read_bytes()


def test_probes_that_find_all_well_leave_no_line(logged: LiveServer):
    ids = {logged.get(path).headers["x-request-id"] for path in ("/healthz", "/readyz")}
    event_of(logged, logged.get("/").headers["x-request-id"])
    assert not ids & {event.get("request") for event in events(logged)}


def test_the_text_of_queries_and_addresses_are_logged_if_somebody_wants_them(mini_build: Path, tmp_path: Path):
    text = f'ASK {{ <{SECRET}> ?p "\n" }}'
    wanted = {"KG_LOG_QUERIES": "1", "KG_LOG_ADDRESSES": "1"}
    with running(mini_build.parent, tmp_path / "log", environ=wanted) as server:
        event = event_of(server, server.query(text).headers["x-request-id"])
    assert (event["query"], event["client"]) == (text, "127.0.0.1")


def test_the_log_can_be_off(mini_build: Path, tmp_path: Path):
    with running(mini_build.parent, tmp_path / "log", environ={"KG_LOG": "off"}) as server:
        assert server.get("/").status == 200
    assert len(server.log.read_text().splitlines()) == 1
