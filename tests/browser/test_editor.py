"""The SPARQL page with scripts: what the editor adds to the page that works without."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest
from live_server import LiveServer
from playwright.sync_api import Page, expect
from visiting import OpenPage

pytestmark = pytest.mark.browser

PREFIXES = """PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
PLACES = (
    PREFIXES
    + """SELECT ?place ?label ?latitude ?longitude WHERE {
  ?place oxus:latitud ?latitude ; oxus:longitude ?longitude ; rdfs:label ?label .
  FILTER (LANG(?label) = "en")
} ORDER BY ?label"""
)
ACCESSIONS = PREFIXES + "SELECT ?x ?label WHERE { ?x a oxus:Accession ; rdfs:label ?label } ORDER BY ?label"
QUOTES = 'SELECT ("it\'s" AS ?a) (\'a \\"b\\" \\\\ c\' AS ?b) {}'
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def write(page: Page, query: str) -> None:
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def written(page: Page) -> str:
    """What the form would send: the editor keeps the text field as it is itself."""
    return page.locator("textarea[name=query]").input_value()


def opened(visit: OpenPage, server: LiveServer, **options: object) -> Page:
    page, _ = visit(server, **options)
    page.goto("/sparql")
    expect(page.locator(".CodeMirror")).to_be_visible()
    return page


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_misspelt_property_is_told_mended_and_its_answer_drawn_on_a_map(visit: OpenPage, real_server: LiveServer):
    page = opened(visit, real_server)
    write(page, PLACES)
    run(page)
    said = page.get_by_role("region", name="What the check says")
    expect(said).to_contain_text("did you mean oxus:latitude?")
    expect(page.locator(".remark.error")).to_have_text("oxus:latitud")
    expect(page.get_by_role("status").filter(has_text="Not run")).to_be_visible()
    assert page.get_by_role("table").count() == 0
    said.get_by_role("button", name="Correct it").click()
    assert written(page) == PLACES.replace("latitud ", "latitude ")
    run(page)
    answer = page.get_by_role("region", name="Answer", exact=True)
    expect(answer.get_by_role("link", name="Dushanbe", exact=True).first).to_be_visible()
    page.get_by_text("Draw the answer").click()
    page.get_by_label("Picture", exact=True).select_option("Map")
    expect(page.get_by_label("degrees north")).to_have_value("latitude")
    expect(page.get_by_label("degrees east")).to_have_value("longitude")
    page.get_by_role("button", name="Draw", exact=True).click()
    drawn = page.locator("figure svg")
    expect(drawn).to_be_visible()
    expect(drawn).to_contain_text("Dushanbe")
    assert "chart=map" in page.url
    page.reload()
    expect(page.locator("figure svg")).to_contain_text("Dushanbe")


def test_a_syntax_error_is_marked_where_it_is(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server)
    seen.expect(400)
    page.goto("/sparql")
    expect(page.locator(".CodeMirror")).to_be_visible()
    write(page, "SELECT ?s\nWHERE { ?s ?p }")
    run(page)
    said = page.get_by_role("region", name="What the check says")
    expect(said.get_by_role("button", name="line 2, column 9")).to_be_visible()
    expect(page.locator(".remark.error")).to_have_text("?s")


def test_the_keyboard_runs_leaves_and_comes_back(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    write(page, ACCESSIONS)
    page.keyboard.press("Control+Enter")
    answer = page.get_by_role("region", name="Answer", exact=True)
    expect(answer.get_by_role("row")).not_to_have_count(0)
    page.locator(".CodeMirror").click()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Answer as")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.CodeMirror'))")


