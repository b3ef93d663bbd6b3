"""What people come for, walked in a browser over our own graph, from the home page on, by what they see and read there.

Each walk leaves its pictures and the list of its requests where `visiting.artefacts` says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator

import pytest
from live_server import LiveServer
from playwright.sync_api import Page, expect
from visiting import OpenPage, artefacts
from walking import Walk

pytestmark = pytest.mark.browser

MEETING = "Reception of the NATO Parliamentary Assembly's delegation by President Rahmon (2015)"
ACCESSION = "Tajikistan joins the Partnership for Peace"
QUESTION = "On which day did Tajikistan join the Partnership for Peace?"
REPRESENTATIVE = re.compile("^Which organisation did the special representative .* in 2007 represent")

SetOut = Callable[..., Walk]


@pytest.fixture
def set_out(visit: OpenPage, real_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[SetOut]:
    """Opens the home page, as a walk with a folder of its own."""
    walks = []

    def begin(path: str = "/", **options: str) -> Walk:
        folder = artefacts(request.node.name.removeprefix("test_"))
        page, _ = visit(real_server, record_har_path=folder / "requests.har", record_har_content="omit", **options)
        walk = Walk(page, folder)
        walks.append(walk)
        page.goto(path)
        walk.show("home")
        return walk

    yield begin
    for walk in walks:
        print(f"{walk.steps} pictures in {walk.folder}")


def main_of(page: Page) -> Page:
    """What a page is about, without its header and footer."""
    return page.get_by_role("main")  # type: ignore[return-value]  # asked in the same ways


def test_from_a_name_to_the_words_that_tell_of_a_meeting(set_out: SetOut):
    walk = set_out()
    page = walk.page
    page.get_by_role("combobox", name="Search names").fill("Rahmon")
    expect(page.get_by_role("option", name="Emomali Rahmon").first).to_be_visible()
    walk.show("completed")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    walk.show("found")
    walk.go("person", page.get_by_role("link", name="Emomali Rahmon", exact=True).first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Emomali Rahmon")
    walk.go("meeting", main_of(page).get_by_role("link", name=MEETING).first)
    expect(page.get_by_role("heading", level=1)).to_have_text(MEETING)
    page.get_by_role("link", name="Citation 1", exact=True).first.click()
    walk.show("note")
    walk.go("passage", main_of(page).get_by_role("link", name=re.compile("^asia-plus-2015:")).first)
    expect(page.get_by_role("heading", name="What it states")).to_be_visible()
    walk.show("citation")


def test_from_a_question_to_a_picture_and_a_table_with_labels(set_out: SetOut):
    walk = set_out()
    page = walk.page
    walk.go("questions", page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions"))
    walk.go("timeline", main_of(page).get_by_role("link", name="Timeline", exact=True))
    page.get_by_label("Not before").fill("2002-01-01")
    page.get_by_label("Before", exact=True).fill("2003-01-01")
    walk.go("asked", page.get_by_role("button", name="Ask"))
    expect(page.get_by_label("Not before")).to_have_value("2002-01-01")
    answer = page.get_by_role("region", name="Answer")
    drawn = answer.get_by_role("link", name=re.compile(f"^{ACCESSION}"))
    expect(drawn.first).to_be_visible()
    told = walk.download(page.get_by_role("link", name="CSV", exact=True).first)
    rows = list(csv.DictReader(told.splitlines()))
    assert any(ACCESSION in row.values() and "2002-02-20" in row.values() for row in rows)
    labelled = [name for name in rows[0] if name.endswith("_label") or name.endswith("label")]
    assert labelled and all(row[labelled[0]] for row in rows)


def test_from_a_disagreement_to_both_readings_and_the_verdict(set_out: SetOut):
    walk = set_out()
    page = walk.page
    walk.go("disagreements", page.get_by_role("navigation", name="Main").get_by_role("link", name="Disagreements"))
    while not main_of(page).get_by_role("link", name=REPRESENTATIVE).count():
        walk.go("next", page.get_by_role("navigation", name="Pages").get_by_role("link", name="Next"))
    walk.go("judgement", main_of(page).get_by_role("link", name=REPRESENTATIVE))
    expect(page.get_by_role("heading", level=1)).to_have_text(REPRESENTATIVE)
    for standing, words in (("accepted", "NATO"), ("rejected", "OSCE")):
        reading = main_of(page).locator("section").filter(has=page.get_by_text(standing, exact=True))
        expect(reading.first).to_be_visible()
        assert any(words in text for text in reading.all_inner_texts())
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()


def test_from_the_home_page_to_the_accession_its_passage_a_table_and_a_citation(set_out: SetOut):
    walk = set_out()
    page = walk.page
    drawn = main_of(page).get_by_role("link", name=re.compile(f"^{ACCESSION}: 20 February 2002"))
    drawn.scroll_into_view_if_needed()
    walk.show("timeline")
    walk.go("accession", drawn)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ACCESSION)
    expect(main_of(page).get_by_role("link", name="20 February 2002").first).to_be_visible()
    page.get_by_role("link", name="Citation 1", exact=True).first.click()
    walk.go("passage", main_of(page).get_by_role("link", name=re.compile(r"^[a-z0-9-]+:\d+-\d+$")).first)
    expect(page.get_by_role("heading", name="What it states")).to_be_visible()
    walk.go("home", page.get_by_role("banner").get_by_role("link").first)
    walk.go("question", main_of(page).get_by_role("link", name=QUESTION).first)
    page.get_by_label("with citations").check()
    walk.go("answer", page.get_by_role("button", name="Ask"))
    told = walk.download(page.get_by_role("link", name="CSV", exact=True).first)
    assert "2002-02-20" in told and "passages" in told.splitlines()[0]
    walk.go("cited", page.get_by_role("link", name="Cite this answer"))
    expect(page.get_by_role("heading", name="Cite it")).to_be_visible()
    assert "/cite/" in page.url
    reference = page.get_by_text(page.url.partition("/cite/")[2].partition("/queries")[0])
    expect(reference.first).to_be_visible()


def test_in_russian_by_the_keyboard_alone(set_out: SetOut):
    walk = set_out("/ru/", locale="ru-RU")
    page = walk.page
    box = page.get_by_role("combobox", name="Искать имена")
    walk.reach(box)
    page.keyboard.insert_text("Рахмон")
    person = page.get_by_role("option", name="Эмомали Рахмон").first
    expect(person).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(person).to_have_attribute("aria-selected", "true")
    walk.show("completed")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    walk.show("person")
    expect(page.get_by_role("heading", level=1)).to_have_text("Эмомали Рахмон")
    walk.enter("meeting", main_of(page).get_by_role("link", name=MEETING).first)
    expect(page.get_by_role("heading", level=1)).to_have_text(MEETING)
    walk.enter("note", page.get_by_role("link", name="Ссылка 1", exact=True).first)
    walk.enter("passage", main_of(page).get_by_role("link", name=re.compile("^asia-plus-2015:")).first)
    expect(page.get_by_role("heading", name="Что он утверждает")).to_be_visible()
    cited = page.get_by_role("region", name="Сослаться на этот фрагмент")
    expect(cited).to_contain_text("asia-plus-2015/")
    cited.scroll_into_view_if_needed()
    walk.show("citation")
    assert "/ru/page/source/asia-plus-2015/" in page.url
    assert page.locator("html").get_attribute("lang") == "ru"
