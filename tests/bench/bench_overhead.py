"""What HTTP, the pool and the guard cost: small queries through the server, in this process, and by `oxigraph serve`.

All in one run on one generated graph, so that the ratios mean something on a busy machine too. Uncached requests differ
in a LIMIT that changes nothing else; cached ones repeat.
"""

from __future__ import annotations

import gzip
import http.client
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from live_server import free_port, running
from load import load, oxigraph_binary, wrk

from kg.generating.run import generate
from kg.project import Project

pytestmark = pytest.mark.bench
STATEMENTS = 100_000
ROUNDS = 300
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
JSON = "application/sparql-results+json"
PREFIXES = "PREFIX id: <https://w3id.org/oxus/id/> PREFIX oxus: <https://w3id.org/oxus/ontology#> "
POINT = PREFIXES + "SELECT ?p ?o { id:meeting-7 ?p ?o } LIMIT NUMBER"
JOIN = (
    PREFIXES + "SELECT ?who ?role { ?part oxus:isParticipationIn id:meeting-7 ; oxus:isParticipationOf ?who ; "
    "oxus:hasRole ?role . ?who oxus:comesFrom ?state } LIMIT NUMBER"
)
MIXED = [query.replace("meeting-7", f"meeting-{number}") for number in range(1, 11) for query in (POINT, JOIN)]
CANNED = ("accessions", "agreements", "office-holders", "topic-counts")
"""What visitors ask: queries of ours over our own data, as text to both servers. Look-ups are the other extreme."""
LIMITS = {"KG_QUEUE": "256", "KG_TRUSTED_PROXIES": "1"} | {
    f"KG_CLIENT_{name}": "1000000" for name in ("SECONDS", "QUERIES", "REQUESTS", "WORKERS")
}
"""All is sent by one client, who may have it all: throughput is measured, and not refusals."""


@contextmanager
def oxigraph_server(binary: Path, graph: Path, log: Path) -> Iterator[int]:
    """`oxigraph serve` in memory with a graph loaded; its port."""
    port = free_port()
    with log.open("wb") as output:
        command = [str(binary), "serve", "--bind", f"127.0.0.1:{port}"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                    connection.request("POST", "/store", graph.read_bytes(), {"Content-Type": "application/n-quads"})
                    assert connection.getresponse().status in (200, 201, 204)
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def target(path: str, query: str) -> str:
    return f"{path}?{urlencode({'query': query}, quote_via=quote)}"


def median_ms(act: Callable[[int], object]) -> float:
    """The middle one of many times; the first few are not counted."""
    found = []
    for number in range(ROUNDS + 20):
        begin = time.perf_counter()
        act(number)
        found.append(time.perf_counter() - begin)
    return statistics.median(found[20:]) * 1000


def latency_ms(port: int, path: str, query: str) -> float:
    """The middle time of the query over one connection, with another LIMIT each time if it has a NUMBER."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:

        def ask(number: int) -> None:
            text = query.replace("NUMBER", str(2_000_000 + number))
            connection.request("GET", target(path, text), headers={"Accept": JSON, "X-Forwarded-For": "198.51.100.2"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status

        return median_ms(ask)


def bench_overhead(real_project: Project, tmp_path: Path, figure: Callable[..., None]) -> None:
    graph = tmp_path / "graph.nq"
    generate(real_project, STATEMENTS, 1, graph)
    store = ox.Store()
    store.bulk_load(path=str(graph), format=ox.RdfFormat.N_QUADS)
    binary = oxigraph_binary()
    with ExitStack() as servers:
        ours = servers.enter_context(running(real_project.root, tmp_path / "log", graph, environ=LIMITS))
        _latencies(ours.port, store, figure)
        asked = {"ours": (ours.port, "/sparql")}
        if binary is None:
            figure("oxigraph serve", 0, "left out: the package oxigraph is not installed")
        else:
            port = servers.enter_context(oxigraph_server(binary, graph, tmp_path / "oxigraph.log"))
            asked["oxigraph serve"] = port, "/query"
            for name, query in (("point look-up", POINT), ("join", JOIN)):
                figure(f"{name}, oxigraph serve", latency_ms(port, "/query", query), "ms p50, one client")
        if wrk is None:
            figure("throughput", 0, "left out: wrk is not installed")
            return
        page = load(ours.port, ["/healthz"], 8, SECONDS, "*/*")
        figure("throughput, no query, 8 clients, ours", page.per_second, "answers/s", **page.circumstances)
        for number, (name, queries) in enumerate((("point look-up", [POINT]), ("join", [JOIN]), ("mixed", MIXED)), 1):
            for how in ("uncached", "cached"):
                texts = [query if how == "uncached" else query.replace("NUMBER", "1000") for query in queries]
                for clients in (8, 64):
                    first = number * 10_000_000 + clients * 100_000
                    _throughput(asked, f"{name}, {how}, {clients} clients", texts, clients, first, figure)


def bench_cached_mix(real_build: Path, real_project: Project, tmp_path: Path, figure: Callable[..., None]) -> None:
    binary = oxigraph_binary()
    if wrk is None or binary is None:
        figure("throughput, canned, cached", 0, "left out: wrk or the package oxigraph is not installed")
        return
    quads = tmp_path / "oxus.nq"
    quads.write_bytes(gzip.decompress((real_build / "oxus.nq.gz").read_bytes()))
    texts = [(real_project.queries / f"{slug}.rq").read_text(encoding="utf-8") for slug in CANNED]
    queries = ["\n".join(line for line in text.split("\n") if not line.startswith("#+")) for text in texts]
    with ExitStack() as servers:
        ours = servers.enter_context(running(real_project.root, tmp_path / "log", environ=LIMITS))
        port = servers.enter_context(oxigraph_server(binary, quads, tmp_path / "oxigraph.log"))
        asked = {"ours": (ours.port, "/sparql"), "oxigraph serve": (port, "/query")}
        for clients in (8, 64):
            _throughput(asked, f"{len(CANNED)} canned queries, cached, {clients} clients", queries, clients, 1, figure)


def _latencies(port: int, store: ox.Store, figure: Callable[..., None]) -> None:
    for name, query in (("point look-up", POINT), ("join", JOIN)):

        def in_process(number: int, query: str = query) -> None:
            answer = store.query(query.replace("NUMBER", str(2_000_000 + number)))
            assert isinstance(answer, ox.QuerySolutions)
            answer.serialize(format=ox.QueryResultsFormat.JSON)

        engine = median_ms(in_process)
        figure(f"{name}, in process", engine, "ms p50")
        for how, text in (("uncached", query), ("cached", query.replace("NUMBER", "1000"))):
            took = latency_ms(port, "/sparql", text)
            figure(f"{name}, ours, {how}", took, "ms p50, one client", times_the_engine=round(took / engine, 2))


def _throughput(
    asked: Mapping[str, tuple[int, str]],
    name: str,
    texts: list[str],
    clients: int,
    first: int,
    figure: Callable[..., None],
) -> None:
    """Answers a second of each server, one right after the other, and ours as a ratio to the other's."""
    rates = []
    for whose, (port, path) in asked.items():
        done = load(port, [target(path, text) for text in texts], clients, SECONDS, JSON, first)
        figure(f"throughput, {name}, {whose}", done.per_second, "answers/s", **done.circumstances)
        rates.append(done.per_second)
    if len(rates) > 1:
        figure(f"throughput, {name}, ours to oxigraph serve", rates[0] / rates[1], "times")
