"""Which parameter of a canned query excludes everything, and which values of it would not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg.empty.asking import Asker
from kg.empty.blame import Culprit
from kg.empty.excluded import bounds_of, left_open
from kg.empty.telling import ranked
from kg.linting.parts import Part, asked_whether, calls, parts, where
from kg.linting.remarks import Remark
from kg.queries.parameters import write_value
from kg.tracing.algebra import read_where
from kg.tracing.patterns import Expression, Slot, Term, Values

MOST_VALUES = 3
"""Values of a parameter that are named."""
_ORDER = frozenset({"<", "<=", ">", ">="})


def let_in(asker: Asker, culprit: Culprit, declared: Sequence[str]) -> Iterator[Remark]:
    """The parameters that let in what a NOT EXISTS leaves out: plans, say, by their status.

    Raises: OutOfTime.
    """
    if culprit.part.expression is None:
        return
    for pattern, must in asked_whether(culprit.part.expression):
        found = {} if must else left_open(asker, pattern, where(culprit.before))
        for name, values in found.items():
            if name.value in declared:
                shown = _written(ranked(values, name))
                message = (
                    f"what there is has {name.value} {' or '.join(shown)}, which is left out unless it is asked for"
                )
                yield _remark(name.value, message, shown)


def excluding(asker: Asker, without: Mapping[str, str], given: Mapping[str, Sequence[str]]) -> Iterator[Remark]:
    """The given parameters without which there are rows; `without` has the query's text without each.

    Raises: OutOfTime; UntraceableError.
    """
    for name, text in without.items():
        whole = parts(read_where(text).select.pattern)
        if not asker.some(where(whole)):
            continue
        told = f"{name}={', '.join(given[name])}"
        variable = ox.Variable(name)
        beside = " with the other parameters" if len(without) > 1 else ""
        if any(variable in part.variables for part in whole if part.kind == "match" and not _gives(part)):
            wanted: Slot = ox.NamedNode(f"urn:{given[name][0]}") if given[name] else variable
            shown = _written(ranked(asker.values(where(whole), str(variable)), wanted))
            message = f"{told} leaves nothing{beside}; there are rows for {' or '.join(shown) or 'others'}"
            yield _remark(name, message, shown)
            continue
        yield _held_against(asker, whole, variable, f"{told} leaves nothing{beside}")


def _held_against(asker: Asker, whole: list[Part], variable: ox.Variable, message: str) -> Remark:
    """What a parameter is compared with, and the values that would do."""
    for before, call in _calls(whole):
        other = _other(call, variable)
        if other is None:
            continue
        if call.operator not in _ORDER:
            shown = _written(ranked(asker.values(before, other.text), variable))
            return _remark(variable.value, f"{message}; there are rows for {' or '.join(shown) or 'others'}", shown)
        if found := asker.bounds(before, other.text):
            end = found[_is_least(call, other)]
            told = bounds_of(asker, before, other.text)
            return _remark(variable.value, f"{message}: what it is held against {told}", _written([(0.0, end)]))
    return _remark(variable.value, message, ())


def _calls(whole: list[Part]) -> Iterator[tuple[str, Expression]]:
    """What conditions are made of, those inside EXISTS too, each with what must match before it."""
    conditions = [part.expression for part in whole if part.kind == "condition" and part.expression is not None]
    for condition in conditions:
        yield from ((where(whole), call) for call in calls(condition))
        for pattern, _ in asked_whether(condition):
            inner = parts(pattern)
            before = where([*whole, *(part for part in inner if part.kind == "match")])
            yield from ((before, call) for part in inner if part.expression for call in calls(part.expression))


def _is_least(call: Expression, other: Expression) -> bool:
    """Whether the greatest value is the one that comes nearest to the parameter."""
    on_the_left = call.operands[0] is other
    return call.operator.startswith(">") is on_the_left


def _remark(name: str, message: str, values: tuple[str, ...]) -> Remark:
    fix = f"{name}={values[0]}" if len(values) == 1 else ""  # of several none is better than the others
    return Remark("parameter", message, fix, severity="note", parameter=name, values=values)


def _other(call: Expression, variable: ox.Variable) -> Expression | None:
    if call.operator not in ("=", *_ORDER):
        return None
    left, right = call.operands[:2]
    if right.term == variable:
        return left
    return right if left.term == variable else None


def _gives(part: Part) -> bool:
    return isinstance(part.pattern, Values)


def _written(values: Sequence[tuple[float, Slot | Term]]) -> tuple[str, ...]:
    terms = (value for _, value in values[:MOST_VALUES])
    return tuple(write_value(term) for term in terms if isinstance(term, ox.NamedNode | ox.Literal))
