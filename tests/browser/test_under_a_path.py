"""The pages under a path of somebody's site: nothing that a browser loads or follows there is outside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from live_server import LiveServer, free_port, running
from playwright.sync_api import Page, expect
from visiting import OpenPage

pytestmark = pytest.mark.browser

ACCESSIONS = """PREFIX oxus: <https://w3id.org/oxus/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?x ?label WHERE { ?x a oxus:Accession ; rdfs:label ?label } ORDER BY ?label"""
TIES = """PREFIX oxus: <https://w3id.org/oxus/ontology#>
SELECT ?x ?party (1 AS ?n) WHERE { ?x a oxus:Accession ; oxus:hasParty ?party }"""
ADDRESSES = """() => [...document.querySelectorAll('[href], [src], [action], [data-suggest]')].flatMap((each) =>
  ['href', 'src', 'action', 'data-suggest'].map((name) => each.getAttribute(name)).filter((it) => it !== null)
    .map((it) => new URL(it, document.baseURI).href))"""


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose visitors come by /graph/."""
    log = tmp_path_factory.mktemp("under") / "log"
    port = free_port()
    with running(mini_build.parent, log, "--public-url", f"http://127.0.0.1:{port}/graph/", port=port) as server:
        yield server


def leaves(page: Page, server: LiveServer) -> list[str]:
    """The addresses of a page that are the server's and not under the path."""
    ours = [each for each in page.evaluate(ADDRESSES) if each.startswith(server.url)]
    assert ours
    return [each for each in ours if not each.startswith(server.url + "/graph/")]


def test_nothing_is_loaded_or_linked_outside_the_path(visit: OpenPage, server: LiveServer):
    page, seen = visit(server)
    page.goto("/graph/")
    assert leaves(page, server) == []
    page.get_by_role("combobox", name="Search names").fill("Vellmark")
    page.get_by_role("option", name="Vellmark").first.click()
    page.wait_for_url("**/graph/page/id/vellmark")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vellmark")
    assert leaves(page, server) == []
    page.goto(
        "/graph/sparql?" + urlencode({"query": TIES, "format": "html", "chart": "network", "columns": "x,party,n"})
    )
    expect(page.locator("figure svg a").first).to_be_attached()
    assert leaves(page, server) == []
    page.get_by_role("navigation", name="Main").get_by_role("link", name="SPARQL").click()
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ACCESSIONS)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="Answer", exact=True).get_by_role("row")).not_to_have_count(0)
    assert leaves(page, server) == []
    outside = [each for each in seen.asked if not each.startswith((server.url + "/graph/", "data:", "blob:"))]
    assert outside == []
    assert any("/graph/static/built/editor.js" in each for each in seen.asked)


def test_an_address_outside_the_path_is_found_out(visit: OpenPage, server: LiveServer):
    page, _ = visit(server)
    page.goto("/graph/problems")
    page.evaluate("document.querySelector('footer a').setAttribute('href', '/queries')")
    assert leaves(page, server) == [server.url + "/queries"]
