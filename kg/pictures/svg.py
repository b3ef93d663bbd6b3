"""What Vega draws made fit to be read: a title and a description, links that a keyboard reaches, nothing that styles.

Vega wraps each mark in a link of its own, and tells of each what kind of shape it is. Of the marks that lead to one
thing a single link is left to stop at, which is called what the thing is; of shapes nothing is told.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_BASE = "https://vega.github.io/vega-datasets/"
"""What the engine puts before an address without a host."""
_HREF = f"{{{XLINK}}}href"
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_COORDINATES = ("d", "transform", "x", "y", "x2", "y2", "width", "height", "points")
_IDS = ("clip-path", "fill", "stroke")

ET.register_namespace("", SVG)


def finished(svg: str, title: str, description: str, mark: str = "picture") -> str:
    """The picture as it is handed out; `mark` begins the ids in it, so that a page can have several."""
    root = ET.fromstring(svg)
    links = [link for link in root.iter(f"{{{SVG}}}a")]
    _bare(root, mark)
    _link_once(links)
    for element in list(root.iter()):
        if (label := element.attrib.get("aria-label")) and element not in links:
            del element.attrib["aria-label"]
            _tip(element, label)
    root.attrib.pop("class", None)
    root.attrib |= {"role": "group" if links else "img", "aria-labelledby": f"{mark}-title {mark}-desc"}
    for place, (name, text) in enumerate((("title", title), ("desc", description))):
        told = ET.Element(f"{{{SVG}}}{name}", {"id": f"{mark}-{name}"})
        told.text = text
        root.insert(place, told)
    return ET.tostring(root, encoding="unicode")


def _bare(root: ET.Element, mark: str) -> None:
    """Nothing; what a browser or a reader does not need is gone, and numbers have a tenth of a pixel."""
    ids: dict[str, str] = {}  # the engine counts on from picture to picture, and the same is to be the same
    for element in root.iter():
        if "id" in element.attrib:
            ids[element.attrib["id"]] = f"{mark}-{len(ids)}"
    for element in root.iter():
        label = element.attrib.get("aria-label")
        for name in [name for name in element.attrib if name.startswith("aria-") or name in ("role", "style", "class")]:
            del element.attrib[name]
        if label:
            element.attrib["aria-label"] = label
        for name in _COORDINATES:
            if name in element.attrib:
                element.attrib[name] = _LONG.sub(lambda found: f"{float(found[0]):.1f}", element.attrib[name])
        if "id" in element.attrib:
            element.attrib["id"] = ids[element.attrib["id"]]
        for name in _IDS:
            if element.attrib.get(name, "").startswith("url(#"):
                element.attrib[name] = f"url(#{ids[element.attrib[name][5:-1]]})"


def _link_once(links: list[ET.Element]) -> None:
    told: dict[tuple[str, str], ET.Element] = {}
    for link in links:
        href = link.attrib.pop(_HREF, "").removeprefix(_BASE)
        label = next((each.attrib["aria-label"] for each in link.iter() if "aria-label" in each.attrib), "")
        link.attrib |= {"href": href}
        # What is written is what a keyboard stops at: it has room for a frame round it.
        if any(each.tag == f"{{{SVG}}}text" for each in link.iter()):
            told[href, label] = link
    seen: set[tuple[str, str]] = set()
    for link in links:
        label = next((each.attrib.pop("aria-label") for each in link.iter() if "aria-label" in each.attrib), "")
        key = link.attrib["href"], label
        chosen = told.setdefault(key, link)
        if chosen is link and key not in seen:
            link.attrib["aria-label"] = label
            seen.add(key)
        else:
            link.attrib |= {"tabindex": "-1", "aria-hidden": "true"}
        _tip(link, label)


def _tip(element: ET.Element, text: str) -> None:
    """Nothing; the text is shown to whoever points at the element."""
    tip = ET.Element(f"{{{SVG}}}title")
    tip.text = text
    element.insert(0, tip)
