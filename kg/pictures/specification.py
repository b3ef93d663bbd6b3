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

    Its `config` has the colours of files; `usermeta.page` has those of pages, `usermeta.links` where links lead there,
    and `usermeta.notes` what is left out.
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
        **_links_apart(drawn.view),
        "config": config(LIGHT),
        "usermeta": {
            "page": config(PAGE),
            "links": dict(subject.pages),
            "notes": list(drawn.notes),
            "empty": drawn.summary == NOTHING,
        },
    }


def _links_apart(view: dict[str, Any], inherited: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The view with marks that lead somewhere in layers of their own: Vega makes a link of what has none, too."""
    found = dict(view)
    values = view.get("data", {}).get("values", inherited)
    for name in ("vconcat", "hconcat"):
        if name in view:
            found[name] = [_links_apart(each, values) for each in view[name]]
    if "layer" in view:
        found["layer"] = [part for layer in view["layer"] for part in _apart(layer, values)]
    elif "href" in view.get("encoding", {}) and any("href" not in value for value in values or ()):
        parts = _apart({name: view[name] for name in ("mark", "encoding")}, values)
        found = {name: value for name, value in view.items() if name not in ("mark", "encoding", "data")}
        found["layer"] = parts
    return found


def _apart(layer: dict[str, Any], inherited: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    values = layer.get("data", {}).get("values", inherited)
    encoding = layer.get("encoding", {})
    if "href" not in encoding or values is None or all("href" in value for value in values):
        return [layer]
    without = {name: value for name, value in encoding.items() if name != "href"}
    linked = [value for value in values if "href" in value]
    plain = [value for value in values if "href" not in value]
    rest = {name: value for name, value in layer.items() if name != "params"}
    return [
        {**layer, "data": {"values": linked}},
        {**rest, "data": {"values": plain}, "encoding": without},
    ]


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
