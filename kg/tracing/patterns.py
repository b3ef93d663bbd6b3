"""The patterns of a SELECT as small records, and their text in SPARQL. Reading them is left to `algebra`.

Written with values `given`, row by row, each triple pattern is narrowed to them: what cannot be part of an answer with
the values of any of the rows is not looked at. Each OPTIONAL and UNION binds a `mark` of its own, so that a solution
says which of them took part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Slot = ox.Variable | ox.NamedNode | ox.Literal
Given = Sequence[Mapping[ox.Variable, Term]]
Variables = frozenset[ox.Variable]

NOTHING: Given = ()
START = ox.Variable("from__")
END = ox.Variable("to__")


@dataclass(frozen=True)
class Expression:
    """A condition or a computed value.

    `exists` are patterns that must match for it to hold, `absent` the variables of what must not match (None: nothing),
    `unbound` those that it asks to be unbound; `parts` must all hold, `escapes` are the variables any of which makes it
    hold by being unbound; `copies` are the variables one of which it hands on unchanged (None: it
    computes).
    """

    text: str
    variables: Variables = frozenset()
    exists: tuple[Pattern, ...] = ()
    absent: Variables | None = None
    unbound: Variables = frozenset()
    copies: Variables | None = None
    parts: tuple[Expression, ...] = ()
    escapes: Variables = frozenset()

    def needs(self, solution: Mapping[ox.Variable, Term]) -> Variables:
        """The variables whose values in a solution it rests on."""
        if any(variable not in solution for variable in self.escapes):
            return frozenset()
        if self.parts:
            return frozenset().union(*(part.needs(solution) for part in self.parts))
        return self.variables


@dataclass(frozen=True)
class Triples:
    """Triple patterns that hold together, in one graph."""

    triples: tuple[tuple[Slot, Slot, Slot], ...]


@dataclass(frozen=True)
class Closure:
    """A path of `*`, `+` or `?` whose `step` leads from `START` to `END`: `zero` if none will do, `once` if no more."""

    subject: Slot
    path: str
    object: Slot
    step: Pattern
    zero: bool
    once: bool


@dataclass(frozen=True)
class Values:
    """Rows that the query itself gives."""

    names: tuple[ox.Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True)
class Join:
    """Patterns that hold together."""

    left: Pattern
    right: Pattern


@dataclass(frozen=True)
class Optional:
    """A pattern, and another where it matches and the condition holds; the mark is bound if it does."""

    left: Pattern
    right: Pattern
    condition: Expression
    mark: ox.Variable


@dataclass(frozen=True)
class Union:
    """Either of two patterns; the mark is 1 for the left one, 2 for the right one."""

    left: Pattern
    right: Pattern
    mark: ox.Variable


@dataclass(frozen=True)
class Minus:
    """A pattern without what matches another."""

    left: Pattern
    right: Pattern


@dataclass(frozen=True)
class Filter:
    """A pattern where a condition holds."""

    inner: Pattern
    condition: Expression


@dataclass(frozen=True)
class Bind:
    """A pattern and a value made from it."""

    inner: Pattern
    variable: ox.Variable
    value: Expression


@dataclass(frozen=True)
class Graph:
    """A pattern in a named graph."""

    name: ox.NamedNode | ox.Variable
    inner: Pattern


@dataclass(frozen=True)
class Select:
    """A SELECT, whole or inside another; `keys` is None unless it groups, `made` what it computes from each group."""

    pattern: Pattern
    columns: tuple[ox.Variable, ...]
    distinct: bool = False
    keys: tuple[ox.Variable, ...] | None = None
    made: tuple[tuple[ox.Variable, Expression], ...] = ()
    having: tuple[Expression, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def sliced(self) -> bool:
        """Whether it answers with some of its rows only."""
        return self.limit is not None or self.offset > 0


Pattern = Triples | Closure | Values | Join | Optional | Union | Minus | Filter | Bind | Graph | Select


def variables_in(slots: Iterable[object]) -> Variables:
    """Those of the slots that are variables."""
    return frozenset(slot for slot in slots if isinstance(slot, ox.Variable))


def variables(pattern: Pattern) -> Variables:
    """The variables that a pattern can bind, its marks left out."""
    match pattern:
        case Triples(triples):
            return variables_in(slot for triple in triples for slot in triple)
        case Closure():
            return variables_in((pattern.subject, pattern.object))
        case Values(names) | Select(columns=names):
            return frozenset(names)
        case Join(left, right) | Optional(left, right) | Union(left, right):
            return variables(left) | variables(right)
        case Minus(inner) | Filter(inner):
            return variables(inner)
        case Bind(inner, variable):
            return variables(inner) | {variable}
        case Graph(name, inner):
            return variables(inner) | variables_in((name,))


def group(pattern: Pattern, given: Given) -> str:
    """The pattern as a group in braces."""
    return f"{{ {text(pattern, given)} }}"


def text(pattern: Pattern, given: Given) -> str:
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
            return f"{group(left, given)} {group(right, given)}"
        case Optional(left, right, condition, mark):
            matched = f"{group(right, given)} BIND(1 AS {mark}) FILTER({condition.text})"
            return f"{group(left, given)} OPTIONAL {{ {matched} }}"
        case Union(left, right, mark):
            ways = (f"{{ {group(way, given)} BIND({n} AS {mark}) }}" for n, way in ((1, left), (2, right)))
            return " UNION ".join(ways)
        case Minus(left, right):  # narrowed, the right side could take away less than it did
            return f"{group(left, given)} MINUS {group(right, NOTHING)}"
        case Filter(inner, condition):
            return f"{group(inner, given)} FILTER({condition.text})"
        case Bind(inner, variable, value):
            return f"{group(inner, given)} BIND({value.text} AS {variable})"
        case Graph(name, inner):
            return f"{_narrowed(variables_in((name,)), given)}GRAPH {name} {group(inner, given)}"
        case Select():
            return _select_text(pattern, given)


def _select_text(select: Select, given: Given) -> str:
    free = frozenset(select.columns if select.keys is None else select.keys) & frozenset(select.columns)
    if select.sliced:
        free = frozenset()  # with fewer rows below, others would be among the first
    inside = group(select.pattern, [{name: row[name] for name in row if name in free} for row in given])
    made = dict(select.made)
    head = [f"({made[column].text} AS {column})" if column in made else str(column) for column in select.columns]
    tail = [f"GROUP BY {_listed(select.keys)}"] if select.keys else []
    tail += [f"HAVING({condition.text})" for condition in select.having]
    tail += [f"ORDER BY {' '.join(select.order)}"] if select.order else []
    tail += [f"LIMIT {select.limit}"] if select.limit is not None else []
    tail += [f"OFFSET {select.offset}"] if select.offset else []
    return f"SELECT {'DISTINCT ' if select.distinct else ''}{' '.join(head)} WHERE {inside} {' '.join(tail)}"


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
