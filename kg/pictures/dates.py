"""From dates to the stretches that they are drawn as, and the scale that has room for them.

A day is a point; what lies somewhere within a stretch is an outline of it; what lasted is solid, and each end of it
that is not known to the day is an outline of where it lies. How these look is left to `dated`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kg.errors import SourceError
from kg.files.spans import label_of, read_span

OPEN = ("0001-01-01", "9999-12-31")
LEAST = {"somewhere": 10.0, "period": 6.0, "point": 0.0}
"""Pixels that a stretch is wide at least: narrower, dashes and dots could not be told apart."""


@dataclass(frozen=True)
class Stretch:
    """Part of a mark, between two days of which the second is not in it: point, period or somewhere."""

    kind: str
    begin: float
    end: float
    doubt: str = "exact"
    """exact, approximate, uncertain or both."""

    @property
    def middle(self) -> float:
        """Where a point is drawn."""
        return (self.begin + self.end) / 2


@dataclass(frozen=True)
class Scale:
    """The days at the left and right edges, and how many pixels lie between."""

    first: float
    last: float
    width: float

    def at(self, day: float) -> float:
        """Where a day is, in pixels; one before the first or behind the last at the edge."""
        inside = min(max(day, self.first), self.last)
        return (inside - self.first) / (self.last - self.first) * self.width

    def day(self, pixels: float) -> float:
        """The day at a place."""
        return self.first + pixels / self.width * (self.last - self.first)


def scale_of(bounds: Sequence[str], width: float) -> Scale | None:
    """The scale on which all instants have room that bound what is drawn; None if none of them does."""
    known = [instant for instant in bounds if not instant.startswith(OPEN)]
    if not known:
        return None
    first, last = day_of(min(known)), day_of(max(known)) + 1
    margin = max((last - first) * 0.03, 2)
    return Scale(first - margin, last + margin, width)


def stretches(first: int, last: int, date: str, until: str, scale: Scale) -> list[Stretch]:
    """What a mark between two days is made of, from left to right; the second day is not in it."""
    return [_wide_enough(each, scale) for each in _stretches(first, last, date, until, scale)]


def _stretches(first: int, last: int, date: str, until: str, scale: Scale) -> Iterator[Stretch]:
    if last - first <= 1 and not until:
        yield Stretch("point", first, last, _doubt(date))
        return
    began, ended = _began(date, last), _ended(date, until)
    lasted = until or began or "/" in date or first <= scale.first or last >= scale.last
    if not lasted:
        yield Stretch("somewhere", first, last, _doubt(date))
        return
    sure_from, sure_to = (began[1] if began else first), (ended[0] if ended else last)
    if began:
        yield Stretch("somewhere", first, sure_from, _doubt(began[2]))
    if sure_to > sure_from or not (began or ended):
        yield Stretch("period", max(first, sure_from), sure_to, "exact" if began or ended else _doubt(date))
    if ended:
        yield Stretch("somewhere", max(sure_to, sure_from if began else first), last, _doubt(ended[2]))


def _wide_enough(stretch: Stretch, scale: Scale) -> Stretch:
    begin, end = scale.at(stretch.begin), scale.at(stretch.end)
    end = min(max(end, begin + LEAST[stretch.kind]), scale.width)
    return replace(stretch, begin=scale.day(begin), end=scale.day(end))


def _doubt(date: str) -> str:
    approximate, uncertain = "~" in date or "%" in date, "?" in date or "%" in date
    if approximate and uncertain:
        return "both"
    return "approximate" if approximate else "uncertain" if uncertain else "exact"


def _began(date: str, last: int) -> tuple[int, int, str] | None:
    """The first day on which something may have begun, the day after the last, its date; None if that is known well."""
    begin, slash, _ = date.partition("/")
    days = _days(begin)
    if days is None or (slash and not _qualified(begin)) or (not slash and days[1] >= last):
        return None
    return (*days, begin) if days[1] - days[0] > 1 or _qualified(begin) else None


def _ended(date: str, until: str) -> tuple[int, int, str] | None:
    """The same for the end."""
    end = until or date.partition("/")[2]
    days = _days(end)
    if days is None or (not until and not _qualified(end)):
        return None
    return (*days, end) if days[1] - days[0] > 1 or _qualified(end) else None


def _days(date: str) -> tuple[int, int] | None:
    """The days of a date, the second not in it; None if it is no single date."""
    try:
        span = read_span(date)
    except SourceError:
        return None
    return datetime.date(*span.earliest_begin).toordinal(), datetime.date(*span.latest_end).toordinal() + 1


def _qualified(date: str) -> bool:
    return date.endswith(("~", "?", "%"))


def told(date: str, language: str = "en") -> str:
    """The date in words, or as it is if it is no EDTF that a span can hold."""
    return label_of(date, language) or date


def bound(text: str, *, last: bool) -> str:
    """The day of an instant, or the first or `last` day of a date in EDTF; the text itself if it is neither.

    >>> bound("2002-02", last=False), bound("2002-02", last=True), bound("2002-02-20T00:00:00Z", last=True)
    ('2002-02-01', '2002-02-28', '2002-02-20')
    """
    if "T" in text:
        return text.partition("T")[0]
    try:
        span = read_span(text)
    except SourceError:
        return text
    return "{:04}-{:02}-{:02}".format(*(span.latest_end if last else span.earliest_begin))


def day_of(instant: str) -> int:
    """The day of an instant, as a number.

    Raises: ValueError if it does not begin with a day.
    """
    return datetime.date.fromisoformat(instant[:10]).toordinal()


def instant_of(day: float) -> str:
    """A day, or a part of one, as Vega reads it.

    >>> instant_of(day_of("2002-02-20") + 0.5)
    '2002-02-20T12:00:00Z'
    """
    most = datetime.date.max.toordinal()
    whole = min(max(int(day), 1), most)
    seconds = int((day - int(day)) * 86400) if 1 <= day < most else 0
    found = datetime.datetime.fromordinal(whole) + datetime.timedelta(seconds=seconds)
    return found.isoformat() + "Z"
