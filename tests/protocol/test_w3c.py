"""The W3C's own protocol tests (rdf-tests, SPARQL 1.1), run as they are against a server of ours.

Each request of a manifest is sent byte for byte, but for the path of the endpoint. What a read-only service cannot pass
is in GAPS with its reason, and is then held to the refusal that we promise instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from live_server import LiveServer, Reply, running
from w3c import SUITE, Exchange, Manifest, manifest_of, status_fits

from kg.engine.formats import format_of_media_type

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


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return manifest_of("protocol/manifest.ttl")


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
    target = exchange.target.replace("/sparql/", "/sparql", 1)
    return server.ask(exchange.method, target, exchange.headers, exchange.body)


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
