"""The language of a page: by its address, by `lang`, by Accept-Language; and where it is in the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from english_left import english_left
from live_server import LiveServer, Reply, running

KINDS = [
    "/",
    "/queries",
    "/queries/accessions",
    "/queries/accessions?cite=true",
    "/queries/accessions/explain",
    "/explain",
    "/sparql",
    "/search?q=vellmark",
    "/conflicts",
    "/page/id/vellmark",
    "/page/topics",
    "/page/source/review",
    "/page/source/review/43-57",
    "/page/ontology/Accession",
    "/page/ontology",
    "/feed",
    "/problems",
    "/check",
    "/diff/latest/latest",
    "/nowhere",
]


def page(server: LiveServer, path: str, language: str = "") -> Reply:
    headers = {"accept_language": language} if language else {}
    return server.get(path, accept="text/html", **headers)


def language_of(reply: Reply) -> str:
    """The language that a page says it is in, twice."""
    found = re.search(r'<html lang="([^"]*)"', reply.text)
    assert found and reply.headers["content-language"] == found[1]
    return found[1]


def vary(reply: Reply) -> set[str]:
    return {name.strip().lower() for name in reply.headers["vary"].split(",")}


@pytest.mark.parametrize("path", KINDS)
def test_every_page_is_in_the_language_of_its_address_and_leads_to_others(live_server: LiveServer, path: str) -> None:
    for language in ("en", "ru"):
        reply = page(live_server, f"/{language}{path}", "de")
        assert language_of(reply) == language
        assert "accept-language" not in vary(reply)
        others = {
            name: unescape(address) for name, address in re.findall(r'hreflang="([^"]+)" href="([^"]+)"', reply.text)
        }
        assert others == {name: f"{live_server.url}/{name}{path}" for name in ("en", "ru")} | {
            "x-default": live_server.url + path
        }
        switch = re.findall(r'<a href="([^"]+)" lang="(\w+)" hreflang="(\w+)">(\w+)</a>', reply.text)
        other = {"en": "ru", "ru": "en"}[language]
        assert [(unescape(at), *rest) for at, *rest in switch] == [
            (f"/{other}{path}", other, other, {"en": "English", "ru": "Русский"}[other])
        ]


@pytest.mark.parametrize("path", [path for path in KINDS if path != "/page/ontology"])
def test_nothing_on_a_russian_page_is_in_english_without_saying_so(live_server: LiveServer, path: str) -> None:
    left = list(english_left(page(live_server, f"/ru{path}").text))
    assert left == [], "\n".join(left)


def test_links_of_a_page_keep_the_language_and_files_have_none(live_server: LiveServer) -> None:
    text = page(live_server, "/ru/queries/accessions").text
    links = [each for each in re.findall(r'(?:href|action)="(/[^"]*)"', text) if not each.startswith("/static/")]
    assert {each.split("/")[1] for each in links} == {"ru", "en"} and len(links) > 20
    assert sum(each.startswith("/en/") for each in links) == 1, "the switch"
    assert 'href="/static/oxus.css"' in text and "/ru/static" not in text
    assert f'<link rel="canonical" href="{live_server.url}/queries/accessions">' in text
    reply = live_server.get("/ru/queries/accessions/ask?party=vellmark&at=")
    assert (reply.status, reply.headers["location"]) == (303, "/ru/queries/accessions?party=vellmark")
    assert live_server.get("/ru/id/vellmark", accept="text/html").headers["location"] == "/ru/page/id/vellmark"


@pytest.mark.parametrize(
    ("liked", "language"),
    [
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en;q=0.3, ru;q=0.4", "ru"),
        ("en, ru-RU;q=0.1", "en"),
        ("de, tg;q=0.9, ru;q=0.8, en;q=0.5", "ru"),
        ("ru;q=0, de", "en"),
        ("xx, *", "en"),
        ("", "en"),
        ("<script>, ;;q==, ru-" + "x" * 300, "en"),
        (", ".join(f"x{number}" for number in range(500)) + ", ru", "en"),
    ],
)
def test_without_a_language_in_the_address_the_browser_says(live_server: LiveServer, liked: str, language: str) -> None:
    reply = page(live_server, "/queries", liked)
    assert language_of(reply) == language and "accept-language" in vary(reply)


def test_lang_counts_before_the_browser_and_the_address_before_lang(live_server: LiveServer) -> None:
    assert language_of(page(live_server, "/queries?lang=ru-RU", "en")) == "ru"
    assert language_of(page(live_server, "/queries?lang=tg", "ru")) == "ru"
    reply = page(live_server, "/en/queries?lang=ru&x=%26")
    assert language_of(reply) == "en"
    assert 'href="/ru/queries?x=%26"' in reply.text, "the switch leaves lang out and all else as it was"


def test_the_cache_does_not_mix_the_languages(live_server: LiveServer) -> None:
    path = "/queries/accessions?party=vellmark"
    asked = [
        *[("", "ru"), ("", "en"), ("", "ru"), ("", "ru-RU, en;q=0.5")],
        ("/ru", "en"),
        ("/en", "ru"),
        ("/ru", "en"),
    ]
    found = [language_of(page(live_server, prefix + path, liked)) for prefix, liked in asked]
    assert found == ["ru", "en", "ru", "ru", "ru", "en", "ru"]
    tags = {page(live_server, path, liked).headers["etag"] for liked in ("ru", "en")}
    assert len(tags) == 2


def test_what_queries_say_of_themselves_is_in_the_language_too(live_server: LiveServer) -> None:
    text = page(live_server, "/ru/queries/accessions").text
    assert "<h1>Присоединения</h1>" in text and "Кто присоединился" in text and ">к чему<" in text
    assert "Когда и к чему присоединился Веллмарк?" in page(live_server, "/ru/").text
    told = live_server.get("/ru/queries?format=json", accept_language="en").json()["queries"]
    accessions = next(each for each in told if each["slug"] == "accessions")
    assert accessions["title"] == "Присоединения" and accessions["columns"][2]["label"] == "when", (
        "as far as translated"
    )
    assert b"Accessions" in live_server.get("/queries?format=json", accept_language="ru").body, "data ask for it"


def test_data_have_names_in_the_language_of_the_address(live_server: LiveServer) -> None:
    assert "<h1>Веллмарк</h1>" in page(live_server, "/ru/page/id/vellmark").text
    for prefix, label in (("", "Vellmark"), ("/ru", "Веллмарк")):
        found = live_server.get(f"{prefix}/search.json?q=vellmark&kind=thing", accept_language="ru").json()["results"]
        assert found[0]["label"] == label
    assert live_server.get("/ru/sparql?query=ASK%20%7B%7D", accept="text/csv").text.strip() == "true"
    headers = {"content-type": "application/sparql-query"}
    assert live_server.ask("POST", "/ru/sparql", headers, "ASK {}").json()["boolean"] is True


def test_a_language_that_is_not_there_is_no_address(live_server: LiveServer) -> None:
    for path in ("/tg/queries", "/ru/ru/queries", "/RU/queries", "/rus"):
        assert page(live_server, path).status == 404


def test_crawlers_find_pages_once_and_nothing_that_is_expensive(live_server: LiveServer) -> None:
    robots = live_server.get("/ru/robots.txt").text
    assert robots == live_server.get("/robots.txt").text
    assert "Disallow: /sparql?\n" in robots and "Disallow: /ru/sparql?\n" in robots
    assert "/ru/" not in live_server.get("/ru/sitemap.xml").text


@pytest.fixture(scope="module")
def under_a_path(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    log = tmp_path_factory.mktemp("languages") / "log"
    with running(mini_build.parent, log, "--public-url", "https://example.org/oxus/") as server:
        yield server


@pytest.mark.parametrize("before", ["/oxus", ""], ids=["passed on", "taken off"])
def test_behind_a_proxy_the_language_stands_behind_the_path(under_a_path: LiveServer, before: str) -> None:
    reply = page(under_a_path, before + "/ru/queries?x=1")
    assert language_of(reply) == "ru"
    assert 'hreflang="en" href="https://example.org/oxus/en/queries?x=1"' in reply.text
    assert '<a href="/oxus/en/queries?x=1" lang="en"' in reply.text and 'href="/oxus/static/oxus.css"' in reply.text
    links = [each for each in re.findall(r'href="(/[^"]*)"', reply.text) if "/static/" not in each]
    assert links and all(each.startswith(("/oxus/ru/", "/oxus/en/queries")) for each in links)
