"""SPARQL expressions of rdflib's algebra as text, and what they rest on. Patterns are left to `algebra`.

What a condition rests on is told apart by how it came out: `A || B` rests on either, `!(A && B)` on either being false,
an EXISTS on a match where it holds and on an absence where it does not. Each such way gets a mark, bound if it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import URIRef, Variable

from kg.namespaces import RDF
from kg.tracing.naming import Names
from kg.tracing.patterns import (
    Absence,
    All,
    Either,
    Expression,
    Pattern,
    Support,
    Uses,
    Variables,
    Way,
    Witness,
    variables,
)
from kg.tracing.writing import NOTHING, group

Aggregates = Mapping[Variable, Expression]
_NONE: Variables = frozenset()
NO_CONDITION = Expression("true", _NONE, Uses(_NONE), Uses(_NONE))


class GroupExistsError(ValueError):
    """An EXISTS that is asked of whole groups."""


@dataclass(frozen=True)
class ExpressionReader:
    """Reads expressions: `pattern` reads the group of an EXISTS, `aggregates` is what aggregate variables stand for.

    Of a group's values no ways are told apart (`ways` is False): they rest on everything that they name.
    """

    names: Names
    pattern: Callable[[CompValue], Pattern]
    aggregates: Aggregates
    ways: bool = True

    def condition(self, node: Any) -> Expression:
        """The expression of a node that must be true, with the marks that this asks for."""
        return with_marks(self.read(node))

    def value(self, node: Any) -> Expression:
        """The expression of a node whose value is wanted, whatever it is, with its marks."""
        found = self.read(node)
        return with_marks(replace(found, support=self._either_way(found)))

    def read(self, node: Any) -> Expression:
        """The expression of a node of the algebra."""
        if isinstance(node, Variable) and node in self.aggregates:
            return self.aggregates[node]
        if not isinstance(node, CompValue):
            term = self.names.slot(node)
            known = frozenset({term}) if isinstance(term, ox.Variable) else None
            rests = Uses(known or _NONE)
            return Expression(str(term), known or _NONE, rests, rests, known, term=term)
        match node.name:
            case "ConditionalAndExpression":
                parts = self._read([node.expr, *node.other])
                holds = together([part.support for part in parts])
                fails = self._some([(f"!({part.text})", part.denial) for part in parts])
                return replace(_denoted(_joined(" && ", parts), parts, "&&"), support=holds, denial=fails)
            case "ConditionalOrExpression":
                parts = self._read([node.expr, *node.other])
                holds = self._some([(part.text, part.support) for part in parts])
                fails = together([part.denial for part in parts])
                return replace(_denoted(_joined(" || ", parts), parts, "||"), support=holds, denial=fails)
            case "RelationalExpression":
                return self._relation(node)
            case "AdditiveExpression" | "MultiplicativeExpression":
                parts = self._read([node.expr, *node.other])
                rest = "".join(f" {sign} {part.text}" for sign, part in zip(node.op, parts[1:], strict=True))
                return self._made(f"({parts[0].text}{rest})", parts, node.op[0])
            case "UnaryNot":
                inside = self.read(node.expr)
                return _denied(f"(!{inside.text})", inside)
            case "UnaryMinus" | "UnaryPlus":
                inside = self.read(node.expr)
                sign = "-" if node.name == "UnaryMinus" else "+"
                return self._made(f"({sign}{inside.text})", [inside], sign)
            case "Function":
                parts = self._read(node.expr if isinstance(node.expr, list) else [])
                name = str(self.names.slot(node.iri))
                return self._made(f"{name}({_listed(parts)})", parts, name)
            case "TrueFilter":
                return NO_CONDITION
            case "Builtin_EXISTS" | "Builtin_NOTEXISTS":
                return self._exists(node)
        return self._call(node)

    def aggregate(self, node: CompValue) -> Expression:
        """What one aggregate computes from its group; it is traced by the group's members."""
        name = node.name.removeprefix("Aggregate_").upper().replace("GROUPCONCAT", "GROUP_CONCAT")
        inside = replace(NO_CONDITION, text="*") if node.vars == "*" else self.read(node.vars)
        separator = f"; SEPARATOR={self.names.slot(node.separator)}" if node.separator is not None else ""
        text = f"{name}({'DISTINCT ' if node.distinct else ''}{inside.text}{separator})"
        rests = self._either_way(inside)
        copies = inside.copies if name in ("MIN", "MAX", "SAMPLE") else _NONE
        return Expression(text, inside.variables, rests, rests, copies)

    def _read(self, nodes: Sequence[Any]) -> list[Expression]:
        return [self.read(node) for node in nodes]

    def _relation(self, node: CompValue) -> Expression:
        left = self.read(node.expr)
        if node.op not in ("IN", "NOT IN"):
            right = self.read(node.other)
            return self._made(f"({left.text} {node.op} {right.text})", [left, right], node.op)
        others = [] if node.other == URIRef(RDF + "nil") else self._read(node.other)
        return self._made(f"({left.text} {node.op} ({_listed(others)}))", [left, *others], node.op)

    def _exists(self, node: CompValue) -> Expression:
        if not self.ways:
            raise GroupExistsError
        pattern = self.pattern(node.graph)
        inside = variables(pattern)
        text = f"EXISTS {group(pattern, NOTHING)}"
        found = Expression(text, inside, Witness(pattern), Absence(inside), operator="EXISTS")
        return found if node.name == "Builtin_EXISTS" else _denied(f"NOT {text}", found)

    def _call(self, node: CompValue) -> Expression:
        name = node.name.removeprefix("Builtin_")
        values = [value for key, value in node.items() if key != "_vars" and value is not None]
        parts = self._read([part for value in values for part in (value if isinstance(value, list) else [value])])
        text = f"{name}({_listed(parts)})"
        chosen = {"COALESCE": parts, "IF": parts[1:]}.get(name, [])
        copies = [part.copies for part in chosen if part.copies is not None]
        handed_on = _NONE.union(*copies) if chosen and len(copies) == len(chosen) else None
        found = replace(self._made(text, parts, name), copies=handed_on)
        if not chosen or not self.ways:
            return found
        rests = Either(tuple(self._branches(parts) if name == "IF" else self._first(parts)), ordered=True)
        return replace(found, support=rests, denial=rests)

    def _branches(self, parts: Sequence[Expression]) -> Iterator[Way]:
        test, then, otherwise = parts
        yield self._way(test.text, together([test.support, self._either_way(then)]))
        yield self._way(f"!({test.text})", together([test.denial, self._either_way(otherwise)]))

    def _first(self, parts: Sequence[Expression]) -> Iterator[Way]:
        """The ways of COALESCE: what comes before the part taken had no value."""
        before: list[Support] = []
        for part in parts:
            rests = self._either_way(part)
            yield Way(self.names.fresh("way"), f"IF(ISIRI({part.text}), 1, 1)", together([*before, rests]))
            before.append(rests)

    def _some(self, ways: Sequence[tuple[str, Support]]) -> Support:
        """What a condition rests on that is true if one of several is; those that use the same values are one."""
        every = together([support for _, support in ways])
        if not self.ways or all(support == every for _, support in ways):
            return every
        return Either(tuple(self._way(text, support) for text, support in ways))

    def _way(self, condition: str, support: Support) -> Way:
        """A way that is open if a condition holds; if not, the mark is left unbound by an error."""
        return Way(self.names.fresh("way"), f"IF({condition}, 1, 1/0)", support)

    def _either_way(self, part: Expression) -> Support:
        """What a part rests on of which not the truth is asked but the value."""
        if part.support == part.denial or not self.ways:
            return part.support
        return self._some([(part.text, part.support), (f"!({part.text})", part.denial)])

    def _made(self, text: str, parts: Sequence[Expression], operator: str) -> Expression:
        rests = together([self._either_way(part) for part in parts])
        return replace(_denoted(text, parts, operator), support=rests, denial=rests)


