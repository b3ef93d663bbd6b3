"""`timeline`: where each row lies in time, one below the other. How dates look is left to `dated`.

Columns: the first and the last instant (or the date as EDTF, twice), the label; the date as EDTF, which says what the
bounds cannot: whether a stretch is how long something lasted or only how well its date is known, what is approximate or
uncertain; the date of the end as EDTF (the fourth is then that of the beginning, wherever the bounds reach beyond it);
the thing.
"""

from __future__ import annotations

from kg.pictures.dated import LETTER, Mark, layers, legend, level, said
from kg.pictures.dates import OPEN, bound, day_of, scale_of, stretches, told
from kg.pictures.subject import Drawn, Subject, counted, legible

ROW = 24.0
NAMES = 330.0
"""Pixels for names, at most a third of the picture."""
MOST_ROWS = 120
"""How many rows are drawn; the table has the others."""


def draw(subject: Subject) -> Drawn | None:
    """The picture of an answer; None if no row has both bounds."""
    rows = [bounded(tuple(subject.value(row, position) for position in range(6))) for row in subject.rows]
    whole = [row for row in dict.fromkeys(rows) if dated(row[0], row[1])]
    shown = whole[:MOST_ROWS]
    names = min(NAMES, subject.width / 3)
    letters = int(names / (12 * LETTER))
    bounds = [day for row in shown for day in row[:2] if not day.startswith(OPEN)]
    scale = scale_of(bounds, subject.width - names)
    if scale is None:
        return None
    height = len(shown) * ROW
    marks = []
    for number, (earliest, latest, label, date, until, thing) in enumerate(shown):
        name = subject.name(label)
        words = " to ".join(told(each, subject.language) for each in (date, until) if each)
        parts = stretches(day_of(earliest), day_of(latest) + 1, date, until, scale)
        opens = earliest.startswith(OPEN), latest.startswith(OPEN)
        when = legible(words or between(earliest, latest))
        y = (number + 0.5) * ROW
        marks.append(Mark(name, legible(name, letters), when, subject.link(thing), y, tuple(parts), *opens))
    written = [mark.told | {"y": mark.y, "written": mark.written} for mark in marks]
    column = {
        "width": names - 12,
        "height": height,
        "data": {"values": written},
        "mark": {"type": "text", "style": ["name"], "align": "right"},
        "encoding": {
            "x": {"value": names - 12},
            "y": level(height),
            "text": {"field": "written", "type": "nominal"},
            **said(written),
        },
    }
    main = {"width": scale.width, "height": height, "layer": layers(marks, scale, height)}
    # A view of their own: what lies outside a view that can be zoomed is cut off.
    beside = {"hconcat": [column, main], "spacing": 12, "bounds": "flush"}
    years = " to ".join(dict.fromkeys(day[:4].lstrip("0") for day in (min(bounds), max(bounds))))
    summary = f"{counted(len(marks), 'entry', 'entries')} from {years}, one below the other in the order of the table."
    return Drawn(
        {"vconcat": [legend(marks, subject.width), beside]}, summary, left_out(len(rows), len(whole), len(shown))
    )


def bounded(row: tuple[str, ...]) -> tuple[str, ...]:
    """A row whose first two values are days, whether they are instants or dates in EDTF."""
    return (bound(row[0], last=False), bound(row[1], last=True), *row[2:])


def dated(earliest: str, latest: str) -> bool:
    """Whether two instants bound something."""
    try:
        return day_of(earliest) <= day_of(latest)
    except ValueError:
        return False


def between(earliest: str, latest: str) -> str:
    """Bounds in words."""
    return earliest[:10] if earliest[:10] == latest[:10] else f"{earliest[:10]} to {latest[:10]}"


def left_out(rows: int, whole: int, shown: int) -> tuple[str, ...]:
    """What is not drawn, in sentences."""
    found = []
    if whole > shown:
        found.append(f"The first {shown:,} of {whole:,} dated rows are drawn; the table has all.")
    if rows and not whole:
        found.append("No row has dates that can be drawn.")
    return tuple(found)
