"""The map projection that fits some places: round their middle if they lie near each other, else of the whole world.

The formulas are d3-geo's, so that names can be placed before Vega draws: azimuthal equal-area (Snyder, 1987, p. 185),
Natural Earth (Šavrič et al., 2011).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NEAR = math.radians(65)
"""How far from the middle places may be for the map round it; farther, the projection tears at the edge."""
LEAST = math.radians(4)
"""A map shows so much round its middle at least: one place alone is shown with the countries round it."""
MARGIN = 0.82

Place = tuple[float, float]
"""Degrees north and east."""


@dataclass(frozen=True)
class Projection:
    """Where places are on a map of so many pixels."""

    kind: str
    middle: Place
    scale: float
    width: float
    height: float

    def at(self, place: Place) -> tuple[float, float]:
        """Where a place is, in pixels."""
        x, y = _azimuthal(place, self.middle) if self.kind == "azimuthalEqualArea" else _natural(place, self.middle[1])
        return self.width / 2 + self.scale * x, self.height / 2 - self.scale * y

    @property
    def as_vega(self) -> dict[str, Any]:
        """The same as Vega has it."""
        north, east = self.middle
        rotate = [-east, -north] if self.kind == "azimuthalEqualArea" else [-east, 0]
        found: dict[str, Any] = {
            "type": self.kind,
            "rotate": [round(each, 4) for each in rotate],
            "scale": round(self.scale, 3),
            "translate": [self.width / 2, self.height / 2],
            "clipExtent": [[0, 0], [self.width, self.height]],
        }
        return found | ({"clipAngle": 89} if self.kind == "azimuthalEqualArea" else {})


def fitting(places: Sequence[Place], width: float, height: float) -> Projection:
    """The projection that shows all places."""
    middle = _middle(places)
    farthest = max((_distance(place, middle) for place in places), default=0.0)
    if farthest > NEAR:
        return Projection("naturalEarth1", (0.0, middle[1]), width / 5.4767, width, height)
    wide, high = LEAST, LEAST
    for place in places:
        x, y = _azimuthal(place, middle)
        wide, high = max(wide, abs(x)), max(high, abs(y))
    scale = MARGIN * min(width / 2 / wide, height / 2 / high)
    return Projection("azimuthalEqualArea", middle, scale, width, height)


def _middle(places: Sequence[Place]) -> Place:
    """The middle of what places span on the sphere: it has no edge where degrees begin anew, and no poles."""
    x, y, z = (sum(each) for each in zip(*(_vector(place) for place in places), strict=True))
    if math.hypot(x, y, z) < 1e-6 * len(places):
        return 0.0, 0.0
    middle = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    if max(_distance(place, middle) for place in places) > NEAR:
        return middle
    # The mean leans to where many are; the middle of the extent round it leaves equal margins.
    drawn = [_azimuthal(place, middle) for place in places]
    xs, ys = [point[0] for point in drawn], [point[1] for point in drawn]
    return _back((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, middle)


def _vector(place: Place) -> tuple[float, float, float]:
    north, east = (math.radians(each) for each in place)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _distance(one: Place, other: Place) -> float:
    cosine = sum(a * b for a, b in zip(_vector(one), _vector(other), strict=True))
    return math.acos(min(1.0, max(-1.0, cosine)))


def _azimuthal(place: Place, middle: Place) -> tuple[float, float]:
    north, east = math.radians(place[0]), math.radians(place[1] - middle[1])
    at = math.radians(middle[0])
    cosine = math.sin(at) * math.sin(north) + math.cos(at) * math.cos(north) * math.cos(east)
    factor = math.sqrt(2 / max(1 + cosine, 1e-9))
    return (
        factor * math.cos(north) * math.sin(east),
        factor * (math.cos(at) * math.sin(north) - math.sin(at) * math.cos(north) * math.cos(east)),
    )


def _back(x: float, y: float, middle: Place) -> Place:
    """The place that `_azimuthal` puts there."""
    far = math.hypot(x, y)
    if far < 1e-12:
        return middle
    angle, at = 2 * math.asin(min(1.0, far / 2)), math.radians(middle[0])
    north = math.asin(min(1.0, max(-1.0, math.cos(angle) * math.sin(at) + y * math.sin(angle) * math.cos(at) / far)))
    east = math.atan2(x * math.sin(angle), far * math.cos(at) * math.cos(angle) - y * math.sin(at) * math.sin(angle))
    turned = (middle[1] + math.degrees(east) + 180) % 360 - 180
    return math.degrees(north), turned


def _natural(place: Place, centre: float) -> tuple[float, float]:
    north = math.radians(place[0])
    east = math.radians((place[1] - centre + 180) % 360 - 180)
    p = north * north
    q = p * p
    return (
        east * (0.8707 - 0.131979 * p + q * (-0.013791 + q * (0.003971 * p - 0.001529 * q))),
        north * (1.007226 + p * (0.015085 + q * (-0.044475 + 0.028874 * p - 0.005916 * q))),
    )
