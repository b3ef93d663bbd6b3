"""Behind a proxy, under a path: every link leads somewhere, whether the proxy takes the path off or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from live_server import LiveServer, running

PUBLIC = "https://example.org/graphs/oxus/"
PREFIX = "/graphs/oxus"
PAGES = ["/", "/queries", "/queries/accessions", "/conflicts", "/sparql", "/page/ontology", "/problems"]
PAGES += ["/page/source/flyer", "/page/source/review/43-57", "/page/ontology/Accession", "/page/topics"]


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    log = tmp_path_factory.mktemp("prefix") / "log"
    with running(mini_build.parent, log, "--public-url", PUBLIC, "--report", "mailto:errors@example.org") as server:
        yield server


@pytest.mark.parametrize("before", [PREFIX, ""], ids=["passed on", "taken off"])
@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_is_under_the_path(server: LiveServer, page: str, before: str):
    reply = server.get(before + page, accept="text/html")
    assert reply.status == 200
    targets = re.findall(r'(?:href|src|action)="([^"]*)"', reply.text)
    local = [unescape(each).partition("#")[0] for each in targets if each.startswith("/")]
    assert local and all(each.startswith(PREFIX + "/") for each in local), local
    for target in set(local):
        assert server.ask("HEAD", target).status in (200, 303), target


def test_a_thing_leads_to_its_documents_under_the_path(server: LiveServer):
    row = server.query('SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?s), "/id/")) } ORDER BY ?s LIMIT 1').json()
    path = "/id/" + row["results"]["bindings"][0]["s"]["value"].rpartition("/id/")[2]
    reply = server.get(path, accept="text/turtle")
    assert (reply.status, reply.headers["location"]) == (303, f"{PREFIX}/data{path}.ttl")
    document = server.get(reply.headers["location"])
    assert f'<{PUBLIC}data{path}.ttl>; rel="canonical"' in document.headers["link"]
    assert f'<{PREFIX}/data{path}.ttl>; rel="describedby"' in document.headers["link"]
    assert f"<{PUBLIC}{path[1:]}#statement-" in document.text


def test_crawlers_are_told_the_path(server: LiveServer):
    robots = server.get("/robots.txt").text
    assert f"Disallow: {PREFIX}/sparql?\n" in robots and f"Sitemap: {PUBLIC}sitemap.xml\n" in robots
    assert f"<loc>{PUBLIC}queries/accessions</loc>" in server.get("/sitemap.xml").text
    described = server.get("/.well-known/void").text
    assert f"<{PUBLIC}dump/" in described and server.url not in described


def test_the_description_names_the_public_endpoint(server: LiveServer):
    assert f"<{PUBLIC}sparql>" in server.get("/sparql", accept="text/turtle").text


def test_what_a_harvester_finds_is_whole_under_the_path(server: LiveServer):
    checks = server.get(f"{PREFIX}/check.json").json()["checks"]
    assert [check for check in checks if check["verdict"] not in ("pass", "not there")] == []
    assert f"]({PUBLIC}schema.txt)" in server.get(f"{PREFIX}/llms.txt").text


def test_a_report_goes_where_the_operator_wants_it(server: LiveServer):
    page = server.get("/report?s=id:northern-light&p=oxus:beganIn&o=span:2010", accept="text/html").text
    (link,) = re.findall(r'<a class="send" href="([^"]*)"', page)
    assert unescape(link).startswith("mailto:errors@example.org?subject=Error%20in%20a%20fact")
    assert "graphs%2Foxus%2Freport" in link
