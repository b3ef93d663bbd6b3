"""`network`: who is tied with whom, as points with lines between. Where points lie is left to networkx.

Columns: one thing, another, and how strongly they are tied. Of more things than can be told apart the strongest stay.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kg.pictures.names import Point, Written, placed
from kg.pictures.subject import Drawn, Subject, counted, legible, number

MOST_NODES = 36
MOST_TIES = 240
MOST_LETTERS = 34
TURNS = 300
"""Of the spring layout, after which it moves no more."""

Tie = tuple[str, str]
Area = tuple[float, float, float, float]
"""Left, top, width and height."""


def draw(subject: Subject) -> Drawn | None:
    """The picture of an answer; None if no row ties two things."""
    weights = _weights(subject)
    if not weights:
        return None
    every = _strengths(weights)
    nodes = sorted(every, key=lambda node: (-every[node], subject.name(node), node))[:MOST_NODES]
    kept = {tie: weight for tie, weight in weights.items() if set(tie) <= set(nodes)}
    kept = dict(sorted(kept.items(), key=lambda each: (-each[1], each[0]))[:MOST_TIES])
    nodes = [node for node in nodes if any(node in tie for tie in kept)] or nodes
    width = float(subject.width)
    height = round(width * (0.4 + 0.3 * min(1.0, len(nodes) / MOST_NODES)))
    places = _layout(nodes, kept, width, height)
    view = {
        "width": width,
        "height": height,
        "layer": [*_ties(subject, kept, places, width, height), *_nodes(subject, nodes, every, places, width, height)],
    }
    notes = []
    if len(every) > len(nodes):
        notes.append(
            f"The {len(nodes)} most strongly tied of {len(every):,} things are drawn, with the ties among them; "
            "the table has all."
        )
    ties = counted(len(kept), "tie", "ties")
    strongest = ", ".join(subject.name(node) for node in nodes[:3])
    summary = f"{counted(len(nodes), 'thing', 'things')} with {ties}; the most tied are {strongest}."
    return Drawn(view, summary, tuple(notes))


def _weights(subject: Subject) -> dict[Tie, float]:
    """How strongly things are tied, whichever of them comes first; rows that tie the same add up."""
    found: dict[Tie, float] = defaultdict(float)
    for row in subject.rows:
        one, other = subject.value(row, 0), subject.value(row, 1)
        if not one or not other or one == other:
            continue
        given = number(subject.value(row, 2)) if len(subject.chart.columns) > 2 else 1.0
        if given is not None and given > 0:
            found[(one, other) if one < other else (other, one)] += given
    return dict(found)


def _strengths(weights: dict[Tie, float]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for tie, weight in weights.items():
        for node in tie:
            found[node] += weight
    return found


def _layout(nodes: list[str], ties: dict[Tie, float], width: float, height: float) -> dict[str, tuple[float, float]]:
    """Where each node lies, in pixels; what is not tied together lies in areas of its own."""
    # Imported here, so that only the process that draws has it.
    import networkx  # type: ignore[import-untyped]

    graph = networkx.Graph()
    graph.add_nodes_from(nodes)
    most = max(ties.values())
    # Roots: a tie that is ten times as strong must not pull ten times as hard, or all lies in one heap.
    graph.add_weighted_edges_from((one, other, (weight / most) ** 0.5) for (one, other), weight in ties.items())
    parts = [[node for node in nodes if node in part] for part in networkx.connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), nodes.index(part[0])))
    found: dict[str, tuple[float, float]] = {}
    for part, area in zip(parts, _areas([len(part) for part in parts], (0.0, 0.0, width, height)), strict=True):
        spread = 2.6 / len(part) ** 0.5
        drawn = networkx.spring_layout(graph.subgraph(part), k=spread, iterations=TURNS, seed=8)
        found |= _stretched({node: (float(x), float(y)) for node, (x, y) in drawn.items()}, part, area)
    return found


def _areas(sizes: list[int], area: Area) -> list[Area]:
    """An area for each of some parts, as large as it is, cut across the longer side."""
    if len(sizes) == 1:
        return [area]
    half = next(at for at in range(1, len(sizes)) if at == len(sizes) - 1 or 2 * sum(sizes[:at]) >= sum(sizes))
    x, y, width, height = area
    share = sum(sizes[:half]) / sum(sizes)
    if width * 0.5 > height:  # names are wide
        first, second = (x, y, width * share, height), (x + width * share, y, width * (1 - share), height)
    else:
        first, second = (x, y, width, height * share), (x, y + height * share, width, height * (1 - share))
    return [*_areas(sizes[:half], first), *_areas(sizes[half:], second)]


def _stretched(drawn: dict[str, tuple[float, float]], order: list[str], area: Area) -> dict[str, tuple[float, float]]:
    """The nodes spread over an area, with room for names at its sides."""
    left, top, width, height = area
    aside, above = min(110.0, width * 0.24), min(28.0, height * 0.25)
    found = {}
    for axis, start, size, margin in ((0, left, width, aside), (1, top, height, above)):
        ends = sorted(place[axis] for place in drawn.values())
        for node in order:
            share = (drawn[node][axis] - ends[0]) / (ends[-1] - ends[0]) if ends[-1] > ends[0] else 0.5
            found[node, axis] = round(start + margin + share * (size - 2 * margin), 1)
    return {node: (found[node, 0], found[node, 1]) for node in order}


def _ties(
    subject: Subject, ties: dict[Tie, float], places: dict[str, tuple[float, float]], width: float, height: float
) -> list[dict[str, Any]]:
    most = max(ties.values())
    values = []
    for (one, other), weight in ties.items():
        names = f"{subject.name(one)} – {subject.name(other)}"
        told = {"name": names, "strength": weight, "told": f"{names}: {weight:g}", "wide": 0.8 + 5.2 * weight / most}
        ends = {"x": places[one][0], "y": places[one][1], "x2": places[other][0], "y2": places[other][1]}
        values.append(told | ends)
    heading = subject.heading(2) if len(subject.chart.columns) > 2 else "ties"
    encoding = {
        **_place(width, height),
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
        "strokeWidth": {"field": "wide", "type": "quantitative", "scale": None},
        "description": {"field": "told"},
        "tooltip": [{"field": "name", "title": "Between"}, {"field": "strength", "title": heading}],
    }
    return [{"data": {"values": values}, "mark": {"type": "rule", "style": ["tie"]}, "encoding": encoding}]


def _nodes(
    subject: Subject,
    nodes: list[str],
    strengths: dict[str, float],
    places: dict[str, tuple[float, float]],
    width: float,
    height: float,
) -> list[dict[str, Any]]:
    most = max(strengths[node] for node in nodes)
    radii = {node: 5 + 9 * (strengths[node] / most) ** 0.5 for node in nodes}
    written = {node: legible(subject.name(node), MOST_LETTERS) for node in nodes}
    points = [Point(*places[node], radii[node], written[node]) for node in nodes]
    values, names = [], []
    for node, place in zip(nodes, placed(points, width, height), strict=True):
        link = subject.link(node)
        told: dict[str, Any] = {"name": subject.name(node), "strength": strengths[node]}
        told |= {"told": f"{told['name']}: {strengths[node]:g}", **({"href": link} if link else {})}
        values.append(told | {"x": places[node][0], "y": places[node][1], "size": radii[node] ** 2 * 3.14})
        # Without room a name covers something: better that than a point that nobody can name.
        above = Written(places[node][0], places[node][1] - radii[node] - 9, "center")
        at = place or above
        names.append(told | {"x": at.x, "y": at.y, "align": at.align, "written": written[node]})
    said: dict[str, Any] = {
        "description": {"field": "told"},
        "tooltip": [{"field": "name", "title": "What"}, {"field": "strength", "title": "Ties in all"}],
    }
    said |= {"href": {"field": "href"}} if any("href" in value for value in values) else {}
    circles = {
        "data": {"values": values},
        "mark": {"type": "point", "shape": "circle", "filled": True, "opacity": 1, "style": ["node"]},
        "encoding": {
            **_place(width, height),
            "size": {"field": "size", "type": "quantitative", "scale": None},
            **said,
        },
    }
    return [circles, *texts(names, _place(width, height), said)]


def texts(names: list[dict[str, Any]], place: dict[str, Any], said: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers of names that are written beside points."""
    found = []
    for align in ("left", "right", "center"):
        values = [
            {key: value for key, value in name.items() if key != "align"} for name in names if name["align"] == align
        ]
        if values:
            mark = {"type": "text", "style": ["name"], "align": align}
            encoding = {**place, "text": {"field": "written", "type": "nominal"}, **said}
            found.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    return found


def _place(width: float, height: float) -> dict[str, Any]:
    def axis(field: str, domain: list[float]) -> dict[str, Any]:
        scale = {"domain": domain, "nice": False, "zero": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": None}

    return {"x": axis("x", [0, width]), "y": axis("y", [height, 0])}
