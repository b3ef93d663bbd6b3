"""The picture of a query with `chart: lanes`: what is dated, in the areas of the query, on one scale.

The chart's columns are the first and the last instant, the label, the date as EDTF, the area, the thing, and whether
something began ("from") or ended ("until") then. An area is a lane, with as many rows as its marks need so that no
name covers another. Drawing is left to the template `_lanes.html`, how dates look to `scale`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.namespaces import SOURCE
from kg.queries.declarations import Chart
from server.scale import EDGE, OPEN, WIDTH, Part, Scale, Tick, days, parts, scale_of, ticks, told

LEFT, TOP, ROW, HEAD, FOOT = 14.0, 24, 20, 30, 12
LETTER = 6.3
"""How wide a letter is, on the average of a wide typeface."""
MOST_LETTERS = 84
GAP, ARROW = 8.0, 14.0
MOST_MARKS = 150
"""How many are drawn; the table has the others."""
SENSES = {"from": "from ", "until": "until "}


@dataclass(frozen=True)
class LaneMark:
    """One dated thing: its name and where that is written, its date in words, the stretches that it is drawn as."""

    label: str
    written: str
    date: str
    iri: str
    y: float
    parts: tuple[Part, ...]
    text_x: float
    before: bool
    """Whether the name stands before the mark: behind it there is no room."""
    sense: str
    is_document: bool

    @property
    def x(self) -> float:
        """Where it begins."""
        return self.parts[0].x

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.parts[-1].x + self.parts[-1].width


@dataclass(frozen=True)
class Lane:
    """One area."""

    name: str
    top: float
    height: float
    marks: tuple[LaneMark, ...]


@dataclass(frozen=True)
class Lanes:
    """The picture: `left_out` things are not drawn."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    height: float
    summary: str
    left_out: int


def lanes(chart: Chart | None, results: Mapping[str, Any]) -> Lanes | None:
    """The picture of an answer; None if its query asks for none, or no row has both bounds."""
    if chart is None or chart.kind != "lanes" or len(chart.columns) < 5:
        return None
    names = (*chart.columns, "", "")[:7]
    bindings = results["results"]["bindings"]
    rows = [tuple(row.get(name, {}).get("value", "") for name in names) for row in bindings]
    whole = [row for row in dict.fromkeys(rows) if row[0] and row[1]]
    drawn = whole[:MOST_MARKS]
    bounds = [instant for row in drawn for instant in row[:2] if not instant.startswith(OPEN)]
    scale = scale_of(bounds, LEFT)
    if scale is None:
        return None
    found: list[Lane] = []
    top = float(TOP)
    for area in dict.fromkeys(row[4] for row in drawn):
        lane = _lane(area, top, [row for row in drawn if row[4] == area], scale)
        found.append(lane)
        top += lane.height
    years = " to ".join(instant[:4].lstrip("0") for instant in (min(bounds), max(bounds)))
    areas = ", ".join(lane.name for lane in found)
    summary = f"{len(drawn)} entries from {years} in {len(found)} lanes: {areas}."
    return Lanes(tuple(found), tuple(ticks(scale)), top + FOOT, summary, len(whole) - len(drawn))


def _lane(area: str, top: float, rows: Sequence[Sequence[str]], scale: Scale) -> Lane:
    """Each mark in the first row that has room for it and its name."""
    ends: list[float] = []
    marks = []
    for earliest, latest, label, date, _, iri, sense in rows:
        drawn = tuple(parts(days(earliest), days(latest) + 1, date, "", scale))
        written = label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1].rstrip() + "…"
        begin = drawn[0].x - (ARROW if sense == "until" else 0)
        end = drawn[-1].x + drawn[-1].width + (ARROW if sense == "from" else 0)
        width = len(written) * LETTER
        before = end + GAP + width > WIDTH - EDGE / 2 and begin - GAP - width > 0
        first, last = (begin - GAP - width, end) if before else (begin, end + GAP + width)
        row = next((number for number, taken in enumerate(ends) if taken + GAP < first), len(ends))
        ends[row : row + 1] = [last]
        y = top + HEAD + row * ROW + ROW / 2
        words = SENSES.get(sense, "") + (told(date) if date else f"{earliest[:10]} to {latest[:10]}")
        text_x = begin - GAP if before else end + GAP
        is_document = iri.startswith(SOURCE)
        marks.append(LaneMark(label, written, words, iri, y, drawn, round(text_x, 1), before, sense, is_document))
    return Lane(area, top, HEAD + len(ends) * ROW + 6, tuple(marks))
