"""Words that the graph does not have: properties, classes, things, namespaces; with those that are near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pyoxigraph as ox
from rapidfuzz import fuzz

from kg.linting.context import MOST_QUADS, Context, Level, Triple
from kg.linting.names import LEAST_LETTERS, NAMING
from kg.linting.near import likeness, local_name, meant, nearest, same_numbers
from kg.linting.places import TYPE, Spot, shown
from kg.linting.remarks import Edit, Remark, remark
from kg.linting.summary import NONE, Iris
from kg.namespaces import BASE, PREFIXES, SOURCE, oxus
from kg.tracing.patterns import Slot

_SURE = 90
"""Percent of likeness from which a property of another vocabulary is proposed."""
_SAME_NAMESPACE = 85
"""Percent of likeness from which a namespace is taken for a misspelt one."""


def misspelt_namespaces(context: Context) -> Iterator[Remark]:
    """Prefixes that stand for a namespace nobody uses, though one like it is used."""
    for spot, near in _misspelt(context):
        assert isinstance(spot.term, ox.NamedNode)
        message = f"nothing here has an IRI that begins with {spot.term.value}"
        yield remark(context.text, "namespace", spot.span, message, f"write <{near}>", f"<{near}>")


def unknown_terms(context: Context) -> Iterator[Remark]:
    """Properties, classes and things that occur nowhere."""
    skipped = [spot.term.value for spot, _ in _misspelt(context) if isinstance(spot.term, ox.NamedNode)]
    told: set[Slot] = set()
    for level in sorted(context.levels(), key=lambda each: not each.needed):
        for triple in level.triples:
            for part, term in enumerate(triple):
                if not isinstance(term, ox.NamedNode) or term in told or term == TYPE:
                    continue
                told.add(term)
                if any(term.value.startswith(base) for base in skipped) or _known(context, triple, part):
                    continue
                found = _everywhere(context, term, _unknown(context, level, triple, part))
                yield found if level.needed else replace(found, severity="warning")
    for spot in context.places.things():
        assert isinstance(spot.term, ox.NamedNode)
        if spot.term in told or spot.term == TYPE or any(spot.term.value.startswith(base) for base in skipped):
            continue
        told.add(spot.term)
        if not context.occurs(spot.term):
            found = _everywhere(context, spot.term, _unknown_thing(context, spot.term, spot.span))
            yield replace(found, severity="warning") if context.places.in_expression(spot) else found


def _everywhere(context: Context, term: ox.NamedNode, found: Remark) -> Remark:
    """A remark on a word with its edit made wherever the word stands, for it is told once."""
    spots = [spot for spot in context.places.things() if spot.term == term]
    if len(found.edits) != 1 or (found.edits[0].begin, found.edits[0].end) not in [spot.span for spot in spots]:
        return found
    return replace(found, edits=tuple(Edit(*spot.span, found.edits[0].text) for spot in spots))


def _known(context: Context, triple: Triple, part: int) -> bool:
    term = triple[part]
    assert isinstance(term, ox.NamedNode)
    if part == 1:
        return context.has(None, term, None)
    if part == 2 and triple[1] == TYPE:
        return context.has(None, TYPE, term)
    return context.occurs(term)


def _unknown(context: Context, level: Level, triple: Triple, part: int) -> Remark:
    term = triple[part]
    assert isinstance(term, ox.NamedNode)
    if part == 1:
        return _unknown_property(context, level, triple)
    if part == 2 and triple[1] == TYPE:
        return _unknown_class(context, triple)
    return _unknown_thing(context, term, context.at(triple, part))


def _unknown_thing(context: Context, term: ox.NamedNode, at: tuple[int, int] | None) -> Remark:
    near = context.names.meant(term.value)
    others = near or _sounding(context, term)
    fix = f"did you mean {context.listed(others)}?" if others else "look for its name: ?thing rdfs:label ?name"
    base = term.value.removesuffix(local_name(term.value))
    edit = context.write(near[0]) if near and near[0].startswith(base) and same_numbers(near[0], term.value) else None
    where = "in this view" if context.viewed else "in the graph"
    message = f"there is no {shown(term)} {where}{_also_called(context, term, near)}"
    return remark(context.text, "unknown-thing", at, message, fix, edit)


def _sounding(context: Context, term: ox.NamedNode) -> list[str]:
    """The things in whose names the words of an IRI are, however they are spelt."""
    name = local_name(term.value)
    return context.names.sounding(name) if len(name) >= LEAST_LETTERS else []


def _also_called(context: Context, term: ox.NamedNode, near: list[str]) -> str:
    if not near or likeness(local_name(term.value), local_name(near[0])) > 90:
        return ""
    name = max(
        context.names.of(ox.NamedNode(near[0])), key=lambda each: likeness(each, local_name(term.value)), default=""
    )
    return f"; {context.listed(near[:1])} is called “{name}”" if name else ""


def _unknown_property(context: Context, level: Level, triple: Triple) -> Remark:
    subject, term, value = triple
    assert isinstance(term, ox.NamedNode)
    name, summary = local_name(term.value), context.summary
    used = {each: count for each, count in summary.properties.items() if count}
    base = term.value[: len(term.value) - len(name)]
    near = nearest(name, (each for each in used if each.startswith((base, BASE)))) or nearest(name, used, least=_SURE)
    if (classes := _classes(context, level, subject)) and any(each in context.summary.uses for each in classes):
        near = [each for each in near if classes & (summary.users[each] | summary.values(each).classes)]
    if term.value in summary.properties:
        message, fix = f"{shown(term)} is a property of the ontology, but {_here(context)}no triple has it", ""
    else:
        message, fix = f"there is no property {shown(term)} here", ""
    edit = None
    if near:
        directed = [_directed(context, subject, ox.NamedNode(each), value, name) for each in near]
        edit = directed[0]
        fix = f"did you mean {' or '.join(directed)}?"
    stated = _stated_by(context, value) if isinstance(value, ox.Literal) else None
    beside = _beside(context, level, triple, set(near))
    if stated:
        predicate, literal = stated
        fix = f"{shown(predicate)} has {shown(literal)}"
        spots = [spot for spot in context.places.of_triple(*triple)[1:] if spot is not None]
        at = (spots[0].begin, spots[-1].end) if len(spots) == 2 else None
        edit = f"{context.write(predicate)} {context.write(literal)}"
        return remark(context.text, "unknown-property", at, message, fix, edit)
    if beside:
        fix = f"{fix} What it has there: {', '.join(beside)}".strip()
    elif not near:
        fix = f"near by meaning: {context.listed(found)}" if (found := _by_meaning(context, name)) else ""
    return remark(context.text, "unknown-property", context.at(triple), message, fix, edit)


def _directed(context: Context, subject: Slot, predicate: ox.NamedNode, value: Slot, name: str) -> str:
    """The property as a path, backwards if the query's terms stand the other way round in the graph."""
    forwards, backwards = context.has(subject, predicate, value), context.has(value, predicate, subject)
    written = context.write(predicate)
    turned = name.startswith("has") and local_name(predicate.value).endswith(("Of", "In", "By", "To"))
    return f"^{written}" if backwards and (turned or not forwards) else written


