"""Dates as English texts write them, and when a span is as precise as the words. Spans are left to `files.spans`.

Source: Extended Date/Time Format, ISO 8601-2:2019, for the other side of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NUMBER_OF_MONTH = {name[:length].casefold(): at for at, name in enumerate(MONTHS, 1) for length in (3, 4, len(name))}

FULL_MONTH = "|".join(MONTHS)
MONTH = rf"\b(?P<month>{FULL_MONTH}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)(?![a-z])\.?)"
DAY = r"(?<![\w.,])(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:])"
DAY_2 = r"(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:])"
YEAR_DIGITS = r"(?<!\w)(?P<year>(?:1\d|20)\d\d)"
YEAR = YEAR_DIGITS + r"(?!\w)"
TO = r"\s*(?:-|–|—|to|and)\s*"
OF = r",?\s+(?:of\s+)?"

FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{DAY}{TO}{DAY_2}{OF}{MONTH}{OF}{YEAR}",
        rf"{DAY}{OF}{MONTH}{OF}{YEAR}",
        rf"{MONTH}\s+{DAY}{TO}{DAY_2},?\s+{YEAR}",
        rf"{MONTH}\s+{DAY},?\s+{YEAR}",
        rf"{YEAR_DIGITS}-(?P<month>\d\d)-(?P<day>\d\d)(?!\w)",
        r"(?<![\w.])(?P<day>[0-3]?\d)[./](?P<month>[01]?\d)[./](?P<year>(?:1\d|20)\d\d)(?!\w)",
        rf"{MONTH}{OF}{YEAR}",
        rf"{DAY}{TO}{DAY_2}{OF}{MONTH}",
        rf"{DAY}{OF}{MONTH}",
        rf"{MONTH}\s+{DAY}{TO}{DAY_2}",
        rf"{MONTH}\s+{DAY}",
        rf"{YEAR_DIGITS}\s*[-–—/]\s*(?P<year2>(?:1\d|20)?\d\d)(?!\w)",
        r"(?<!\w)(?P<decade>(?:1\d|20)\d)0s(?!\w)",
        rf"(?<![\d.,:]){YEAR}(?![.,:]\d)",
        rf"\b(?P<month>{FULL_MONTH})\b",
    )
)
"""Longest first: what one form has taken, a later one leaves alone."""

END_OF_SPAN = re.compile(r"(?P<year>\d{3}[\dX]|\d{1,2}XX)(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?")


@dataclass(frozen=True)
class Date:
    """A date as far as it is given; `year` may be the first digits of one ("199" is the nineties)."""

    year: str = ""
    month: int = 0
    day: int = 0

    def is_met_by(self, other: Date) -> bool:
        """Whether the other date says all of this one, and perhaps more.

        >>> Date("2002", 2).is_met_by(Date("2002", 2, 20)), Date("2002", 2, 20).is_met_by(Date("2002"))
        (True, False)
        """
        return other.year.startswith(self.year) and self.month in (0, other.month) and self.day in (0, other.day)


@dataclass(frozen=True)
class DateWords:
    """A date in a text: its place, and the dates it needs (two for a range)."""

    begin: int
    end: int
    dates: tuple[Date, ...]


def dates_in(text: str) -> list[DateWords]:
    """Every date of a text, in reading order.

    >>> text = "on 17-18 May 2012, in mid-2010 and July of 2006"
    >>> [text[found.begin : found.end] for found in dates_in(text)]
    ['17-18 May 2012', '2010', 'July of 2006']
    """
    found: list[DateWords] = []
    taken = bytearray(len(text))
    for form in FORMS:
        for match in form.finditer(text):
            dates = _dates_of(match)
            if dates and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                found.append(DateWords(match.start(), match.end(), dates))
    return sorted(found, key=lambda date: date.begin)


def _dates_of(match: re.Match[str]) -> tuple[Date, ...]:
    parts = {name: value for name, value in match.groupdict().items() if value}
    month_text = parts.get("month", "")
    if month_text.isdigit():
        month = int(month_text)
    else:
        if month_text[:1].islower():  # "may" and "march" are verbs
            return ()
        month = NUMBER_OF_MONTH[month_text.rstrip(".").casefold()] if month_text else 0
    year = parts.get("year", parts.get("decade", ""))
    days = [int(parts[name]) for name in ("day", "day2") if name in parts]
    if month > 12 or any(not 1 <= day <= 31 for day in days):
        return ()
    if "year2" in parts:
        later = parts["year2"]
        later = year[: 4 - len(later)] + later
        return (Date(year), Date(later)) if int(later) > int(year) else ()
    return tuple(Date(year, month, day) for day in days) or (Date(year, month),)


def ends_of(edtf: str) -> Iterable[Date]:
    """The dates that an EDTF text names: one, or the two ends of an interval as far as they are given.

    >>> list(ends_of("2004-07~/..")), list(ends_of("199X"))
    ([Date(year='2004', month=7, day=0)], [Date(year='199', month=0, day=0)])
    """
    for end in edtf.split("/"):
        if match := END_OF_SPAN.match(end):
            yield Date(match["year"].rstrip("X"), int(match["month"] or 0), int(match["day"] or 0))
