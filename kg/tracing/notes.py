"""What is known of the passages and judgements that an answer cites. Which they are is left to `citations`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.namespaces import DCTERMS, oxus
from kg.tracing.citations import VERDICTS, Citation

_TITLE = ox.NamedNode(DCTERMS + "title")

Note = Mapping[str, object]


def passage_notes(store: ox.Store, citations: Iterable[Citation]) -> dict[str, Note]:
    """Gist, kind, document, title and place of every passage cited, premises included; graphs of ours have none.

    Shape: passage IRI → {gist, kind, document, title, begin, end}
    """
    graphs = dict.fromkeys(graph for citation in citations for graph in citation.passages)
    return {graph.value: note for graph in graphs if (note := _passage(store, graph))}


def judgement_notes(store: ox.Store, citations: Iterable[Citation]) -> dict[str, Note]:
    """Question, certainty and reason of every judgement on what is cited, and its verdicts.

    Shape: judgement IRI → {question, certainty, reason, accepts, rejects, leavesOpen}; the last three list passages
    """
    judgements = dict.fromkeys(citation.disputed for citation in citations if citation.disputed is not None)
    return {judgement.value: _judgement(store, judgement) for judgement in judgements}


def _passage(store: ox.Store, passage: ox.NamedNode) -> Note:
    found: dict[str, object] = {}
    for name, key in (("gist", "gist"), ("hasKind", "kind"), ("isPassageOf", "document")):
        if term := _first(store, passage, oxus(name)):
            found[key] = term.value
    if "document" in found and (title := _first(store, ox.NamedNode(str(found["document"])), _TITLE)):
        found["title"] = title.value
    for name in ("begin", "end"):
        if term := _first(store, passage, oxus(name)):
            found[name] = int(term.value)
    return found


def _judgement(store: ox.Store, judgement: ox.NamedNode) -> Note:
    found: dict[str, object] = {}
    for name, key in (("question", "question"), ("hasCertainty", "certainty"), ("reason", "reason")):
        if term := _first(store, judgement, oxus(name)):
            found[key] = term.value
    for name in VERDICTS:
        if passages := sorted(term.value for term in _all(store, judgement, oxus(name))):
            found[name] = passages
    return found


def _first(store: ox.Store, node: ox.NamedNode, predicate: ox.NamedNode) -> ox.NamedNode | ox.Literal | None:
    return min(_all(store, node, predicate), key=str, default=None)


def _all(store: ox.Store, node: ox.NamedNode, predicate: ox.NamedNode) -> Iterator[ox.NamedNode | ox.Literal]:
    """The objects in the accepted graph."""
    for quad in store.quads_for_pattern(node, predicate, None, ox.DefaultGraph()):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            yield quad.object
