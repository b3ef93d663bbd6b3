"""The reading half of the W3C's Graph Store Protocol tests (rdf-tests, SPARQL 1.1).

A test writes a graph and reads it. Here the graphs stand in the store as the test's writes would have left them, each
under a name of its test's own; each read must give what it expects, and each write must be refused. A graph's own
address leads to the store by a 303, as every IRI of ours leads to a document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
from live_server import LiveServer, Reply, running
from w3c import Exchange, Manifest, manifest_of, status_fits

BASE = "https://w3id.org/oxus/"
GAPS = {"post_get_new_graph": "its graph has the name that the answer to a POST gives it, and there is none"}
TESTS = [
    "put_get_repeat_direct",
    "put_delete_get_delete_direct",
    "post_get_post_get_direct",
    "head_existing_direct",
    "put_get_repeat_indirect",
    "put_get_default",
    "put_delete_get_delete_indirect",
    "post_get_post_get_indirect",
    "head_existing_indirect",
    "head_non_existing_indirect",
    "put_get_uri_pct_encoded_indirect",
    "put_get_uri_pct_encoded_twice",
]
READS = ("GET", "HEAD")


@dataclass(frozen=True)
class Step:
    """One request of a test: where it goes with us, which graph it is about, what that holds if it is there."""

    exchange: Exchange
    target: str
    graph: ox.NamedNode | ox.DefaultGraph
    holds: bytes | None


def steps(manifest: Manifest, name: str) -> list[Step]:
    """The requests of a test; a graph has another name after each write."""
    found, writes, written = [], Counter[str](), {}
    for exchange in manifest.exchanges(name):
        address = urlsplit(exchange.target)
        asked = parse_qs(address.query, keep_blank_values=True)
        known_as = "" if "default" in asked else asked.get("graph", [address.path])[0]
        if exchange.method not in READS:
            writes[known_as] += 1
            written[known_as] = None if exchange.method == "DELETE" else exchange.body
        own = f"{name}-{writes[known_as]}".replace("_", "-")
        graph: ox.NamedNode | ox.DefaultGraph = ox.DefaultGraph()
        if not address.query:
            target = exchange.target.replace("/gsp/", f"/graph/{own}/", 1)
            graph = ox.NamedNode(BASE + target[1:])
        else:
            target = exchange.target.replace("/gsp", "/store", 1).replace("www.example", f"{own}.example")
            if known_as:
                graph = ox.NamedNode(known_as.replace("www.example", f"{own}.example"))
        holds = exchange.answer or (written.get(known_as) if exchange.method == "HEAD" else None)
        found.append(Step(exchange, target, graph, holds))
    return found


@pytest.fixture(scope="module")
def manifests() -> dict[str, Manifest]:
    """Each test's manifest."""
    both = [manifest_of(f"graph-store-protocol/manifest-{name}.ttl") for name in ("direct", "indirect")]
    return {name: manifest for manifest in both for name in manifest.tests}


@pytest.fixture(scope="module")
def server(manifests: dict[str, Manifest], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over the graphs as the tests' writes would have left them."""
    folder = tmp_path_factory.mktemp("w3c-store")
    with (folder / "graphs.nq").open("wb") as output:
        for name in TESTS:
            for step in steps(manifests[name], name):
                if step.exchange.method in READS and step.holds:
                    quads = (ox.Quad(*triple, step.graph) for triple in triples(step.holds))
                    ox.serialize(quads, output, format=ox.RdfFormat.N_QUADS)
    with running(folder, folder / "log", folder / "graphs.nq") as server:
        yield server


def triples(turtle: bytes) -> set[ox.Triple]:
    found = ox.Dataset(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {quad.triple for quad in found}


def send(server: LiveServer, step: Step) -> Reply:
    """The answer, of where a 303 leads."""
    reply = server.ask(step.exchange.method, step.target, step.exchange.headers, step.exchange.body)
    if reply.status == 303:
        reply = server.ask(step.exchange.method, reply.headers["location"], step.exchange.headers)
    return reply


@pytest.mark.parametrize("name", TESTS)
def test_what_is_read_is_as_expected_and_what_is_written_refused(
    name: str, manifests: dict[str, Manifest], server: LiveServer
):
    read = 0
    for step in steps(manifests[name], name):
        reply = send(server, step)
        if step.exchange.method not in READS:
            assert (reply.status, reply.type) == (405, "application/problem+json")
            assert "only reads" in reply.json()["detail"]
            continue
        read += 1
        assert status_fits(reply.status, step.exchange.statuses), (reply.status, step.target, reply.text)
        if step.exchange.content_type:
            assert reply.headers["content-type"] == step.exchange.content_type
        if step.exchange.method == "HEAD":
            assert reply.body == b""
        elif step.exchange.answer:
            assert triples(reply.body) == triples(step.exchange.answer)
    assert read


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_is_refused(name: str, manifests: dict[str, Manifest], server: LiveServer):
    first = manifests[name].exchanges(name)[0]
    reply = server.ask(first.method, first.target.replace("/gsp", "/store", 1), first.headers, first.body)
    assert (reply.status, "only reads" in reply.text) == (405, True)


def test_every_test_of_the_suite_is_run(manifests: dict[str, Manifest]):
    assert sorted([*TESTS, *GAPS]) == sorted(manifests)
