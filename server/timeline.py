"""The picture of a query with `chart: timeline`: where each row lies in time, and how well that is known.

Drawing is left to the template `_timeline.html`; this finds scale, ticks and marks. The chart's columns are the first
and the last instant, the label and, if there is a fourth, the date as EDTF, which says what the bounds cannot: whether
a stretch is how long something lasted or only how well its date is known, and what is approximate or uncertain. A fifth
is the date of the end as EDTF; the fourth is then that of the beginning, wherever the bounds reach beyond it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import SourceError
from kg.files.spans import label_of, read_span
from kg.queries.declarations import Chart

WIDTH, LABELS, ROW, TOP, EDGE = 960, 340, 24, 34, 14
MOST_ROWS = 120
"""How many rows are drawn; the table has the others."""
MOST_TICKS = 11
OPEN = ("0001-01-01", "9999-12-31")
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)
"""Distances of ticks in months."""


@dataclass(frozen=True)
class Part:
    """A stretch of a row's mark; `kind` is how it looks: point, period or somewhere."""

    kind: str
    x: float
    width: float
    approximate: bool = False
    uncertain: bool = False

    @property
    def middle(self) -> float:
        """Where a point is drawn."""
        return self.x + self.width / 2


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
    names = (*chart.columns, "", "")[:5]
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
    earliest, latest, label, date, until = row
    told = " to ".join(_told(each) for each in (date, until) if each)
    return Mark(
        label,
        told or f"{earliest[:10]} to {latest[:10]}",
        TOP + number * ROW + ROW / 2,
        tuple(_parts(_days(earliest), _days(latest) + 1, date, until, scale)),
        earliest.startswith(OPEN),
        latest.startswith(OPEN),
    )


def _parts(first: int, last: int, date: str, until: str, scale: _Scale) -> Iterator[Part]:
    """The stretches of a mark between two days, the second not in it."""
    if last - first <= 1 and not until:
        yield _part("point", first, last, date, scale)
        return
    began, ended = _began(date, last), _ended(date, until)
    ends = (scale.first, scale.last)
    lasted = until or began or "/" in date or first <= ends[0] or last >= ends[1]
    if not lasted:
        yield _part("somewhere", first, last, date, scale)
        return
    sure_from, sure_to = (began[1] if began else first), (ended[0] if ended else last)
    if began:
        yield _part("somewhere", first, sure_from, began[2], scale)
    if sure_to > sure_from or not (began or ended):
        yield _part("period", max(first, sure_from), sure_to, "" if began or ended else date, scale)
    if ended:
        yield _part("somewhere", max(sure_to, sure_from if began else first), last, ended[2], scale)


def _part(kind: str, first: float, last: float, date: str, scale: _Scale) -> Part:
    x = scale.at(first)
    least = 10.0 if kind == "somewhere" else 6.0  # narrower, dashes and dots could not be told apart
    return Part(kind, x, max(scale.at(last) - x, least), "~" in date or "%" in date, "?" in date or "%" in date)


def _began(date: str, last: int) -> tuple[int, int, str] | None:
    """The first day on which something may have begun, the day after the last, its date; None if that is known well."""
    begin, slash, _ = date.partition("/")
    stretch = _stretch(begin)
    if stretch is None or (slash and not _qualified(begin)) or (not slash and stretch[1] >= last):
        return None
    return (*stretch, begin) if stretch[1] - stretch[0] > 1 or _qualified(begin) else None


def _ended(date: str, until: str) -> tuple[int, int, str] | None:
    """The same for the end."""
    end = until or date.partition("/")[2]
    stretch = _stretch(end)
    if stretch is None or (not until and not _qualified(end)):
        return None
    return (*stretch, end) if stretch[1] - stretch[0] > 1 or _qualified(end) else None


def _stretch(date: str) -> tuple[int, int] | None:
    """The days of a date, the second not in it; None if it is no single date."""
    try:
        span = read_span(date)
    except SourceError:
        return None
    return datetime.date(*span.earliest_begin).toordinal(), datetime.date(*span.latest_end).toordinal() + 1


def _qualified(date: str) -> bool:
    return date.endswith(("~", "?", "%"))


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
