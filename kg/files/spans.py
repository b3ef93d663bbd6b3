"""Dates as precise as their source: the IRI of an EDTF text, its bounds and its label.

The part of EDTF that our IRIs can hold: a year, month or day, unknown digits as `X`, a season, one qualifier at the
end of a date (`~` approximate, `?` uncertain, `%` both), and an interval of two such dates of which one may be open.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from kg.errors import SourceError
from kg.files.span_words import DATE, in_words
from kg.namespaces import RDF, RDFS, TIME, XSD, oxus

_QUALIFIERS = {"~": "-approx", "?": "-uncertain", "%": "-approx-uncertain", "": ""}
_OPEN_BEGIN, _OPEN_END = (1, 1, 1), (9999, 12, 31)

Day = tuple[int, int, int]


@dataclass(frozen=True)
class Span:
    """One span of time: its EDTF text, label, flags, and the days between which it begins and ends.

    Units: days as (year, month, day) of the proleptic Gregorian calendar; an `earliest` bound means the day's first
    second and a `latest` bound its last, both in UTC.
    """

    edtf: str
    label: str
    earliest_begin: Day
    latest_begin: Day
    earliest_end: Day
    latest_end: Day
    is_approximate: bool
    is_uncertain: bool


def span_iri(edtf: str) -> str:
    """The IRI of a span.

    Raises: SourceError if the text is not EDTF of the kind above.

    >>> span_iri("2002-02~/..")
    'https://w3id.org/oxus/time/2002-02-approx--open'
    """
    read_span(edtf)
    parts = []
    for part in edtf.split("/"):
        qualifier = part[-1] if part[-1] in "~?%" else ""
        parts.append("open" if part == ".." else part.removesuffix(qualifier) + _QUALIFIERS[qualifier])
    return TIME + "--".join(parts)


def edtf_of(iri: str) -> str:
    """The EDTF text that a span's IRI holds.

    Raises: SourceError if it holds none.

    >>> edtf_of("https://w3id.org/oxus/time/2002-02-approx--open")
    '2002-02~/..'
    """
    if not iri.startswith(TIME):
        raise SourceError(f"<{iri}> is not the IRI of a span, {TIME}<date>")
    parts = []
    for part in iri[len(TIME) :].split("--"):
        text = ".." if part == "open" else part
        for qualifier in ("%", "~", "?"):
            text = re.sub(f"{_QUALIFIERS[qualifier]}$", qualifier, text)
        parts.append(text)
    edtf = "/".join(parts)
    if span_iri(edtf) != iri:
        raise SourceError(f"<{iri}> is not how a span of '{edtf}' is named: write <{span_iri(edtf)}>")
    return edtf


def read_span(edtf: str) -> Span:
    """What an EDTF text means.

    Raises: SourceError if it is not EDTF of the kind above.
    Source: ISO 8601-2:2019 (EDTF levels 0 and 1); strict bounds, qualifiers are flags and widen nothing.

    >>> span = read_span("2002-02~/2004")
    >>> span.label, span.earliest_begin, span.latest_begin, span.latest_end, span.is_approximate
    ('about February 2002 to 2004', (2002, 2, 1), (2002, 2, 28), (2004, 12, 31), True)
    """
    begin, slash, end = edtf.partition("/")
    if not slash:
        first, last = _bounds(begin, edtf)
        return Span(edtf, in_words(edtf), first, last, first, last, *_flags(edtf))
    if begin == end == "..":
        raise SourceError(f"'{edtf}' is open on both sides: it says nothing")
    first_begin, last_begin = (_OPEN_BEGIN, _OPEN_BEGIN) if begin == ".." else _bounds(begin, edtf)
    first_end, last_end = (_OPEN_END, _OPEN_END) if end == ".." else _bounds(end, edtf)
    if first_begin > last_end:
        raise SourceError(f"'{edtf}' ends before it begins")
    return Span(edtf, in_words(edtf), first_begin, last_begin, first_end, last_end, *_flags(edtf))


def label_of(edtf: str, language: str = "en") -> str | None:
    """A date in words; None if a span cannot hold it.

    >>> label_of("2013-12~"), label_of("2013-12~", "ru"), label_of("soon")
    ('about December 2013', 'примерно декабрь 2013', None)
    """
    try:
        read_span(edtf)
    except SourceError:
        return None
    return in_words(edtf, language)


def describe_span(iri: str) -> list[ox.Triple]:
    """The triples that say what a span's IRI means.

    Shape:  span a oxus:Span ; oxus:edtf, rdfs:label@en ; four bounds as xsd:dateTime in UTC ; flags where true
    Raises: SourceError if the IRI holds no EDTF text.
    """
    span = read_span(edtf_of(iri))
    subject = ox.NamedNode(iri)
    date_time = ox.NamedNode(XSD + "dateTime")
    bounds = {
        "earliestBegin": _stamp(span.earliest_begin, "00:00:00"),
        "latestBegin": _stamp(span.latest_begin, "23:59:59"),
        "earliestEnd": _stamp(span.earliest_end, "00:00:00"),
        "latestEnd": _stamp(span.latest_end, "23:59:59"),
    }
    flags = {"approximate": span.is_approximate, "uncertain": span.is_uncertain}
    return [
        ox.Triple(subject, ox.NamedNode(RDF + "type"), oxus("Span")),
        ox.Triple(subject, ox.NamedNode(RDFS + "label"), ox.Literal(span.label, language="en")),
        ox.Triple(subject, oxus("edtf"), ox.Literal(span.edtf)),
        *(ox.Triple(subject, oxus(name), ox.Literal(value, datatype=date_time)) for name, value in bounds.items()),
        *(ox.Triple(subject, oxus(name), ox.Literal(True)) for name, value in flags.items() if value),
    ]


def _stamp(day: Day, time: str) -> str:
    return f"{day[0]:04}-{day[1]:02}-{day[2]:02}T{time}Z"


def _flags(edtf: str) -> tuple[bool, bool]:
    return "~" in edtf or "%" in edtf, "?" in edtf or "%" in edtf


def _bounds(date: str, edtf: str) -> tuple[Day, Day]:
    match = DATE.fullmatch(date)
    if match is None:
        raise SourceError(
            f"'{edtf}' is not an EDTF date that a span can hold, such as 2002, 2002-02~ or 2002-02-20/2004"
        )
    if match["year"] in {"0000", "000X", "00XX"}:
        raise SourceError(f"'{edtf}' is not a date: there is no year 0")
    try:
        return _strict_bounds(date.rstrip("~?%"))
    except ValueError as error:
        raise SourceError(f"'{edtf}' is not a date: no such day") from error


@lru_cache(maxsize=4096)
def _strict_bounds(date: str) -> tuple[Day, Day]:
    if "X" not in date and not re.search(r"-2[1-4]$", date[:7]):
        # A calendar date needs no parser: edtf takes 5 to 30 ms for each, and a graph has hundreds of them.
        year, *rest = (int(part) for part in date.split("-"))
        month = rest[0] if rest else None
        day = rest[1] if len(rest) > 1 else None
        last_month = month or 12
        last_day = calendar.monthrange(year, last_month)[1]
        if day is not None and not 1 <= day <= last_day:
            raise ValueError("no such day")
        return (year, month or 1, day or 1), (year, last_month, day or last_day)
    import edtf  # 0.2 s to import, and few graphs need it

    parsed = edtf.parse_edtf(date)
    lower, upper = parsed.lower_strict(), parsed.upper_strict()
    return (lower.tm_year, lower.tm_mon, lower.tm_mday), (upper.tm_year, upper.tm_mon, upper.tm_mday)
