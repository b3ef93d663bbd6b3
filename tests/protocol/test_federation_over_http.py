"""SERVICE as a client meets it, where the operator allows some: joined rows, or a problem that says what failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_service import FakeService, serving
from live_server import LiveServer, running

FEATURE = "http://www.w3.org/ns/sparql-service-description#BasicFederatedQuery"
CALL = "SELECT ?n ?label {{ BIND(1 AS ?n) SERVICE <{}> {{ ?x <urn:q> ?label }} }}"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeService]:
    with serving("http://127.0.0.1:1/") as fake:
        yield fake


@pytest.fixture(scope="module")
def server(mini_build: Path, fake: FakeService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that may call the fake service as a private one, and as a public one, which it is not."""
    log = tmp_path_factory.mktemp("federating") / "log"
    private = f"{fake.url}row, {fake.url}error {fake.url}silent"
    options = ("--private-services", private, "--services", f"{fake.url}huge", "--service-timeout-s", "0.5")
    with running(mini_build.parent, log, *options) as server:
        yield server


def test_an_allowed_service_is_called_and_its_rows_joined(server: LiveServer, fake: FakeService) -> None:
    reply = server.query(CALL.format(fake.url + "row"), "text/csv")
    assert (reply.status, reply.text.split("\r\n")) == (200, ["n,label", "1,far away", ""])
    reply = server.query(CALL.format(fake.url + "row"), "application/json", cite="true")
    assert reply.json()["oxus"]["untraced"] == ["n", "label"]


@pytest.mark.parametrize(
    ("kind", "message"), [("error", "status 500"), ("silent", "within 0.5 s"), ("huge", "not public")]
)
def test_a_service_that_fails_is_a_502_that_says_how(
    server: LiveServer, fake: FakeService, kind: str, message: str
) -> None:
    reply = server.query(CALL.format(fake.url + kind))
    assert (reply.status, reply.type) == (502, "application/problem+json")
    assert message in reply.json()["detail"]
    assert reply.json()["type"].endswith("#remote-service")


def test_any_other_service_is_refused(server: LiveServer, live_server: LiveServer, fake: FakeService) -> None:
    fake.asked.clear()
    for each in (fake.url, fake.url + "row?x=1", "http://127.0.0.1:1/"):
        assert server.query(CALL.format(each)).status == 403
    assert live_server.query(CALL.format(fake.url + "row")).status == 403, "by default none may be called"
    assert not fake.asked


def test_federation_is_described_where_there_is_any(server: LiveServer, live_server: LiveServer) -> None:
    assert FEATURE in server.get("/sparql", accept="application/n-triples").text
    assert FEATURE not in live_server.get("/sparql", accept="application/n-triples").text


def test_a_cap_can_be_set_and_is_named_when_met(mini_build: Path, tmp_path: Path) -> None:
    with running(mini_build.parent, tmp_path / "log", "--max-query-patterns", 3) as server:
        assert server.query("ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").status == 200
        reply = server.query("ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert (reply.status, reply.json()["limit"]) == (400, "patterns")
    assert "more than 3 triple patterns" in reply.json()["detail"]
