"""`/metrics` as Prometheus reads it: it counts what was asked, and its labels stay few."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import LiveServer, running
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

TOKEN = "a-token-for-this-test-only"
Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def numbers(server: LiveServer) -> Numbers:
    reply = server.get("/metrics")
    assert (reply.status, reply.type, reply.headers["cache-control"]) == (200, "text/plain", "no-store")
    found = [sample for family in parse(reply.text) for sample in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}


def value(found: Numbers, name: str, **labels: str) -> float:
    return found.get((f"oxus_{name}", tuple(sorted(labels.items()))), 0.0)


def wait_for_requests(server: LiveServer, count: int, route: str) -> Numbers:
    """The numbers once so many requests have been counted: that is done when the answer has gone out."""
    deadline = time.monotonic() + 5
    while True:
        found = numbers(server)
        if value(found, "request_duration_seconds_count", route=route) >= count:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


@pytest.fixture(scope="module")
def counted(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    settings = ("--client-errors", 2)
    with running(mini_build.parent, tmp_path_factory.mktemp("counted") / "log", *settings) as server:
        yield server


def test_what_was_asked_is_counted(counted: LiveServer):
    length = sum(len(counted.query("SELECT * { ?s ?p ?o } LIMIT 100", "text/csv").body) for _ in range(3))
    statuses = [counted.query("nonsense").status for _ in range(4)]
    assert statuses == [400, 400, 429, 429]
    found = wait_for_requests(counted, 7, "/sparql")
    assert value(found, "requests_total", route="/sparql", method="GET", status="2xx") == 3
    assert value(found, "requests_total", route="/sparql", method="GET", status="4xx") == 4
    assert value(found, "problems_total", problem="query-syntax") == 2
    assert value(found, "problems_total", problem="client-limit") == 2
    assert value(found, "throttled_total") == 2
    assert value(found, "worker_seconds_total", route="/sparql") > 0
    assert value(found, "response_bytes_total", route="/sparql") > length
    version = counted.get("/readyz").json()["version"]
    assert value(found, "dataset_info", version=version) == 1
    assert found["process_resident_memory_bytes", ()] > 1_000_000


def test_whatever_is_asked_the_labels_stay_few(counted: LiveServer):
    numbers(counted)
    wait_for_requests(counted, 1, "/metrics")
    before = {key for key in numbers(counted) if "unknown" not in str(key)}
    for number in range(30):
        counted.get(f"/nothing/{number}")
        counted.get(f"/queries/nothing-{number}")
        counted.ask(f"METHOD{number}", "/")
    found = wait_for_requests(counted, 30, "/queries/<slug>")
    assert "nothing" not in str(found.keys()) and "METHOD" not in str(found.keys())
    assert value(found, "requests_total", route="unknown", method="GET", status="4xx") == 30
    assert len({key for key in found if "unknown" not in str(key)} - before) < 50


def test_openmetrics_is_given_to_who_asks_for_it(counted: LiveServer):
    reply = counted.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert reply.type == "application/openmetrics-text"
    assert {family.name for family in parse_openmetrics(reply.text)} >= {"oxus_requests", "oxus_dataset"}


def test_no_version_of_a_program_is_told(counted: LiveServer):
    reply = counted.get("/metrics")
    assert "python_info" not in reply.text
    assert reply.headers["server"] == "oxus"


def test_if_there_is_a_token_it_is_asked_for(mini_build: Path, tmp_path: Path):
    with running(mini_build.parent, tmp_path / "log", environ={"KG_TOKEN": TOKEN}) as server:
        assert server.get("/metrics").status == 401
        assert server.get("/metrics", authorization=f"Bearer {TOKEN}").status == 200
