"""From the text of a SELECT to the patterns of `patterns`, by way of rdflib's SPARQL algebra. Evaluates nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern, translatePath, translateQuery, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import URIRef, Variable

from kg.errors import KGError
from kg.tracing.expressions import NO_CONDITION, Aggregates, ExpressionReader, GroupExistsError, marks
from kg.tracing.naming import Names, constant
from kg.tracing.patterns import (
    END,
    START,
    All,
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
    Triples,
    Union,
    Uses,
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
    return _read_safely(text, base_iri, any_form=False)


def read_where(text: str, base_iri: str | None = None) -> Query:
    """The patterns of a query of any form; those of an ASK, CONSTRUCT or DESCRIBE as a SELECT of what they bind.

    Raises: UntraceableError, as `read_select`.
    """
    return _read_safely(text, base_iri, any_form=True)


def _read_safely(text: str, base_iri: str | None, any_form: bool) -> Query:
    with _exact_literals():
        try:
            return _read(text, base_iri, any_form)
        except UntraceableError:
            raise
        except RecursionError:
            raise UntraceableError("it is nested too deeply") from None
        except GroupExistsError:
            raise UntraceableError("it asks EXISTS of whole groups") from None
        except Exception as error:
            # The engine has read the query: this is SPARQL that rdflib does not know, or reads in a way unknown here.
            raise UntraceableError("it uses SPARQL that the tracer does not read") from error


def _read(text: str, base_iri: str | None, any_form: bool) -> Query:
    algebra = translateQuery(parseQuery(text), base=base_iri).algebra
    if algebra.name != "SelectQuery" and not any_form:
        raise UntraceableError("only the rows of a SELECT can be traced")
    clauses = algebra.datasetClause or []
    defaults = tuple(str(clause.default) for clause in clauses if clause.default)
    named = tuple(str(clause.named) for clause in clauses if clause.named)
    nothing = Select(Triples(()), ())  # DESCRIBE <iri>
    select = _Reader(Names(text)).select(algebra.p) if algebra.p is not None else nothing
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
    """Reads one query."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._expressions = ExpressionReader(names, self._exists, {})
        self._in_a_graph_unnamed = False

    def select(self, node: CompValue) -> Select:
        """A SELECT with what it does to its rows."""
        limit, offset, distinct = None, 0, False
        while node.name != "Project":
            if node.name == "Slice":
                limit, offset = node.length, node.start or 0
            distinct = distinct or node.name == "Distinct"
            node = node.p
        columns = tuple(self._names.variable(variable) for variable in node.PV)
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
        expressions = ExpressionReader(self._names, self._exists, aggregates, ways=False)
        made, having = [], []
        for step in reversed(steps):
            if step.name == "Filter":
                having.append(expressions.read(step.expr))
            elif step.name == "Extend":
                variable, value = self._names.variable(step.var), expressions.read(step.expr)
                if value.text != f"SAMPLE({variable})":  # so rdflib writes a key that is projected
                    made.append((variable, value))
        asked = self._keys(below.p)
        pattern, keys = self.pattern(below.p.p), []
        for key in asked:
            if isinstance(key, Variable):
                keys.append(self._names.variable(key))
            else:
                keys.append(self._names.fresh("key"))
                pattern = Bind(pattern, keys[-1], self._expressions.value(key))
        rests = All(tuple(value.support for value in [*(value for _, value in made), *having]))
        if told := tuple(dict.fromkeys(marks(rests))):
            pattern = Filter(pattern, replace(NO_CONDITION, marks=told))
        select = Select(pattern, columns, keys=tuple(keys), made=tuple(made), having=tuple(having))
        return select, expressions

    def _keys(self, group: CompValue) -> list[Any]:
        """What is grouped by; rdflib gives the value of GROUP BY (…) without AS no variable, so it gets one here."""
        node = group.p
        unnamed: list[Variable] = []
        while node.name == "Extend":
            if node.var is None:
                unnamed.append(Variable(self._names.fresh("key").value))
                node["var"] = unnamed[-1]
            node = node.p
        return [unnamed.pop() if key is None else key for key in group.expr or []]

    def pattern(self, node: CompValue) -> Pattern:
        """The pattern of a node of the algebra."""
        match node.name:
            case "BGP":
                return self._triples(node.triples)
            case "Join":
                return Join(self.pattern(node.p1), self.pattern(node.p2))
            case "LeftJoin":
                condition = self._expressions.condition(node.expr)
                return Optional(self.pattern(node.p1), self.pattern(node.p2), condition, self._fresh("mark"))
            case "Union":
                return Union(self.pattern(node.p1), self.pattern(node.p2), self._fresh("mark"))
            case "Minus":
                return Minus(self.pattern(node.p1), self.pattern(node.p2))
            case "Filter":
                return Filter(self.pattern(node.p), self._expressions.condition(node.expr))
            case "Extend":
                variable, value = self._names.variable(node.var), self._expressions.value(node.expr)
                return Bind(self.pattern(node.p), variable, value)
            case "Graph":
                return self._graph(node)
            case "ToMultiSet" if node.p.name == "values":
                return self._values(node.p.res)
            case "ToMultiSet":
                return self._inner(node.p)
        raise UntraceableError(f"it uses {node.name.removesuffix('GraphPattern').upper()}")

    def _graph(self, node: CompValue) -> Graph:
        name, before = self._names.slot(node.term), self._in_a_graph_unnamed
        assert not isinstance(name, ox.Literal)
        self._in_a_graph_unnamed = isinstance(name, ox.Variable)
        inner = self.pattern(node.p)
        self._in_a_graph_unnamed = before
        return Graph(name, inner)

    def _inner(self, node: CompValue) -> Pattern:
        """A SELECT inside another: if it only hides variables it is its pattern, with other names for those.

        In GRAPH ?g it stays as it is: there the engine leaves ?g unbound.
        """
        below = node
        while below.name != "Project":
            below = below.p
        with self._names.inside(below.PV):
            select = self.select(node)
        grouped = select.keys is not None or select.made or select.having
        plain = not (grouped or select.distinct or select.sliced or self._in_a_graph_unnamed)
        return select.pattern if plain else select

    def _fresh(self, name: str) -> ox.Variable:
        return self._names.fresh(name)

    def _exists(self, node: CompValue) -> Pattern:
        # In a projection rdflib leaves the paths of an EXISTS unread.
        return self.pattern(translateGroupGraphPattern(traverse(node, visitPost=translatePath)))

    def _values(self, rows: list[dict[Variable, Any]]) -> Values:
        names = sorted({name for row in rows for name in row})
        terms = tuple(tuple(None if type(row[name]) is str else constant(row[name]) for name in names) for row in rows)
        return Values(tuple(self._names.variable(name) for name in names), terms)

    def _triples(self, triples: list[tuple[Any, Any, Any]]) -> Pattern:
        plain = [triple for triple in triples if not isinstance(triple[1], Path)]
        slot = self._names.slot
        paths = [self._path(slot(s), p, slot(o)) for s, p, o in triples if isinstance(p, Path)]
        found: list[Pattern] = [Triples(tuple((slot(s), slot(p), slot(o)) for s, p, o in plain))] if plain else []
        return functools.reduce(Join, found + paths) if found or paths else Triples(())

    def _path(self, start: Slot, path: Path | URIRef, end: Slot) -> Pattern:
        if isinstance(path, URIRef):
            return Triples(((start, constant(path), end),))
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
        none = ", ".join(str(constant(part)) for part in path.args)
        named = frozenset({predicate})
        condition = Expression(f"({predicate} NOT IN ({none}))", named, Uses(named), Uses(named))
        return Filter(Triples(((start, predicate, end),)), condition)


def _path_text(path: Path | URIRef) -> str:
    if isinstance(path, URIRef):
        return str(constant(path))
    if isinstance(path, InvPath):
        return f"(^{_path_text(path.arg)})"
    if isinstance(path, MulPath):
        return f"({_path_text(path.path)}{path.mod})"
    if isinstance(path, NegatedPath):
        return f"!({'|'.join(map(_path_text, path.args))})"
    assert isinstance(path, SequencePath | AlternativePath)
    return f"({('/' if isinstance(path, SequencePath) else '|').join(map(_path_text, path.args))})"
