"""The picture of dates: where each lies, and that what is known less well looks different."""

from __future__ import annotations

from typing import Any

import pytest

from kg.queries.declarations import Chart
from server.timeline import MOST_ROWS, Mark, timeline

CHART = Chart("timeline", ("earliest", "latest", "label", "date"))


def results(*rows: tuple[str, str, str]) -> dict[str, Any]:
    """Rows of first day, last day and date as EDTF."""
    bindings = [
        {
            "earliest": {"type": "literal", "value": f"{first}T00:00:00Z"},
            "latest": {"type": "literal", "value": f"{last}T23:59:59Z"},
            "label": {"type": "literal", "value": f"thing {number}"},
            "date": {"type": "literal", "value": date},
        }
        for number, (first, last, date) in enumerate(rows)
    ]
    return {"results": {"bindings": bindings}}


def marks(*rows: tuple[str, str, str]) -> tuple[Mark, ...]:
    picture = timeline(CHART, results(*rows))
    assert picture is not None
    return picture.marks


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("2002-02-20", "2002-02-20", "2002-02-20"), "point"),
        (("2002-01-01", "2002-12-31", "2002"), "somewhere"),
        (("2014-01-01", "2016-12-31", "2014/2016"), "period"),
        (("2014-01-01", "9999-12-31", "2014/.."), "period"),
    ],
)
def test_a_date_is_drawn_as_precisely_as_it_is_known(row: tuple[str, str, str], kind: str) -> None:
    assert [part.kind for part in marks(row)[0].parts] == [kind]


def test_qualifiers_and_open_ends_are_shown() -> None:
    about, doubtful, both, open_end, open_begin = marks(
        ("2013-12-01", "2013-12-31", "2013-12~"),
        ("2013-12-01", "2013-12-31", "2013-12?"),
        ("2013-12-01", "2013-12-31", "2013-12%"),
        ("2014-01-01", "9999-12-31", "2014/.."),
        ("0001-01-01", "2014-12-31", "../2014"),
    )
    assert [(mark.parts[0].approximate, mark.parts[0].uncertain) for mark in (about, doubtful, both)] == [
        (True, False),
        (False, True),
        (True, True),
    ]
    assert (open_end.opens_left, open_end.opens_right) == (False, True)
    assert (open_begin.opens_left, open_begin.opens_right) == (True, False)
    assert about.date == "about December 2013"


def test_what_comes_later_stands_further_right_and_inside_the_picture() -> None:
    early, late = marks(("1992-01-01", "1992-12-31", "1992"), ("2022-08-01", "2022-08-31", "2022-08"))
    assert 340 <= early.x < early.end < late.x <= 960


@pytest.mark.parametrize("last", ["2002-02-21", "2002-12-31", "2022-01-01", "2500-01-01"])
def test_the_scale_has_a_few_ticks_whatever_its_length(last: str) -> None:
    picture = timeline(CHART, results(("2002-02-20", "2002-02-20", "2002-02-20"), (last, last, last)))
    assert picture is not None and len(picture.ticks) <= 13
    assert [tick.x for tick in picture.ticks] == sorted({tick.x for tick in picture.ticks})


def test_no_picture_is_drawn_where_none_is_asked_for_or_nothing_is_dated() -> None:
    assert timeline(None, results()) is None
    assert timeline(Chart("bar", ("a", "b")), results()) is None
    assert timeline(CHART, results()) is None


def test_rows_beyond_the_most_are_counted_not_drawn() -> None:
    picture = timeline(CHART, results(*[("2002-02-20", "2002-02-20", "2002-02-20")] * (MOST_ROWS + 3)))
    assert picture is not None and (len(picture.marks), picture.left_out) == (MOST_ROWS, 3)


LASTING = Chart("timeline", ("earliest", "latest", "label", "date", "until"))


@pytest.mark.parametrize(
    ("first", "last", "since", "until", "parts"),
    [
        # What is known to the day begins or ends sharply; a year or an approximate date is a stretch of its own.
        ("2002-02-20", "9999-12-31", "2002-02-20", "", ["period"]),
        ("1994-01-01", "9999-12-31", "1994", "", ["somewhere", "period"]),
        ("1994-01-01", "9999-12-31", "1994~", "", ["somewhere~", "period"]),
        ("0001-01-01", "2013-12-31", "", "2013-12~", ["period", "somewhere~"]),
        ("2003-03-01", "2010-12-31", "2003-03", "2010", ["somewhere", "period", "somewhere"]),
        ("2003-03-01", "2010-05-04", "2003-03", "2010-05-04", ["somewhere", "period"]),
        ("2010-01-01", "2010-12-31", "2010", "2010", ["somewhere"]),
        ("2007-05-23", "2007-05-23", "2007-05-23", "", ["point"]),
        ("2007-01-01", "2007-12-31", "2007", "", ["somewhere"]),
        # What is made for a stretch of time lasts for all of it.
        ("2014-01-01", "2016-12-31", "2014/2016", "", ["period"]),
        ("2014-01-01", "2016-12-31", "2014/2016~", "", ["period", "somewhere~"]),
        ("2014-01-01", "2016-12-31", "2014?/2016", "", ["somewhere?", "period"]),
    ],
)
def test_each_end_of_a_bar_is_as_sharp_as_its_date(
    first: str, last: str, since: str, until: str, parts: list[str]
) -> None:
    found = results((first, last, since), ("1990-01-01", "2020-12-31", "1990/2020"))
    found["results"]["bindings"][0]["until"] = {"type": "literal", "value": until}
    picture = timeline(LASTING, found)
    assert picture is not None
    mark = picture.marks[0]
    assert [part.kind + "~" * part.approximate + "?" * part.uncertain for part in mark.parts] == parts
    for left, right in zip(mark.parts, mark.parts[1:], strict=False):
        assert left.x < right.x
