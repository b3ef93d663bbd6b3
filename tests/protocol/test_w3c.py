"""The W3C's own protocol tests (rdf-tests, SPARQL 1.1), run as they are against a server of ours.

Each request of a manifest is sent byte for byte, but for the path of the endpoint. What a read-only service cannot pass
is in GAPS with its reason, and is then held to the refusal that we promise instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest
from leaving_out import leave_out
from live_server import LiveServer, Reply, running

from kg.engine.formats import format_of_media_type

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT.parent / "shared" / "w3c"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

READ_ONLY = "an update: this service only reads"
GAPS = {
    "update_dataset_default_graph": READ_ONLY,
    "update_dataset_default_graphs": READ_ONLY,
    "update_dataset_named_graphs": READ_ONLY,
    "update_dataset_full": READ_ONLY,
    "update_post_form": READ_ONLY,
    "update_post_direct": READ_ONLY,
    "update_base_uri": READ_ONLY,
}
"""Tests that expect an update to succeed."""

TESTS = [
    "query_post_form",
    "query_dataset_default_graphs_get",
    "query_dataset_default_graphs_post",
    "query_dataset_named_graphs_post",
    "query_dataset_named_graphs_get",
    "query_dataset_full",
    "query_multiple_dataset",
    "query_get",
    "query_content_type_select",
    "query_content_type_ask",
    "query_content_type_describe",
    "query_content_type_construct",
    "query_post_direct",
    "bad_query_method",
    "bad_multiple_queries",
    "bad_query_wrong_media_type",
    "bad_query_missing_form_type",
    "bad_query_missing_direct_type",
    "bad_query_non_utf8",
    "bad_query_syntax",
    "bad_update_get",
    "bad_multiple_updates",
    "bad_update_wrong_media_type",
    "bad_update_missing_form_type",
    "bad_update_non_utf8",
    "bad_update_syntax",
    "bad_update_dataset_conflict",
]
"""Those that are passed. A test below holds that this list and GAPS are the manifest."""


@dataclass(frozen=True)
class Exchange:
    """One request of a test and what it expects."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[str] = field(default_factory=frozenset)
    boolean: bool | None = None
    format: str | None = None


class Manifest:
    """A manifest as a graph with the few ways to walk it."""

    def __init__(self, path: Path) -> None:
        self.store = ox.Store()
        self.store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
        quads = self.store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None)
        (entries,) = (quad.object for quad in quads)
        self.tests = {each.value.rpartition("#")[2]: each for each in self.items(entries)}

    def values(self, subject: object, name: str) -> list[object]:
        return [quad.object for quad in self.store.quads_for_pattern(subject, ox.NamedNode(name), None)]  # type: ignore[arg-type]

    def text(self, subject: object, name: str) -> str | None:
        found = self.values(subject, name)
        return found[0].value if found else None  # type: ignore[attr-defined]

    def items(self, head: object) -> Iterator[object]:
        while not (isinstance(head, ox.NamedNode) and head.value == RDF + "nil"):
            yield self.values(head, RDF + "first")[0]
            (head,) = self.values(head, RDF + "rest")

    def exchanges(self, name: str) -> list[Exchange]:
        (action,) = self.values(self.tests[name], MF + "action")
        (requests,) = self.values(action, HT + "requests")
        return [self._exchange(each) for each in self.items(requests)]

    def _exchange(self, node: object) -> Exchange:
        headers: dict[str, str] = {}
        for listed in self.values(node, HT + "headers"):
            for header in self.items(listed):
                headers[str(self.text(header, HT + "fieldName"))] = str(self.text(header, HT + "fieldValue"))
        body = None
        for each in self.values(node, HT + "body"):
            encoding = self.text(each, CNT + "characterEncoding") or "utf-8"
            body = str(self.text(each, CNT + "chars")).encode(encoding)
        (response,) = self.values(node, HT + "resp")
        boolean = self.text(response, MF + "expectedBoolean")
        return Exchange(
            method=str(self.text(node, HT + "methodName")),
            target=str(self.text(node, HT + "absolutePath")).replace("/sparql/", "/sparql", 1),
            headers=headers,
            body=body,
            statuses=frozenset(each.value.rpartition("#")[2] for each in self.values(response, MF + "expectedStatus")),  # type: ignore[attr-defined]
            boolean=None if boolean is None else boolean == "true",
            format=self.text(response, MF + "expectedFormat"),
        )

    def graph_data(self) -> dict[str, str]:
        """The file of each graph that some test asks for, by the graph's name."""
        nodes = {value for test in self.tests.values() for value in self.values(test, UT + "graphData")}
        return {str(self.text(node, RDFS + "label")): str(self.text(node, UT + "graph")) for node in nodes}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    path = SUITE / "protocol" / "manifest.ttl"
    if not path.exists():
        leave_out("the W3C's protocol tests are not beside the project (shared/w3c)")
    return Manifest(path)


@pytest.fixture(scope="module")
def server(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over the graphs that the tests name."""
    folder = tmp_path_factory.mktemp("w3c")
    with (folder / "graphs.nq").open("wb") as output:
        for graph, file in manifest.graph_data().items():
            path = SUITE / "protocol" / Path(file).name
            quads = ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)
            named = (ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(graph)) for quad in quads)
            ox.serialize(named, output, format=ox.RdfFormat.N_QUADS)
    with running(folder, folder / "log", folder / "graphs.nq") as server:
        yield server


def send(server: LiveServer, exchange: Exchange) -> Reply:
    return server.ask(exchange.method, exchange.target, exchange.headers, exchange.body)


def status_fits(status: int, expected: frozenset[str]) -> bool:
    return f"StatusCode{status // 100}xx" in expected


@pytest.mark.parametrize("name", TESTS)
def test_passes(name: str, manifest: Manifest, server: LiveServer) -> None:
    for exchange in manifest.exchanges(name):
        reply = send(server, exchange)
        assert status_fits(reply.status, exchange.statuses), (reply.status, reply.text)
        if exchange.format == "boolean":
            assert json.loads(reply.body)["boolean"] in ({exchange.boolean} - {None} or {True, False})
        elif exchange.format == "tabular":
            assert format_of_media_type(reply.type, "results")
        elif exchange.format == "RDF":
            assert format_of_media_type(reply.type, "graph")


@pytest.mark.parametrize("name", sorted(GAPS))
def test_gap_is_refused(name: str, manifest: Manifest, server: LiveServer) -> None:
    """An update is refused with 403 and changes nothing; what the test then asks finds the data as they were."""
    reply = send(server, manifest.exchanges(name)[0])
    assert (reply.status, reply.type) == (403, "application/problem+json")
    assert "only reads" in reply.json()["detail"]


def test_every_test_of_the_suite_is_run(manifest: Manifest) -> None:
    assert sorted([*TESTS, *GAPS]) == sorted(manifest.tests)
