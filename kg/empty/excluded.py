"""Why a condition excludes every solution before it: what values there are in place of those that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kg.empty.asking import Asker
from kg.empty.blame import Culprit
from kg.empty.telling import fitting, inside, listed, place_of, ranked, readable, solutions
from kg.linting.context import Context, levels
from kg.linting.parts import Part, asked_whether, calls, where
from kg.linting.places import shown
from kg.linting.remarks import Remark, note
from kg.linting.values import comparable
from kg.namespaces import oxus
from kg.tracing.patterns import Expression, Pattern, Slot, Term, variables
from kg.tracing.writing import NOTHING, group

_SAME = frozenset({"=", "IN"})
_ORDER = {">": 1, ">=": 1, "<": 0, "<=": 0}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_IN_ANY_CASE = {
    **{name: f"{name}(LCASE({{0}}), LCASE({{1}}))" for name in ("CONTAINS", "STRSTARTS", "STRENDS")},
    "REGEX": 'REGEX({0}, {1}, "i")',
}
"""Functions that tell capitals from small letters, and how to ask them not to."""
_TEXT = frozenset({"CONTAINS", "STRSTARTS", "STRENDS", "REGEX", "LANGMATCHES"})


def excluded(context: Context, asker: Asker, culprit: Culprit) -> Iterator[Remark]:
    """What a FILTER or MINUS that nothing passes was held against.

    Raises: OutOfTime.
    """
    part = culprit.part
    before = where(culprit.before)
    if part.kind == "without":
        assert part.pattern is not None
        yield _taken_away(context, asker, part, part.pattern, before)
    if part.kind != "condition" or part.expression is None:
        return
    rest = where(each for each in culprit.others if each.kind != "without")
    rest = rest if asker.some(rest) else before
    for pattern, must in asked_whether(part.expression):
        if not must:
            yield _taken_away(context, asker, part, pattern, before)
    for call in calls(part.expression):
        yield from _compared(context, asker, call, rest)


def bounds_of(asker: Asker, before: str, expression: str) -> str:
    """From where to where the values of an expression are, as it is told; empty if they have no order."""
    found = asker.bounds(before, expression)
    if found is None or not all(isinstance(term, ox.Literal) for term in found):
        return ""
    least, greatest = (_plainly(term) for term in found if isinstance(term, ox.Literal))
    return f"is {least}" if least == greatest else f"is from {least} to {greatest}"


def comparison(call: Expression) -> tuple[Expression, str, Slot] | None:
    """What a comparison holds against which constant, the constant on the right; none if it is none."""
    if call.operator not in (*_SAME, *_ORDER) or len(call.operands) < 2:
        return None
    left, right = call.operands[:2]
    if right.term is not None and not isinstance(right.term, ox.Variable) and left.variables:
        return left, call.operator, right.term
    if left.term is not None and not isinstance(left.term, ox.Variable) and right.variables:
        return right, _TURNED.get(call.operator, call.operator), left.term
    return None


def _compared(context: Context, asker: Asker, call: Expression, before: str) -> Iterator[Remark]:
    if call.operator in _TEXT and call.operands[1].term is not None and call.operands[0].variables:
        yield from _text_held_against(context, asker, call, call.operands[1].term, before)
    compared = comparison(call)
    if compared is None:
        return
    left, operator, constant = compared
    at, name = context.places.find(constant), readable(left.text)
    if operator in _SAME:
        found = ranked(asker.values(before, left.text), constant)
        if found and not any(value == constant for _, value in found):
            right = fitting(context, constant, found)
            edit = context.write(right) if right is not None else None
            message = f"{name} is never {shown(constant)}, but {listed(found)}"
            yield note(context.text, "near-value", at, message, f"write {shown(right)}" if right else "", edit)
        return
    found_bounds = asker.bounds(before, left.text)
    told_bounds = bounds_of(asker, before, left.text)
    if found_bounds is None or not told_bounds:
        return
    nearest = found_bounds[_ORDER[operator]]
    assert isinstance(nearest, ox.Literal)  # or no bounds are told
    if not isinstance(constant, ox.Literal) or not comparable(nearest.datatype.value, constant.datatype.value):
        message = (
            f"{name} {told_bounds}, {_kind(nearest)}; {shown(constant)} is {_kind(constant)}: the two never compare"
        )
        yield note(context.text, "wrong-datatype", at, message)
        return
    message = f"{name} {operator} {shown(constant)} holds for none: {name} {told_bounds}"
    fix = f"the nearest that there is: {shown(nearest)}" if nearest.datatype == constant.datatype else ""
    yield note(context.text, "out-of-range", at, message, fix)


def _text_held_against(context: Context, asker: Asker, call: Expression, wanted: Slot, before: str) -> Iterator[Remark]:
    """What texts there are in place of the one that is looked for: those that differ in capitals only, else all."""
    looked_in, pattern = (operand.text for operand in call.operands[:2])
    at, name = context.places.find(wanted), readable(looked_in)
    if anyway := _IN_ANY_CASE.get(call.operator) if len(call.operands) == 2 else None:
        condition = anyway.format(looked_in, pattern)
        if found := ranked(asker.values(f"{before} FILTER({condition})", looked_in), wanted):
            message = (
                f"{call.operator} tells capitals from small letters; without regard to them {name} is {listed(found)}"
            )
            yield note(context.text, "near-value", at, message, f"write {readable(condition)}")
            return
    if found := ranked(asker.values(before, looked_in), wanted):
        yield note(context.text, "near-value", at, f"{name} is {listed(found)}")


def _kind(term: Slot) -> str:
    return shown(term.datatype) if isinstance(term, ox.Literal) else "no literal"


def _taken_away(context: Context, asker: Asker, part: Part, pattern: Pattern, before: str) -> Remark:
    """What NOT EXISTS or MINUS found with every solution."""
    rows = asker.count(before)
    word = "MINUS" if part.kind == "without" else "NOT EXISTS"
    message = f"{word} takes away the {solutions(rows)} before it: {inside(pattern)} matches with each"
    found = left_open(asker, pattern, before)
    fix = "; ".join(f"{name} is {listed(ranked(values, name))}" for name, values in found.items())
    if any(slot == oxus("hasStatus") for slot in _predicates(pattern)):
        fix += ": the query leaves out what is planned, promised or possible"
    return note(context.text, "taken-away", place_of(context, part), message, fix)


def left_open(asker: Asker, pattern: Pattern, before: str) -> dict[ox.Variable, list[Term]]:
    """The values that a pattern gives to variables of its own, with the solutions before it."""
    outside = set(re.findall(r"\?\w+", before))
    own = [name for name in sorted(variables(pattern), key=str) if str(name) not in outside and "__" not in name.value]
    found = {name: asker.values(f"{before} {group(pattern, NOTHING)}", str(name)) for name in own}
    return {name: values for name, values in found.items() if values}


def _predicates(pattern: Pattern) -> Iterator[Slot]:
    for level in levels(pattern):
        yield from (predicate for _, predicate, _ in level.triples)


def _plainly(term: ox.Literal) -> str:
    """A bound as it is told: of an instant at the begin or end of a day the day."""
    value = term.value
    return value[:10] if value.endswith(("T00:00:00Z", "T23:59:59Z")) else value


def excluded_rows(context: Context, asker: Asker, whole: Sequence[Part]) -> Iterator[Remark]:
    """What OFFSET and HAVING leave of the solutions that there are.

    Raises: OutOfTime.
    """
    offset, having = context.select.offset, context.select.having
    rows = asker.count(where(whole)) if offset or having else 0
    if having and rows:
        told = " ".join(readable(each.text) for each in having)
        verb = "is" if rows == 1 else "are"
        message = f"there {verb} {solutions(rows)} in groups, and HAVING {told} leaves no group"
        yield note(context.text, "having", None, message)
    if not offset:
        return
    if rows <= offset:
        number = "row" if rows == 1 else "rows"
        tokens = context.places.tokens
        index = max(n for n, token in enumerate(tokens) if token.text.upper() == "OFFSET")
        at = (tokens[index].start, tokens[index + 1].start + len(tokens[index + 1].text))
        message = f"there are only {rows:,} {number}, and OFFSET {offset:,} skips them all"
        yield note(context.text, "beyond-the-end", at, message, "leave it out", "")
