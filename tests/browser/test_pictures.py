"""Pictures that a visitor looks closer at: what draws them comes when it is asked for, and evaluates no code."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from live_server import LiveServer
from playwright.sync_api import Page, expect
from visiting import OpenPage, Visit

pytestmark = pytest.mark.browser


def _opened(page: Page, seen: Visit, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name="Look closer")).to_be_visible()
    assert not any("/live-" in url for url in seen.asked)
    page.get_by_role("button", name="Look closer").click()


def test_a_picture_is_drawn_anew_to_be_followed_and_put_back(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server)
    _opened(page, seen, "/queries/dated")
    live = page.locator(".picture .live svg")
    expect(live).to_be_visible()
    expect(page.locator(".picture .scroll")).to_be_focused()
    assert live.locator("path[aria-label]").count() > 1
    assert page.locator(".picture svg").count() == 1

    before = live.bounding_box()
    page.get_by_role("button", name="Larger").click()
    after = live.bounding_box()
    assert before and after and after["width"] > before["width"]

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Look closer")).to_be_focused()
    assert page.locator(".picture .live").count() == 0
    expect(page.locator(".picture svg desc")).to_have_count(1)

    page.get_by_role("button", name="Look closer").click()
    link = live.get_by_role("link").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(live_server.url) + "/page/"))


def test_a_picture_that_does_not_come_leaves_the_servers(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server)
    seen.expect(503)
    page.route("**/*.vl.json*", lambda route: route.fulfill(status=503, body="{}"))
    _opened(page, seen, "/queries/dated")
    expect(page.locator(".picture [role=status]")).to_contain_text("the picture stays as it was")
    expect(page.locator(".picture svg desc")).to_have_count(1)


def test_the_picture_of_an_answer_to_a_free_query_too(visit: OpenPage, live_server: LiveServer):
    page, seen = visit(live_server)
    query = "SELECT ?class (COUNT(*) AS ?n) WHERE { ?thing a ?class } GROUP BY ?class"
    asked = {"query": query, "format": "html", "chart": "bar", "columns": "class,n,class"}
    _opened(page, seen, f"/sparql?{urlencode(asked)}")
    expect(page.locator(".picture .live svg")).to_be_visible()
