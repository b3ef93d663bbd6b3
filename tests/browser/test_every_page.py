"""What holds of every kind of page: axe-core's rules (WCAG 2.2 AA, best practices), keyboard, width and landmarks.

Nothing hides from axe-core: what a page folds up is opened first. It judges all rules wide and on a phone, and in the
dark colours alone, for nothing else differs there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from kinds import KINDS, Kind
from live_server import LiveServer
from node_packages import package
from playwright.sync_api import Browser, Page
from visiting import PHONE, WIDE, Visit, visiting
from weigh import Scale

pytestmark = pytest.mark.browser

NARROWEST = 320
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
CUT_SHORT = "a long name is cut short in a picture, where there is no more room; its link is called by the whole name"
EXCEPTED = {
    ("query", "label-content-name-mismatch"): CUT_SHORT,
    ("query-cited", "label-content-name-mismatch"): CUT_SHORT,
    ("query-timeline", "label-content-name-mismatch"): CUT_SHORT,
    ("query-timeline-in-russian", "label-content-name-mismatch"): CUT_SHORT,
    ("entity", "label-content-name-mismatch"): CUT_SHORT,
    ("person", "label-content-name-mismatch"): CUT_SHORT,
    ("person-in-russian", "label-content-name-mismatch"): CUT_SHORT,
    ("state", "label-content-name-mismatch"): CUT_SHORT,
}
"""Rules that a kind of page may break, each with the reason."""
MENU = re.compile("^(Main|Основное меню)$")
RUN = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, help, nodes}) => nodes.map(({target, html, failureSummary}) =>
    ({id, help, target: target.join(" "), html: html.slice(0, 160), why: failureSummary})));
}"""
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
FOCUSED = """async () => {
  const at = document.activeElement, before = window.before;
  window.first ??= at;
  if (at === document.body || (before && at === window.first && at !== before)) return null;
  window.before = at;
  const drawn = at.closest('.CodeMirror-focused') ?? at;  // its text field is hidden, the editor shows the focus
  const seen = () => [...drawn.getClientRects()].some(({left, top, right, bottom}) => {
    const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
    const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
    if (x < left || x > right || y < top || y > bottom) return false;
    const there = document.elementFromPoint(x, y);
    return there && (drawn.contains(there) || [...at.labels ?? []].some((label) => label.contains(there)));
  });
  const until = performance.now() + 2000;  // the browser scrolls to what has the focus in its own time
  while (!seen() && performance.now() < until) await new Promise(requestAnimationFrame);
  const {left, top, right, bottom} = at.getBoundingClientRect();
  return {
    html: at.outerHTML.slice(0, 160),
    backwards: at === before || Boolean(before?.isConnected && !(before.compareDocumentPosition(at) & 4)),
    name: axe.commons.text.accessibleText(at).trim(),
    box: [left, top, right, bottom].map(Math.round),
    seen: seen(),
  };
}"""
"""What has the focus: does it stand before what had it last, what is its name, is it seen; null at the end."""
FEWEST_STEPS = 8
"""The header and the footer have as many."""
MOST_STEPS = 50
"""Of a long page: what comes after is more of the same lists and tables."""
LIGHTEST = 10_000
"""Bytes of the style sheet that each has: less was not weighed."""
HEAVIEST = 150_000
"""Bytes over the wire; the SPARQL page alone, which brings an editor, may have more."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The rules, to be run in a page."""
    return (package("axe-core") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def one_page(browser: Browser, real_server: LiveServer) -> Iterator[tuple[Page, Visit, Scale]]:
    """One page for all kinds, on the scale: a context for each would take longer than the rules."""
    with visiting(browser, real_server) as (page, visit):
        yield page, visit, Scale(page)


@pytest.fixture
def page(one_page: tuple[Page, Visit, Scale], kind: Kind) -> Iterator[Page]:
    """That page, gone to one kind: it asks nobody else, complains of nothing and is light."""
    page, visit, scale = one_page
    scale.clear()
    visit.asked.clear()
    visit.complaints.clear()
    visit.statuses = {kind.status}
    kind.visit(page)
    yield page
    visit.check()
    assert scale.bytes > LIGHTEST
    assert scale.bytes <= HEAVIEST or kind.path.startswith(("/sparql", "/ru/sparql")), f"{scale.bytes} bytes"


def look(page: Page, view: dict[str, int], scheme: str) -> None:
    """Shows the page in a window of a size, in a colour scheme."""
    page.set_viewport_size(view)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


def violations(page: Page, axe: str, kind: Kind) -> list[str]:
    """What axe-core finds in a page, each as one line that says what to mend and how it is seen."""
    page.evaluate(UNFOLD)
    page.evaluate(axe)
    found: dict[str, list[str]] = {}
    for size, view in (("wide", WIDE), ("phone", PHONE)):
        for scheme, sort, rules in (("light", "tag", TAGS), ("dark", "rule", OF_COLOUR)):
            look(page, view, scheme)
            for each in page.evaluate(RUN, {"type": sort, "values": rules}):
                if (kind.name, each["id"]) not in EXCEPTED:
                    found.setdefault(_told(each), []).append(f"{size} {scheme}")
    look(page, WIDE, "light")
    return [f"{told} ({', '.join(where)})" for told, where in found.items()]


def _told(violation: dict[str, Any]) -> str:
    why = " ".join(violation["why"].split())
    return f"{violation['id']}: {violation['help']}: {violation['target']}: {json.dumps(violation['html'])}: {why}"


def faults_of_focus(page: Page, axe: str) -> list[str]:
    """What is amiss when somebody goes through a page by Tab, each with the element."""
    page.evaluate(axe)
    page.evaluate("axe.setup(document.documentElement); window.first = window.before = undefined")
    faults = []
    reached = 0
    while reached < MOST_STEPS:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        reached += 1
        if at["backwards"]:
            faults.append(f"the focus goes back, or does not leave: {at['html']}")
            break
        if not at["name"]:
            faults.append(f"it has no name: {at['html']}")
        if not at["seen"]:
            faults.append(f"it has the focus and is not seen, at {at['box']}: {at['html']}")
    page.evaluate("axe.teardown()")
    return faults if reached > FEWEST_STEPS else [*faults, f"only {reached} things are reached"]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_page_breaks_no_rule_and_can_be_used_by_keyboard_in_any_window(page: Page, axe: str, kind: Kind):
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role, name=MENU if role == "navigation" else None).count() == 1  # type: ignore[arg-type]
    assert page.get_by_role("heading", level=1).count() == 1
    for scheme in ("dark", "light"):
        look(page, WIDE, scheme)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(int(part) for part in ground[4:-1].split(",")) / 3
        assert (brightness > 128) == (scheme == "light")
    faults = faults_of_focus(page, axe)
    for width in (NARROWEST, PHONE["width"], WIDE["width"]):
        look(page, {"width": width, "height": 800}, "light")
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"in a window of {width} px it is {wide} px wide")
    faults += violations(page, axe, kind)
    assert not faults, f"{page.url}:\n" + "\n".join(faults)


