"""From the text of a SELECT to the patterns of `patterns`, by way of rdflib's SPARQL algebra. Evaluates nothing."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox
import rdflib
from pyparsing import ParseException
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern, translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import URIRef, Variable

from kg.errors import KGError
from kg.tracing.expressions import Aggregates, ExpressionReader, slot
from kg.tracing.patterns import (
    END,
    START,
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
)


class UntraceableError(KGError):
    """A query whose rows cannot be traced, and why."""


@dataclass(frozen=True)
class Query:
    """A SELECT with the graphs that its FROM clauses name; None where it has none."""

    select: Select
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


def read_select(text: str, base_iri: str | None = None) -> Query:
    """The patterns of a SELECT.

    Raises: UntraceableError if rdflib does not read it, or it does something that cannot be traced.
    """
    with _exact_literals():
        try:
            algebra = translateQuery(parseQuery(text), base=base_iri).algebra
        except RecursionError:
            raise UntraceableError("it is nested too deeply") from None
        except (ParseException, SyntaxError, LookupError, TypeError, ValueError, AttributeError, AssertionError):
            # The engine has read the query, so this is SPARQL that rdflib does not know.
            raise UntraceableError("it uses SPARQL that the tracer does not read") from None
    if algebra.name != "SelectQuery":
        raise UntraceableError("only the rows of a SELECT can be traced")
    clauses = algebra.datasetClause or []
    defaults = tuple(str(clause.default) for clause in clauses if clause.default)
    named = tuple(str(clause.named) for clause in clauses if clause.named)
    select = _Reader().select(algebra.p)
    return Query(select, defaults if clauses else None, named if clauses else None)


@contextmanager
def _exact_literals() -> Iterator[None]:
    """rdflib would write 01 as 1, which is another term."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