def together(parts: Sequence[Support]) -> Support:
    """What rests on all of the parts."""
    used = _NONE.union(*(part.variables for part in parts if isinstance(part, Uses)))
    rest = [part for part in parts if not isinstance(part, Uses)]
    return All((Uses(used), *rest)) if rest else Uses(used)


def marks(support: Support) -> Iterator[tuple[ox.Variable, str]]:
    """What is bound to tell the ways of a support apart."""
    match support:
        case All(parts):
            for part in parts:
                yield from marks(part)
        case Either(ways):
            for way in ways:
                yield way.mark, way.text
                yield from marks(way.support)


def with_marks(expression: Expression) -> Expression:
    """The expression with the marks that its support asks for."""
    return replace(expression, marks=tuple(dict.fromkeys(marks(expression.support))))


def _denoted(text: str, parts: Sequence[Expression], operator: str) -> Expression:
    """What is made from parts; what it rests on is still to be said."""
    variables = _NONE.union(*(part.variables for part in parts))
    return replace(NO_CONDITION, text=text, variables=variables, operator=operator, operands=tuple(parts))


def _denied(text: str, inside: Expression) -> Expression:
    return Expression(text, inside.variables, inside.denial, inside.support, operator="!", operands=(inside,))


def _listed(parts: Sequence[Expression]) -> str:
    return ", ".join(part.text for part in parts)


def _joined(sign: str, parts: Sequence[Expression]) -> str:
    return f"({sign.join(part.text for part in parts)})"
