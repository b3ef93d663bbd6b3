"""A pattern as the parts that must hold together, in the order in which they are written.

Taking a group apart loses nothing: `GRAPH ?g { A . B }` is `GRAPH ?g { A } GRAPH ?g { B }`. What cannot be taken apart
(a UNION, an inner SELECT) is one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from kg.tracing.patterns import (
    Absence,
    All,
    Bind,
    Closure,
    Either,
    Expression,
    Filter,
    Graph,
    Join,
    Minus,
    Optional,
    Pattern,
    Slot,
    Support,
    Triples,
    Values,
    Variables,
    Witness,
    variables,
    variables_in,
)
from kg.tracing.writing import NOTHING, group

Kind = Literal["match", "optional", "condition", "without", "bind"]


@dataclass(frozen=True)
class Part:
    """One part: a `pattern` that must match, may match or must not, a condition, or a value given a name."""

    kind: Kind
    pattern: Pattern | None = None
    expression: Expression | None = None
    graph: ox.NamedNode | ox.Variable | None = None
    variable: ox.Variable | None = None

    @property
    def triple(self) -> tuple[Slot, Slot, Slot] | None:
        """Its triple pattern, if it is no more than one."""
        pattern = self.pattern
        return pattern.triples[0] if self.kind == "match" and isinstance(pattern, Triples) else None

    @property
    def variables(self) -> Variables:
        """The variables that it names."""
        named = variables(self.pattern) if self.pattern is not None else frozenset()
        named |= self.expression.variables if self.expression is not None else frozenset()
        return named | variables_in((self.graph, self.variable))

    @property
    def text(self) -> str:
        """The part as SPARQL."""
        if self.kind == "condition":
            assert self.expression is not None
            return f"FILTER({self.expression.text})"
        if self.kind == "bind":
            assert self.expression is not None
            return f"BIND({self.expression.text} AS {self.variable})"
        assert self.pattern is not None
        inner = group(self.pattern, NOTHING)
        if self.kind == "optional" and self.expression is not None:
            inner = f"{{ {inner} FILTER({self.expression.text}) }}"
        if self.graph is not None:
            inner = f"{{ GRAPH {self.graph} {inner} }}"
        return {"match": "", "optional": "OPTIONAL ", "without": "MINUS "}[self.kind] + inner


def parts(pattern: Pattern, graph: ox.NamedNode | ox.Variable | None = None) -> list[Part]:
    """What must hold for the pattern to match."""
    match pattern:
        case Triples(triples):
            return [Part("match", Triples((triple,)), graph=graph) for triple in triples]
        case Join(left, right):
            return [*parts(left, graph), *parts(right, graph)]
        case Optional(left, right, condition):
            return [*parts(left, graph), Part("optional", right, condition, graph)]
        case Minus(left, right):
            return [*parts(left, graph), Part("without", right, graph=graph)]
        case Filter(inner, condition):
            return [*parts(inner, graph), *(Part("condition", expression=each) for each in conjuncts(condition))]
        case Bind(inner, variable, value):
            return [*parts(inner, graph), Part("bind", expression=value, variable=variable)]
        case Graph(name, inner) if _is_plain(inner):
            return parts(inner, name)
    return [Part("match", pattern, graph=graph)]


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """The conditions that must all hold for this one to hold."""
    if condition.operator == "&&":
        for operand in condition.operands:
            yield from conjuncts(operand)
    else:
        yield condition


def asked_whether(expression: Expression) -> Iterator[tuple[Pattern, bool]]:
    """The patterns of an expression's EXISTS, and of each whether it must match, or must not."""
    if expression.operator == "EXISTS":
        yield from ((pattern, True) for pattern in _witnesses(expression.support))
    elif expression.operator == "!" and expression.operands[0].operator == "EXISTS":
        yield from ((pattern, False) for pattern in _witnesses(expression.denial))
    else:
        for operand in expression.operands:
            yield from asked_whether(operand)


def calls(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield expression
    for operand in expression.operands:
        yield from calls(operand)


def where(parts: Iterable[Part]) -> str:
    """Parts as the inside of a WHERE."""
    return " ".join(part.text for part in parts)


def _witnesses(support: Support) -> Iterator[Pattern]:
    match support:
        case Witness(pattern):
            yield pattern
        case All(each):
            for one in each:
                yield from _witnesses(one)
        case Either(ways):
            for way in ways:
                yield from _witnesses(way.support)
        case Absence():
            return


def _is_plain(pattern: Pattern) -> bool:
    match pattern:
        case Triples() | Closure() | Values():
            return True
        case Join(left, right):
            return _is_plain(left) and _is_plain(right)
    return False
