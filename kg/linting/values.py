"""Literals that can never equal, or compare with, what the graph has there: no language, another type, no zone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from kg.linting.context import Context, Level, Triple
from kg.linting.parts import calls
from kg.linting.places import TYPE, shown
from kg.linting.remarks import Remark, Severity, remark
from kg.linting.summary import Use
from kg.namespaces import RDF, TIME, XSD, oxus
from kg.tracing.patterns import Expression

_LANGUAGE_STRING, _STRING, _DATE_TIME = RDF + "langString", XSD + "string", XSD + "dateTime"
_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_DERIVED = ("long", "int", "short", "byte", *(f"{sign}Integer" for sign in ("positive", "nonNegative", "negative")))
_UNSIGNED = ("nonPositiveInteger", *(f"unsigned{size}" for size in ("Long", "Int", "Short", "Byte")))
_NUMERIC = _NUMBERS | {XSD + name for name in (*_DERIVED, *_UNSIGNED)}
_COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN"})
_DENIALS = frozenset({"!=", "NOT IN"})
_HOW = 'write an instant, such as "2002-02-20T00:00:00Z"^^xsd:dateTime'
_OF_INSTANTS = frozenset({"YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ"})
MOST_LITERALS = 20
"""Literals of one IN that are looked at."""
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:Z|[+-]\d\d:\d\d)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")


def unequal_values(context: Context) -> Iterator[Remark]:
    """Literals as objects of triple patterns."""
    for level in context.levels():
        for triple in level.triples:
            _, predicate, value = triple
            if isinstance(value, ox.Literal) and isinstance(predicate, ox.NamedNode) and predicate != TYPE:
                use = context.summary.values(predicate.value)
                if (use.classes or use.datatypes) and not context.has(None, predicate, value):
                    yield from _of_object(context, triple, value, use)


def unequal_comparisons(context: Context) -> Iterator[Remark]:
    """Comparisons of a variable with a literal, and functions of instants on what is none."""
    for level in context.levels():
        for part in level.parts:
            if part.expression is not None and part.kind in ("condition", "bind", "optional"):
                for call in calls(part.expression):
                    yield from _of_call(context, level, call)


def _of_object(context: Context, triple: Triple, value: ox.Literal, use: Use) -> Iterator[Remark]:
    predicate, at = triple[1], context.at(triple, 2)
    right = converted(context, predicate, value, use)
    if use.datatypes:
        if value.datatype.value in use.datatypes and right is None:
            return
        message = f"{shown(predicate)} is {_typed(use)}, and {_said(value, use)}"
        fix = f"write {shown(right)}" if right is not None else ""
        yield remark(context.text, "wrong-datatype", at, message, fix, context.write(right) if right else None)
        return
    things = _things(context, value, use)
    message = f"{shown(predicate)} leads to {_kinds(context, triple, use)}, and {shown(value)} is a literal"
    fix = f"write {context.listed(things)}" if things else "ask for a thing, or follow it to one of its own values"
    if oxus("Span").value in use.classes:
        fix += f", or compare the span's {context.listed(_BOUNDS)}"
    yield remark(context.text, "literal-for-thing", at, message, fix, context.write(things[0]) if things else None)


def _of_call(context: Context, level: Level, call: Expression) -> Iterator[Remark]:
    if call.operator in _OF_INSTANTS and isinstance(call.operands[0].term, ox.Variable):
        variable = call.operands[0].term
        found = context.leads_to(variable, level)
        if found and found[1].classes and not found[1].datatypes:
            yield _no_value(context, level, variable, *found, f"{call.operator}({variable}) has no value")
    if call.operator not in _COMPARISONS:
        return
    variables = [operand.term for operand in call.operands if isinstance(operand.term, ox.Variable)]
    literals = [operand.term for operand in call.operands if isinstance(operand.term, ox.Literal)]
    found = context.leads_to(variables[0], level) if variables and literals else None
    if found is None:
        return
    predicate, use = found
    for value in literals[:MOST_LITERALS]:
        if use.classes and not use.datatypes:
            never = f"{variables[0]} never compares with {shown(value)}"
            yield _no_value(context, level, variables[0], predicate, use, never)
            return
        right = converted(context, predicate, value, use)
        if right is None and any(comparable(value.datatype.value, each) for each in use.datatypes):
            continue
        message = f"{variables[0]} is {_typed(use)} ({shown(predicate)}), and {_said(value, use)}"
        at, edit = context.places.find(value), context.write(right) if right is not None else None
        fix = f"write {shown(right)}" if right is not None else _HOW if _DATE_TIME in use.datatypes else ""
        if call.operator in _DENIALS:
            message += ", so this holds of every one"
        severity: Severity = "warning" if call.operator in _DENIALS else "error"
        yield remark(context.text, "wrong-datatype", at, message, fix, edit, severity)


def comparable(one: str, other: str) -> bool:
    """Whether literals of two datatypes can be held against each other.

    >>> comparable(XSD + "integer", XSD + "double"), comparable(XSD + "dateTime", XSD + "string")
    (True, False)
    """
    return one == other or {one, other} <= _NUMERIC


def converted(context: Context, predicate: object, value: ox.Literal, use: Use) -> ox.Literal | None:
    """The literal that was meant, of a type that the property has; none if this one will do, or it is not plain."""
    datatype, text = value.datatype.value, value.value
    if datatype == _DATE_TIME and _DATE_TIME in use.datatypes and _INSTANT.fullmatch(text):
        return ox.Literal(f"{text}Z", datatype=ox.NamedNode(_DATE_TIME))
    if datatype in use.datatypes:
        return None
    if _DATE_TIME in use.datatypes:
        return _instant(text)
    if _LANGUAGE_STRING in use.datatypes and datatype == _STRING:
        spellings = context.names.spellings(text)
        return next((each for each in spellings if context.has(None, predicate, each)), spellings[0])  # type: ignore[arg-type]
    if _STRING in use.datatypes and not use.datatypes & _NUMBERS:
        return ox.Literal(text)
    numbers = sorted(use.datatypes & _NUMBERS)
    if numbers and datatype == _STRING and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return ox.Literal(text, datatype=ox.NamedNode(numbers[0]))
    return None


_BOUNDS = tuple(oxus(name).value for name in ("earliestBegin", "latestEnd"))


def _instant(text: str) -> ox.Literal | None:
    """The first instant of a day, month or year."""
    if _INSTANT.match(text):
        return ox.Literal(text.rstrip("Z") + "Z", datatype=ox.NamedNode(_DATE_TIME))
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    day = "-".join((found[1], found[2] or "01", found[3] or "01"))
    return ox.Literal(f"{day}T00:00:00Z", datatype=ox.NamedNode(_DATE_TIME))


def _no_value(
    context: Context, level: Level, variable: ox.Variable, predicate: ox.NamedNode, use: Use, message: str
) -> Remark:
    spans = oxus("Span").value in use.classes
    kind = context.listed([oxus("Span").value]) if spans else "a thing"
    fix = f"ask for its {context.listed(_BOUNDS)}, an instant" if spans else "follow it to one of its own values"
    told = f"{message}: it is {kind} ({shown(predicate)}), no literal"
    bound = [triple for triple in level.holding if triple[2] == variable]
    followed = any(triple[0] == variable for triple in level.holding)
    if spans and len(bound) == 1 and not followed:
        path = f"{context.write(predicate)}/{context.write(oxus('earliestBegin'))}"
        return remark(context.text, "thing-for-literal", context.at(bound[0]), told, f"{fix}: write {path}", path)
    return remark(context.text, "thing-for-literal", context.places.find(variable), told, fix)


def _typed(use: Use) -> str:
    named = {_LANGUAGE_STRING: "text with a language", _STRING: "a string"}
    kinds = sorted(named.get(each) or shown(ox.NamedNode(each)) for each in use.datatypes)
    return " or ".join(kinds)


def _said(value: ox.Literal, use: Use) -> str:
    datatype = value.datatype.value
    if datatype == _STRING:
        return f"{shown(value)} is a plain string: the two never compare"
    if datatype == _DATE_TIME and datatype in use.datatypes:
        return f"{shown(value)} has no time zone: the two are never equal"
    return f"{shown(value)} is {shown(value.datatype)}: the two never compare"


def _kinds(context: Context, triple: Triple, use: Use) -> str:
    assert isinstance(triple[1], ox.NamedNode)
    declared = context.summary.ranges.get(triple[1].value)
    return (
        context.listed(sorted(declared)) if declared else context.listed(context.summary.narrowest(use.classes, "")[:2])
    )


def _things(context: Context, value: ox.Literal, use: Use) -> list[str]:
    """The things that a literal names: the span of a date, else what is called so and is of a fitting class."""
    span = ox.NamedNode(TIME + value.value) if re.fullmatch(r"[\w~/.-]+", value.value) else None
    if oxus("Span").value in use.classes and span is not None and context.has(span, None, None):
        return [span.value]
    called = context.names.bearers(value.value)
    return [each for each in called if context.classes_of(ox.NamedNode(each)) & use.classes]
