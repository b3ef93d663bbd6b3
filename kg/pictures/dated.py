"""Marks of what is dated, as layers of Vega-Lite on one scale of time, with the legend of those looks that occur.

Which marks there are and where is `timeline`'s and `lanes`' to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.pictures.dates import Scale, Stretch, instant_of
from kg.pictures.themes import DASHES

HALF = 5.0
"""Half the height of a mark."""
ARROWS = {"right": "M-0.9,0H0.9M0.35,-0.5L0.9,0L0.35,0.5", "left": "M0.9,0H-0.9M-0.35,-0.5L-0.9,0L-0.35,0.5"}
ENDS = {"right": "M-0.5,-1L0.5,0L-0.5,1", "left": "M0.5,-1L-0.5,0L0.5,1"}
SHEET = "M-0.55,-0.9H0.2L0.55,-0.45V0.9H-0.55Z"
LETTER = 0.53
"""How wide a letter is, on the average of a wide typeface, by its size."""
TICKS = (
    "utcmonth(datum.value) == 0 && utcdate(datum.value) == 1 ? utcFormat(datum.value, '%Y') : "
    "utcdate(datum.value) == 1 ? utcFormat(datum.value, '%b %Y') : utcFormat(datum.value, '%-d %b %Y')"
)
"""What stands at a line of the scale, however near somebody zooms."""


@dataclass(frozen=True)
class Mark:
    """One dated thing: its name and how that is written, its date in words, where to read about it, how it is drawn."""

    name: str
    written: str
    when: str
    link: str
    y: float
    stretches: tuple[Stretch, ...]
    opens_left: bool = False
    opens_right: bool = False
    sense: str = ""
    """from or until, if something began or ended then."""
    is_document: bool = False

    @property
    def told(self) -> dict[str, str]:
        """What its every part says of it."""
        found = {"name": self.name, "when": self.when, "told": f"{self.name}: {self.when}"}
        return found | ({"href": self.link} if self.link else {})


def layers(marks: Sequence[Mark], scale: Scale, height: float) -> list[dict[str, Any]]:
    """The layers of the marks without their names; the first has the axis of time and can be zoomed."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mark in marks:
        if mark.is_document:
            place = {"x": instant_of(mark.stretches[0].begin), "y": mark.y}
            found.setdefault(("document", "exact"), []).append(mark.told | place)
            continue
        for stretch in mark.stretches:
            look = (_look(mark, stretch), stretch.doubt)
            found.setdefault(look, []).append(mark.told | _place(stretch, mark.y))
        for arrow, day in _arrows(mark):
            found.setdefault((arrow, "exact"), []).append(mark.told | {"x": instant_of(day), "y": mark.y})
    drawn = [_layer(look, doubt, values, scale, height) for (look, doubt), values in sorted(found.items())]
    drawn[0]["params"] = [{"name": "zoom", "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"}]
    return drawn


def _look(mark: Mark, stretch: Stretch) -> str:
    return "endless" if stretch.kind == "period" and (mark.opens_left or mark.opens_right) else stretch.kind


def _place(stretch: Stretch, y: float) -> dict[str, Any]:
    if stretch.kind == "point":
        return {"x": instant_of(stretch.middle), "y": y}
    return {"x": instant_of(stretch.begin), "x2": instant_of(stretch.end), "y": y - HALF, "y2": y + HALF}


def _arrows(mark: Mark) -> Iterable[tuple[str, float]]:
    if mark.opens_left:
        yield "open left", mark.stretches[0].begin
    if mark.opens_right:
        yield "open right", mark.stretches[-1].end
    if mark.sense == "from":
        yield "from", mark.stretches[-1].end
    if mark.sense == "until":
        yield "until", mark.stretches[0].begin


