"""What somebody wrote into the data to do harm: a browser shows it as text, and runs, loads and asks nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from live_server import LiveServer, running
from playwright.sync_api import Page, expect
from visiting import OpenPage

pytestmark = pytest.mark.browser

ID = "https://w3id.org/oxus/id/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
LABELS = {
    "script": "<script>alert(1)</script> harm",
    "image": '"><img src=x onerror=alert(1)> harm',
    "override": "harm \u202egnp.exe",
    "long": "harm" + "m" * 3000,
    "template": "{{7*7}} harm",
}
AT_HOME = f"<{ID}set> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "
JAVASCRIPT = "javascript:alert(1)"
ALL = f"SELECT ?thing ?label (1 AS ?n) WHERE {{ ?thing <{LABEL}> ?label }} ORDER BY ?thing"


def turtle() -> str:
    """The things with those labels, each leading to an address that is a script, and that address with a label too."""
    lines = [AT_HOME + json.dumps(LABELS["script"]) + " ."]
    for name, label in LABELS.items():
        lines.append(f"<{ID}{name}> <{LABEL}> {json.dumps(label)}@en ; <{JAVASCRIPT}> <{JAVASCRIPT}> .")
    lines.append(f"<{JAVASCRIPT}> <{LABEL}> {json.dumps(LABELS['image'])} .")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over them."""
    folder = tmp_path_factory.mktemp("hostile-labels")
    (folder / "hostile.ttl").write_text(turtle(), encoding="utf-8")
    with running(mini_build.parent, folder / "log", folder / "hostile.ttl") as server:
        yield server


def look_over(page: Page) -> None:
    """No page has an image or a script of the data, a link that runs something, or a line wider than the window."""
    assert page.locator("img[src='x'], script:not([src]):not([type='application/ld+json'])").count() == 0
    assert page.locator("[href^='javascript:' i], [src^='javascript:' i], [action^='javascript:' i]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def shown(page: Page, *names: str) -> None:
    """Each label is there as it was written, to be read."""
    main = page.get_by_role("main")
    for name in names:
        expect(main.get_by_text(LABELS[name]).first).to_be_visible()


def test_the_home_page_search_and_its_completion(visit: OpenPage, server: LiveServer):
    page, _ = visit(server)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(LABELS["script"])
    expect(page).to_have_title(LABELS["script"])
    look_over(page)
    page.get_by_role("combobox", name="Search names").fill("harm")
    options = page.get_by_role("option")
    for name in ("script", "image", "template"):
        expect(options.filter(has_text=LABELS[name]).first).to_be_visible()
    look_over(page)
    page.goto("/search?q=harm")
    shown(page, "script", "image", "override", "template")
    look_over(page)


@pytest.mark.parametrize("name", LABELS)
def test_the_page_of_a_thing(visit: OpenPage, server: LiveServer, name: str):
    page, _ = visit(server, viewport={"width": 390, "height": 844})
    page.goto(f"/page/id/{name}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(LABELS[name])
    expect(page.get_by_role("main").get_by_text(JAVASCRIPT).first).to_be_attached()
    look_over(page)


def test_the_answer_to_a_query_and_its_picture(visit: OpenPage, server: LiveServer):
    page, _ = visit(server)
    page.goto("/sparql")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ALL)
    page.get_by_role("button", name="Run", exact=True).click()
    shown(page, *LABELS)
    look_over(page)
    for chart, columns in (("bar", "label,n"), ("network", "thing,label,n")):
        asked = {"query": ALL, "format": "html", "chart": chart, "columns": columns}
        page.goto("/sparql?" + urlencode(asked))
        drawn = page.locator("figure svg")
        expect(drawn).to_be_visible()
        for name in ("script", "template"):
            expect(drawn).to_contain_text(LABELS[name][:20])
        look_over(page)


def test_what_is_said_of_an_address_that_is_a_script(visit: OpenPage, server: LiveServer):
    page, _ = visit(server)
    page.goto("/sparql?format=html&query=" + quote(f"DESCRIBE <{JAVASCRIPT}>"))
    shown(page, "image")
    look_over(page)


def test_harm_is_found_out(visit: OpenPage, server: LiveServer):
    page, _ = visit(server)
    page.goto("/problems")
    page.evaluate(f"document.querySelector('footer a').setAttribute('href', {json.dumps(JAVASCRIPT)})")
    with pytest.raises(AssertionError):
        look_over(page)
