"""The picture of a query with `chart: timeline`: where each row lies in time, and how well that is known.

Drawing is left to the template `_timeline.html`; this finds scale, ticks and marks. The chart's columns are the first
and the last instant, the label and, if there is a fourth, the date as EDTF, which says what the bounds cannot: whether
a stretch is how long something lasted or only how well its date is known, and what is approximate or uncertain.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.files.spans import label_of
from kg.queries.declarations import Chart

WIDTH, LABELS, ROW, TOP, EDGE = 960, 340, 24, 34, 14
MOST_ROWS = 120
"""How many rows are drawn; the table has the others."""
MOST_TICKS = 11
OPEN = ("0001-01-01", "9999-12-31")
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)
"""Distances of ticks in months."""


@dataclass(frozen=True)
class Mark:
    """One row: what it is called and dated, where its mark begins and how wide it is; `kind` is how it looks."""

    label: str
    date: str
    kind: str
    x: float
    width: float
    y: float
    approximate: bool
    uncertain: bool
    opens_left: bool
    opens_right: bool

    @property
    def middle(self) -> float:
        """Where a point is drawn."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Tick:
    """One line of the scale."""

    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """The picture: `left_out` rows are not drawn."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    height: float
    summary: str
    left_out: int


def timeline(chart: Chart | None, results: Mapping[str, Any]) -> Timeline | None:
    """The picture of an answer; None if its query asks for none, or no row has both bounds."""
    if chart is None or chart.kind != "timeline" or len(chart.columns) < 3:
        return None
    names = (*chart.columns, "")[:4]
    bindings = results["results"]["bindings"]
    rows = [tuple(row.get(name, {}).get("value", "") for name in names) for row in bindings]
    whole = list(dict.fromkeys(row for row in rows if row[0] and row[1]))
    drawn = whole[:MOST_ROWS]
    bounds = [day for row in drawn for day in row[:2] if not day.startswith(OPEN)]
    if not bounds:
        return None
    first, last = _days(min(bounds)), _days(max(bounds)) + 1
    years = (day[:4].lstrip("0") for day in (min(bounds), max(bounds)))
    margin = max((last - first) * 0.03, 2)
    scale = _Scale(first - margin, last + margin)
    marks = tuple(_mark(row, number, scale) for number, row in enumerate(drawn))
    return Timeline(
        marks,
        tuple(_ticks(scale)),
        TOP + len(marks) * ROW + EDGE,
        f"{len(marks)} entries from {' to '.join(years)}, in the order of the table.",
        len(whole) - len(drawn),
    )


@dataclass(frozen=True)
class _Scale:
    """From days to where they are drawn."""

    first: float
    last: float

    def at(self, day: float) -> float:
        inside = min(max(day, self.first), self.last)
        share = (inside - self.first) / (self.last - self.first)
        return round(LABELS + share * (WIDTH - LABELS - EDGE), 1)


def _mark(row: Sequence[str], number: int, scale: _Scale) -> Mark:
    earliest, latest, label, date = row
    begin, end = scale.at(_days(earliest)), scale.at(_days(latest) + 1)
    if _days(latest) - _days(earliest) < 1:
        kind = "point"
    elif "/" in date or earliest.startswith(OPEN) or latest.startswith(OPEN):
        kind = "period"
    else:
        kind = "somewhere"
    return Mark(
        label,
        _told(date) if date else f"{earliest[:10]} to {latest[:10]}",
        kind,
        begin,
        max(end - begin, 6.0),
        TOP + number * ROW + ROW / 2,
        "~" in date or "%" in date,
        "?" in date or "%" in date,
        earliest.startswith(OPEN),
        latest.startswith(OPEN),
    )


def _told(date: str) -> str:
    """The date in words, or as it is if it is no EDTF that a span can hold."""
    return label_of(date) or date


def _ticks(scale: _Scale) -> list[Tick]:
    months = (scale.last - scale.first) / 30.44
    step = next((step for step in STEPS if months / step <= MOST_TICKS), STEPS[-1])
    start = datetime.date.fromordinal(max(int(scale.first), 1))
    index = -(-(start.year * 12 + start.month - 1) // step) * step
    found = []
    while (day := _first_of_month(index)) is not None and day <= scale.last:
        year, month = divmod(index, 12)
        label = str(year) if step % 12 == 0 else f"{year}-{month + 1:02}"
        if day >= scale.first:
            found.append(Tick(scale.at(day), label))
        index += step
    return found


def _first_of_month(index: int) -> int | None:
    year, month = divmod(index, 12)
    return datetime.date(year, month + 1, 1).toordinal() if 1 <= year <= 9999 else None


def _days(instant: str) -> int:
    return datetime.date.fromisoformat(instant[:10]).toordinal()
