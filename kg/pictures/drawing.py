"""A picture in one of the forms that it can be had as. It loads a browser's engine: only `process` imports it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import vl_convert

from kg.pictures.specification import for_page, specification
from kg.pictures.subject import Subject
from kg.pictures.svg import finished
from kg.queries.declarations import Chart

VERSION = "6.4"
"""Of Vega-Lite; `server/ui` has the same major."""
SHARPNESS = 1.5
"""Pixels of a PNG for each of the picture's: it is printed."""


def draw(asked: Mapping[str, Any]) -> bytes:
    """The picture that a request asks for, as its format has it; `inline` is JSON of an SVG and what it leaves out."""
    kind, columns = asked["subject"]["chart"]
    subject = Subject(**{**asked["subject"], "chart": Chart(kind, tuple(columns))})
    found = specification(subject)
    match asked["format"]:
        case "vl":
            return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        case "png":
            png: bytes = vl_convert.vegalite_to_png(
                found, vl_version=VERSION, scale=SHARPNESS, allowed_base_urls=[], show_warnings=False
            )
            return png
        case "svg":
            return _svg(found, found).encode() + b"\n"
    told = {"notes": found["usermeta"]["notes"], "empty": found["usermeta"]["empty"]}
    drawn = "" if told["empty"] else _svg(for_page(found), found, asked["mark"])
    return json.dumps({"svg": drawn, **told}, ensure_ascii=False).encode()


def _svg(view: dict[str, Any], told: Mapping[str, Any], mark: str = "picture") -> str:
    svg = vl_convert.vegalite_to_svg(view, vl_version=VERSION, allowed_base_urls=[], show_warnings=False)
    return finished(svg, told["title"]["text"], told["description"], mark)
