"""The pages in a real browser, as a person uses them, most without scripts.

What holds of every page is in test_every_page.py.
"""

from __future__ import annotations

import re
from functools import partial

import pytest
from live_server import LiveServer
from playwright.sync_api import Browser, Page, Route, expect
from visiting import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visit: OpenPage, live_server: LiveServer) -> Page:
    """A page whose scripts are off."""
    page, _ = visit(live_server, java_script_enabled=False)
    return page


def test_from_the_home_page_to_the_passage_of_an_answer(page: Page):
    page.goto("/")
    page.get_by_role("link", name="When did Vellmark join what?").first.click()
    page.wait_for_url("**/queries/accessions?**cite=true")
    page.get_by_role("link", name="Citation 1").first.click()
    note = page.locator("#note-1")
    expect(note).to_be_in_viewport()
    note.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="What it states")).to_be_visible()
    expect(page.get_by_role("region", name="Cite this passage")).to_contain_text("gazette/18-164")


def _answer_with(added: str, route: Route) -> None:
    """The server's own answer with something more in its head."""
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace("</head>", added + "</head>"))


def test_linked_data_in_a_page_is_no_script_to_the_policy(browser: Browser, live_server: LiveServer):
    """A browser says nothing against data in a page, and does against a script there."""
    for added, complaints in (("", 0), ("<script>document.title = 'run'</script>", 1)):
        context = browser.new_context(base_url=live_server.url)
        page, told = context.new_page(), []
        page.on("console", lambda message, told=told: told.append(message.text))

        page.route("**/page/id/vellmark", partial(_answer_with, added))
        page.goto("/page/id/vellmark")
        assert page.locator("script[type='application/ld+json']").count() == 1
        assert len([text for text in told if "Content Security Policy" in text]) == complaints, told
        context.close()


def test_a_value_is_picked_from_a_list(page: Page):
    page.goto("/queries/accessions")
    picked = page.get_by_label("Who joined")
    expect(picked).to_have_value("id:vellmark")
    picked.select_option("id:harbour-office")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**party=id%3Aharbour-office")
    expect(page.get_by_label("Who joined")).to_have_value("id:harbour-office")


def test_a_query_is_written_and_mended(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server, java_script_enabled=False)
    seen.expect(400)
    page.goto("/sparql")
    page.get_by_label("Query").fill("SELECT ?s WHERE { ?s ?p }")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("line 1, column")
    page.get_by_label("Query").fill("SELECT (1 + 1 AS ?sum) {}")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("cell", name="2", exact=True)).to_be_visible()
    expect(page.get_by_label("Query")).to_have_value("SELECT (1 + 1 AS ?sum) {}")


def test_a_query_is_checked_and_run_as_corrected(page: Page):
    page.goto("/sparql")
    query = "PREFIX oxus: <https://w3id.org/oxus/ontology#> SELECT ?x { ?x a oxus:Acession }"
    page.get_by_label("Query").fill(query)
    page.get_by_role("button", name="Check only").click()
    said = page.get_by_role("region", name="What the check says")
    expect(said).to_contain_text("there is no class oxus:Acession")
    expect(page.get_by_label("Query")).to_have_value(query)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("region", name="Why there is nothing")).to_contain_text("did you mean oxus:Accession?")
    page.get_by_role("link", name="Run it as corrected").click()
    expect(page.get_by_label("Query")).to_have_value(query.replace("Acession", "Accession"))
    expect(page.get_by_role("region", name="Answer").get_by_role("row")).not_to_have_count(1)


def test_what_is_typed_is_completed_and_chosen_by_keyboard(visit: OpenPage, live_server: LiveServer):
    page, _ = visit(live_server)
    page.goto("/")
    box = page.get_by_role("combobox", name="Search names")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("велм")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("Vellmark")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("велм")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/page/id/*")


def test_a_search_needs_no_script(page: Page):
    page.goto("/")
    page.get_by_label("Search names").fill("велмарк")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    page.get_by_role("link", name="Vellmark", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vellmark")


def test_the_questions_are_narrowed_while_words_are_typed(browser: Browser, live_server: LiveServer):
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/queries")
    cards = page.locator(".catalogue li")
    expect(cards).not_to_have_count(1)
    page.get_by_label("Only those that speak of").press_sequentially("VELLMARK accession")
    expect(page.locator(".catalogue li:visible")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="queries")).to_have_text(re.compile("^1 of "))
    context.close()


def test_on_a_phone_the_menu_opens_and_closes_without_a_script(browser: Browser, live_server: LiveServer):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/conflicts")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    assert (page.locator("header").bounding_box() or {"height": 999})["height"] < 844 / 6
    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Questions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Questions")
    context.close()


def test_from_an_unknown_name_to_the_thing_that_was_meant(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server, java_script_enabled=False)
    seen.expect(404)
    page.goto("/id/vellmrk")
    page.get_by_role("link", name="Vellmark", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vellmark")


def test_the_keyboard_skips_to_the_content(page: Page):
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_year_is_chosen_and_what_held_then_is_told(visit: OpenPage, real_server: LiveServer):
    page, _ = visit(real_server)
    page.goto("/page/id/emomali-rahmon")
    slider = page.get_by_label("What held in the year")
    slider.focus()
    page.keyboard.press("Home")
    told = page.locator("#year-told")
    expect(told).to_contain_text("certainly")
    counts = [int(each) for each in re.findall(r"(\d+) (?:certainly|possibly|not then)", told.inner_text())]
    assert sum(counts) == page.locator("dd[data-first]").count()
    assert page.locator("dd.then-not").count() == counts[2] > 0
    page.get_by_role("button", name="All years").click()
    expect(page.locator("dd.then-not")).to_have_count(0)
    expect(slider).to_be_focused()
