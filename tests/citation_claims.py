"""What citations claim beside their triples, held against the dataset: who states them, disagreement, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyoxigraph as ox

GRAPH = "https://w3id.org/oxus/graph/"
OURS = (GRAPH + "accepted", GRAPH + "catalogue", GRAPH + "view", GRAPH + "inferred/")
PREFIX = "PREFIX oxus: <https://w3id.org/oxus/ontology#> "
VERDICTS = ("rejects", "leavesOpen", "accepts")

Citation = Mapping[str, Any]


@dataclass
class Claims:
    """Judges the claims of citations over one dataset."""

    store: ox.Store
    _stating: dict[ox.Triple, frozenset[str]] = field(default_factory=dict)

    def faults(self, citation: Citation, triple: ox.Triple, plain: bool) -> Iterator[str]:
        """What is not as a citation says; `plain` if no graph was asked for by name."""
        passages = frozenset(citation["passages"])
        if len(passages) != len(citation["passages"]):
            yield f"{triple} is cited twice from one graph"
        accepted = self.stating(triple)
        if plain and passages != accepted:
            yield f"{triple} is cited from {sorted(passages)}, and stated by {sorted(accepted)}"
        judged = self._gravest(passages)
        if citation.get("disputed") not in (judged or {None}):
            yield f"{triple} is said to be disputed by {citation.get('disputed')}, and is by {sorted(judged)}"
        if "rule" in citation:
            below = [premise["sources"] for premise in citation["premises"] if premise.get("sources")]
            sources = min(below, default=0)
        else:
            sources = len({self._family(source) for graph in accepted or passages for source in self._source(graph)})
        if citation.get("sources", 0) != sources:
            yield f"{triple} is said to have {citation.get('sources', 0)} sources, and has {sources}"

    def stating(self, triple: ox.Triple) -> frozenset[str]:
        """The graphs that state a triple, but for rejected passages and those of ours that repeat it."""
        if triple not in self._stating:
            pattern = " ".join(map(str, triple))
            found = {row[0].value for row in self._ask(f"SELECT ?g {{ GRAPH ?g {{ {pattern} }} }}")}
            self._stating[triple] = frozenset(graph for graph in found - self._rejected if not graph.startswith(OURS))
        return self._stating[triple]

    def _gravest(self, passages: frozenset[str]) -> set[str]:
        """The judgements with the gravest verdict on any of the passages, of those that settle a disagreement."""
        for verdict in VERDICTS:
            if found := {judgement for passage, judgement in self._verdicts[verdict] if passage in passages}:
                return found
        return set()

    @cached_property
    def _verdicts(self) -> dict[str, set[tuple[str, str]]]:
        disagree = "{ ?j oxus:rejects|oxus:leavesOpen ?other }"
        return {
            verdict: {
                (row[0].value, row[1].value)
                for row in self._ask(f"SELECT ?p ?j {{ ?j oxus:{verdict} ?p FILTER EXISTS {disagree} }}")
            }
            for verdict in VERDICTS
        }

    @cached_property
    def _rejected(self) -> set[str]:
        return {row[0].value for row in self._ask("SELECT ?p { ?j oxus:rejects ?p }")}

    def _source(self, graph: str) -> list[str]:
        if graph.startswith(GRAPH + "reference/"):
            return [graph]
        return [row[0].value for row in self._ask(f"SELECT ?d {{ <{graph}> oxus:isPassageOf ?d }}")]

    def _family(self, source: str) -> str:
        kin = "(oxus:sharesAncestryWith|^oxus:sharesAncestryWith)*"
        return min(row[0].value for row in self._ask(f"SELECT ?k {{ <{source}> {kin} ?k }}"))

    def _ask(self, query: str) -> list[Any]:
        answer = self.store.query(PREFIX + query)
        assert isinstance(answer, ox.QuerySolutions)
        return list(answer)
