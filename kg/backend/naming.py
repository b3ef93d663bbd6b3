"""Under which names the graphs of a build stand in another store.

Each version has names of its own, so that loading one never disturbs those who ask another: a graph `…/graph/accepted`
is held as `…/graph/accepted;version=1.0-abc`. An index graph says which name holds which graph. It is loaded last: a
version without it is not there. A store into which somebody loaded a dump, with the default graph as
`…/graph/accepted`, holds the graphs under their own names: that is taken too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.namespaces import ACCEPTED, DCTERMS, GRAPH

INDEX = GRAPH + "index;of="
"""What the name of a version's index begins with: no graph that a query can name is held under such a name."""
VERSIONS = GRAPH + "versions"
"""The graph, one for the whole store, that says which graphs of which versions are there, or may be in part."""
HELD_AS = DCTERMS + "hasVersion"
HAS_PART = DCTERMS + "hasPart"
NOTHING = GRAPH + "nothing"
"""A graph that is never there: FROM it makes a default graph that is empty in every store."""

_UNFIT = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True)
class Holding:
    """How a store holds a version of the dataset; with no version, the graphs have their own names.

    >>> Holding("1.0+abc").accepted
    'https://w3id.org/oxus/graph/accepted;version=1.0-abc'
    >>> Holding("1.0+abc").graph_of("urn:g;version=1.0-abc"), Holding("1.0+abc").graph_of("urn:g;version=2")
    ('urn:g', None)
    >>> Holding().accepted, Holding().index
    ('https://w3id.org/oxus/graph/accepted', None)
    """

    version: str = ""

    def name_of(self, graph: str) -> str:
        """The name that holds a graph."""
        return graph + self._suffix

    def graph_of(self, name: str) -> str | None:
        """The graph that a name holds; None if it is of another version, or no graph of the dataset."""
        graph = name.removesuffix(self._suffix)
        return graph if graph != name or not self.version else None

    @property
    def _suffix(self) -> str:
        return f";version={_UNFIT.sub('-', self.version)}" if self.version else ""

    @property
    def accepted(self) -> str:
        """The name that holds what is the default graph of a query."""
        return self.name_of(ACCEPTED.value)

    @property
    def index(self) -> str | None:
        """The graph that says by which name each graph is held: `graph HELD_AS name`; None if by its own."""
        return INDEX + _UNFIT.sub("-", self.version) if self.version else None