@pytest.mark.parametrize("kind", [Kind("problems", "/problems")], ids=str)
def test_a_page_that_breaks_rules_is_found_out(page: Page, axe: str, kind: Kind):
    spoil = """document.querySelector('main').innerHTML = '<h1>A</h1><input><a href="#x" tabindex="1">first</a>'
        + '<a href="#y" id="hidden">y</a><details><summary>more</summary><p id="faint">faint</p></details>';
        document.querySelector('#faint').style.opacity = '0.2'; document.querySelector('#hidden').style.opacity = '0';
        document.querySelector('#hidden').style.clipPath = 'inset(100%)';"""
    page.evaluate(spoil)
    found = violations(page, axe, kind)
    assert any(each.startswith("label: ") and each.endswith("(wide light, phone light)") for each in found), found
    assert any(each.startswith("color-contrast: ") and "#faint" in each and "phone dark" in each for each in found)
    faults = faults_of_focus(page, axe)
    assert faults[0].startswith("the focus goes back") and 'class="skip"' in faults[0]
    page.reload()  # Tab goes on from where it was last
    page.evaluate(spoil.replace('tabindex="1"', ""))
    page.evaluate(UNFOLD)
    unnamed, unseen, *more = faults_of_focus(page, axe)
    assert not more, more
    assert unnamed.startswith("it has no name: <input") and 'id="hidden"' in unseen
