"""Which parts of a group have no solution: alone, or with those before them. What would have one is left to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.empty.asking import Asker
from kg.linting.context import Context
from kg.linting.parts import Part, where
from kg.tracing.patterns import Graph, Pattern, Select, Union, Values


@dataclass(frozen=True)
class Culprit:
    """A part that leaves nothing; `partner` is another that it cannot match with, `before` those that it came after."""

    part: Part
    others: tuple[Part, ...]
    before: tuple[Part, ...] = ()
    partner: Part | None = None

    @property
    def alone(self) -> bool:
        """Whether it has no solution by itself."""
        return not self.before


def culprits(asker: Asker, parts: Sequence[Part]) -> Iterator[Culprit]:
    """The parts at fault, none if the group has solutions: those that match nothing alone, else the first that fails.

    Raises: OutOfTime.
    """
    alone = [part for part in parts if _matches(part) and not asker.some(part.text)]
    for part in alone:
        yield Culprit(part, _without(parts, part))
    if alone:
        return
    for number, part in enumerate(parts):
        if part.kind in ("optional", "bind") or asker.some(where(parts[: number + 1])):
            continue
        before = tuple(parts[:number])
        partner = next((each for each in before if _conflicts(asker, each, part)), None)
        yield Culprit(part, _without(parts, part), before, partner)
        return


def in_order(context: Context, parts: Sequence[Part]) -> list[Part]:
    """The parts as they are written: reading sorts the triple patterns of a group."""
    ordered: list[Part] = []
    run: list[Part] = []
    for part in parts:
        if part.triple is not None:
            run.append(part)
            continue
        ordered += [*_by_place(context, run), part]
        run = []
    return [*ordered, *_by_place(context, run)]


def branches(pattern: Pattern | None) -> tuple[Pattern, ...]:
    """The patterns inside a part that cannot be taken apart: of a UNION both ways, of a SELECT what it selects from."""
    match pattern:
        case Union(left, right):
            return (left, right)
        case Select(pattern=inner) | Graph(_, inner):
            return (inner,)
    return ()


def _matches(part: Part) -> bool:
    return part.kind == "match" and not isinstance(part.pattern, Values)


def _conflicts(asker: Asker, one: Part, other: Part) -> bool:
    shares = bool(one.variables & other.variables)
    return shares and one.kind == other.kind == "match" and not asker.some(where((one, other)))


def _without(parts: Sequence[Part], part: Part) -> tuple[Part, ...]:
    return tuple(each for each in parts if each is not part)


def _by_place(context: Context, run: list[Part]) -> list[Part]:
    return sorted(run, key=lambda part: (context.at(part.triple) or (0, 0)) if part.triple else (0, 0))
