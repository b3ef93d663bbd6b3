"""From an answer and its chart to Vega-Lite: complete, with its data. Drawing is left to `drawing`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg.pictures import bars, lanes, maps, network, timeline
from kg.pictures.subject import Drawn, Subject, legible
from kg.pictures.themes import LIGHT, PAGE, config

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
KINDS: Mapping[str, Callable[[Subject], Drawn | None]] = {
    "timeline": timeline.draw,
    "lanes": lanes.draw,
    "bar": bars.draw,
    "network": network.draw,
    "map": maps.draw,
}
NOTHING = "There is nothing to draw: no row has what the picture shows."


def specification(subject: Subject) -> dict[str, Any]:
    """The picture of an answer as Vega-Lite; of one with nothing to draw a picture that says so.

    Its `config` has the colours of files; `usermeta.page` has those of pages, and `usermeta.notes` what is left out.
    """
    drawn = KINDS[subject.chart.kind](subject)
    if drawn is None:
        drawn = Drawn(_empty(subject), NOTHING)
    title = legible(subject.title)
    notes = list(drawn.notes)
    told = " ".join([f"{subject.chart.kind.capitalize()}: {title}.", drawn.summary, *drawn.notes])
    return {
        "$schema": SCHEMA,
        "title": {"text": title} | ({"subtitle": notes} if notes else {}),
        "description": told,
        "padding": 14,
        "autosize": {"type": "pad", "contains": "padding"},
        **drawn.view,
        "config": config(LIGHT),
        "usermeta": {"page": config(PAGE), "notes": list(drawn.notes), "empty": drawn.summary == NOTHING},
    }


def for_page(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same picture to stand in a page, which has a title of its own and other colours."""
    kept = {name: value for name, value in found.items() if name not in ("title", "usermeta")}
    return {**kept, "config": found["usermeta"]["page"], "padding": 2}


def _empty(subject: Subject) -> dict[str, Any]:
    return {
        "width": subject.width,
        "height": 40,
        "data": {"values": [{"text": NOTHING}]},
        "mark": {"type": "text", "style": ["quiet"], "align": "left"},
        "encoding": {"x": {"value": 0}, "y": {"value": 20}, "text": {"field": "text", "type": "nominal"}},
    }
