"""Clients that npm alone has, against a running server: Comunica, alone and federating, and sparql-http-client."""

from __future__ import annotations

from typing import Any

import pytest
from live_server import LiveServer
from node_packages import run_script

OXUS = "https://w3id.org/oxus/ontology#"
VELLMARK = "https://w3id.org/oxus/id/vellmark"
PREFIXES = f"PREFIX oxus: <{OXUS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
SELECT = PREFIXES + "SELECT ?s ?label { ?s a oxus:Accession ; rdfs:label ?label }"
CONSTRUCT = PREFIXES + "CONSTRUCT { ?s a oxus:Accession } WHERE { ?s a oxus:Accession }"
ASK = PREFIXES + "ASK { ?s a oxus:Accession }"
WRONG = PREFIXES + "SELECT * { ?s oxus:hasParty }"
TYPE = {"type": "uri", "value": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}

ELSEWHERE = {
    "type": "serialized",
    "mediaType": "text/turtle",
    "value": f'<{VELLMARK}> <urn:test:note> "ours" . <urn:test:unknown> <urn:test:note> "of something else" .',
}
FEDERATED = PREFIXES + "SELECT ?note ?label { ?s <urn:test:note> ?note ; rdfs:label ?label }"


@pytest.fixture(scope="module")
def ours(live_server: LiveServer) -> set[tuple[str, str]]:
    """The rows of SELECT as the server itself gives them."""
    found = live_server.query(SELECT, "application/sparql-results+json").json()["results"]["bindings"]
    assert found
    return pairs(found)


@pytest.fixture(scope="module")
def comunica(live_server: LiveServer) -> dict[str, Any]:
    """What it makes of each of these, asked in one process."""
    endpoint = {"type": "sparql", "value": f"{live_server.url}/sparql"}
    tasks = {
        "alone": (SELECT, [endpoint]),
        "by address": (SELECT, [f"{live_server.url}/sparql"]),  # it must find out from the description what is there
        "construct": (CONSTRUCT, [endpoint]),
        "ask": (ASK, [endpoint]),
        "federating": (FEDERATED, [endpoint, ELSEWHERE]),
        "a dump": (SELECT, [f"{live_server.url}/dump/latest/oxus.ttl"]),
        "a thing": (f"ASK {{ <{VELLMARK}> a <{OXUS}State> }}", [f"{live_server.url}/id/vellmark"]),
        "what it is": ("ASK { ?s a <http://www.w3.org/ns/dcat#Dataset> }", [f"{live_server.url}/.well-known/void"]),
    }
    asked = [{"query": query, "sources": sources} for query, sources in tasks.values()]
    answers = run_script("comunica.mjs", {"asked": asked}, "@comunica/query-sparql")
    return dict(zip(tasks, answers, strict=True))


@pytest.mark.parametrize("task", ["alone", "by address", "a dump"])
def test_comunica_gets_the_rows(comunica: dict[str, Any], ours: set[tuple[str, str]], task: str) -> None:
    assert pairs(comunica[task], language="en") == ours


def test_comunica_gets_a_graph_and_a_yes(comunica: dict[str, Any], ours: set[tuple[str, str]]) -> None:
    assert {(triple[0]["value"], triple[1]["value"], triple[2]["value"]) for triple in comunica["construct"]} == {
        (thing, TYPE["value"], OXUS + "Accession") for thing, _ in ours
    }
    assert comunica["ask"] is True


def test_comunica_joins_us_with_another_source(comunica: dict[str, Any]) -> None:
    labels = {row["label"]["value"] for row in comunica["federating"]}
    assert "Vellmark" in labels
    assert {row["note"]["value"] for row in comunica["federating"]} == {"ours"}


@pytest.mark.parametrize("task", ["a thing", "what it is"])
def test_comunica_is_led_to_the_document(comunica: dict[str, Any], task: str) -> None:
    assert comunica[task] is True


def test_sparql_http_client_asks_in_each_of_its_ways(live_server: LiveServer, ours: set[tuple[str, str]]) -> None:
    task = {
        "endpoint": f"{live_server.url}/sparql",
        "store": f"{live_server.url}/store",
        "graph": "https://w3id.org/oxus/graph/entities",
        "select": SELECT,
        "construct": CONSTRUCT,
        "ask": ASK,
        "wrong": WRONG,
    }
    told = run_script("sparql-http-client.mjs", task, "sparql-http-client")
    (row,) = live_server.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{task['graph']}> {{ ?s ?p ?o }} }}").json()[
        "results"
    ]["bindings"]
    assert told.pop("store") == int(row["n"]["value"])
    assert set(told) == {"get", "postUrlencoded", "postDirect"}
    for way, found in told.items():
        assert {(row["s"], row["label"]) for row in found["select"]} == ours, way
        assert found["streamed"] == found["select"], way
        assert (found["construct"], found["ask"], found["wrong"]) == (len(ours), True, 400), way


def pairs(rows: list[dict[str, dict[str, str]]], language: str = "") -> set[tuple[str, str]]:
    assert all(language in ("", row["label"].get("xml:lang", "en")) for row in rows)
    return {(row["s"]["value"], row["label"]["value"]) for row in rows}
