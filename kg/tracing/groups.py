"""What a row made from a group asks of the group's members. Grounding them is left to `witnesses`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.tracing.conditions import Solution, rested
from kg.tracing.patterns import Pattern, Select, Term, Uses, Variables
from kg.tracing.untraced import stated

_NONE: Variables = frozenset()


@dataclass
class Group:
    """What a group's row asks of its members: which of their values, which matches, and what must be absent.

    A count or the like passes over a member without a value: that is an absence only where no member has one, and the
    row shows something all the same.
    """

    select: Select
    row: Mapping[ox.Variable, Term | None]
    _absent: dict[int, Variables] = field(default_factory=dict)
    _bound: set[int] = field(default_factory=set)

    def take(self, member: Solution) -> tuple[Variables, list[Pattern]]:
        """The variables of a member that are needed, and the patterns that must match."""
        needed = frozenset(self.select.keys or ())
        matches: list[Pattern] = []
        made = [(value, frozenset({column})) for column, value in self.select.made]
        for number, (value, about) in enumerate([*made, *((each, _NONE) for each in self.select.having)]):
            rests = rested(value.support, member, lambda: stated(self.select.pattern))
            needed |= rests.used
            matches += rests.matching
            if rests.absent is None and isinstance(value.support, Uses):
                self._bound.add(number)
            elif rests.absent is not None and all(self.row.get(column) is not None for column in about):
                self._absent[number] = about
        return needed, matches

    @property
    def absent(self) -> set[Variables]:
        """What the absences concern that the row rests on."""
        return {about for number, about in self._absent.items() if number not in self._bound}
