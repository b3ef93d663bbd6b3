"""Triples put into graphs. Which graph a triple belongs to is left to `dataset`."""

from __future__ import annotations

import pyoxigraph as ox

_DEFAULT = ox.DefaultGraph()


def in_graph(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph = _DEFAULT) -> ox.Quad:
    """The triple as a statement of this graph, the default graph if none is named."""
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)
