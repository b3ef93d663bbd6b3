"""`/search` over HTTP: JSON and page, what is refused, and that hostile names are text."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from live_server import LiveServer

from kg.pool.client import PoolClient
from kg.search.index import write_index
from kg.search.reading import read_things
from server.app import create_app
from server.pinning import Origin, pin
from server.settings import Settings

BROWSER = "text/html,*/*;q=0.8"


def test_the_json_has_what_answers_and_why(live_server: LiveServer) -> None:
    document = live_server.get(f"/search.json?q={quote('велмарк')}").json()
    assert list(document)[:4] == ["version", "q", "total", "nearly"]
    assert document["version"] == live_server.get("/readyz").json()["version"]
    first = document["results"][0]
    assert first["iri"].endswith("/id/vellmark") and first["kind"] == "thing"
    assert first["href"] == f"{live_server.url}/page/id/vellmark"
    assert live_server.get(first["href"].removeprefix(live_server.url), accept=BROWSER).status == 200
    (match,) = first["matches"]
    assert match["name"] == "Веллмарк" and match["source"] == "label" and match["graphs"]
    assert [word["way"] for word in match["words"]] == ["transliterated"]
    assert [word["through"] for word in match["words"]] == ["velmark"]


def test_questions_terms_and_passages_are_found_too(live_server: LiveServer) -> None:
    def kinds(text: str) -> dict[str, int]:
        found: dict[str, int] = live_server.get(f"/search.json?q={quote(text)}").json()["kinds"]
        return found

    assert kinds("accessions")["query"] == 1
    assert kinds("has party")["property"] >= 1
    assert kinds("pilots")["passage"] >= 1
    assert kinds("person")["class"] >= 1


def test_the_page_needs_no_script_and_marks_what_was_meant(live_server: LiveServer) -> None:
    page = live_server.get("/search?q=velmark", accept=BROWSER).text
    assert re.search(r'<a href="/page/id/vellmark">Vellmark</a>', page)
    assert "<mark>Vellmark</mark>" in page and "velmark = Vellmark, both read “velmark”" in page
    assert re.search(r'<form class="search" role="search" action="/search" method="get">', page)
    assert "<h1>Search</h1>" in live_server.get("/search").text


def test_the_page_narrows_by_kind_and_class_and_turns_pages(live_server: LiveServer) -> None:
    page = live_server.get("/search?q=vellmark&size=2&kind=thing", accept=BROWSER).text
    assert 'rel="next" href="/search?q=vellmark&amp;kind=thing&amp;size=2&amp;page=2"' in page
    second = live_server.get("/search?q=vellmark&size=2&kind=thing&page=2", accept=BROWSER).text
    assert 'rel="prev"' in second and '<ol class="results" start="3">' in second
    narrowed = live_server.get("/search.json?q=vellmark&class=oxus:Person").json()
    assert {each["classes"][0]["label"] for each in narrowed["results"]} <= {"person"}


def test_what_is_typed_is_completed(live_server: LiveServer) -> None:
    found = live_server.get("/search.json?prefix=true&size=8&q=vellm").json()
    assert found["results"][0]["label"] == "Vellmark" and found["kinds"] == {}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "what is searched for"),
        ("q=", "what is searched for"),
        ("q=a&q=b", "given 2 times"),
        ("q=a&kidn=thing", "unknown parameter"),
        ("q=a&kind=thingy", "no kind"),
        ("q=a&page=0", "page is '0'"),
        ("q=a&page=51", "page is '51'; it may be 1 to 50"),
        ("q=a&size=51", "size is '51'"),
        ("q=a&prefix=yes", "prefix is"),
        ("q=a&class=%3Cx", "class"),
        ("q=a&lang=%22", "lang"),
        (f"q={'x' * 201}", "201 characters and may have 200"),
        ("q=%ff", "UTF-8"),
        ("q=a&format=csv", "format"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(live_server: LiveServer, query: str, detail: str) -> None:
    reply = live_server.get(f"/search.json?{query}")
    assert reply.status == 400, reply.text
    assert detail in reply.json()["detail"]


def test_hostile_names_and_searches_are_text(tmp_path: Path) -> None:
    """Over RDF files, too, which nobody checked, is what is served searched."""
    hostile = "<script>alert(1)</script> }} {{ 7*7 }} \\u202e"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    file = tmp_path / "evil.ttl"
    file.write_text(f'<urn:a> {label} "{hostile}" .\n<javascript:alert(1)> {label} "alert" .')
    served = pin(Origin(tmp_path, (file,)), tmp_path / "pin")
    client = create_app(Settings(), served, PoolClient(tmp_path / "nobody")).test_client()
    assert client.get("/search.json?q=alert").status_code == 503
    write_index(read_things([file]), served.index)
    page = client.get(f"/search?q={quote('<script>alert(1)')}", headers={"Accept": BROWSER}).text
    assert "<script>alert" not in page and "&lt;<mark>script</mark>&gt;" in page
    assert 'href="javascript' not in page and "49" not in re.sub(r'href="[^"]*"', "", page)
    assert client.get("/search.json?q=alert").json["total"] == 2  # type: ignore[index]
