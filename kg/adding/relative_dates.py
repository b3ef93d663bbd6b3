"""Dates that a text tells by another date: "yesterday", "the same year", "two years ago". Which one is `dating`'s.

Some are told by the document's own date ("yesterday", "last year", "on Monday"), the others by the date named before
("the same year", "the following month", "two years later").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kg.curation.datewords import FULL_MONTH, NUMBER_OF_MONTH

DAYS = {"the day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = ("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OF_DOCUMENT = {"this": 0, "current": 0, "last": -1, "next": 1}
OF_DATE = {"same": 0, "that": 0, "following": 1, "next": 1, "previous": -1, "preceding": -1}
"""How many units after the date that tells it; a date before tells "the next year", the document's own "next year"."""

_MONTH_OF = rf"(?:(?P<month>(?-i:{FULL_MONTH}))\s+(?:of\s+)?)?"
_UNIT = r"(?P<unit>year|month|day)\b(?!s)"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<day>{'|'.join(DAYS)})\b",
        rf"\b{_MONTH_OF}(?:the\s+|that\s+)(?P<of_date>{'|'.join(OF_DATE)})\s+{_UNIT}",
        rf"\b{_MONTH_OF}(?P<of_date>that|same)\s+{_UNIT}",
        rf"(?<!the )\b{_MONTH_OF}(?P<of_document>{'|'.join(OF_DOCUMENT)})\s+(?P<unit>year|month)\b",
        rf"\b(?P<number>\d{{1,2}}|{'|'.join(NUMBERS)})\s+(?P<unit>year|month|day)s?\s+(?P<way>ago|later|earlier)\b",
        rf"\b(?<=on )(?P<weekday>{'|'.join(WEEKDAYS)})\b(?!,?\s+(?:\d|{FULL_MONTH}))",
    )
)


@dataclass(frozen=True)
class RelativeWords:
    """Words that need another date: so many `units` from it, in this month or on this weekday if one is named."""

    begin: int
    end: int
    is_told_by_document: bool
    units: int
    unit: str
    month: int = 0
    weekday: int | None = None

    def resolved(self, edtf: str) -> str | None:
        """The date in EDTF, told by a date in EDTF; None if that one is not precise enough.

        >>> relative_dates_in("in April of the same year")[0].resolved("2009-02")
        '2009-04'
        >>> relative_dates_in("yesterday")[0].resolved("2009-03-01"), relative_dates_in("yesterday")[0].resolved("2009")
        ('2009-02-28', None)
        """
        match = re.match(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d\d))?", edtf.rstrip("~?%"))
        if match is None:
            return None
        year, month, day = (int(part) if part else 0 for part in match.groups())
        if self.unit == "year":
            return f"{year + self.units:04}" + (f"-{self.month:02}" if self.month else "")
        if not month or self.month:
            return None
        if self.unit == "month":
            years, months = divmod(year * 12 + month - 1 + self.units, 12)
            return f"{years:04}-{months + 1:02}"
        if not day:
            return None
        basis = date(year, month, day)
        back = (basis.weekday() - self.weekday) % 7 if self.weekday is not None else 0
        return (basis + timedelta(days=self.units - back)).isoformat()


def relative_dates_in(text: str) -> list[RelativeWords]:
    """Every such date of a text, in reading order.

    >>> text = "Last year and on Monday; two years later; the last years"
    >>> [text[one.begin : one.end] for one in relative_dates_in(text)]
    ['Last year', 'Monday', 'two years later']
    """
    found: list[RelativeWords] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(match.start() < one.end and one.begin < match.end() for one in found):
                found.append(_read(match))
    return sorted(found, key=lambda one: one.begin)


def _read(match: re.Match[str]) -> RelativeWords:
    said = {name: value.casefold() for name, value in match.groupdict().items() if value}
    begin, end = match.span()
    month = NUMBER_OF_MONTH[said["month"]] if "month" in said else 0
    unit = said.get("unit", "day")
    if "day" in said:
        return RelativeWords(begin, end, True, DAYS[said["day"]], "day")
    if "weekday" in said:
        return RelativeWords(begin, end, True, 0, "day", weekday=WEEKDAYS.index(said["weekday"]))
    if "of_document" in said:
        return RelativeWords(begin, end, True, OF_DOCUMENT[said["of_document"]], unit, month)
    if "of_date" in said:
        return RelativeWords(begin, end, False, OF_DATE[said["of_date"]], unit, month)
    number = int(said["number"]) if said["number"].isdigit() else NUMBERS.index(said["number"]) + 1
    return RelativeWords(begin, end, said["way"] == "ago", number if said["way"] == "later" else -number, unit)
