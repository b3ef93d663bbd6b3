"""Graphs that a query names and that are none: a document for its passages, a misspelt name."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.linting.context import Context
from kg.linting.near import local_name, nearest
from kg.linting.places import shown
from kg.linting.remarks import Remark, remark
from kg.namespaces import SOURCE, oxus
from kg.tracing.patterns import Graph


def graphs_that_are_none(context: Context) -> Iterator[Remark]:
    """GRAPH or FROM with the IRI of something that is no graph."""
    for iri in (*(context.read.default_graphs or ()), *(context.read.named_graphs or ())):
        if not context.store.contains_named_graph(ox.NamedNode(iri)):
            yield _no_graph(context, ox.NamedNode(iri))
    for level in context.levels():
        for part in level.parts:
            graph = part.pattern.name if isinstance(part.pattern, Graph) else part.graph
            if isinstance(graph, ox.NamedNode) and not context.store.contains_named_graph(graph):
                yield _no_graph(context, graph)


def _no_graph(context: Context, graph: ox.NamedNode) -> Remark:
    at = context.places.find(graph)
    message = f"{shown(graph)} is no graph"
    member = oxus("isPassageOf")
    if context.has(None, member, graph):
        fix = f"a document's passages are: ?passage {shown(member)} {shown(graph)} . GRAPH ?passage {{ … }}"
        before = next((token for token in reversed(context.places.tokens) if at and token.start < at[0]), None)
        edit = None
        if at is not None and before is not None and before.text.upper() == "GRAPH":
            at = (before.start, at[1])
            edit = f"?passage {context.write(member)} {context.write(graph)} . GRAPH ?passage"
        return remark(context.text, "no-graph", at, message, fix, edit)
    known = [each.value for each in context.store.named_graphs() if isinstance(each, ox.NamedNode)]
    near = nearest(local_name(graph.value), (each for each in known if not each.startswith(SOURCE)))
    fix = f"did you mean {context.listed(near)}?" if near else "without GRAPH, all that is accepted is asked"
    edit = context.write(near[0]) if near else None
    return remark(context.text, "no-graph", at, message, fix, edit)
