"""How many sources state something independently: documents that share ancestry are one witness."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import pyoxigraph as ox

from kg.namespaces import REFERENCE, oxus


class Kinship:
    """The sources of a store and who of them is kin: sharing ancestry holds both ways, and among all of a family."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def independent(self, graphs: Iterable[ox.NamedNode]) -> int:
        """How many families of documents and authorities these graphs come from; graphs of our own count for none."""
        found = set()
        for graph in graphs:
            source = graph if graph.value.startswith(REFERENCE) else self._document.get(graph)
            if source is not None:
                found.add(self._family.get(source, source))
        return len(found)

    @cached_property
    def _document(self) -> dict[ox.NamedNode, ox.NamedNode]:
        return dict(self._pairs("isPassageOf"))

    @cached_property
    def _family(self) -> dict[ox.NamedNode, ox.NamedNode]:
        """Each source that has kin, with one member that stands for the family."""
        head: dict[ox.NamedNode, ox.NamedNode] = {}
        for one, other in self._pairs("sharesAncestryWith"):
            kept, gone = head.setdefault(one, one), head.setdefault(other, other)
            head |= {member: kept for member, leader in head.items() if leader == gone}
        return head

    def _pairs(self, name: str) -> Iterable[tuple[ox.NamedNode, ox.NamedNode]]:
        for quad in self._store.quads_for_pattern(None, oxus(name), None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                yield quad.subject, quad.object
