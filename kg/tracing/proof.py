"""The query over nothing but the triples cited for a row: whether it gives the row, and which triples can be spared.

It knows nothing of how the triples were found. Whatever went wrong in finding them shows here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.namespaces import ACCEPTED
from kg.tracing.grounding import Fact
from kg.tracing.patterns import Term

Row = Mapping[ox.Variable, Term | None]

MOST_SPARED = 24
"""Triples of a row beyond which none is tried to be spared: it would take as many evaluations."""


@dataclass
class Proof:
    """Evaluates one query over the triples of one row at a time.

    `evaluate` puts the query to a store; `home` is a graph of the default dataset asked for, None for the store's own.
    """

    evaluate: Callable[[ox.Store], ox.QuerySolutions]
    home: ox.NamedNode | None = None
    _store: ox.Store = field(default_factory=ox.Store)

    def not_shown(self, row: Row, facts: Iterable[Fact]) -> frozenset[ox.Variable]:
        """The columns of a row that the facts alone do not give: by the row that is the most like it."""
        best = frozenset(column for column, term in row.items() if term is not None)
        for other in self._rows(facts):
            different = frozenset(column for column, term in row.items() if other[column] != term)
            if not different:
                return different
            if len(different) < len(best):
                best = different
        return best

    def fewest(self, row: Row, facts: Sequence[Fact]) -> list[Fact]:
        """The facts without those that the row does not need; the row must follow from all of them."""
        kept = list(facts)
        for triple in dict.fromkeys(fact.triple for fact in facts) if len(facts) <= MOST_SPARED else ():
            rest = [fact for fact in kept if fact.triple != triple]
            if rest and not self.not_shown(row, rest):
                kept = rest
        return kept

    def _rows(self, facts: Iterable[Fact]) -> Iterable[Mapping[ox.Variable, Term | None]]:
        self._store.clear()
        self._store.extend(quad for fact in facts for quad in self._quads(fact))
        answer = self.evaluate(self._store)
        columns = answer.variables
        for solution in answer:
            yield {column: solution[column] for column in columns}

    def _quads(self, fact: Fact) -> Iterable[ox.Quad]:
        """Where a fact stands; what is in the default graph is in the accepted one, by design."""
        graphs: tuple[ox.NamedNode | ox.DefaultGraph, ...] = (ox.DefaultGraph(), ACCEPTED)
        if fact.graph is not None or self.home is not None:
            graphs = (fact.graph or self.home or ACCEPTED,)
        return (ox.Quad(fact.triple.subject, fact.triple.predicate, fact.triple.object, graph) for graph in graphs)