def test_words_of_the_dataset_complete_what_is_typed(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    write(page, "SELECT * WHERE { ?x a ")
    page.keyboard.type("oxus:Acc")
    hints = page.locator(".CodeMirror-hints li")
    expect(hints.first).to_contain_text("oxus:Accession")
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    assert written(page) == "PREFIX oxus: <https://w3id.org/oxus/ontology#>\nSELECT * WHERE { ?x a oxus:Accession }"
    write(page, "SELECT * WHERE { ?x ?p ")
    page.keyboard.type("id:vell")
    expect(hints.filter(has_text="id:vellmark").first).to_be_visible()


def test_the_table_is_sorted_and_filtered_and_says_what_it_rests_on(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    write(page, PREFIXES + "SELECT ?x ?n WHERE { VALUES (?x ?n) { ('b' 2) ('a' 10) ('c' 1) } }")
    run(page)
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(3)
    sort = page.get_by_role("button", name="n", exact=True)
    for expected in (["1", "2", "10"], ["10", "2", "1"]):
        sort.click()
        assert [text.split()[1] for text in rows.all_inner_texts()] == expected
    page.get_by_label("Only rows with").fill("b")
    expect(page.get_by_text("1 of 3 rows")).to_be_visible()
    write(page, ACCESSIONS)
    page.get_by_label("with citations").check()
    run(page)
    expect(page.get_by_role("columnheader", name="Says who")).to_be_visible()
    expect(page.get_by_role("link", name="Citation 1", exact=True).first).to_be_visible()


def test_why_there_is_nothing_is_told(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    write(page, PREFIXES + 'SELECT ?x WHERE { ?x a oxus:Accession ; rdfs:label "no such"@en }')
    run(page)
    if (anyway := page.get_by_role("button", name="Run it all the same")).is_visible():
        anyway.click()
    expect(page.get_by_role("region", name="Why there is nothing")).to_be_visible()


def test_what_was_asked_is_kept_here_and_can_be_forgotten(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    for number in (1, 2):
        write(page, f"SELECT ({number} AS ?number) {{}}")
        run(page)
        expect(page.get_by_role("cell", name=str(number), exact=True)).to_be_visible()
    page.reload()
    page.get_by_text("What you have asked").click()
    asked = page.locator("#history li")
    expect(asked).to_have_count(2)
    asked.nth(1).get_by_role("button").first.click()
    assert written(page) == "SELECT (1 AS ?number) {}"
    asked.nth(1).get_by_role("button", name=re.compile("^Forget")).click()
    expect(asked).to_have_count(1)
    page.get_by_role("button", name="Forget all").click()
    expect(page.get_by_text("What you have asked")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("What you have asked")).to_be_hidden()


def test_a_running_query_is_stopped(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    write(page, ENDLESS)
    run(page)
    expect(page.get_by_role("status").filter(has_text="Running")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status").filter(has_text="Stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_examples_are_found_by_words_and_written_into_the_editor(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    page.get_by_label("Only queries with").fill("dated")
    link = page.get_by_role("link", name="What is dated")
    expect(link).to_be_visible()
    expect(page.get_by_role("link", name="Accessions", exact=True)).to_be_hidden()
    link.click()
    assert "#+ title: What is dated" in written(page)
    assert page.url.endswith("/sparql")


@pytest.mark.parametrize("language", ["curl", "python"])
def test_a_query_taken_away_gives_the_same_answer(visit: OpenPage, live_server: LiveServer, language: str):
    page = opened(visit, live_server)
    write(page, QUOTES)
    page.get_by_text("Take the query with you").click()
    page.get_by_label("As a program in").select_option(language)
    program = page.locator("#snippet").inner_text()
    command = ["sh", "-c", program] if language == "curl" else [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    if language == "curl":
        assert list(csv.reader(io.StringIO(told.stdout))) == [["a", "b"], ["it's", 'a "b" \\ c']]
    else:
        assert "it's" in told.stdout and 'a "b" \\ c' in told.stdout


def test_labels_are_text_in_the_editor_and_its_answers(visit: OpenPage, live_server: LiveServer):
    page = opened(visit, live_server)
    hostile = "<img src=x onerror=alert(1)>"
    write(page, f'SELECT ("{hostile}" AS ?x) {{}}')
    run(page)
    expect(page.get_by_role("cell", name=hostile)).to_be_visible()
    page.get_by_text("What you have asked").click()
    assert page.locator("main img").count() == 0
