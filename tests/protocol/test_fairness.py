"""One client's share of the workers: what uses it up, what is told then, what goes on, what changes nothing."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from live_server import LiveServer, Reply, running

ASK = "ASK { FILTER(RAND() < 2) }"
"""Not one that could be in the cache."""
NEVER_ENDS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TOKEN = "a-token-for-this-test-only"
BEARER = f"Bearer {TOKEN}"
BROWSER = "text/html"


def server_with(mini_build: Path, tmp_path: Path, **settings: object):
    environ = {"KG_" + name.upper(): str(value) for name, value in settings.items()}
    return running(mini_build.parent, tmp_path / "log", environ=environ)


def use_up(server: LiveServer, seconds: float = 0.6, **headers: str) -> None:
    """A query that works until it is ended."""
    assert server.query(NEVER_ENDS, timeout=seconds).status == 503


def assert_throttled(reply: Reply, limit: str) -> int:
    """The seconds until it may ask again."""
    assert (reply.status, reply.type) == (429, "application/problem+json")
    told = reply.json()
    assert told["limit"] == limit and told["type"].endswith("#client-limit")
    assert "canned queries" in told["detail"]
    wait_s = int(reply.headers["retry-after"])
    assert f"try again in {wait_s} s" in told["detail"]
    return wait_s


@pytest.fixture(scope="module")
def tight(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that gives a client half a second of work a minute; used up."""
    settings = {"client_seconds": 0.5, "token": TOKEN, "timeout_s": 1, "max_timeout_s": 3}
    with server_with(mini_build, tmp_path_factory.mktemp("tight"), **settings) as server:
        use_up(server)
        yield server


def test_seconds_used_up_are_told_with_the_wait(tight: LiveServer):
    wait_s = assert_throttled(tight.query(ASK), "client_seconds")
    assert 1 < wait_s < 120
    assert "0.5 worker seconds" in tight.query(ASK).json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/explain?query=SELECT+*+%7B%7D",
        "/sparql?query=nonsense",
        "/sparql?query=DROP+ALL",
        "/cite/latest/sparql?query=ASK+%7B%7D",
    ],
)
def test_whatever_evaluates_a_clients_query_is_throttled(tight: LiveServer, path: str):
    assert_throttled(tight.get(path), "client_seconds")


def test_by_post_too(tight: LiveServer):
    reply = tight.ask("POST", "/sparql", {"Content-Type": "application/sparql-query"}, ASK)
    assert_throttled(reply, "client_seconds")


def test_a_person_gets_the_query_back(tight: LiveServer):
    reply = tight.query("ASK { <urn:mine> ?p ?o }", BROWSER)
    assert (reply.status, reply.type) == (429, "text/html")
    assert "urn:mine" in reply.text and "client_seconds" in reply.text
    assert f"Try again in {int(reply.headers['retry-after'])} seconds." in reply.text


def test_a_page_that_must_wait_says_for_how_long_and_leads_to_itself(tight: LiveServer):
    reply = tight.get("/cite/latest/sparql?query=ASK+%7B%7D&x=%22%3E", accept=BROWSER)
    assert (reply.status, reply.type) == (429, "text/html")
    assert f"Try again in {int(reply.headers['retry-after'])} seconds." in reply.text
    assert '<a class="button" href="?query=ASK+%7B%7D&amp;x=%22%3E">Try again</a>' in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/queries/accessions.csv",
        "/queries/accessions/explain",
        "/conflicts.json",
        "/queries",
        "/",
        "/sparql",
    ]
    + ["/problems", "/healthz", "/readyz", "/static/oxus.css", "/dump/latest/manifest.json"],
)
def test_canned_queries_and_pages_go_on(tight: LiveServer, path: str):
    assert tight.get(path).status == 200


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "203.0.113.9"}]
)
def test_a_client_cannot_say_that_it_is_another(tight: LiveServer, header: dict[str, str]):
    reply = tight.ask("GET", "/sparql?query=ASK%7B%7D", header)
    assert_throttled(reply, "client_seconds")


def test_who_bears_the_token_is_not_throttled(tight: LiveServer):
    assert tight.get("/sparql?query=ASK%7B%7D", authorization=BEARER).status == 200


@pytest.mark.parametrize("header", ["Bearer wrong-token-of-this-length", "Bearer", "bearer " + TOKEN + "x"])
@pytest.mark.parametrize("path", ["/sparql?query=ASK%7B%7D", "/", "/queries/accessions.csv", "/metrics"])
def test_a_wrong_token_is_refused_and_not_taken_for_none(tight: LiveServer, header: str, path: str):
    reply = tight.get(path, authorization=header)
    assert (reply.status, reply.headers["www-authenticate"].lower()) == (401, "bearer")
    assert TOKEN not in reply.text


def test_a_proxys_password_is_not_a_token(tight: LiveServer):
    assert tight.get("/queries/accessions.csv", authorization="Basic YTpi").status == 200


