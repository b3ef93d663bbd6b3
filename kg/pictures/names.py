"""Where names are written beside points, so that none covers another name or a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.pictures.dated import LETTER

SIZE = 12
HIGH = SIZE * 1.15


@dataclass(frozen=True)
class Point:
    """A point with its name and how far out it is drawn, in pixels."""

    x: float
    y: float
    radius: float
    name: str


@dataclass(frozen=True)
class Written:
    """Where a name begins, is centred or ends (`align`), in pixels."""

    x: float
    y: float
    align: str


Box = tuple[float, float, float, float]


def placed(points: Sequence[Point], width: float, height: float) -> list[Written | None]:
    """Where each name is written; None where there is no room for it. Who comes first chooses first."""
    taken: list[Box] = [
        (point.x - point.radius, point.y - point.radius, point.x + point.radius, point.y + point.radius)
        for point in points
    ]
    found: list[Written | None] = []
    for number, point in enumerate(points):
        chosen = None
        for written, box in _candidates(point):
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
            if inside and not any(_overlap(box, other) for at, other in enumerate(taken) if at != number):
                chosen = written
                taken.append(box)
                break
        found.append(chosen)
    return found


def _candidates(point: Point) -> list[tuple[Written, Box]]:
    wide, gap = len(point.name) * SIZE * LETTER, point.radius + 4
    x, y, up = point.x, point.y, HIGH / 2
    aside = gap * 0.75
    places = [
        Written(x + gap, y, "left"),
        Written(x - gap, y, "right"),
        Written(x, y - gap - up, "center"),
        Written(x, y + gap + up, "center"),
        Written(x + aside, y - aside - up / 2, "left"),
        Written(x + aside, y + aside + up / 2, "left"),
        Written(x - aside, y - aside - up / 2, "right"),
        Written(x - aside, y + aside + up / 2, "right"),
    ]
    shift = {"left": 0.0, "right": -wide, "center": -wide / 2}
    return [
        (place, (place.x + shift[place.align], place.y - up, place.x + shift[place.align] + wide, place.y + up))
        for place in places
    ]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
