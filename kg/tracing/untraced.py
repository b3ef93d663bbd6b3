"""Which columns of a SELECT rest on more than triples, and why. Finding the triples is left to `witnesses`."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.tracing.patterns import (
    Bind,
    Closure,
    Expression,
    Filter,
    Graph,
    Join,
    Minus,
    Optional,
    Pattern,
    Select,
    Triples,
    Union,
    Uses,
    Values,
    Variables,
    variables,
    variables_in,
)

ABSENT = "it rests on something not being in the graph"
COMPUTED = "its value is computed"
GIVEN = "the query itself gives its value"
SLICED = "it rests on the order of rows that a LIMIT or OFFSET left out"


def untraced(select: Select) -> dict[ox.Variable, str]:
    """The columns that the triples of a row do not tell the whole of, with the reason."""
    shown, given = stated(select), _given(select.pattern)
    found: dict[ox.Variable, str] = {}
    for reason, concerned in _doubts(select):
        found |= dict.fromkeys(concerned, reason)
    for column in select.columns:
        if column not in shown:
            found[column] = GIVEN if column in given else COMPUTED
    bindable = variables(select.pattern) | {column for column, _ in select.made}
    return {column: found[column] for column in select.columns if column in found and column in bindable}


def stated(pattern: Pattern) -> Variables:
    """The variables whose values stand in triples, or are made from a group's members."""
    match pattern:
        case Triples() | Closure():
            return variables(pattern)
        case Join(left, right) | Optional(left, right) | Union(left, right):
            return stated(left) | stated(right)
        case Minus(inner) | Filter(inner):
            return stated(inner)
        case Bind(inner, variable, value):
            return _with_copy(stated(inner), variable, value)
        case Graph(name, inner):
            return stated(inner) | variables_in((name,))
        case Select():
            found = stated(pattern.pattern)
            for variable, value in pattern.made:
                found = _with_copy(found, variable, value)
            return found & frozenset(pattern.columns)
        case Values():
            return frozenset()


def _with_copy(shown: Variables, variable: ox.Variable, value: Expression) -> Variables:
    return shown | {variable} if value.copies is not None and value.copies <= shown else shown


def _given(pattern: Pattern) -> Variables:
    match pattern:
        case Values(names):
            return frozenset(names)
        case Join(left, right) | Optional(left, right) | Union(left, right):
            return _given(left) | _given(right)
        case Minus(inner) | Filter(inner) | Bind(inner) | Graph(_, inner):
            return _given(inner)
    return frozenset()


def is_plain(pattern: Pattern) -> bool:
    """Whether a solution of the pattern rests on just the triple patterns in it: then there is nothing to prove."""
    match pattern:
        case Triples() | Values():
            return True
        case Join(left, right):
            return is_plain(left) and is_plain(right)
        case Filter(inner, condition) | Bind(inner, _, condition):
            return is_plain(inner) and isinstance(condition.support, Uses)
        case Graph(_, inner):
            return is_plain(inner)
    return False


def concerned(select: Select, about: Variables) -> Variables:
    """The columns that something about these variables concerns: all of them if it is about none of them."""
    columns = frozenset(select.columns)
    named = columns & about
    named |= {column for column, value in select.made if value.variables & about}
    return named or columns


def _doubts(select: Select) -> Iterator[tuple[str, Variables]]:
    """Each thing that no triple shows, with the columns that it concerns."""
    for reason, about in _inside(select.pattern):
        yield reason, concerned(select, about)
    if select.offset:
        yield SLICED, frozenset(select.columns)


def _inside(pattern: Pattern) -> Iterator[tuple[str, Variables]]:
    match pattern:
        case Join(left, right) | Union(left, right) | Optional(left, right):
            yield from _inside(left)
            yield from _inside(right)
        case Minus(left, right):
            yield from _inside(left)
            yield ABSENT, variables(right)
        case Filter(inner) | Bind(inner) | Graph(_, inner):
            yield from _inside(inner)
        case Select():
            yield from _doubts(pattern)
            if pattern.limit is not None:
                yield SLICED, frozenset(pattern.columns)
