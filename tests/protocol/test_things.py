"""Pages of things: facts in sections, when each held, what stands beside them."""

from __future__ import annotations

import re

import pytest
from live_server import LiveServer

BROWSER = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def page(live_server: LiveServer) -> str:
    return live_server.get("/page/id/vellmark", accept=BROWSER).text


def sections(page: str) -> dict[str, str]:
    """The text of each section of facts by its heading."""
    found = re.findall(r'<(?:section|details) class="section".*?</(?:section|details)>', page, re.S)
    return {re.sub(r"<[^>]+>|\s+", " ", re.search(r"<h3.*?</h3>", each, re.S)[0]).strip(): each for each in found}  # type: ignore[index]


def test_facts_stand_in_sections_named_by_the_ontology_and_each_once(page: str, live_server: LiveServer):
    found = sections(page)
    assert len(found) >= 2
    assert not any(name.startswith("Http") or "#" in name for name in found)
    facts = [each for section in found.values() for each in re.findall(r"<dd.*?</dd>", section, re.S)]
    told = [re.sub(r"\s+", " ", each) for each in facts]
    assert len(told) == len(set(told)) > 3


def test_sections_are_in_the_readers_language(live_server: LiveServer):
    english = sections(live_server.get("/en/page/id/vellmark", accept=BROWSER).text)
    russian = sections(live_server.get("/ru/page/id/vellmark", accept=BROWSER).text)
    assert len(english) == len(russian)
    assert "Подробности" in russian or "Details" not in english
    assert not set(russian) & set(english)


def test_what_points_here_is_told_with_its_date(page: str):
    dated = re.findall(r'<dd data-first="([^"]+)" data-last="([^"]+)" data-from="[^"]+" data-to="[^"]+"[^>]*>', page)
    assert dated and all(first <= last for first, last in dated)
    assert '<span class="when">' in page and "These point here" in page


def test_queries_that_fit_the_thing_are_filled_in(page: str, live_server: LiveServer):
    asked = re.findall(r'href="(/queries/[^"]+=id%3Avellmark)"', page)
    assert asked
    assert all(live_server.get(each, accept=BROWSER).status == 200 for each in asked)


def test_each_fact_can_be_reported(page: str):
    facts = sum(section.count("<dd") for section in sections(page).values())
    assert page.count('href="/report?') >= facts