def shape_of(look: str, doubt: str) -> dict[str, Any]:
    """The mark of Vega-Lite that a look is drawn with."""
    dashes = {} if doubt == "exact" else {"strokeDash": DASHES[doubt]}
    style = ["uncertain"] if doubt in ("uncertain", "both") else ["somewhere"] if dashes else []
    point: dict[str, Any] = {"type": "point", "style": ["arrow"], "filled": False, "opacity": 1}
    match look:
        case "point":
            return {**point, "filled": True, "shape": "circle", "size": 80, "style": style or ["point"], **dashes}
        case "document":
            return {**point, "filled": True, "shape": SHEET, "size": 190, "style": ["document"]}
        case "open left" | "open right":
            side = look.removeprefix("open ")
            return {
                **point,
                "shape": ENDS[side],
                "xOffset": -5 if side == "right" else 5,
                "size": 150,
                "strokeWidth": 2,
            }
        case "from":
            return {**point, "shape": ARROWS["right"], "xOffset": 8, "size": 150}
        case "until":
            return {**point, "shape": ARROWS["left"], "xOffset": -8, "size": 150}
    return {"type": "rect", "style": style or [look], **dashes}


def _layer(look: str, doubt: str, values: list[dict[str, Any]], scale: Scale, height: float) -> dict[str, Any]:
    encoding = {"x": time(scale), "y": level(height), **said(values)}
    if "x2" in values[0]:
        encoding |= {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return {"data": {"values": values}, "mark": shape_of(look, doubt) | {"clip": True}, "encoding": encoding}


def said(values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The encodings by which marks say what they are, and lead to it."""
    found: dict[str, Any] = {
        "description": {"field": "told"},
        "tooltip": [{"field": "name", "title": "What"}, {"field": "when", "title": "When"}],
    }
    return found | ({"href": {"field": "href"}} if any("href" in value for value in values) else {})


def time(scale: Scale) -> dict[str, Any]:
    """The encoding of where something lies in time."""
    domain = [instant_of(scale.first), instant_of(scale.last)]
    axis = {
        "orient": "top",
        "title": None,
        "labelExpr": TICKS,
        "tickCount": 9,
        "labelOverlap": True,
        "labelBound": True,
    }
    return {"field": "x", "type": "temporal", "scale": {"type": "utc", "domain": domain, "nice": False}, "axis": axis}


def level(height: float, field: str = "y") -> dict[str, Any]:
    """The encoding of how far down something lies, in pixels."""
    scale = {"domain": [height, 0], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


LEGEND = {
    "point": "known to the day",
    "somewhere": "lies somewhere within",
    "period": "lasted",
    "approximate": "approximate",
    "uncertain": "uncertain",
    "both": "approximate and uncertain",
    "open": "no end known",
    "from": "began then",
    "until": "ended then",
    "document": "a document",
}


def legend(marks: Sequence[Mark], width: float) -> dict[str, Any]:
    """A view that says what the looks mean that occur."""
    seen = {"document"} if any(mark.is_document for mark in marks) else set()
    for mark in (mark for mark in marks if not mark.is_document):
        seen |= {stretch.kind for stretch in mark.stretches} | {stretch.doubt for stretch in mark.stretches}
        seen |= {mark.sense} | ({"open"} if mark.opens_left or mark.opens_right else set())
    found: list[dict[str, Any]] = []
    x, y = 0.0, 9.0
    for look, words in LEGEND.items():
        if look not in seen:
            continue
        wide = 34 + len(words) * 12 * LETTER
        if x + wide > width:
            x, y = 0.0, y + 20
        found += _explained(look, words, x, y)
        x += wide + 18
    return {"width": width, "height": y + 9, "layer": found, "view": {"stroke": None}}


def _explained(look: str, words: str, x: float, y: float) -> list[dict[str, Any]]:
    drawn = {"approximate": ("somewhere", look), "uncertain": ("somewhere", look), "both": ("somewhere", look)}
    shape, doubt = drawn.get(look, ("endless" if look == "open" else look, "exact"))
    box = {"x": {"value": x + 1}, "x2": {"value": x + 25}, "y": {"value": y - HALF}, "y2": {"value": y + HALF}}
    middle = {"x": {"value": x + 13}, "y": {"value": y}}
    marks = [(shape_of(shape, doubt), box if shape in ("somewhere", "period", "endless") else middle)]
    if look == "open":
        marks.append((shape_of("open right", "exact"), middle | {"x": {"value": x + 22}}))
    marks = [({name: value for name, value in mark.items() if name != "xOffset"}, place) for mark, place in marks]
    text = {"type": "text", "style": ["quiet"], "align": "left", "text": words}
    marks.append((text, {"x": {"value": x + 32}, "y": {"value": y}}))
    return [{"data": {"values": [{}]}, "mark": mark | {"aria": False}, "encoding": place} for mark, place in marks]
