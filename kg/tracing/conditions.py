"""What a condition or value rests on in one solution. What it may rest on is read by `expressions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.tracing.patterns import (
    Absence,
    All,
    Bind,
    Either,
    Expression,
    Filter,
    Graph,
    Join,
    Minus,
    Optional,
    Pattern,
    Support,
    Term,
    Union,
    Uses,
    Values,
    Variables,
    Witness,
    variables,
)

Solution = Mapping[ox.Variable, Term]
_NONE: Variables = frozenset()


@dataclass(frozen=True)
class Rested:
    """The variables used, the patterns that match, and the variables of what must be absent (None: nothing must)."""

    used: Variables = _NONE
    matching: tuple[Pattern, ...] = ()
    absent: Variables | None = None

    def and_(self, other: Rested) -> Rested:
        """Both."""
        gone = None if self.absent is other.absent is None else (self.absent or _NONE) | (other.absent or _NONE)
        return Rested(self.used | other.used, self.matching + other.matching, gone)

    @property
    def weight(self) -> tuple[bool, int, int]:
        """Which of several ways is taken: rather one without an absence, then the one that rests on least."""
        return self.absent is not None, len(self.matching), len(self.used)


def rested(support: Support, solution: Solution, could_be: Callable[[], Variables]) -> Rested:
    """What a support comes to in a solution; `could_be` tells the variables that the graph could have bound.

    A variable without a value is an absence if the graph could have given it one: a parameter left out is none.
    """
    match support:
        case Uses(names):
            unbound = frozenset(name for name in names if name not in solution)
            gone = unbound & could_be() if unbound else _NONE
            return Rested(names - unbound, (), gone or None)
        case All(parts):
            found = Rested()
            for part in parts:
                found = found.and_(rested(part, solution, could_be))
            return found
        case Witness(pattern):
            return Rested(matching=(pattern,))
        case Absence(names):
            return Rested(absent=names)
        case Either(ways, ordered):
            open_ways = [rested(way.support, solution, could_be) for way in ways if way.mark in solution]
            return (open_ways[0] if ordered else min(open_ways, key=lambda way: way.weight)) if open_ways else Rested()


def within(pattern: Pattern, solution: Solution) -> Pattern:
    """The pattern of an EXISTS whose conditions see the values of the solution that it is asked for."""
    match pattern:
        case Filter(inner, condition):
            return Filter(_seeing(within(inner, solution), condition, solution), condition)
        case Bind(inner, variable, value):
            return Bind(_seeing(within(inner, solution), value, solution), variable, value)
        case Optional(left, right, condition):
            left, right = within(left, solution), within(right, solution)
            known = {name: solution[name] for name in condition.variables - variables(left) if name in solution}
            return replace(pattern, left=left, right=_seeing(right, condition, known))
        case Join(left, right) | Union(left, right) | Minus(left, right):
            return replace(pattern, left=within(left, solution), right=within(right, solution))
        case Graph(_, inner):
            return replace(pattern, inner=within(inner, solution))
    return pattern


def _seeing(inner: Pattern, expression: Expression, solution: Solution) -> Pattern:
    seen = {
        name: term
        for name in sorted(_named(expression) - variables(inner), key=str)
        if isinstance(term := solution.get(name), ox.NamedNode | ox.Literal)
    }
    return Join(inner, Values(tuple(seen), (tuple(seen.values()),))) if seen else inner


def _named(expression: Expression) -> Variables:
    """All variables of an expression, those that the conditions inside its EXISTS name among them."""
    return expression.variables | _inside(expression.support)


def _inside(support: Support) -> Variables:
    match support:
        case All(parts):
            return _NONE.union(*(_inside(part) for part in parts))
        case Either(ways):
            return _NONE.union(*(_inside(way.support) for way in ways))
        case Witness(pattern):
            return _asked(pattern)
    return _NONE


def _asked(pattern: Pattern) -> Variables:
    """The variables of a pattern and of its conditions, which in an EXISTS may be those of what stands around it."""
    match pattern:
        case Filter(inner, condition) | Bind(inner, _, condition):
            return _asked(inner) | variables(pattern) | _named(condition)
        case Optional(left, right, condition):
            return _asked(left) | _asked(right) | _named(condition)
        case Join(left, right) | Union(left, right) | Minus(left, right):
            return _asked(left) | _asked(right)
        case Graph(_, inner):
            return _asked(inner) | variables(pattern)
    return variables(pattern)
