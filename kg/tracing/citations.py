"""Who states a triple: passages and other named graphs, judgements on them, the rule and premises of an inference.

Which triples a row rests on is left to `witnesses`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.build.rules import Rule, premises
from kg.namespaces import ACCEPTED, INFERRED, VIEW, oxus
from kg.tracing.grounding import Fact
from kg.tracing.kinship import Kinship
from kg.tracing.patterns import Term

VERDICTS = ("rejects", "leavesOpen", "accepts")
"""What a judgement may say of a passage, the gravest first."""


@dataclass(frozen=True)
class Citation:
    """One triple with the graphs that state it, or the rule and premises that infer it; a judgement on a passage."""

    triple: ox.Triple
    passages: tuple[ox.NamedNode, ...]
    rule: ox.NamedNode | None = None
    premises: tuple[Citation, ...] = ()
    disputed: ox.NamedNode | None = None
    sources: int = 0
    """How many independent sources of the query's dataset state it, whatever graph it was asked for in.

    Of an inferred triple that is the premise that fewest state; 0 if the triple is ours alone.
    """

    def with_premises(self) -> Iterator[Citation]:
        """The citation and, all the way down, those of its premises."""
        yield self
        for premise in self.premises:
            yield from premise.with_premises()

    def as_json(self) -> dict[str, object]:
        """The citation as design §4.5 shapes it, terms as in SPARQL results."""
        found: dict[str, object] = {
            "triple": [term_as_json(term) for term in self.triple],
            "passages": [passage.value for passage in self.passages],
        }
        if self.rule is not None:
            found["rule"] = self.rule.value
            found["premises"] = [premise.as_json() for premise in self.premises]
        if self.disputed is not None:
            found["disputed"] = self.disputed.value
        if self.sources:
            found["sources"] = self.sources
        return found


def term_as_json(term: Term) -> dict[str, object]:
    """A term as SPARQL 1.1 results JSON writes it (§3.2.2; triple terms and directions as in 1.2).

    >>> term_as_json(ox.Literal("salom", language="tg"))
    {'type': 'literal', 'value': 'salom', 'xml:lang': 'tg'}
    """
    match term:
        case ox.NamedNode():
            return {"type": "uri", "value": term.value}
        case ox.BlankNode():
            return {"type": "bnode", "value": term.value}
        case ox.Triple():
            parts = zip(("subject", "predicate", "object"), term, strict=True)
            return {"type": "triple", "value": {name: term_as_json(part) for name, part in parts}}
    found: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
        if term.direction is not None:
            found["its:dir"] = str(term.direction)
    elif term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        found["datatype"] = term.datatype.value
    return found


@dataclass(frozen=True)
class Citer:
    """Cites triples of a store; `default_graphs` if the query's default graph is not the store's own."""

    store: ox.Store
    rules: Mapping[str, Rule]
    default_graphs: Sequence[str] | None = None
    _known: dict[object, Citation] = field(default_factory=dict, compare=False, repr=False)
    """What has been cited already: the rows of an answer share many triples."""

    def cite(self, facts: Sequence[Fact]) -> tuple[Citation, ...]:
        """One citation a triple, in the order of their terms; a triple asked for in two graphs is cited from both."""
        graphs: dict[ox.Triple, list[ox.NamedNode | None]] = {}
        for fact in facts:
            graphs.setdefault(fact.triple, []).append(None if fact.graph == ACCEPTED else fact.graph)
        triples = sorted(graphs, key=lambda triple: [str(term) for term in triple])
        return tuple(self._citation(triple, graphs[triple], frozenset()) for triple in triples)

    def _citation(
        self, triple: ox.Triple, asked: Sequence[ox.NamedNode | None], explaining: frozenset[ox.Triple]
    ) -> Citation:
        key = (triple, tuple(asked), explaining)
        if key not in self._known:
            self._known[key] = self._cited(triple, asked, explaining)
        return self._known[key]

    def _cited(
        self, triple: ox.Triple, asked: Sequence[ox.NamedNode | None], explaining: frozenset[ox.Triple]
    ) -> Citation:
        named = {graph for graph in asked if graph is not None}
        stating = named | (self._stating(triple) if None in asked else set())
        passages = sorted((g for g in stating if not g.value.startswith(INFERRED)), key=_reading_order)
        inferred = sorted((g for g in stating if g.value.startswith(INFERRED)), key=str)
        disputed = self._judged(passages)
        if passages or not inferred:
            accepted = stating if None in asked else self._stating(triple)
            witnesses = {graph for graph in accepted if not graph.value.startswith(INFERRED)} or passages
            return Citation(triple, tuple(passages), disputed=disputed, sources=self._kinship.independent(witnesses))
        rule, found = self._premises(triple, inferred, explaining)
        explaining = explaining | {triple}
        below = tuple(self._citation(premise, [None], explaining) for premise in found)
        sources = min((premise.sources for premise in below if premise.sources), default=0)
        return Citation(triple, (), rule, below, disputed, sources)

    def _stating(self, triple: ox.Triple) -> set[ox.NamedNode]:
        """The named graphs through which a triple is in the default graph of the query."""
        quads = self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        found = {quad.graph_name for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
        if self.default_graphs is not None and ACCEPTED.value not in self.default_graphs:
            return {graph for graph in found if graph.value in self.default_graphs}
        return {graph for graph in found if graph not in self._not_accepted}

    def _premises(
        self, triple: ox.Triple, graphs: Sequence[ox.NamedNode], explaining: frozenset[ox.Triple]
    ) -> tuple[ox.NamedNode, list[ox.Triple]]:
        for graph in graphs:
            rule = self.rules.get(graph.value[len(INFERRED) :])
            found = premises(self.store, rule, triple, explaining) if rule else []
            if found:
                return graph, found
        return graphs[0], []

    def _judged(self, passages: Sequence[ox.NamedNode]) -> ox.NamedNode | None:
        """The gravest judgement on any of the passages."""
        found = [verdict for passage in passages for verdict in self._verdicts.get(passage, ())]
        return min(found, key=lambda verdict: (verdict[0], verdict[1].value))[1] if found else None

    @cached_property
    def _kinship(self) -> Kinship:
        return Kinship(self.store)

    @cached_property
    def _verdicts(self) -> Mapping[ox.NamedNode, list[tuple[int, ox.NamedNode]]]:
        """What judgements say of passages; those that accept all their readings settle no disagreement."""
        found: dict[ox.NamedNode, list[tuple[int, ox.NamedNode]]] = {}
        disagreeing: set[ox.NamedNode] = set()
        for rank, name in enumerate(VERDICTS):
            for quad in self.store.quads_for_pattern(None, oxus(name), None):
                if isinstance(quad.object, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode):
                    if name != "accepts":
                        disagreeing.add(quad.subject)
                    if quad.subject in disagreeing:
                        found.setdefault(quad.object, []).append((rank, quad.subject))
        return found

    @cached_property
    def _not_accepted(self) -> frozenset[ox.NamedNode]:
        rejected = {passage for passage, verdicts in self._verdicts.items() if min(verdicts)[0] == 0}
        let_in = {quad.object for quad in self.store.quads_for_pattern(ACCEPTED, oxus("accepts"), None, VIEW)}
        return frozenset(rejected - let_in | {ACCEPTED, VIEW})


def _reading_order(graph: ox.NamedNode) -> tuple[str, int, str]:
    """Passages of a document by where they begin, whatever the number of digits."""
    document, _, place = graph.value.rpartition("/")
    begin = place.partition("-")[0]
    return document, int(begin) if begin.isdecimal() else -1, graph.value
