"""What we hold to be so: the union of every graph that no judgement rejects, and what the rules infer from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.build.dataset import Assembled, with_accepted
from kg.build.graphs import in_graph
from kg.build.rules import Rule, infer
from kg.namespaces import INFERRED, JUDGEMENTS, oxus


@dataclass(frozen=True)
class Dataset:
    """What a build publishes: the named graphs, inferred ones included, and the accepted graph."""

    graphs: Mapping[ox.NamedNode, frozenset[ox.Triple]] = field(repr=False)
    accepted: frozenset[ox.Triple] = field(repr=False)
    rejected: frozenset[ox.NamedNode]

    def quads(self) -> Iterator[ox.Quad]:
        """Every statement; the accepted graph stands in the default graph, once."""
        for triple in self.accepted:
            yield in_graph(triple)
        for graph, triples in self.graphs.items():
            for triple in triples:
                yield in_graph(triple, graph)

    def store(self) -> ox.Store:
        """A store as `open_build` gives it, the accepted graph under its name too."""
        store = ox.Store()
        store.bulk_extend(with_accepted(self.quads()))
        return store


def rejected_graphs(assembled: Assembled) -> frozenset[ox.NamedNode]:
    """The graphs that a judgement rejects."""
    rejects = oxus("rejects")
    judged = assembled.graphs.get(JUDGEMENTS, frozenset())
    return frozenset(
        triple.object for triple in judged if triple.predicate == rejects and isinstance(triple.object, ox.NamedNode)
    )


def accepted_triples(assembled: Assembled) -> frozenset[ox.Triple]:
    """Every triple of a graph that is not rejected, before inference."""
    rejected = rejected_graphs(assembled)
    return frozenset().union(*(triples for graph, triples in assembled.graphs.items() if graph not in rejected))


def accept(assembled: Assembled, rules: Sequence[Rule]) -> Dataset:
    """The dataset with its accepted graph and what the rules infer, each rule's triples in a graph of their own.

    Raises: QualityError if a rule with NOT EXISTS contradicts itself.
    """
    asserted = accepted_triples(assembled)
    inferred = infer(asserted, rules)
    graphs = dict(assembled.graphs)
    graphs.update({ox.NamedNode(INFERRED + slug): triples for slug, triples in inferred.items() if triples})
    ordered = {graph: graphs[graph] for graph in sorted(graphs, key=lambda one: one.value)}
    return Dataset(ordered, asserted.union(*inferred.values()), rejected_graphs(assembled))
