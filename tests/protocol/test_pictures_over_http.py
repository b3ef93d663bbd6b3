"""Pictures over HTTP: each kind and form of them, what hostile labels become, and what goes wrong."""

from __future__ import annotations

import json
import struct
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import altair
import pytest

from tests.live_server import LiveServer, Reply

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eabc \u0645\u0631\u062d\u0628\u0627",
    "x" * 10_000,
]
DATED = """SELECT ?first ?last ?label ?date ?area ?thing WHERE { VALUES (?first ?last ?label ?date ?area ?thing) {
 ("2002-02-20T00:00:00Z" "2002-02-20T23:59:59Z" "a day" "2002-02-20" "one" <https://example.org/a>)
 ("2002-03-01T00:00:00Z" "2002-03-31T23:59:59Z" "a month" "2002-03" "one" <javascript:alert(1)>)
 ("2004-01-01T00:00:00Z" "2004-12-31T23:59:59Z" "a year" "2004" "two" UNDEF)
 ("2005-01-01T00:00:00Z" "2007-12-31T23:59:59Z" "an interval" "2005/2007" "two" UNDEF)
 ("2008-01-01T00:00:00Z" "2008-12-31T23:59:59Z" "about a year" "2008~" "two" UNDEF)
 ("2009-01-01T00:00:00Z" "9999-12-31T23:59:59Z" "open" "2009/.." "two" UNDEF) } }"""
PLACES = """SELECT ?north ?east ?label WHERE { VALUES (?north ?east ?label) {
 (-17.7 178.1 "Fiji") (-13.8 -171.8 "Samoa") (89.9 10.0 "the Pole") (UNDEF UNDEF "nowhere") (999 0 "off") } }"""
TIES = "SELECT ?a ?b ?n WHERE { VALUES (?a ?b ?n) { ('one' 'two' 9) ('two' 'three' 1) ('four' 'five' 2) ('x' 'x' 5) } }"


def drawn(server: LiveServer, query: str, chart: str, columns: str, form: str = "svg", **more: str) -> Reply:
    given = {"query": query, "chart": chart, "columns": columns, "format": form, **more}
    return server.ask("GET", "/sparql?" + urlencode(given))


def texts(body: bytes) -> list[str]:
    """What is written, without what is told to whoever points at it."""
    return [each.text or "" for each in ET.fromstring(body).iter(f"{SVG}text")]


def links(body: bytes) -> list[str]:
    return [each.attrib["href"] for each in ET.fromstring(body).iter(f"{SVG}a")]


def rows_of(labels: list[str]) -> str:
    values = " ".join(f"({json.dumps(label)} {number + 1})" for number, label in enumerate(labels))
    return f"SELECT ?label ?n WHERE {{ VALUES (?label ?n) {{ {values} }} }}"


KINDS = [
    ("timeline", DATED, "first,last,label,date,-,thing", "a month"),
    ("lanes", DATED, "first,last,label,date,area,thing", "a month"),
    ("bar", rows_of(["few", "more"]), "label,n", "more"),
    ("network", TIES, "a,b,n", "three"),
    ("map", PLACES, "north,east,label", "Fiji"),
]


@pytest.mark.parametrize(("kind", "query", "columns", "seen"), KINDS, ids=[kind[0] for kind in KINDS])
def test_each_kind_is_drawn_and_its_specification_is_vega_lite(
    live_server: LiveServer, kind: str, query: str, columns: str, seen: str
) -> None:
    svg = drawn(live_server, query, kind, columns)
    assert (svg.status, svg.type) == (200, "image/svg+xml"), svg.text
    root = ET.fromstring(svg.body)
    named = root.attrib["aria-labelledby"].split()
    assert [root.find(f"{SVG}{tag}").attrib["id"] for tag in ("title", "desc")] == named  # type: ignore[union-attr]
    assert any(seen in text for text in texts(svg.body))
    assert not [each for each in root.iter() if "style" in each.attrib or each.tag == f"{SVG}style"]

    found = drawn(live_server, query, kind, columns, "vl")
    assert (found.status, found.type) == (200, "application/vnd.vegalite.v6+json")
    specification: dict[str, Any] = found.json()
    altair.Chart.from_dict(specification, validate=True)
    assert specification["description"] and "http" not in json.dumps(specification.get("data", {}))
    assert b'"url"' not in found.body

    png = drawn(live_server, query, kind, columns, "png")
    width, height = struct.unpack("!II", png.body[16:24])
    assert png.type == "image/png" and png.body.startswith(b"\x89PNG") and width > 300 and height > 40


def test_dates_look_as_exact_as_they_are_known_and_not_by_colour_alone(live_server: LiveServer) -> None:
    found = texts(drawn(live_server, DATED, "timeline", "first,last,label,date,-,thing").body)
    assert {"known to the day", "lies somewhere within", "lasted", "approximate", "no end known"} <= set(found)
    layers = drawn(live_server, DATED, "timeline", "first,last,label,date,-,thing", "vl").json()["vconcat"][1][
        "hconcat"
    ][1]
    looks = {
        value["name"]: (layer["mark"]["type"], layer["mark"]["style"][0], "strokeDash" in layer["mark"])
        for layer in layers["layer"]
        for value in layer["data"]["values"]
        if layer["mark"]["style"] != ["arrow"]
    }
    assert looks == {
        "a day": ("point", "point", False),
        "a month": ("rect", "somewhere", False),
        "a year": ("rect", "somewhere", False),
        "an interval": ("rect", "period", False),
        "about a year": ("rect", "somewhere", True),
        "open": ("rect", "endless", False),
    }