def _classes(context: Context, level: Level, subject: Slot) -> Iris:
    """The classes of a subject; what GRAPH has for a variable is a passage."""
    named = {part.graph for part in level.parts}
    return context.own(subject, level) or (frozenset({oxus("Passage").value}) if subject in named else NONE)


def _beside(context: Context, level: Level, triple: Triple, near: set[str]) -> list[str]:
    """The properties, as paths, that the subject has or that lead to a thing, and which are not told already."""
    subject, _, value = triple
    has: set[str] = set()
    if isinstance(value, ox.NamedNode):
        has = _predicates(context, None, value)
    elif isinstance(subject, ox.NamedNode):
        has = _predicates(context, subject, None)
    else:
        has = has.union(*(context.summary.uses.get(each, {}) for each in _classes(context, level, subject)))
    led = _predicates(context, None, subject) if isinstance(subject, ox.NamedNode) else set()
    ours = [*((each, "") for each in has - near), *((each, "^") for each in led - near)]
    ranked = sorted(
        (-likeness(local_name(triple[1].value), local_name(each)), turn, each)
        for each, turn in ours
        if each.startswith(BASE)
    )
    return [f"{turn}{shown(ox.NamedNode(each))}" for _, turn, each in ranked[:8]]


def _predicates(context: Context, subject: ox.NamedNode | None, value: ox.NamedNode | None) -> set[str]:
    quads = context.store.quads_for_pattern(subject, None, value, ox.DefaultGraph())
    return {quad.predicate.value for quad in islice(quads, MOST_QUADS)}


