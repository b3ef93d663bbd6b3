"""Pieces of a query put to the engine one after another, until time is up. Which pieces is left to others."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

import pyoxigraph as ox

from kg.tracing.patterns import Term

Evaluate = Callable[[str], ox.QuerySolutions]

MOST_VALUES = 4000
"""Values among which the nearest is looked for."""
MOST_ROWS = 1000
"""Rows that are counted before it is "more than"."""


class OutOfTime(Exception):
    """The seconds for explaining are used up; what was found until then is told."""


class Asker:
    """Asks short questions of one dataset until `ends`, by the monotonic clock; one that is begun is finished."""

    def __init__(self, evaluate: Evaluate, ends: float) -> None:
        self._evaluate = evaluate
        self._ends = ends

    def some(self, where: str) -> bool:
        """Whether a group has a solution.

        Raises: OutOfTime, as all of these do.
        """
        return any(True for _ in self._ask(f"SELECT * WHERE {{ {where} }} LIMIT 1"))

    def count(self, where: str) -> int:
        """How many solutions a group has, `MOST_ROWS` at most."""
        return sum(1 for _ in self._ask(f"SELECT * WHERE {{ {where} }} LIMIT {MOST_ROWS}"))

    def values(self, where: str, expression: str) -> list[Term]:
        """The values of an expression over the solutions of a group, each once."""
        query = f"SELECT DISTINCT ({expression} AS ?value__0) WHERE {{ {where} }} LIMIT {MOST_VALUES}"
        found = (solution["value__0"] for solution in islice(self._ask(query), MOST_VALUES))
        return [term for term in found if term is not None]

    def bounds(self, where: str, expression: str) -> tuple[Term, Term] | None:
        """The least and the greatest value of an expression over the solutions of a group."""
        query = f"SELECT (MIN({expression}) AS ?value__0) (MAX({expression}) AS ?value__1) WHERE {{ {where} }}"
        for solution in self._ask(query):
            least, greatest = solution["value__0"], solution["value__1"]
            return (least, greatest) if least is not None and greatest is not None else None
        return None

    def _ask(self, query: str) -> ox.QuerySolutions:
        if time.monotonic() > self._ends:
            raise OutOfTime
        return self._evaluate(query)