class _Reader:
    """Reads one query; marks and the variables inside paths are numbered through it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._expressions = ExpressionReader(self._exists, {})

    def select(self, node: CompValue) -> Select:
        limit, offset, distinct = None, 0, False
        while node.name != "Project":
            if node.name == "Slice":
                limit, offset = node.length, node.start or 0
            distinct = distinct or node.name == "Distinct"
            node = node.p
        columns = tuple(ox.Variable(str(variable)) for variable in node.PV)
        ordered = node.p.name == "OrderBy"
        conditions, node = (node.p.expr, node.p.p) if ordered else ([], node.p)
        select, expressions = self._grouped(node, columns)
        order = tuple(
            f"{condition.order or 'ASC'}({expressions.read(condition.expr).text})" for condition in conditions
        )
        return replace(select, distinct=distinct, order=order, limit=limit, offset=offset)

    def _grouped(self, node: CompValue, columns: tuple[ox.Variable, ...]) -> tuple[Select, ExpressionReader]:
        """What stands below a projection: either a pattern, or values made from the groups of one."""
        steps = []
        below = node
        while below.name in ("Extend", "Filter", "Join") and below.name != "AggregateJoin":
            steps.append(below)
            below = below.p1 if below.name == "Join" else below.p
        if below.name != "AggregateJoin":
            return Select(self.pattern(node), columns), self._expressions
        aggregates: Aggregates = {item.res: self._expressions.aggregate(item) for item in below.A}
        expressions = ExpressionReader(self._exists, aggregates)
        made, having = [], []
        for step in reversed(steps):
            if step.name == "Filter":
                having.append(expressions.read(step.expr))
            elif step.name == "Extend":
                variable, value = ox.Variable(str(step.var)), expressions.read(step.expr)
                if value.text != f"SAMPLE({variable})":  # so rdflib writes a key that is projected
                    made.append((variable, value))
        pattern, keys = self.pattern(below.p.p), []
        for key in below.p.expr or []:
            if isinstance(key, Variable):
                keys.append(ox.Variable(str(key)))
            else:
                keys.append(self._fresh("key"))
                pattern = Bind(pattern, keys[-1], self._expressions.read(key))
        select = Select(pattern, columns, keys=tuple(keys), made=tuple(made), having=tuple(having))
        return select, expressions

    def pattern(self, node: CompValue) -> Pattern:
        match node.name:
            case "BGP":
                return self._triples(node.triples)
            case "Join":
                return Join(self.pattern(node.p1), self.pattern(node.p2))
            case "LeftJoin":
                condition = self._expressions.read(node.expr)
                return Optional(self.pattern(node.p1), self.pattern(node.p2), condition, self._fresh("mark"))
            case "Union":
                return Union(self.pattern(node.p1), self.pattern(node.p2), self._fresh("mark"))
            case "Minus":
                return Minus(self.pattern(node.p1), self.pattern(node.p2))
            case "Filter":
                return Filter(self.pattern(node.p), self._expressions.read(node.expr))
            case "Extend":
                return Bind(self.pattern(node.p), ox.Variable(str(node.var)), self._expressions.read(node.expr))
            case "Graph":
                name = slot(node.term)
                assert not isinstance(name, ox.Literal)
                return Graph(name, self.pattern(node.p))
            case "ToMultiSet" if node.p.name == "values":
                return _values(node.p.res)
            case "ToMultiSet":
                return self.select(node.p)
        raise UntraceableError(f"it uses {node.name.removesuffix('GraphPattern').upper()}")

    def _fresh(self, name: str) -> ox.Variable:
        return ox.Variable(f"{name}__{next(self._numbers)}")

    def _exists(self, node: CompValue) -> Pattern:
        return self.pattern(translateGroupGraphPattern(node))

    def _triples(self, triples: list[tuple[Any, Any, Any]]) -> Pattern:
        plain = [triple for triple in triples if not isinstance(triple[1], Path)]
        paths = [self._path(slot(s), p, slot(o)) for s, p, o in triples if isinstance(p, Path)]
        found: list[Pattern] = [Triples(tuple((slot(s), slot(p), slot(o)) for s, p, o in plain))] if plain else []
        return functools.reduce(Join, found + paths) if found or paths else Triples(())

    def _path(self, start: Slot, path: Path | URIRef, end: Slot) -> Pattern:
        if isinstance(path, URIRef):
            return Triples(((start, slot(path), end),))
        if isinstance(path, InvPath):
            return self._path(end, path.arg, start)
        if isinstance(path, AlternativePath):
            ways = [self._path(start, part, end) for part in path.args]
            return functools.reduce(lambda left, right: Union(left, right, self._fresh("mark")), ways)
        if isinstance(path, SequencePath):
            nodes = [start, *(self._fresh("node") for _ in path.args[1:]), end]
            steps = [self._path(*step) for step in zip(nodes, path.args, nodes[1:], strict=False)]
            return functools.reduce(Join, steps)
        if isinstance(path, MulPath):
            step = self._path(START, path.path, END)
            return Closure(start, _path_text(path), end, step, zero=path.mod != "+", once=path.mod == "?")
        assert isinstance(path, NegatedPath)
        if not all(isinstance(part, URIRef) for part in path.args):
            raise UntraceableError("it uses a negated path with an inverse")
        predicate = self._fresh("predicate")
        none = ", ".join(str(slot(part)) for part in path.args)
        condition = Expression(f"({predicate} NOT IN ({none}))", frozenset({predicate}))
        return Filter(Triples(((start, predicate, end),)), condition)


def _values(rows: list[dict[Variable, Any]]) -> Values:
    names = sorted({name for row in rows for name in row})
    terms = tuple(tuple(None if type(row[name]) is str else _term(row[name]) for name in names) for row in rows)
    return Values(tuple(ox.Variable(str(name)) for name in names), terms)


def _term(node: object) -> Term:
    term = slot(node)
    assert not isinstance(term, ox.Variable)
    return term


def _path_text(path: Path | URIRef) -> str:
    if isinstance(path, URIRef):
        return str(slot(path))
    if isinstance(path, InvPath):
        return f"(^{_path_text(path.arg)})"
    if isinstance(path, MulPath):
        return f"({_path_text(path.path)}{path.mod})"
    if isinstance(path, NegatedPath):
        return f"!({'|'.join(map(_path_text, path.args))})"
    assert isinstance(path, SequencePath | AlternativePath)
    return f"({('/' if isinstance(path, SequencePath) else '|').join(map(_path_text, path.args))})"