def _stated_by(context: Context, value: ox.Literal) -> tuple[ox.NamedNode, ox.Literal] | None:
    """The property that has a literal of this text, in whatever language, with that literal."""
    for predicate in NAMING:
        for literal in context.names.spellings(value.value):
            if context.has(None, predicate, literal):
                return predicate, literal
    return None


def _by_meaning(context: Context, name: str) -> list[str]:
    used = (each for each, count in context.summary.properties.items() if count)
    return meant(name, {each: context.summary.label_words(each) for each in used})


def _unknown_class(context: Context, triple: Triple) -> Remark:
    term, summary = triple[2], context.summary
    assert isinstance(term, ox.NamedNode)
    name = local_name(term.value)
    peopled = {each for each, count in summary.classes.items() if count}
    ours = {each for each in peopled if each.startswith(BASE)}
    near = nearest(name, ours)
    by_meaning = [] if near else meant(name, {each: summary.label_words(each) for each in ours})
    found = [*near, *by_meaning] or nearest(name, peopled)
    if term.value in summary.classes:
        message = f"{shown(term)} is a class of the ontology, but {_here(context)}nothing is of it"
    else:
        message = f"there is no class {shown(term)} here"
    fix = f"did you mean {context.listed(found)}?" if found else ""
    if by_meaning:
        fix += f" ({summary.label_words(by_meaning[0])})"
    edit = context.write(found[0]) if found else None
    return remark(context.text, "unknown-class", context.at(triple, 2), message, fix, edit)


def _here(context: Context) -> str:
    return "in this view " if context.viewed else ""


def _misspelt(context: Context) -> Iterator[tuple[Spot, str]]:
    """Where the prefixes of misspelt namespaces stand, each with the namespace that was meant."""
    terms = [spot.term.value for spot in context.places.spots if isinstance(spot.term, ox.NamedNode)]
    for spot in context.places.prefixes.values():
        if not isinstance(spot.term, ox.NamedNode) or _is_used(context, spot.term.value, terms):
            continue
        base = spot.term.value
        slugs = {term.removeprefix(base) for term in terms if term.startswith(base)}
        hits = {each: sum(context.occurs(ox.NamedNode(each + slug)) for slug in slugs) for each in PREFIXES.values()}
        best = max(hits, key=lambda each: (hits[each], fuzz.ratio(base, each)))
        if slugs and (hits[best] or fuzz.ratio(base, best) >= _SAME_NAMESPACE):
            yield spot, best


def _is_used(context: Context, base: str, terms: list[str]) -> bool:
    """Whether something has an IRI in this namespace."""
    if base in PREFIXES.values() or base.startswith(SOURCE):
        return True
    if any(term.startswith(base) for term in (*context.summary.classes, *context.summary.properties)):
        return True
    return any(term.startswith(base) and context.occurs(ox.NamedNode(term)) for term in terms)
