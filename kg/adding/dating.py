"""The dates of a text as EDTF: what a curator would write for its words.

Finding the words is left to `curation.datewords`.

Part of a year or month becomes the nearest approximate date: "mid-2010" is 2010-07~, "end of 2013" is 2013-12~. What
only another date makes plain is resolved by it, and says so: "17 May" by the date before it, "April of the same year"
and "yesterday" as `relative_dates` has it.

Source: Extended Date/Time Format, ISO 8601-2:2019.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.adding.relative_dates import RelativeWords, relative_dates_in
from kg.curation.datewords import Date, DateWords, dates_in
from kg.errors import SourceError
from kg.files.spans import read_span

PARTS = {
    **dict.fromkeys(("beginning", "start"), (1, 1)), "early": (2, 5), "mid": (7, 15), "middle": (7, 15),
    "late": (11, 25), "end": (12, 31),
}  # fmt: skip
"""The month of a year, and the day of a month, that part of it is nearest to."""
SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
HALVES = {"first": "{0}-01/{0}-06", "second": "{0}-07/{0}-12"}

_LEAD = 40
_BEFORE = re.compile(
    r"\b(?:(?P<about>about|around|circa|ca\.|approximately|roughly)"
    rf"|(?:the\s+)?(?P<part>{'|'.join(PARTS)})(?:\s+of|\s+in)?(?:\s+the\s+year)?"
    rf"|(?:the\s+)?(?P<season>{'|'.join(SEASONS)})(?:\s+of|,)?"
    rf"|(?:the\s+)?(?P<half>{'|'.join(HALVES)})\s+half\s+of)(?:\s*-\s*|\s+)\Z",
    re.IGNORECASE,
)
_JOINTS = (
    (re.compile(r"\s*[-–—]\s*"), re.compile(r"")),
    (re.compile(r"\s+(?:to|until|till|through)\s+"), re.compile(r"\bfrom\s+\Z", re.IGNORECASE)),
    (re.compile(r"\s+and\s+"), re.compile(r"\bbetween\s+\Z", re.IGNORECASE)),
)
"""What joins two dates to a range, and what must stand before the first."""
_TIED = re.compile(r"\s*(?:[-–—,]|to|until|till|through|and|or)\s*(?:in\s+)?")
_AND = re.compile(r"\s+and\s+")
_NUMERIC = re.compile(r"(\d\d?)[./](\d\d?)[./]\d{4}")

Range = tuple[int, int]
"""Code points, end exclusive."""
_GIVEN: Range = (0, 0)


@dataclass(frozen=True)
class Dated:
    """Words of a text and their date in EDTF; `rests_on` is the place of the words that it was resolved by, if any.

    A date that is given and stands nowhere in the text is at 0 to 0, and what rests on it has that place.
    """

    begin: int
    end: int
    edtf: str
    note: str = ""
    rests_on: Range | None = None

    @property
    def is_by_given_date(self) -> bool:
        """Whether it was resolved by a date that the text does not have."""
        return self.rests_on == _GIVEN


def dated_words(text: str, own_date: Dated | None = None, skipped: Iterable[Range] = ()) -> list[Dated]:
    """The dates of a text that can be told, in reading order, without those in the stretches to be skipped.

    >>> text = "It met on 17-18 May 2012, in April of the same year, and from 2013 to mid-2014."
    >>> [(text[one.begin : one.end], one.edtf) for one in dated_words(text)[:2]]
    [('17-18 May 2012', '2012-05-17/2012-05-18'), ('April of the same year', '2012-04')]
    >>> dated_words(text)[2].edtf
    '2013/2014-07~'
    """
    relative = relative_dates_in(text)
    absolute = [one for one in dates_in(text) if not any(one.begin < r.end and r.begin < one.end for r in relative)]
    places = list(skipped)
    words: list[DateWords | RelativeWords] = [*absolute, *relative]
    words.sort(key=lambda one: one.begin)
    found: list[Dated] = []
    before = own_date
    for one, after in zip(words, [*words[1:], None], strict=False):
        if any(begin <= one.begin < end for begin, end in places):
            continue
        if isinstance(one, RelativeWords):
            dated = _of_relative(one, before, own_date)
        else:
            dated = _of_words(text, one, before, after)
        if dated is not None and _is_date(dated.edtf):
            joined = _range(text, found[-1], dated) if found else None
            found[-1:] = [joined] if joined else [*found[-1:], dated]
            before = found[-1]
    return found


def own_date_of(text: str, lines: Sequence[Range]) -> Dated | None:
    """The first day that is named in one of these stretches: what the first lines of a text are dated by.

    >>> own_date_of("Port Ostry, 3 May 2005. Yesterday", [(0, 23)]).edtf
    '2005-05-03'
    """
    for begin, end in lines:
        for one in dated_words(text[begin:end]):
            if re.fullmatch(r"\d{4}-\d\d-\d\d", one.edtf):
                return replace(one, begin=begin + one.begin, end=begin + one.end)
    return None


def _of_words(
    text: str, words: DateWords, before: Dated | None, after: DateWords | RelativeWords | None
) -> Dated | None:
    first, last = words.dates[0], words.dates[-1]
    rests_on, note = None, _doubt(text[words.begin : words.end])
    if not first.year:
        if isinstance(after, DateWords) and after.dates[0].year and _TIED.fullmatch(text[words.end : after.begin]):
            year = after.dates[0].year  # "from May to June 2013"
        elif before is not None and (known := re.match(r"\d{4}", before.edtf)):
            year, rests_on, note = known.group(), (before.begin, before.end), "the year of"
        else:
            return None
        first, last = replace(first, year=year), replace(last, year=year)
    elif before is not None and first == last == Date(first.year) and re.fullmatch(r"\d{4}-\d\d", before.edtf):
        if _AND.fullmatch(text[before.end : words.begin]):  # "in July of 2006 and 2007"
            first = last = replace(first, month=int(before.edtf[5:]))
            rests_on, note = (before.begin, before.end), "the month of"
    if first != last:
        return Dated(words.begin, words.end, f"{_edtf(first)}/{_edtf(last)}", note, rests_on)
    lead = _BEFORE.search(text, max(0, words.begin - _LEAD), words.begin)
    edtf = _qualified(first, lead) if lead else None
    begin = lead.start() if lead and edtf else words.begin
    return Dated(begin, words.end, edtf or _edtf(first), note, rests_on)


def _of_relative(words: RelativeWords, before: Dated | None, own_date: Dated | None) -> Dated | None:
    basis = own_date if words.is_told_by_document else before
    edtf = words.resolved(basis.edtf) if basis is not None else None
    if basis is None or edtf is None:
        return None
    return Dated(words.begin, words.end, edtf, "told by", (basis.begin, basis.end))


def _qualified(date: Date, lead: re.Match[str]) -> str | None:
    said = {name: value.casefold() for name, value in lead.groupdict().items() if value}
    if "about" in said:
        return f"{_edtf(date)}~"
    if len(date.year) < 4 or date.day:
        return None
    if "part" in said:
        month, day = PARTS[said["part"]]
        if not date.month:
            return f"{_edtf(replace(date, month=month))}~"
        last = calendar.monthrange(int(date.year), date.month)[1]
        return f"{_edtf(replace(date, day=min(day, last)))}~"
    if date.month:
        return None
    return f"{date.year}-{SEASONS[said['season']]}" if "season" in said else HALVES[said["half"]].format(date.year)


def _range(text: str, first: Dated, second: Dated) -> Dated | None:
    gap = text[first.end : second.begin]
    if "/" in first.edtf + second.edtf:
        return None
    for joint, lead in _JOINTS:
        if joint.fullmatch(gap) and lead.search(text, max(0, first.begin - _LEAD), first.begin):
            edtf = f"{first.edtf}/{second.edtf}"
            resolved = first if first.rests_on else second
            return Dated(first.begin, second.end, edtf, resolved.note, resolved.rests_on) if _is_date(edtf) else None
    return None


def _edtf(date: Date) -> str:
    parts = [date.year.ljust(4, "X"), *(f"{part:02}" for part in (date.month, date.day) if part)]
    return "-".join(parts)


def _is_date(edtf: str) -> bool:
    try:
        read_span(edtf)
    except SourceError:
        return False
    return True


def _doubt(words: str) -> str:
    match = _NUMERIC.fullmatch(words)
    ambiguous = match is not None and match[1] != match[2] and int(match[1]) <= 12 and int(match[2]) <= 12
    return "if the day stands before the month" if ambiguous else ""
