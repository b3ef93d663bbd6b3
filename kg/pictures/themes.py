"""How pictures look: the styles that marks name, in the colours of files or of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "surface": "#ffffff",
    "sunken": "#f2f0ea",
    "ink": "#16211f",
    "muted": "#55605d",
    "line": "#dcd9d0",
    "accent": "#0b5c6b",
    "mark": "#e0eff1",
    "warn": "#8a4b00",
    "warn-ground": "#fdf2df",
    "font": "Liberation Sans, DejaVu Sans, Noto Sans, Arial, sans-serif",
}
"""Of files, which are looked at anywhere, on paper too."""
PAGE: Mapping[str, str] = {name: f"var(--{name})" for name in LIGHT} | {"ground": "transparent", "font": "sans-serif"}
"""Of pages: the variables of their style sheet, so that a picture turns dark with them; the sheet has the font too."""
DASHES = {"exact": [1, 0], "approximate": [6, 3], "uncertain": [1.5, 3], "both": [6, 3, 1.5, 3]}
"""How the outline of what is not known well is drawn."""


def config(colours: Mapping[str, str]) -> dict[str, Any]:
    """The `config` of a specification."""
    ink, muted, line, accent = (colours[name] for name in ("ink", "muted", "line", "accent"))
    text = {"color": ink, "fontSize": 12, "baseline": "middle"}
    return {
        "background": colours["ground"],
        "font": colours["font"],
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "color": ink,
            "fontSize": 17,
            "subtitleColor": muted,
            "subtitleFontSize": 12,
            "subtitlePadding": 6,
            "offset": 14,
        },
        "axis": {
            "domain": False,
            "ticks": False,
            "gridColor": line,
            "labelColor": muted,
            "labelFontSize": 12,
            "titleColor": muted,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "concat": {"spacing": 14},
        "style": {
            "band": {"color": colours["sunken"]},
            "area": {**text, "fontSize": 13, "fontWeight": "bold"},
            "name": {**text},
            "quiet": {**text, "color": muted},
            "point": {"color": accent, "stroke": accent, "strokeWidth": 1.6},
            "period": {"color": accent, "stroke": accent, "fillOpacity": 0.85, "cornerRadius": 2},
            "endless": {
                "color": accent,
                "stroke": accent,
                "fillOpacity": 0.35,
                "strokeOpacity": 0.6,
                "cornerRadius": 2,
            },
            "somewhere": {"color": colours["mark"], "stroke": accent, "strokeWidth": 1.4, "cornerRadius": 5},
            "uncertain": {"color": colours["warn-ground"], "stroke": colours["warn"], "strokeWidth": 1.8},
            "arrow": {"color": ink, "strokeWidth": 1.4},
            "document": {"color": colours["surface"], "stroke": ink, "strokeWidth": 1.2},
            "bar": {"color": accent, "cornerRadius": 2},
            "tie": {"color": muted, "strokeOpacity": 0.5},
            "node": {"color": accent, "stroke": colours["surface"], "strokeWidth": 1.5},
            "sea": {"color": colours["sunken"]},
            "land": {"color": colours["surface"], "stroke": muted, "strokeWidth": 0.5},
            "grid": {"color": line, "strokeWidth": 0.5},
            "place": {"color": accent, "stroke": colours["surface"], "strokeWidth": 1.2},
        },
    }
