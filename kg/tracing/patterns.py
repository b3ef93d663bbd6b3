"""The patterns of a SELECT and its conditions, as records. Reading them is left to `algebra`, writing to `writing`.

Each OPTIONAL and UNION binds a `mark` of its own, so that a solution says which of them took part; so does each of the
ways in which a condition may hold, if there are several.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Slot = ox.Variable | ox.NamedNode | ox.Literal
Variables = frozenset[ox.Variable]

START = ox.Variable("from__")
END = ox.Variable("to__")


@dataclass(frozen=True)
class Uses:
    """Rests on the values of variables, or on their having none."""

    variables: Variables


@dataclass(frozen=True)
class All:
    """Rests on everything that its parts rest on."""

    parts: tuple[Support, ...]


@dataclass(frozen=True)
class Way:
    """One of several ways in which a condition holds or a value comes about: then the mark is bound to `text`."""

    mark: ox.Variable
    text: str
    support: Support


@dataclass(frozen=True)
class Either:
    """Rests on any one of its ways; `ordered` if the first that is open is the one taken."""

    ways: tuple[Way, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Witness:
    """Rests on a pattern that matches."""

    pattern: Pattern


@dataclass(frozen=True)
class Absence:
    """Rests on a pattern with these variables that does not match."""

    variables: Variables


Support = Uses | All | Either | Witness | Absence


@dataclass(frozen=True)
class Expression:
    """A condition or a computed value, and what it rests on: `support` if it is true or a value, `denial` if false.

    `copies` are the variables one of which it hands on unchanged (None: it computes), `marks` what is bound to tell in
    which way it came about. It is a `term`, or an `operator` (a sign, or the name of a function) with its operands.
    """

    text: str
    variables: Variables
    support: Support
    denial: Support
    copies: Variables | None = None
    marks: tuple[tuple[ox.Variable, str], ...] = ()
    term: Slot | None = None
    operator: str = ""
    operands: tuple[Expression, ...] = ()


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
