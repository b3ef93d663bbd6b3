"""Patterns as SPARQL. What they are is said in `patterns`.

Written with values `given`, row by row, each triple pattern is narrowed to them: what cannot be part of an answer with
the values of any of the rows is not looked at. The right side of an OPTIONAL is narrowed by those variables alone that
it, or what it is added to for sure, decides: else an OPTIONAL that matched another value would look unmatched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
    Term,
    Triples,
    Union,
    Values,
    Variables,
    variables,
    variables_in,
)

Given = Sequence[Mapping[ox.Variable, Term]]
NOTHING: Given = ()
_NONE: Variables = frozenset()


def group(pattern: Pattern, given: Given, outside: Variables = _NONE) -> str:
    """The pattern as a group in braces; `outside` are the variables of what it is joined with."""
    return f"{{ {text(pattern, given, outside)} }}"


def text(pattern: Pattern, given: Given, outside: Variables = _NONE) -> str:
    """The inside of the pattern's group."""
    match pattern:
        case Triples(triples):
            return _narrowed(variables(pattern), given) + " ".join(f"{s} {p} {o} ." for s, p, o in triples)
        case Closure(start, path, end):
            return f"{_narrowed(variables(pattern), given)}{start} {path} {end} ."
        case Values(names, rows):
            written = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in rows)
            return f"VALUES ({_listed(names)}) {{ {' '.join(f'({row})' for row in written)} }}"
        case Join(left, right):
            return f"{group(left, given, outside | variables(right))} {group(right, given, outside | variables(left))}"
        case Optional(left, right, condition, mark):
            elsewhere = outside | variables(left)
            own = certain(left) | (variables(right) - elsewhere)
            inner = [{name: row[name] for name in row if name in own} for row in given]
            matched = f"{group(right, inner, elsewhere)} BIND(1 AS {mark}) FILTER({condition.text})"
            return f"{group(left, given, outside | variables(right))} OPTIONAL {{ {matched} }}{_marks(condition)}"
        case Union(left, right, mark):
            ways = (f"{{ {group(way, given, outside)} BIND({n} AS {mark}) }}" for n, way in ((1, left), (2, right)))
            return " UNION ".join(ways)
        case Minus(left, right):  # narrowed, the right side could take away less than it did
            return f"{group(left, given, outside)} MINUS {group(right, NOTHING)}"
        case Filter(inner, condition):
            filtered = f"{group(inner, given, outside)} FILTER({condition.text})"
            return f"{{ {filtered} }}{_marks(condition)}" if condition.marks else filtered
        case Bind(inner, variable, value):
            return f"{group(inner, given, outside)} BIND({value.text} AS {variable}){_marks(value)}"
        case Graph(name, inner):
            return f"{_narrowed(variables_in((name,)), given)}GRAPH {name} {group(inner, given, outside)}"
        case Select():
            return select_text(pattern, given, outside)


def select_text(select: Select, given: Given = NOTHING, outside: Variables = _NONE) -> str:
    """The whole SELECT."""
    free = frozenset(select.columns if select.keys is None else select.keys) & frozenset(select.columns)
    if select.sliced:
        free = _NONE  # with fewer rows below, others would be among the first
    rows = [{name: row[name] for name in row if name in free} for row in given]
    inside = group(select.pattern, rows, outside & free)
    made = dict(select.made)
    head = [f"({made[column].text} AS {column})" if column in made else str(column) for column in select.columns]
    tail = [f"GROUP BY {_listed(select.keys)}"] if select.keys else []
    tail += [f"HAVING({condition.text})" for condition in select.having]
    tail += [f"ORDER BY {' '.join(select.order)}"] if select.order else []
    tail += [f"LIMIT {select.limit}"] if select.limit is not None else []
    tail += [f"OFFSET {select.offset}"] if select.offset else []
    return f"SELECT {'DISTINCT ' if select.distinct else ''}{' '.join(head)} WHERE {inside} {' '.join(tail)}"


def certain(pattern: Pattern) -> Variables:
    """The variables that every solution of a pattern binds."""
    match pattern:
        case Triples() | Closure():
            return variables(pattern)
        case Values(names, rows):
            return frozenset(name for n, name in enumerate(names) if all(row[n] is not None for row in rows))
        case Join(left, right):
            return certain(left) | certain(right)
        case Optional(inner) | Minus(inner) | Filter(inner) | Bind(inner) | Graph(_, inner):
            return certain(inner)
        case Union(left, right):
            return certain(left) & certain(right)
        case Select(inner, columns):
            return certain(inner) & frozenset(columns)


def _marks(expression: Expression) -> str:
    return "".join(f" BIND({value} AS {mark})" for mark, value in expression.marks)


def _listed(names: Iterable[object]) -> str:
    return " ".join(map(str, names))


def _narrowed(free: Variables, given: Given) -> str:
    """VALUES for those of the variables that every row gives; blank nodes cannot be written, so they stay open."""
    known = [
        name
        for name in sorted(free, key=str)
        if given and all(isinstance(row.get(name), ox.NamedNode | ox.Literal) for row in given)
    ]
    if not known:
        return ""
    rows = dict.fromkeys(f"({_listed(row[name] for name in known)})" for row in given)
    return f"VALUES ({_listed(known)}) {{ {_listed(rows)} }} "
