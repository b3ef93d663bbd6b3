"""`lanes`: what is dated, in the areas of the query, on one scale. How dates look is left to `dated`.

Columns: the first and the last instant, the label, the date as EDTF, the area, the thing, and whether something began
("from") or ended ("until") then. An area is a lane, with as many rows as its marks need so that no name covers another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kg.namespaces import SOURCE
from kg.pictures.dated import LETTER, Mark, layers, legend, level, said
from kg.pictures.dates import OPEN, Scale, day_of, instant_of, scale_of, stretches, told
from kg.pictures.subject import Drawn, Subject, counted, legible
from kg.pictures.timeline import between, bounded, dated, left_out

ROW, HEAD = 20.0, 30.0
MOST_LETTERS = 84
GAP, ARROW = 9.0, 15.0
MOST_MARKS = 150
"""How many are drawn; the table has the others."""
SENSES = {"from": "from ", "until": "until "}

Row = tuple[str, ...]


def draw(subject: Subject) -> Drawn | None:
    """The picture of an answer; None if no row has both bounds."""
    rows = [bounded(tuple(subject.value(row, position) for position in range(7))) for row in subject.rows]
    whole = [row for row in dict.fromkeys(rows) if dated(row[0], row[1])]
    shown = whole[:MOST_MARKS]
    bounds = [instant for row in shown for instant in row[:2] if not instant.startswith(OPEN)]
    scale = scale_of(bounds, subject.width)
    if scale is None:
        return None
    areas = list(dict.fromkeys(row[4] for row in shown))
    bands: list[dict[str, Any]] = []
    marks: list[Mark] = []
    names: list[dict[str, Any]] = []
    top = 0.0
    for number, area in enumerate(areas):
        lane = _Lane(subject, scale, top)
        for row in (row for row in shown if row[4] == area):
            lane.add(row)
        bands.append({"y": top, "y2": top + lane.height, "area": subject.name(area), "even": number % 2 == 1})
        marks += lane.marks
        names += lane.names
        top += lane.height
    main = {
        "width": scale.width,
        "height": top,
        "layer": [*_bands(bands, scale, top), *layers(marks, scale, top), *_names(names, scale, top)],
    }
    years = " to ".join(dict.fromkeys(instant[:4].lstrip("0") for instant in (min(bounds), max(bounds))))
    lanes = counted(len(areas), "lane", "lanes")
    told_areas = ", ".join(band["area"] for band in bands)
    summary = f"{counted(len(marks), 'entry', 'entries')} from {years} in {lanes}: {told_areas}."
    return Drawn({"vconcat": [legend(marks, scale.width), main]}, summary, left_out(len(rows), len(whole), len(shown)))


@dataclass(frozen=True)
class Entry:
    """What is dated, in words."""

    name: str
    when: str
    thing: str


def entries(subject: Subject) -> dict[str, list[Entry]]:
    """What the picture shows as a table: by area, in the order of the answer."""
    found: dict[str, list[Entry]] = {}
    rows = (bounded(tuple(subject.value(row, position) for position in range(7))) for row in subject.rows)
    for row in dict.fromkeys(row for row in rows if dated(row[0], row[1])):
        earliest, latest, label, date, area, thing, sense = row
        found.setdefault(subject.name(area), []).append(
            Entry(subject.name(label), _when(earliest, latest, date, sense, subject.language), thing)
        )
    return found


def _when(earliest: str, latest: str, date: str, sense: str, language: str) -> str:
    return legible(SENSES.get(sense, "") + (told(date, language) if date else between(earliest, latest)))


class _Lane:
    """The marks of one area, each in the first row that has room for it and its name."""

    def __init__(self, subject: Subject, scale: Scale, top: float) -> None:
        self._subject, self._scale, self._top = subject, scale, top
        self._ends: list[float] = []
        self.marks: list[Mark] = []
        self.names: list[dict[str, Any]] = []

    @property
    def height(self) -> float:
        return HEAD + len(self._ends) * ROW + 6

    def add(self, row: Row) -> None:
        earliest, latest, label, date, _, thing, sense = row
        scale, subject = self._scale, self._subject
        parts = tuple(stretches(day_of(earliest), day_of(latest) + 1, date, "", scale))
        name = subject.name(label)
        opens = earliest.startswith(OPEN), latest.startswith(OPEN)
        begin = scale.at(parts[0].begin) - (ARROW if sense == "until" else 0)
        end = scale.at(parts[-1].end) + (ARROW if sense == "from" or opens[1] else 0)
        room = max(scale.width - end, begin) - GAP
        written = legible(name, max(min(MOST_LETTERS, int(room / (12 * LETTER))), 1))
        width = len(written) * 12 * LETTER
        before = end + GAP + width > scale.width and begin - GAP - width > 0
        first, last = (begin - GAP - width, end) if before else (begin, end + GAP + width)
        level = next((number for number, taken in enumerate(self._ends) if taken + GAP < first), len(self._ends))
        self._ends[level : level + 1] = [last]
        when = _when(earliest, latest, date, sense, subject.language)
        y = self._top + HEAD + (level + 0.5) * ROW
        is_document = thing.startswith(SOURCE)
        mark = Mark(name, written, when, subject.link(thing), y, parts, *opens, sense, is_document)
        self.marks.append(mark)
        place = {"x": instant_of(scale.day(begin if before else end)), "y": y, "before": before}
        self.names.append(mark.told | {"written": written} | place)


def _bands(bands: Sequence[dict[str, Any]], scale: Scale, height: float) -> list[dict[str, Any]]:
    """The grounds of every second lane, and what the lanes are called."""
    sides = {"x": {"value": 0}, "x2": {"value": scale.width}, "y": level(height), "y2": {"field": "y2"}}
    grounds = {
        "data": {"values": [band for band in bands if band["even"]]},
        "mark": {"type": "rect", "style": ["band"], "aria": False},
        "encoding": sides,
    }
    titles = {
        "data": {"values": list(bands)},
        "mark": {"type": "text", "style": ["area"], "align": "left", "dy": 16},
        "encoding": {"x": {"value": 6}, "y": level(height), "text": {"field": "area", "type": "nominal"}},
    }
    return [*([grounds] if len(bands) > 1 else []), titles]


def _names(names: Sequence[dict[str, Any]], scale: Scale, height: float) -> list[dict[str, Any]]:
    found = []
    for before, align, shift in ((False, "left", GAP), (True, "right", -GAP)):
        values = [
            {key: value for key, value in name.items() if key != "before"} for name in names if name["before"] is before
        ]
        if values:
            place = {"field": "x", "type": "temporal"}
            found.append(
                {
                    "data": {"values": values},
                    "mark": {"type": "text", "style": ["name"], "align": align, "dx": shift},
                    "encoding": {
                        "x": place,
                        "y": level(height),
                        "text": {"field": "written", "type": "nominal"},
                        **said(values),
                    },
                }
            )
    return found
