"""`bar`: a number for each row, as bars that lie one below the other in the order of the answer.

Columns: what is counted, the number, and the thing to read about.
"""

from __future__ import annotations

from typing import Any

from kg.pictures.dated import LETTER, level
from kg.pictures.subject import Drawn, Subject, counted, legible, number

ROW = 24.0
MOST_BARS = 60
NAMES = 0.4
"""The share of the picture's width that names may take."""


def draw(subject: Subject) -> Drawn | None:
    """The picture of an answer; None if no row has a number."""
    rows = [tuple(subject.value(row, position) for position in range(3)) for row in subject.rows]
    whole = [(row, value) for row in rows if (value := number(row[1])) is not None]
    if not whole:
        return None
    shown = whole[:MOST_BARS]
    named = [subject.name(row[0]) for row, _ in shown]
    names = min(max(len(name) for name in named) * 12 * LETTER + 14, subject.width * NAMES)
    letters = int((names - 14) / (12 * LETTER) + 0.5)
    values = []
    for line, (((label, text, thing), value), name) in enumerate(zip(shown, named, strict=True)):
        place = {"y": (line + 0.5) * ROW, "top": line * ROW + 4, "bottom": (line + 1) * ROW - 4}
        link = subject.link(thing or (label if label in subject.links else ""))
        told: dict[str, Any] = {
            "name": name,
            "written": legible(name, letters),
            "number": value,
            "shown": legible(text, 20),
        }
        values.append({**told, **place, "told": f"{name}: {text}", "zero": 0} | ({"href": link} if link else {}))
    height = len(shown) * ROW
    least, most = min(0.0, *(value for _, value in shown)), max(0.0, *(value for _, value in shown))
    said: dict[str, Any] = {
        "description": {"field": "told"},
        "tooltip": [
            {"field": "name", "title": subject.heading(0)},
            {"field": "shown", "title": subject.heading(1)},
        ],
    }
    said |= {"href": {"field": "href"}} if any("href" in value for value in values) else {}
    whole_numbers = all(value == int(value) for _, value in shown)
    across = {
        "field": "number",
        "type": "quantitative",
        "scale": {"domain": [least, most if most > least else least + 1], "nice": True},
        "axis": {
            "orient": "top",
            "title": _sentence(subject.heading(1)),
            "titleAnchor": "start",
            "tickCount": max(1, min(8, int(most - least))) if whole_numbers else 8,
            "tickMinStep": 1 if whole_numbers else 0,
        },
    }
    words = {"field": "written", "type": "nominal"}
    bars = {
        "mark": {"type": "rect", "style": ["bar"]},
        "encoding": {
            "x": across,
            "x2": {"field": "zero"},
            "y": level(height, "top"),
            "y2": {"field": "bottom"},
            **said,
        },
    }
    numbers = {
        "mark": {"type": "text", "style": ["quiet"], "align": "left", "dx": 5, "aria": False},
        "encoding": {
            "x": {"field": "number", "type": "quantitative"},
            "y": level(height),
            "text": {"field": "shown", "type": "nominal"},
        },
    }
    labels = {
        "mark": {"type": "text", "style": ["name"], "align": "right"},
        "encoding": {"x": {"value": -8}, "y": level(height), "text": words, **said},
    }
    view = {
        "data": {"values": values},
        "width": subject.width - names - 44,
        "height": height,
        "layer": [bars, numbers, labels],
    }
    notes = []
    if len(whole) > len(shown):
        notes.append(f"The first {len(shown):,} of {len(whole):,} rows are drawn; the table has all.")
    if len(rows) > len(whole):
        notes.append(f"{counted(len(rows) - len(whole), 'row has', 'rows have')} no number and cannot be drawn.")
    what = f"{subject.heading(1)} by {subject.heading(0)}"
    summary = f"{counted(len(shown), 'bar', 'bars')}: {what}, from {least:g} to {most:g}."
    return Drawn(view, summary, tuple(notes))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
