"""How long a build, a start and a point look-up take. Look-ups are ratios to the engine in this process."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from live_server import running

from kg.build.dataset import open_build
from kg.build.run import build
from kg.project import Project

pytestmark = pytest.mark.bench
ROUNDS = 200
POINT = "SELECT ?p ?o { <https://w3id.org/oxus/id/tajikistan> ?p ?o }"


def seconds(act: Callable[[], object]) -> float:
    """How long it takes once."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def median(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """How long it takes, of many times the middle one; the first few are not counted."""
    return statistics.median([seconds(act) for _ in range(rounds + 10)][10:])


def bench_build(real_project: Project, tmp_path: Path, figure: Callable[..., None]) -> None:
    manifests = []
    wall = seconds(lambda: manifests.append(build(real_project, tmp_path / "build")))
    figure("build", wall, "s", **manifests[0].counts)
    figure("build dumps", sum(entry.bytes for entry in manifests[0].files.values()) / 1e6, "MB")
    figure("load the build", seconds(lambda: open_build(tmp_path / "build")), "s")


def bench_start_and_look_up(
    real_project: Project, real_build: Path, tmp_path: Path, figure: Callable[..., None]
) -> None:
    store = open_build(real_build)

    def in_process() -> None:
        answer = store.query(POINT)
        assert isinstance(answer, ox.QuerySolutions)
        answer.serialize(format=ox.QueryResultsFormat.JSON)

    engine = median(in_process)
    figure("point look-up in process", engine * 1000, "ms")
    begin = time.perf_counter()
    with running(real_project.root, tmp_path / "log") as server:
        figure("start to the first answer", time.perf_counter() - begin, "s")
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        def ask(path: str) -> None:
            connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
            response = connection.getresponse()
            assert response.status == 200
            response.read()

        for name, path in (
            ("a page without a query", "/healthz"),
            ("point look-up", f"/sparql?{urlencode({'query': POINT})}"),
        ):
            figure(f"{name} over HTTP", median(lambda path=path: ask(path)) / engine, "times the engine's")  # type: ignore[misc]
        connection.close()
