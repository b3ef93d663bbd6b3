"""From dates to where and how they are drawn: the scale of a picture, its ticks, the stretches of a mark.

What is drawn of which answer is left to `timeline` and `lanes`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.errors import SourceError
from kg.files.spans import label_of, read_span
from server.languages import current_language

WIDTH, EDGE = 960, 14
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
class Tick:
    """One line of the scale."""

    x: float
    label: str


@dataclass(frozen=True)
class Scale:
    """From days to where they are drawn."""

    first: float
    last: float
    left: float
    """Where the first day is."""

    def at(self, day: float) -> float:
        """Where a day is drawn; one before the first or behind the last at the edge."""
        inside = min(max(day, self.first), self.last)
        share = (inside - self.first) / (self.last - self.first)
        return round(self.left + share * (WIDTH - self.left - EDGE), 1)


def scale_of(bounds: Sequence[str], left: float) -> Scale | None:
    """The scale on which all instants have room that bound what is drawn; None if none of them does."""
    known = [instant for instant in bounds if not instant.startswith(OPEN)]
    if not known:
        return None
    first, last = days(min(known)), days(max(known)) + 1
    margin = max((last - first) * 0.03, 2)
    return Scale(first - margin, last + margin, left)


def parts(first: int, last: int, date: str, until: str, scale: Scale) -> Iterator[Part]:
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


def _part(kind: str, first: float, last: float, date: str, scale: Scale) -> Part:
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


def told(date: str) -> str:
    """The date in words, or as it is if it is no EDTF that a span can hold."""
    return label_of(date, current_language()) or date


def ticks(scale: Scale) -> list[Tick]:
    """The lines of a scale, at whole months or years."""
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


def days(instant: str) -> int:
    """The day of an instant, as a number."""
    return datetime.date.fromisoformat(instant[:10]).toordinal()
