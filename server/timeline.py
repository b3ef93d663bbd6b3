"""The picture of a query with `chart: timeline`: where each row lies in time, and how well that is known.

Drawing is left to the template `_timeline.html`; this finds scale, ticks and marks. The chart's columns are the first
and the last instant, the label and, if there is a fourth, the date as EDTF, which says what the bounds cannot: whether
a stretch is how long something lasted or only how well its date is known, and what is approximate or uncertain. A fifth
is the date of the end as EDTF; the fourth is then that of the beginning, wherever the bounds reach beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.queries.declarations import Chart
from server.scale import EDGE, OPEN, Part, Scale, Tick, days, parts, scale_of, ticks, told

LABELS, ROW, TOP = 340, 24, 34
MOST_ROWS = 120
"""How many rows are drawn; the table has the others."""


@dataclass(frozen=True)
class Mark:
    """One row: what it is called and dated, and the stretches that its mark is made of, from left to right.

    What lasted is one stretch with another before it, in which it began, and one behind it, in which it ended.
    """

    label: str
    date: str
    y: float
    parts: tuple[Part, ...]
    opens_left: bool
    opens_right: bool

    @property
    def x(self) -> float:
        """Where it begins."""
        return self.parts[0].x

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.parts[-1].x + self.parts[-1].width


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
    names = (*chart.columns, "", "")[:5]
    bindings = results["results"]["bindings"]
    rows = [tuple(row.get(name, {}).get("value", "") for name in names) for row in bindings]
    whole = list(dict.fromkeys(row for row in rows if row[0] and row[1]))
    drawn = whole[:MOST_ROWS]
    bounds = [day for row in drawn for day in row[:2] if not day.startswith(OPEN)]
    scale = scale_of(bounds, LABELS)
    if scale is None:
        return None
    years = (day[:4].lstrip("0") for day in (min(bounds), max(bounds)))
    marks = tuple(_mark(row, number, scale) for number, row in enumerate(drawn))
    return Timeline(
        marks,
        tuple(ticks(scale)),
        TOP + len(marks) * ROW + EDGE,
        f"{len(marks)} entries from {' to '.join(years)}, in the order of the table.",
        len(whole) - len(drawn),
    )


def _mark(row: Sequence[str], number: int, scale: Scale) -> Mark:
    earliest, latest, label, date, until = row
    words = " to ".join(told(each) for each in (date, until) if each)
    return Mark(
        label,
        words or f"{earliest[:10]} to {latest[:10]}",
        TOP + number * ROW + ROW / 2,
        tuple(parts(days(earliest), days(latest) + 1, date, until, scale)),
        earliest.startswith(OPEN),
        latest.startswith(OPEN),
    )
