"""The picture in lanes: what is dated lies in its area, names cover nothing, dates look as they are known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kg.namespaces import SOURCE
from kg.pool.client import PoolClient
from kg.queries.canned import parse_query
from kg.queries.declarations import Chart
from server import schema_org
from server.app import create_app
from server.home import Picture
from server.lanes import LETTER, MOST_MARKS, Lanes, lanes
from server.pinning import Origin, pin
from server.scale import WIDTH
from server.service import EXTENSION
from server.settings import Settings

CHART = Chart("lanes", ("earliest", "latest", "label", "date", "area", "thing", "sense"))
ID = "https://w3id.org/oxus/id/"
DAY = ("2002-02-20T00:00:00Z", "2002-02-20T23:59:59Z", "Joins", "2002-02-20", "Agreements", ID + "a", "")
YEAR = ("1994-01-01T00:00:00Z", "1994-12-31T23:59:59Z", "Another", "1994", "Agreements", ID + "b", "from")
LASTED = ("2014-01-01T00:00:00Z", "2016-12-31T23:59:59Z", "Plan", "2014/2016", "Science", ID + "c", "")
PAPER = ("2021-01-01T00:00:00Z", "2021-12-31T23:59:59Z", "Page", "2021", "Papers", SOURCE + "mfa-2021", "")


def drawn(*rows: tuple[str, ...]) -> Lanes | None:
    bindings = [
        {name: {"value": value} for name, value in zip(CHART.columns, row, strict=True) if value} for row in rows
    ]
    results: dict[str, Any] = {"results": {"bindings": bindings}}
    return lanes(CHART, results)


def of(*rows: tuple[str, ...]) -> Lanes:
    found = drawn(*rows)
    assert found is not None
    return found


def test_each_area_is_a_lane_in_the_order_of_the_answer_below_the_one_before() -> None:
    found = of(DAY, LASTED, YEAR, PAPER)
    assert [lane.name for lane in found.lanes] == ["Agreements", "Science", "Papers"]
    assert [[mark.label for mark in lane.marks] for lane in found.lanes] == [["Joins", "Another"], ["Plan"], ["Page"]]
    assert all(one.top + one.height == other.top for one, other in pairwise(found.lanes))
    for lane in found.lanes:
        assert all(lane.top < mark.y < lane.top + lane.height for mark in lane.marks)


def test_a_mark_is_drawn_as_well_as_its_date_is_known_and_told_in_words() -> None:
    marks = [mark for lane in of(DAY, YEAR, LASTED, PAPER).lanes for mark in lane.marks]
    assert [[part.kind for part in mark.parts] for mark in marks] == [
        ["point"],
        ["somewhere"],
        ["period"],
        ["somewhere"],
    ]
    assert [mark.date for mark in marks] == ["20 February 2002", "from 1994", "2014 to 2016", "2021"]
    assert [mark.is_document for mark in marks] == [False, False, False, True]
    x = [mark.x for mark in marks]
    assert x[1] < x[0] < x[2] < x[3]


@pytest.mark.parametrize("length", [5, 40, 400])
def test_no_name_covers_a_mark_or_a_name_or_leaves_the_picture(length: int) -> None:
    rows = [(*DAY[:2], "n" * length, DAY[3], "A", f"https://w3id.org/oxus/id/{each}", "until") for each in range(9)]
    (lane,) = of(*rows, *((*YEAR[:2], "n" * length, *YEAR[3:4], "A", f"urn:{each}", "") for each in range(9))).lanes
    taken: dict[float, list[tuple[float, float]]] = {}
    for mark in lane.marks:
        width = len(mark.written) * LETTER
        text = (mark.text_x - width, mark.text_x) if mark.before else (mark.text_x, mark.text_x + width)
        assert text[0] >= 0 and text[1] <= WIDTH
        assert text[1] <= mark.x or text[0] >= mark.end
        taken.setdefault(mark.y, []).append((min(text[0], mark.x), max(text[1], mark.end)))
    for stretches in taken.values():
        assert all(one[1] < other[0] for one, other in pairwise(sorted(stretches)))


def test_the_rest_of_very_many_is_left_to_the_table() -> None:
    rows = [(*DAY[:2], f"n{each}", *DAY[3:]) for each in range(MOST_MARKS + 7)]
    assert of(*rows).left_out == 7


def test_without_dates_there_is_no_picture() -> None:
    assert drawn() is None
    assert drawn(("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x", "../..", "A", "urn:x", "")) is None
    assert lanes(Chart("timeline", CHART.columns), {"results": {"bindings": []}}) is None


def test_the_home_page_shows_it_with_links_and_as_a_table_and_hostile_names_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "#+ title: Areas\n#+ description: All.\n#+ column: a | string | a\n#+ expect: rows >= 0\n\n"
    query = parse_query(text + "SELECT ?a { VALUES ?a { 1 } } ORDER BY ?a", "areas", "areas.rq")
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> 1 .")
    served = pin(Origin(tmp_path, (tmp_path / "a.ttl",)), tmp_path / "pin")
    app = create_app(Settings(), served, PoolClient(tmp_path / "nobody"))
    app.extensions[EXTENSION].kept("example", lambda: None)
    monkeypatch.setattr(schema_org, "of_dataset", lambda service: {})
    hostile = (*YEAR[:2], '<script>"&', *YEAR[3:])
    app.extensions[EXTENSION].kept("picture", lambda: Picture(query, of(DAY, hostile, PAPER)))
    page = app.test_client().get("/", headers={"Accept": "text/html"}).text
    assert page.count('href="/page/id/a"') == 2 and 'aria-label="Joins: 20 February 2002"' in page
    assert '<th scope="rowgroup" colspan="2">Agreements</th>' in page
    assert "<script>&" not in page and page.count("&lt;script&gt;&#34;&amp;") == 4
