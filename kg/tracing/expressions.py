"""SPARQL expressions of rdflib's algebra as text, and what in them can be traced. Patterns are left to `algebra`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Literal, URIRef, Variable

from kg.namespaces import RDF
from kg.tracing.patterns import NOTHING, Expression, Pattern, Slot, Variables, group, variables

Aggregates = Mapping[Variable, Expression]
_NONE: Variables = frozenset()


def slot(term: object) -> Slot:
    """The term as the engine has it; a blank node of a pattern is a variable."""
    if isinstance(term, Variable):
        return ox.Variable(str(term))
    if isinstance(term, BNode):
        return ox.Variable(f"blank__{term}")
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    assert isinstance(term, Literal), term
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))


@dataclass(frozen=True)
class ExpressionReader:
    """Reads expressions: `pattern` reads the group of an EXISTS, `aggregates` is what aggregate variables stand for."""

    pattern: Callable[[CompValue], Pattern]
    aggregates: Aggregates

    def read(self, node: Any) -> Expression:
        """The expression of a node of the algebra."""
        if isinstance(node, Variable) and node in self.aggregates:
            return self.aggregates[node]
        if not isinstance(node, CompValue):
            term = slot(node)
            known = frozenset({term}) if isinstance(term, ox.Variable) else None
            return Expression(str(term), known or _NONE, copies=known)
        match node.name:
            case "ConditionalAndExpression":
                parts = self._read([node.expr, *node.other])
                exists = tuple(pattern for part in parts for pattern in part.exists)
                return replace(_made(_joined(" && ", parts), parts, exists=exists), parts=tuple(parts))
            case "ConditionalOrExpression":
                parts = self._read([node.expr, *node.other])
                alone = [part.unbound for part in parts if part.unbound == part.variables]
                return replace(_made(_joined(" || ", parts), parts), escapes=_NONE.union(*alone))
            case "RelationalExpression":
                return self._relation(node)
            case "AdditiveExpression" | "MultiplicativeExpression":
                parts = self._read([node.expr, *node.other])
                rest = "".join(f" {sign} {part.text}" for sign, part in zip(node.op, parts[1:], strict=True))
                return _made(f"({parts[0].text}{rest})", parts)
            case "UnaryNot" | "UnaryMinus" | "UnaryPlus":
                return self._unary(node)
            case "Function":
                parts = self._read(node.expr if isinstance(node.expr, list) else [])
                return _made(f"{slot(node.iri)}({_listed(parts)})", parts)
            case "TrueFilter":
                return Expression("true")
            case "Builtin_EXISTS" | "Builtin_NOTEXISTS":
                return self._exists(node)
        return self._call(node)

    def aggregate(self, node: CompValue) -> Expression:
        """What one aggregate computes from its group; it is traced by the group's members."""
        name = node.name.removeprefix("Aggregate_").upper().replace("GROUPCONCAT", "GROUP_CONCAT")
        inside = Expression("*") if node.vars == "*" else self.read(node.vars)
        separator = f"; SEPARATOR={slot(node.separator)}" if node.separator is not None else ""
        text = f"{name}({'DISTINCT ' if node.distinct else ''}{inside.text}{separator})"
        copies = inside.copies if name in ("MIN", "MAX", "SAMPLE") else _NONE
        return Expression(text, inside.variables, (), inside.absent, inside.unbound, copies)

    def _read(self, nodes: Sequence[Any]) -> list[Expression]:
        return [self.read(node) for node in nodes]

    def _relation(self, node: CompValue) -> Expression:
        left = self.read(node.expr)
        if node.op not in ("IN", "NOT IN"):
            right = self.read(node.other)
            return _made(f"({left.text} {node.op} {right.text})", [left, right])
        others = [] if node.other == URIRef(RDF + "nil") else self._read(node.other)
        return _made(f"({left.text} {node.op} ({_listed(others)}))", [left, *others])

    def _unary(self, node: CompValue) -> Expression:
        inside = self.read(node.expr)
        sign = {"UnaryNot": "!", "UnaryMinus": "-", "UnaryPlus": "+"}[node.name]
        unbound = sign == "!" and getattr(node.expr, "name", "") == "Builtin_BOUND"
        return _made(f"({sign}{inside.text})", [inside], unbound=inside.variables if unbound else _NONE)

    def _exists(self, node: CompValue) -> Expression:
        pattern = self.pattern(node.graph)
        text, inside = group(pattern, NOTHING), variables(pattern)
        if node.name == "Builtin_NOTEXISTS":
            return Expression(f"NOT EXISTS {text}", inside, absent=inside)
        return Expression(f"EXISTS {text}", inside, exists=(pattern,))

    def _call(self, node: CompValue) -> Expression:
        name = node.name.removeprefix("Builtin_")
        values = [value for key, value in node.items() if key != "_vars" and value is not None]
        parts = self._read([part for value in values for part in (value if isinstance(value, list) else [value])])
        chosen = {"COALESCE": parts, "IF": parts[1:]}.get(name, [])
        copies = [part.copies for part in chosen if part.copies is not None]
        handed_on = _NONE.union(*copies) if chosen and len(copies) == len(chosen) else None
        return _made(f"{name}({_listed(parts)})", parts, copies=handed_on)


def _listed(parts: Sequence[Expression]) -> str:
    return ", ".join(part.text for part in parts)


def _joined(sign: str, parts: Sequence[Expression]) -> str:
    return f"({sign.join(part.text for part in parts)})"


def _made(
    text: str,
    parts: Sequence[Expression],
    *,
    exists: tuple[Pattern, ...] = (),
    unbound: Variables = _NONE,
    copies: Variables | None = None,
) -> Expression:
    """An expression of others; an EXISTS that is not handed on need not hold, so it counts with what is absent."""
    missing = [part.absent for part in parts if part.absent is not None]
    missing += [variables(pattern) for part in parts for pattern in part.exists if pattern not in exists]
    return Expression(
        text,
        _NONE.union(*(part.variables for part in parts)),
        exists,
        _NONE.union(*missing) if missing else None,
        unbound.union(*(part.unbound for part in parts)),
        copies,
    )
