"""`map`: where things are, on the bundled outline of the world. What lies at one place is one point there.

Columns: degrees north, degrees east, the label, the thing. The outline's source and licence are in `world.md`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from kg.pictures.names import Point, Written, placed
from kg.pictures.network import texts
from kg.pictures.projection import Place, fitting
from kg.pictures.subject import Drawn, Subject, counted, legible, number

WORLD = Path(__file__).with_name("world.json")
MOST_PLACES = 200
MOST_LETTERS = 40
MOST_NAMED = 4
"""Things at one place of which the names are told; of the others only how many there are."""
RADIUS = 5.0


def draw(subject: Subject) -> Drawn | None:
    """The picture of an answer; None if no row has coordinates."""
    found: dict[Place, dict[str, str]] = defaultdict(dict)
    without = 0
    for row in subject.rows:
        north, east = number(subject.value(row, 0)), number(subject.value(row, 1))
        if north is None or east is None or not (-90 <= north <= 90 and -180 <= east <= 360):
            without += 1
            continue
        found[north, east].setdefault(subject.name(subject.value(row, 2)), subject.value(row, 3))
    if not found:
        return None
    shown = dict(list(found.items())[:MOST_PLACES])
    width = float(subject.width)
    height = round(width * 0.52)
    projection = fitting(list(shown), width, height)
    points = [Point(*projection.at(place), RADIUS, _written(list(names))) for place, names in shown.items()]
    written = placed(points, width, height)
    view = {
        "width": width,
        "height": height,
        "projection": projection.as_vega,
        "layer": [*_ground(), *_places(subject, shown, points, written)],
    }
    notes = []
    if without:
        notes.append(f"{counted(without, 'row has', 'rows have')} no coordinates and only the table has them.")
    if len(found) > len(shown):
        notes.append(f"The first {len(shown):,} of {len(found):,} places are drawn; the table has all.")
    if unnamed := sum(place is None for place in written):
        notes.append(f"{counted(unnamed, 'name has', 'names have')} no room on the map and only the table has them.")
    names = ", ".join(point.name for point in points[:5])
    more = "" if len(points) <= 5 else f" and {len(points) - 5} more"
    return Drawn(view, f"{counted(len(points), 'place', 'places')}: {names}{more}.", tuple(notes))


def _written(names: list[str]) -> str:
    others = f" (+{len(names) - 1})" if len(names) > 1 else ""
    return legible(names[0], MOST_LETTERS) + others


def _told(names: list[str]) -> str:
    others = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + others


@cache
def _world() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WORLD.read_bytes())
    return found


def _ground() -> list[dict[str, Any]]:
    return [
        {"data": {"sphere": True}, "mark": {"type": "geoshape", "style": ["sea"], "aria": False}},
        {
            "data": {"graticule": {"step": [10, 10]}},
            "mark": {"type": "geoshape", "filled": False, "style": ["grid"], "aria": False},
        },
        {
            "data": {"values": _world(), "format": {"type": "topojson", "feature": "countries"}},
            "mark": {"type": "geoshape", "style": ["land"], "aria": False},
        },
    ]


def _places(
    subject: Subject, shown: dict[Place, dict[str, str]], points: list[Point], written: list[Written | None]
) -> list[dict[str, Any]]:
    values, names = [], []
    for (place, named), point, at in zip(shown.items(), points, written, strict=True):
        thing = next(iter(named.values()))
        link = subject.link(thing)
        told: dict[str, Any] = {"name": _told(list(named)), "north": place[0], "east": place[1]}
        told |= {"told": f"{told['name']}: {_degrees(*place)}", "where": _degrees(*place)}
        told |= {"href": link} if link else {}
        values.append(told)
        if at is not None:
            names.append((told, point, at))
    said: dict[str, Any] = {
        "description": {"field": "told"},
        "tooltip": [{"field": "name", "title": "What"}, {"field": "where", "title": "Where"}],
    }
    said |= {"href": {"field": "href"}} if any("href" in value for value in values) else {}
    where = {"longitude": {"field": "east"}, "latitude": {"field": "north"}}
    circle = {"type": "point", "shape": "circle", "filled": True, "opacity": 1, "size": 80, "style": ["place"]}
    circles = {"data": {"values": values}, "mark": circle, "encoding": {**where, **said}}
    found = []
    for told, point, at in names:
        # Moved from the place by pixels, for it is pixels that decide where there is room.
        move = {"dx": round(at.x - point.x, 1), "dy": round(at.y - point.y, 1)}
        found.append(told | {"align": at.align, "written": point.name, **move})
    return [circles, *_names(found, where, said)]


def _names(names: list[dict[str, Any]], place: dict[str, Any], said: dict[str, Any]) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for move in dict.fromkeys((name["dx"], name["dy"]) for name in names):
        values = [name for name in names if (name["dx"], name["dy"]) == move]
        kept = [{key: value for key, value in name.items() if key not in ("dx", "dy")} for name in values]
        for layer in texts(kept, place, said):
            layer["mark"] |= {"dx": move[0], "dy": move[1]}
            layers.append(layer)
    return layers


def _degrees(north: float, east: float) -> str:
    east = (east + 180) % 360 - 180
    return f"{abs(north):.2f}° {'N' if north >= 0 else 'S'}, {abs(east):.2f}° {'E' if east >= 0 else 'W'}"