def test_hostile_labels_become_text(live_server: LiveServer) -> None:
    body = drawn(live_server, rows_of(HOSTILE), "bar", "label,n").body
    tags = {each.tag.removeprefix(SVG) for each in ET.fromstring(body).iter()}
    assert tags <= {"svg", "g", "a", "path", "text", "line", "rect", "title", "desc", "defs", "clipPath"}
    found = texts(body)
    assert any("<script>" in text for text in found) and max(map(len, found)) < 100
    assert "\u202e" not in body.decode() and len(body) < 40_000


def test_a_link_leads_to_the_web_only(live_server: LiveServer) -> None:
    body = drawn(live_server, DATED, "timeline", "first,last,label,date,-,thing").body
    assert set(links(body)) == {"https://example.org/a"} and b"javascript" not in body
    reached = [each for each in ET.fromstring(body).iter(f"{SVG}a") if each.attrib.get("tabindex") != "-1"]
    assert [each.attrib["aria-label"] for each in reached] == ["a day: 20 February 2002"]


def test_what_is_left_out_is_said(live_server: LiveServer) -> None:
    many = drawn(live_server, rows_of([f"row {n}" for n in range(61)]), "bar", "label,n")
    assert any("The first 60 of 61 rows are drawn" in text for text in texts(many.body))
    assert any(
        "2 rows have no coordinates" in text
        for text in texts(drawn(live_server, PLACES, "map", "north,east,label").body)
    )
    pairs = " ".join(f"('a{n}' 'b{n}')" for n in range(30))
    crowd = drawn(live_server, f"SELECT ?a ?b WHERE {{ VALUES (?a ?b) {{ {pairs} }} }}", "network", "a,b")
    assert any("most strongly tied of 60 things" in text for text in texts(crowd.body))
    empty = drawn(live_server, "SELECT ?a ?b WHERE { VALUES (?a ?b) {} }", "bar", "a,b")
    assert empty.status == 200 and any("nothing to draw" in text for text in texts(empty.body))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chart": "pie", "columns": "label,n"}, "there is no chart 'pie'"),
        ({"chart": "map", "columns": "label,n"}, "degrees north"),
        ({"chart": "bar", "columns": "label,m"}, "'m', which is no column; there are label, n"),
        ({"columns": "label,n"}, "columns goes with chart"),
        ({}, "needs chart="),
    ],
)
def test_a_chart_that_cannot_be_is_refused_with_what_would_do(
    live_server: LiveServer, given: dict[str, str], told: str
) -> None:
    reply = live_server.ask("GET", "/sparql?" + urlencode({"query": rows_of(["x"]), "format": "svg", **given}))
    assert reply.status == 400 and told in reply.json()["detail"]


def test_a_canned_query_has_its_picture_in_its_page_and_as_files(live_server: LiveServer) -> None:
    slug = next(each["slug"] for each in live_server.ask("GET", "/queries").json()["queries"] if "chart" in each)
    svg = live_server.ask("GET", f"/queries/{slug}.svg")
    again = live_server.ask("GET", f"/queries/{slug}?format=svg", {"If-None-Match": svg.headers["etag"]})
    head = live_server.ask("HEAD", f"/queries/{slug}.svg")
    assert (svg.status, again.status, head.status, head.body) == (200, 304, 200, b"")
    assert "oxus-version" in svg.headers
    assert live_server.ask("GET", f"/queries/{slug}", {"Accept": "image/svg+xml"}).type == "image/svg+xml"
    assert live_server.ask("GET", f"/queries/{slug}.vl.json").json()["$schema"].endswith("vega-lite/v6.json")
    browser = (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8"
    )
    page = live_server.ask("GET", f"/queries/{slug}", {"Accept": browser})
    assert page.type == "text/html" and "<svg" in page.text and "<table" in page.text
    assert f"/queries/{slug}.png" in page.text and f"/queries/{slug}.vl.json" in page.text
    assert "style=" not in page.text[page.text.index('class="picture') : page.text.index("</figure>")]


def test_a_query_without_a_chart_says_that_it_has_none(live_server: LiveServer) -> None:
    slug = next(each["slug"] for each in live_server.ask("GET", "/queries").json()["queries"] if "chart" not in each)
    by_suffix, by_format = (live_server.ask("GET", f"/queries/{slug}{end}") for end in (".png", "?format=png"))
    assert (by_suffix.status, by_format.status) == (404, 406)
    assert all("declares no chart" in reply.json()["detail"] for reply in (by_suffix, by_format))


def test_links_in_a_page_lead_to_pages_of_ours(live_server: LiveServer) -> None:
    queries = live_server.ask("GET", "/queries").json()["queries"]
    slug = next(each["slug"] for each in queries if each.get("chart", {}).get("kind") == "timeline")
    page = live_server.ask("GET", f"/queries/{slug}", {"Accept": "text/html"}).text
    picture = page[
        page.index("<svg", page.index('class="picture')) : page.index("</svg>", page.index('class="picture')) + 6
    ]
    assert links(picture.encode()) and all(href.startswith("/page/") for href in links(picture.encode()))


def test_a_name_with_no_room_on_either_side_is_cut_with_a_sign(live_server: LiveServer) -> None:
    name = "v" * 84
    query = f"""SELECT ?first ?last ?label ?date ?area WHERE {{ VALUES (?first ?last ?label ?date ?area) {{
     ("1990-01-01T00:00:00Z" "1990-12-31T23:59:59Z" "early" "1990" "one")
     ("2000-01-01T00:00:00Z" "2000-12-31T23:59:59Z" "{name}" "2000" "one")
     ("2010-01-01T00:00:00Z" "2010-12-31T23:59:59Z" "late" "2010" "one") }} }}"""
    written = texts(drawn(live_server, query, "lanes", "first,last,label,date,area").body)
    cut = [text for text in written if text.startswith("vv")]
    assert len(cut) == 1 and cut[0].endswith("…") and len(cut[0]) < len(name)
