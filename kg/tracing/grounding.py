"""What one solution of a pattern rests on: its ground triples, matches still to be found, and what must be absent.

The triple patterns that took part in the solution are grounded by it: one side of a UNION, an OPTIONAL only where
something that is needed was bound by it. Finding solutions, chains and matches is left to `witnesses`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pyoxigraph as ox

from kg.tracing.conditions import Rested, Solution, rested
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
    Slot,
    Term,
    Triples,
    Union,
    Values,
    Variables,
    variables,
)
from kg.tracing.untraced import stated

_NONE: Variables = frozenset()


@dataclass(frozen=True)
class Fact:
    """One ground triple, and the named graph that it was asked for in; None is the default graph."""

    triple: ox.Triple
    graph: ox.NamedNode | None = None


@dataclass
class Ground:
    """What a row or a solution rests on; `matches` are patterns of which any one match will do."""

    facts: dict[Fact, None] = field(default_factory=dict)
    matches: list[tuple[Pattern, Solution, ox.NamedNode | None]] = field(default_factory=list)
    absent: set[Variables] = field(default_factory=set)
    """Of each thing that must not be in the graph, the variables that it concerns; none are all of them."""

    def take(self, other: Ground) -> None:
        """Rest on all that another rests on, too."""
        self.facts |= other.facts
        self.matches += other.matches
        self.absent |= other.absent

    @property
    def weight(self) -> tuple[bool, int]:
        """Which of several is chosen: rather one without an absence, then the one that rests on least."""
        return bool(self.absent), len(self.facts) + len(self.matches)


class Source(Protocol):
    """Where the parts come from that more than one solution is asked for."""

    def chain(self, closure: Closure, solution: Solution, graph: ox.NamedNode | None) -> Iterator[Fact]:
        """The facts of one way along a transitive path."""

    def row(self, select: Select, solution: Solution, graph: ox.NamedNode | None) -> Ground:
        """What a row of a SELECT inside the query rests on."""


@dataclass
class Grounder:
    """Grounds patterns by one solution."""

    source: Source
    solution: Solution
    found: Ground = field(default_factory=Ground)

    def ground(self, pattern: Pattern, needed: Variables, graph: ox.NamedNode | None) -> None:
        """Take in what a pattern rests on, as far as it binds what is needed."""
        solution = self.solution
        match pattern:
            case Triples(triples):
                for slots in triples:
                    self.found.facts[Fact(_triple(slots, solution), graph)] = None
            case Closure():
                self.found.facts |= dict.fromkeys(self.source.chain(pattern, solution, graph))
            case Join(left, right):
                self.ground(left, needed | variables(right), graph)
                self.ground(right, needed | variables(left), graph)
            case Optional():
                self._optional(pattern, needed, graph)
            case Union(left, right, mark):
                self.ground(left if _is_one(solution[mark]) else right, needed, graph)
            case Minus(left, right):
                self.ground(left, needed | variables(right), graph)
            case Filter(inner, condition):
                rests = self._condition(condition, lambda: stated(inner), graph)
                self.ground(inner, needed | rests.used, graph)
            case Bind(inner, variable, value):
                if variable in needed:
                    rests = self._condition(value, lambda: stated(inner), graph, frozenset({variable}))
                    needed = needed | rests.used
                self.ground(inner, needed, graph)
            case Graph(name, inner):
                named = solution.get(name) if isinstance(name, ox.Variable) else name
                # The engine leaves ?g unbound in GRAPH ?g { { SELECT … } }: then any accepted graph is cited.
                self.ground(inner, needed, named if isinstance(named, ox.NamedNode) else None)
            case Select():
                self.found.take(self.source.row(pattern, solution, graph))
            case Values():
                pass

    def _optional(self, pattern: Optional, needed: Variables, graph: ox.NamedNode | None) -> None:
        left, right = pattern.left, pattern.right
        own = variables(right) - bound(left, self.solution)
        if pattern.mark not in self.solution:
            # What it could have bound was bound elsewhere: had it matched, there would be another row or none.
            if elsewhere := frozenset(name for name in own & needed if name in self.solution):
                self.found.absent.add(elsewhere)
            self.ground(left, needed, graph)
        elif any(name in self.solution for name in own & needed):
            rests = self._condition(pattern.condition, lambda: stated(pattern), graph)
            self.ground(left, needed | rests.used | variables(right), graph)
            self.ground(right, needed | rests.used | variables(left), graph)
        else:
            self.ground(left, needed, graph)

    def _condition(
        self,
        expression: Expression,
        could_be: Callable[[], Variables],
        graph: ox.NamedNode | None,
        concerns: Variables = _NONE,
    ) -> Rested:
        """Take in what a condition or value rests on; an absence is of the variables that it `concerns`, if any."""
        rests = rested(expression.support, self.solution, could_be)
        self.found.matches += [(pattern, self.solution, graph) for pattern in rests.matching]
        if rests.absent is not None:
            self.found.absent.add(concerns or rests.absent)
        return rests


def bound(pattern: Pattern, solution: Solution) -> Variables:
    """The variables that a pattern itself bound in a solution: an OPTIONAL or a side that took no part bound none."""
    match pattern:
        case Optional(left, right, _, mark):
            return bound(left, solution) | (bound(right, solution) if mark in solution else _NONE)
        case Union(left, right, mark):
            return bound(left if _is_one(solution[mark]) else right, solution) if mark in solution else _NONE
        case Join(left, right):
            return bound(left, solution) | bound(right, solution)
        case Minus(inner) | Filter(inner):
            return bound(inner, solution)
        case Values(names, rows):
            return frozenset(name for n, name in enumerate(names) if all(row[n] is not None for row in rows))
    return frozenset(variable for variable in variables(pattern) if variable in solution)


def value_of(slot: Slot, solution: Solution) -> Term:
    """The term that stands there in a solution."""
    return solution[slot] if isinstance(slot, ox.Variable) else slot


def _is_one(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.value == "1"


def _triple(slots: tuple[Slot, Slot, Slot], solution: Solution) -> ox.Triple:
    subject, predicate, value = (value_of(slot, solution) for slot in slots)
    assert isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode)
    return ox.Triple(subject, predicate, value)