def test_the_token_raises_the_timeout_and_nobody_else_can(tight: LiveServer, mini_build: Path, tmp_path: Path):
    began = time.monotonic()
    path = "/sparql?query=" + NEVER_ENDS.replace(" ", "+") + "&timeout="
    assert tight.get(path + "2", authorization=BEARER).status == 503
    assert time.monotonic() - began > 1.9
    began = time.monotonic()
    told = tight.get(path + "500", authorization=BEARER).json()
    assert "3.0 s" in told["detail"] and time.monotonic() - began < 6
    with server_with(mini_build, tmp_path, timeout_s=0.5, max_timeout_s=30) as server:
        assert re.search(r"its 0\.[5-9] s", server.get(path + "20").json()["detail"])


def test_a_server_without_a_token_takes_none(live_server: LiveServer):
    assert live_server.get("/", authorization="Bearer ").status == 401


def test_after_the_wait_there_is_room_again(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, client_seconds=3) as server:
        assert server.query(ASK).status == 200
        use_up(server, 3.02)
        wait_s = assert_throttled(server.query(ASK), "client_seconds")
        assert wait_s <= 20
        time.sleep(wait_s)
        assert server.query(ASK).status == 200


def test_failures_are_counted_and_what_answers_is_not(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, client_errors=3) as server:
        for _ in range(9):
            assert server.query(ASK).status == 200
        assert [server.query("nonsense").status for _ in range(5)] == [400, 400, 400, 429, 429]
        wait_s = assert_throttled(server.query(ASK), "client_errors")
        assert 1 <= wait_s <= 20
        assert "3 a minute" in server.query(ASK).json()["detail"]
        assert server.get("/queries/accessions.csv").status == 200
        assert server.get("/queries/accessions.csv?nonsense=1").status == 400


def test_one_client_cannot_fill_the_queue(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, client_queries=2, workers=1, timeout_s=2) as server:
        replies: list[Reply] = []
        threads = [
            threading.Thread(target=lambda n=n: replies.append(server.query(f"{NEVER_ENDS} # {n}"))) for n in "ab"
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.3)
        began = time.monotonic()
        assert assert_throttled(server.query(ASK), "client_queries") == 1
        assert time.monotonic() - began < 1
        for thread in threads:
            thread.join()
        assert [reply.status for reply in replies] == [503, 503]
        assert server.query(ASK).status == 200


def test_one_clients_queries_that_never_end_leave_a_worker_to_the_others(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, timeout_s=4, trusted_proxies=1) as server, ThreadPoolExecutor(4) as threads:

        def ask(query: str, client: str) -> int:
            return server.get(f"/sparql?query={quote(query)}", X_Forwarded_For=client).status

        asked = [threads.submit(ask, f"{NEVER_ENDS} # {number}", "203.0.113.9") for number in range(4)]
        time.sleep(0.5)
        began = time.monotonic()
        assert [ask(ASK, "203.0.113.8") for _ in range(3)] == [200] * 3
        assert server.get("/readyz").status == 200
        assert server.get("/queries/accessions.csv", X_Forwarded_For="203.0.113.9").status == 200
        assert time.monotonic() - began < 3 and not any(each.done() for each in asked)
        server.process.kill()  # rather than wait for them


def test_behind_a_proxy_each_visitor_has_a_share(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, client_errors=1, trusted_proxies=1) as server:

        def ask(query: str, forwarded_for: str) -> int:
            return server.get(f"/sparql?query={query}", X_Forwarded_For=forwarded_for).status

        assert [ask("nonsense", "203.0.113.9"), ask(quote(ASK), "203.0.113.9")] == [400, 429]
        assert ask(quote(ASK), "203.0.113.8") == 200
        # What the visitor wrote itself stands to the left of what the proxy adds.
        assert ask(quote(ASK), "203.0.113.7, 203.0.113.9") == 429
        assert [
            ask("nonsense", "2001:db8::1"),
            ask(quote(ASK), "2001:db8::2"),
            ask(quote(ASK), "2001:db8:0:1::"),
        ] == [
            400,
            429,
            200,
        ]


@pytest.fixture(scope="module")
def strict(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that gives each client five milliseconds a minute."""
    with server_with(
        mini_build, tmp_path_factory.mktemp("strict"), client_seconds=0.005, trusted_proxies=1, log="off"
    ) as server:
        yield server


COSTLY = ("/store?default", "/page/ontology", "/data/ontology.ttl", "/openapi.json", "/queries", "/")


@pytest.mark.parametrize("path", COSTLY)
def test_whatever_costs_time_is_charged(strict: LiveServer, path: str):
    """A parameter that means nothing makes each request a new one: none comes from the cache."""
    mark, client = "&" if "?" in path else "?", f"198.51.100.{COSTLY.index(path)}"
    statuses = []
    while 429 not in statuses and len(statuses) < 300:
        statuses.append(strict.get(f"{path}{mark}x={len(statuses)}", X_Forwarded_For=client).status)
    assert statuses[0] == 200 and statuses[-1] == 429
    assert set(statuses) <= {200, 429}


def test_graphs_and_pages_cannot_fill_the_queue(mini_build: Path, tmp_path: Path):
    with server_with(mini_build, tmp_path, client_queries=2, workers=1, threads=32) as server:
        replies: list[int] = []

        def ask(number: int) -> None:
            replies.append(server.get(f"/store?default&x={number}").status)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(replies) <= {200, 429} and 429 in replies
