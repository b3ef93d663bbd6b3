"""Other SPARQL engines call the running server by SERVICE, each joining its own data with what it gets."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from live_server import LiveServer
from virtuoso import Virtuoso

NOTE = "urn:test:note"
GRAPH = "urn:test:asked-as-service"
VELLMARK = "https://w3id.org/oxus/id/vellmark"
FACTS = f'<{VELLMARK}> <{NOTE}> "ours" . <urn:test:unknown> <{NOTE}> "of something else" .'
"""What the calling engine holds itself."""


@pytest.fixture
def query(live_server: LiveServer) -> str:
    """Its own notes, with the English labels that the server has for what they are about."""
    return f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?note ?label WHERE {{
  ?thing <{NOTE}> ?note .
  SERVICE <{live_server.url}/sparql> {{ ?thing rdfs:label ?label FILTER(LANG(?label) = "en") }}
}}"""


def test_pyoxigraph(query: str) -> None:
    store = ox.Store()
    store.load(FACTS.encode(), format=ox.RdfFormat.TURTLE)
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [(row["note"].value, row["label"].value) for row in solutions] == [("ours", "Vellmark")]


def test_the_command_line_of_oxigraph(query: str, tmp_path: Path) -> None:
    oxigraph = Path(sys.executable).parent / "oxigraph"
    facts, location = tmp_path / "facts.ttl", tmp_path / "store"
    facts.write_text(FACTS)
    subprocess.run([oxigraph, "load", "--location", location, "--file", facts], check=True, capture_output=True)
    asked = [oxigraph, "query", "--location", location, "--query", query, "--results-format", "json"]
    found = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=30).stdout)
    assert rows(found) == [("ours", "Vellmark")]


def test_virtuoso(query: str, virtuoso: Virtuoso) -> None:
    virtuoso.run([f"SPARQL INSERT DATA {{ GRAPH <{GRAPH}> {{ {FACTS} }} }};"])
    asked = urlencode({"query": query, "format": "application/sparql-results+json"})
    with urllib.request.urlopen(f"{virtuoso.endpoint}?{asked}", timeout=30) as reply:
        assert rows(json.load(reply)) == [("ours", "Vellmark")]


def rows(found: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> list[tuple[str, str]]:
    return [(row["note"]["value"], row["label"]["value"]) for row in found["results"]["bindings"]]
