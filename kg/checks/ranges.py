"""Values that a property cannot have: a text for a thing, a thing for a text, a thing of a class against the range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.build.dataset import Assembled
from kg.checks.schema import TYPE, Schema
from kg.findings import Finding
from kg.namespaces import OWL, RDFS, SKOS, TIME, compact, oxus

_OBJECT = ox.NamedNode(OWL + "ObjectProperty")
_DATATYPE = ox.NamedNode(OWL + "DatatypeProperty")
_NAMES = (RDFS + "label", SKOS + "altLabel")


def range_findings(assembled: Assembled) -> Iterator[Finding]:
    """Each value of the wrong kind or class, and each name without its language, on its line."""
    schema = Schema(assembled)
    classes = _classes(assembled)
    for parsed in assembled.files.values():
        for quad, line in zip(parsed.quads, parsed.lines, strict=True):
            fault = _fault(quad, schema, classes)
            if fault is not None:
                yield Finding(parsed.shown_as, line, "wrong-range", *fault)
            if quad.predicate.value in _NAMES and isinstance(quad.object, ox.Literal) and not quad.object.language:
                message = f"'{quad.object.value}' is a name in no language"
                yield Finding(parsed.shown_as, line, "name-without-language", message, "add its tag: @en, @ru, @tg")


def _classes(assembled: Assembled) -> Mapping[object, frozenset[object]]:
    """The classes that the files give each term, and that of the spans, which none describes."""
    found: defaultdict[object, set[object]] = defaultdict(set)
    for parsed in assembled.files.values():
        for quad in parsed.quads:
            if quad.predicate == TYPE:
                found[quad.subject].add(quad.object)
            if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(TIME):
                found[quad.object].add(oxus("Span"))
    return {term: frozenset(classes) for term, classes in found.items()}


def _fault(quad: ox.Quad, schema: Schema, classes: Mapping[object, frozenset[object]]) -> tuple[str, str] | None:
    kinds, ranges = schema.kinds(quad.predicate), schema.ranges(quad.predicate)
    name = compact(quad.predicate.value)
    wanted = " and ".join(sorted(compact(one.value) for one in ranges if isinstance(one, ox.NamedNode)))
    if isinstance(quad.object, ox.Literal):
        if _OBJECT in kinds:
            return f"{name} has the text '{quad.object.value}' for a value", f"name a thing: {wanted or 'any'}"
    elif _DATATYPE in kinds:
        return f"{name} has a thing for a value", f"write a text or number in quotes: {wanted or 'any'}"
    elif isinstance(quad.object, ox.NamedNode):
        given = classes.get(quad.object, frozenset())
        if ranges and given and schema.exclude(given, ranges):
            is_a = " and ".join(sorted(compact(one.value) for one in given if isinstance(one, ox.NamedNode)))
            message = f"{name} has {compact(quad.object.value)} for a value, which is of {is_a}"
            return message, f"name one of {wanted}, or use another property"
    return None
