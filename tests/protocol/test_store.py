"""The Graph Store Protocol, read: https://www.w3.org/TR/sparql11-http-rdf-update/."""

from __future__ import annotations

from urllib.parse import quote

import pyoxigraph as ox
import pytest
from live_server import LiveServer

from kg.namespaces import SELF_DESCRIPTION

ENTITIES = "https://w3id.org/oxus/graph/entities"


def triples(body: bytes, media_type: str) -> set[ox.Triple]:
    format = ox.RdfFormat.from_media_type(media_type)
    assert format is not None
    found = ox.Dataset(ox.parse(body, format=format))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)  # blank nodes have other names in each answer
    return {quad.triple for quad in found}


def test_the_default_graph_is_the_turtle_dump_and_the_catalogue(live_server: LiveServer):
    reply = live_server.get("/store?default")
    dump = live_server.get("/dump/latest/oxus.ttl")
    assert (reply.status, reply.type) == (200, "text/turtle")
    default, dumped = triples(reply.body, "text/turtle"), triples(dump.body, "text/turtle")
    assert dumped < default
    catalogue = [live_server.get(f"/store?graph={quote(each.value, safe='')}") for each in SELF_DESCRIPTION]
    assert default - dumped < set().union(*(triples(each.body, "text/turtle") for each in catalogue))


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/rdf+xml"])
def test_a_named_graph_in_the_format_asked_for(live_server: LiveServer, media_type: str):
    reply = live_server.get(f"/store?graph={quote(ENTITIES, safe='')}", accept=media_type)
    assert (reply.status, reply.type) == (200, media_type)
    rows = live_server.query(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{ENTITIES}> {{ ?s ?p ?o }} }}", "text/turtle")
    assert triples(reply.body, media_type) == triples(rows.body, "text/turtle")


def test_every_named_graph_can_be_had(live_server: LiveServer):
    names = live_server.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").json()["results"]["bindings"]
    for row in names:
        assert live_server.ask("HEAD", f"/store?graph={quote(row['g']['value'], safe='')}").status == 200


def test_head_is_get_without_the_body(live_server: LiveServer):
    target = f"/store?graph={quote(ENTITIES, safe='')}"
    got, head = live_server.get(target), live_server.ask("HEAD", target)
    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    ("target", "status", "word"),
    [
        ("/store", 400, "default"),
        (f"/store?default&graph={ENTITIES}", 400, "either"),
        (f"/store?graph={ENTITIES}&graph={ENTITIES}", 400, "twice|2 times"),
        ("/store?graph=entities", 400, "absolute IRI"),
        ("/store?graph=http://e/%3E%20%7B%7D", 400, "absolute IRI"),
        ("/store?graph=", 400, "absolute IRI"),
        (f"/store?graph={ENTITIES}x", 404, "no graph"),
        ("/store?default&format=html", 406, "html"),
    ],
)
def test_what_is_asked_wrongly(live_server: LiveServer, target: str, status: int, word: str):
    for method in ("GET", "HEAD"):
        reply = live_server.ask(method, target)
        assert (reply.status, reply.type) == (status, "application/problem+json")
    reply = live_server.get(target)
    assert any(each in reply.text for each in word.split("|"))
    if status == 404:
        assert ENTITIES in reply.json()["suggestions"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_writes_are_refused_with_the_reason(live_server: LiveServer, method: str):
    reply = live_server.ask(method, "/store?default", {"Content-Type": "text/turtle"}, "<urn:a> <urn:b> <urn:c> .")
    assert (reply.status, reply.type) == (405, "application/problem+json")
    assert {each.strip() for each in reply.headers["allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}
    assert "only reads" in reply.text
    assert live_server.query("ASK { <urn:a> ?p ?o }").json()["boolean"] is False
