"""The same server over another store: what it answers is what it answers from its own engine.

Where a store answers otherwise, `UNLIKE` says what it does, and the README tells it; that it still does is tested too.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from live_server import LiveServer, Reply, running
from mini_project import copy_mini_project
from other_stores import OtherStore, running_oxigraph
from test_limits_over_http import NEVER_ENDS
from test_requests import TABLE_OF_REQUESTS
from virtuoso import Virtuoso

from kg.backend.connection import Backend
from kg.backend.naming import Holding
from kg.backend.publishing import GraphStore, graphs_of
from kg.backend.store import RemoteStore, find_holding
from kg.build.dataset import open_build
from kg.build.manifest import read_manifest
from kg.build.run import build
from kg.cli import kg
from kg.engine.evaluation import evaluate
from kg.errors import BackendAnswerError, BackendAwayError, SourceError
from kg.namespaces import GRAPH
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool

QUERIES = Path(__file__).parents[2] / "queries"
STORES = ("oxigraph", "virtuoso")
THINGS = (
    "SELECT DISTINCT ?thing { GRAPH <https://w3id.org/oxus/graph/entities> { ?thing a ?c } } ORDER BY ?thing LIMIT 4"
)
SHARES = ("--client-seconds", "6000", "--client-errors", "6000")

BY_CHANCE = {"documents"}
"""What another order in GROUP_CONCAT makes different at one time, and not at another."""
UNLIKE: dict[str, set[str]] = {
    "oxigraph": set(),
    "virtuoso": {
        # Its compiler gives up ("Internal error"): VALUES with UNDEF beside BIND, paths with alternatives in OPTIONAL.
        *("aims", "areas", "at-place", "chain", "compare-sources", "cooperations", "entity-timeline", "events"),
        *("facts", "frameworks", "infrastructure", "neighbours", "participants", "places", "projects"),
        *("state-at", "support"),
        *("timeline", "trainings"),
        # GROUP_CONCAT without the language of what it joins; groups whose counts are 0 are left out.
        *("accession-counts", "shared-projects", *BY_CHANCE),
        # Some of what tracing asks divides by zero, which is an error of one row in SPARQL and the end of it there.
        "a day to explain",
        # It has no triple terms and no directions of text (SPARQL 1.2).
        *("a version of JSON results", "base direction in JSON-LD", "triple terms in JSON", "triple terms in XML"),
        *("triple terms in JSON-LD 1.1", "triple terms in RDF/XML", "triple terms in Turtle"),
    },
}
"""What a store answers otherwise: rules of the protocol and canned queries."""


def publish(store: OtherStore, folder: Path, *more: str) -> None:
    arguments = ["publish", "--to", store.graphs, "--build", str(folder), *more]
    result = CliRunner().invoke(kg, arguments, env={"KG_BACKEND_AUTH": store.auth})
    assert result.exit_code == 0, result.output + str(result.exception)


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[OtherStore]:
    with running_oxigraph() as store:
        yield store


@pytest.fixture(scope="module", params=STORES)
def server(
    request: pytest.FixtureRequest, mini_build: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """`kg serve` for the invented project, its build in the other store alone."""
    if request.param == "virtuoso":
        virtuoso: Virtuoso = request.getfixturevalue("virtuoso")
        graphs = virtuoso.endpoint.replace("/sparql", "/sparql-graph-crud-auth")
        store = OtherStore(virtuoso.endpoint, graphs, "dba:dba")
    else:
        store = request.getfixturevalue("oxigraph")
    publish(store, mini_build)
    log = tmp_path_factory.mktemp(request.param) / "log"
    options = ("--backend", store.query, "--timeout-s", "5", "--max-result-mb", "8", *SHARES)
    with running(mini_build.parent, log, *options) as server:
        yield server


@pytest.fixture
def store_name(request: pytest.FixtureRequest) -> str:
    name: str = request.node.callspec.params["server"]
    return name


def said(reply: Reply, server: LiveServer) -> Any:
    """What a reply says, whatever the order of rows that have none, and by whatever name blank nodes go."""
    compared = "json" in reply.type or reply.type in ("text/turtle", "application/n-triples", "text/csv")
    if not compared or reply.status != 200 or "content-encoding" in reply.headers:
        return None
    text = reply.text.replace(server.url, "http://here")
    if "json" in reply.type and "results" in (found := json.loads(text)):
        rows = found["results"]["bindings"]
        written = (
            re.sub(r'"bnode", "value": "[^"]*"', "a blank node", json.dumps(row, sort_keys=True)) for row in rows
        )
        return found["head"]["vars"], Counter(written), found.get("oxus")
    if reply.type in ("text/turtle", "application/n-triples"):
        return {re.sub(r"_:[\w.-]+", "_:", str(quad.triple)) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)}
    return Counter(text.splitlines()) if reply.type == "text/csv" else None


def test_each_request_of_the_table_gets_the_same(server: LiveServer, live_server: LiveServer, store_name: str) -> None:
    unlike = set()
    for row in TABLE_OF_REQUESTS:
        there, here = (each.ask(row.method, row.target, row.headers, row.body) for each in (server, live_server))
        same = (there.status, there.type) == (here.status, here.type)
        if same and there.status == 200 and row.method != "HEAD":
            same = said(there, server) == said(here, live_server)
        if not same:
            unlike.add(row.name)
    assert unlike == UNLIKE[store_name] & {row.name for row in TABLE_OF_REQUESTS}


def test_our_own_canned_queries_answer_the_same(server: LiveServer, live_server: LiveServer, store_name: str) -> None:
    unlike = set()
    for path in sorted(QUERIES.glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        there, here = server.query(query), live_server.query(query)
        assert here.status == 200
        if there.status != 200 or said(there, server) != said(here, live_server):
            unlike.add(path.stem)
            assert there.status in (200, 502), there.text
    assert unlike - BY_CHANCE == UNLIKE[store_name] & {path.stem for path in QUERIES.glob("*.rq")} - BY_CHANCE
    assert unlike <= UNLIKE[store_name]


def test_a_thing_is_described_and_cited_the_same(server: LiveServer, live_server: LiveServer) -> None:
    things = [row["thing"]["value"] for row in live_server.query(THINGS).json()["results"]["bindings"]]
    assert len(things) >= 3
    for thing in things:
        path = thing.removeprefix("https://w3id.org/oxus")
        assert server.get(path, accept="text/turtle").status == 303
        there, here = (each.get(f"/data{path}.json").json() for each in (server, live_server))
        assert there == here
        assert server.get(f"/page{path}").status == 200
    assert server.get("/id/nobody").status == 404


def test_graphs_are_read_by_their_own_names(server: LiveServer, live_server: LiveServer) -> None:
    for which in ("default", f"graph={GRAPH}entities", f"graph={GRAPH}accepted", f"graph={GRAPH}sources"):
        there, here = (each.get(f"/store?{which}", accept="application/n-triples") for each in (server, live_server))
        assert (there.status, said(there, server)) == (200, said(here, live_server))
    version = server.get("/readyz").json()["version"]
    for name in ("index", Holding(version).index, Holding(version).accepted, "versions"):
        assert server.get(f"/store?graph={quote(f'{GRAPH}{str(name).removeprefix(GRAPH)}')}").status == 404
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert said(server.query(graphs), server) == said(live_server.query(graphs), live_server)


def test_tables_with_labels_conflicts_and_pages_are_made_of_it(server: LiveServer, live_server: LiveServer) -> None:
    for path in ("/queries/accessions.csv", "/queries/disputed-readings.csv?cite=true", "/conflicts.json"):
        there, here = server.get(path), live_server.get(path)
        assert (there.status, there.text) == (200, here.text), path
    for path in ("/", "/conflicts", "/queries/accessions/explain", "/page/ontology", "/queries/accessions.xlsx"):
        assert server.get(path).status == 200


def test_what_needs_a_copy_of_the_graph_says_so(server: LiveServer) -> None:
    reply = server.get("/queries/accessions?rejected=true")
    assert (reply.status, reply.type) == (400, "application/problem+json")
    assert "another store" in reply.json()["detail"]


def test_a_query_that_never_ends_meets_the_deadline(server: LiveServer) -> None:
    reply = server.query(NEVER_ENDS, timeout=1)
    assert (reply.status, reply.json()["limit"]) == (503, "timeout")
    assert int(reply.headers["retry-after"]) > 0


@pytest.mark.parametrize("query", ["accessions", "disputed-readings", "dated"])
def test_citations_are_those_of_our_own_engine_or_said_to_be_missing(
    server: LiveServer, live_server: LiveServer, store_name: str, query: str
) -> None:
    there, here = (each.get(f"/queries/{query}?cite=true").json() for each in (server, live_server))
    assert there["results"] == here["results"]
    if there["oxus"] != here["oxus"]:
        assert store_name == "virtuoso"
        assert any("not traced" in reason for reason in there["oxus"]["reasons"].values())


def test_a_new_version_disturbs_nobody_is_swapped_in_and_the_old_one_removed(tmp_path: Path) -> None:
    project = copy_mini_project(tmp_path / "mini")
    folder = project.root / "build"
    build(project, folder)
    first = read_manifest(folder).version
    with running_oxigraph() as store:
        publish(store, folder)
        with running(project.root, tmp_path / "log", "--backend", store.query, *SHARES) as server:
            before = server.get("/queries/accessions.json").json()
            path = project.data / "entities.ttl"
            path.write_text(path.read_text().replace("Vellmark", "Velmark"))
            second = build(project, folder).version
            publish(store, folder)
            counted = server.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
            assert counted.headers["oxus-version"] == first != second
            fresh = server.query("SELECT (COUNT(*) AS ?many) { GRAPH ?g { ?s ?p ?o } }").json()
            assert int(fresh["results"]["bindings"][0]["many"]["value"]) == int(
                counted.json()["results"]["bindings"][0]["n"]["value"]
            )
            server.process.send_signal(signal.SIGHUP)
            until = time.monotonic() + 20
            while (reply := server.get("/queries/accessions.json")).headers["oxus-version"] != second:
                assert time.monotonic() < until, server.log.read_text()
                assert reply.json() == before
                time.sleep(0.1)
            assert "Velmark" in server.get("/queries/accessions.csv").text
            publish(store, folder, "--remove-others")
            assert server.query("SELECT * { ?s ?p 1 }").status == 200
            assert store.process is not None
            store.process.terminate()
            store.process.wait()
            reply = server.query("SELECT * { ?s ?p 2 }")
            assert (reply.status, reply.json()["limit"]) == (503, "backend")
            assert reply.json()["type"].endswith("#backend-away") and int(reply.headers["retry-after"]) > 0
            assert server.get("/readyz").status == 503 and server.get("/healthz").status == 200


def test_a_version_that_is_not_there_is_not_served(oxigraph: OtherStore) -> None:
    with pytest.raises(SourceError, match="holds no version 0.0: load the build there with kg publish"):
        find_holding(Backend(oxigraph.query, "0.0"))


def test_a_store_loaded_from_a_dump_is_asked_by_the_graphs_own_names(mini_build: Path) -> None:
    here = open_build(mini_build)
    with running_oxigraph() as other:
        graphs = GraphStore(other.graphs)
        for graph, triples in graphs_of(here).items():
            graphs.put(graph.value, triples)
        backend = Backend(other.query, read_manifest(mini_build).version)
        holding = find_holding(backend)
        assert holding == Holding()
        there = RemoteStore(backend, holding)
        for query in ("SELECT ?s { ?s a ?c }", "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"):
            found, expected = (
                Counter(re.sub("_:.*", "_:", str(row[0])) for row in evaluate(store, query))  # type: ignore[arg-type,union-attr,index]
                for store in (there, here)
            )
            assert found == expected


def test_a_store_that_breaks_its_answer_off_at_its_own_limit_is_told(mini_build: Path, tmp_path: Path) -> None:
    """`oxigraph serve --timeout-s` answers 200 with JSON that has no end."""
    with running_oxigraph("--timeout-s", "1") as store:
        publish(store, mini_build)
        Backend(store.query, read_manifest(mini_build).version).write(tmp_path / "backend.json")
        limits = PoolLimits(timeout_s=30.0)
        with Pool.start(mini_build, limits=limits, backend=tmp_path / "backend.json") as pool:
            request = Request("SELECT ?a { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } }", "csv")
            with pytest.raises((BackendAnswerError, BackendAwayError)) as caught, pool.client.query(request) as answer:
                answer.read()
    assert caught.value.limit == "backend"
