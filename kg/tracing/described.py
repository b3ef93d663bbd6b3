"""What the dataset says of one thing, and who says it: the operation `describe` of the pool.

A description has three lists of citations: the accepted statements about the thing, those of others that name it, and,
if the thing is itself a named graph (a passage, a reference), what that graph states, accepted or not.

In JSON they stand as design §4.5 shapes citations. In formats for triples the accepted statements stand as triples, and
every statement once more as a `rdf:Statement` with what it was derived from; what a passage states is a statement only,
for it may be rejected. In formats for quads each triple stands in the graphs that state it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.build.graphs import in_graph
from kg.engine.evaluation import Output, serialise_triples
from kg.engine.formats import format_named
from kg.errors import NotFoundError, UnrepresentableError, WithdrawnError
from kg.namespaces import DCTERMS, GRAPH, OWL, PREFIXES
from kg.tracing.answers import read_rules
from kg.tracing.citations import Citation, Citer
from kg.tracing.grounding import Fact
from kg.tracing.notes import judgement_notes, passage_notes
from kg.tracing.statements import Statements, by_subject, quoted

_DEPRECATED = ox.NamedNode(OWL + "deprecated")
_REPLACED = ox.NamedNode(DCTERMS + "isReplacedBy")
_TRUE = ox.Literal(True)
_QUADS = ("nq", "trig")


@dataclass(frozen=True)
class Description:
    """The statements about a thing, those of others that name it, and those that it makes if it is a graph."""

    thing: ox.NamedNode
    about: tuple[Citation, ...]
    naming: tuple[Citation, ...]
    stated: tuple[Citation, ...]

    @property
    def citations(self) -> Iterator[Citation]:
        """All of them, with premises."""
        for citation in (*self.about, *self.naming, *self.stated):
            yield from citation.with_premises()


def describe(store: ox.Store, thing: ox.NamedNode, citer: Citer) -> Description:
    """What the dataset says of a thing.

    Raises: NotFoundError if it says nothing; WithdrawnError if it says `owl:deprecated true`.
    """
    default = ox.DefaultGraph()
    _check_not_withdrawn(store, thing)
    about = [quad.triple for quad in store.quads_for_pattern(thing, None, None, default)]
    naming = [quad.triple for quad in store.quads_for_pattern(None, None, thing, default) if quad.subject != thing]
    # What our own graphs hold is not about a thing: the Graph Store Protocol gives it.
    graph = store.quads_for_pattern(None, None, None, thing)
    if thing.value.startswith(GRAPH):
        stated, is_graph = [], next(graph, None) is not None
    else:
        stated = [quad.triple for quad in graph]
        is_graph = bool(stated)
    if not (about or naming or is_graph):
        raise NotFoundError(f"the dataset says nothing of {thing}")
    own = tuple(Citation(triple, (thing,)) for triple in sorted(stated, key=str))
    return Description(thing, citer.cite(_accepted(about)), citer.cite(_accepted(naming)), own)


def answer_with_description(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `describe`: `iri` in `format`, with `rules` as for `cite`; `address` is the document's own.

    Raises: NotFoundError, WithdrawnError.
    """
    name = str(request.get("format") or "json")
    found = describe(store, ox.NamedNode(str(request["iri"])), Citer(store, read_rules(request.get("rules"))))
    if name == "json":
        output.write(json.dumps(_document(store, found, request), ensure_ascii=False).encode("utf-8"))
        return
    format = format_named(name)
    if format is None or format.kind != "graph":
        raise UnrepresentableError(f"a description cannot be had as {name}")
    address = str(request["address"])
    if name in _QUADS:
        serialise_triples(_quads(found), format, output)
    else:
        serialise_triples(by_subject(_triples(store, found, address, str(request["statements"]))), format, output)


def _check_not_withdrawn(store: ox.Store, thing: ox.NamedNode) -> None:
    if ox.Quad(thing, _DEPRECATED, _TRUE, ox.DefaultGraph()) in store:
        instead = [quad.object for quad in store.quads_for_pattern(thing, _REPLACED, None, ox.DefaultGraph())]
        suggestions = sorted(each.value for each in instead if isinstance(each, ox.NamedNode))
        raise WithdrawnError(f"{thing} was withdrawn", suggestions=suggestions)


def _accepted(triples: Iterable[ox.Triple]) -> list[Fact]:
    return [Fact(triple, None) for triple in triples]


def _document(store: ox.Store, found: Description, request: Mapping[str, object]) -> dict[str, object]:
    return {
        "iri": found.thing.value,
        "version": request.get("version"),
        "about": [citation.as_json() for citation in found.about],
        "naming": [citation.as_json() for citation in found.naming],
        "stated": [citation.as_json() for citation in found.stated],
        "passages": passage_notes(store, found.citations),
        "judgements": judgement_notes(store, found.citations),
    }


def _triples(store: ox.Store, found: Description, address: str, name: str) -> Iterator[ox.Triple]:
    for citation in (*found.about, *found.naming):
        yield citation.triple
    yield ox.Triple(ox.NamedNode(address), ox.NamedNode(PREFIXES["foaf"] + "primaryTopic"), found.thing)
    statements = Statements(name)
    for citation in (*found.about, *found.naming, *found.stated):
        yield from statements.triples(citation)
    yield from quoted(store, found.citations)


def _quads(found: Description) -> list[ox.Quad]:
    """The accepted triples in the default graph, and each in the graphs that state or infer it."""
    quads: dict[ox.Quad, None] = {}
    for citation in (*found.about, *found.naming):
        quads[in_graph(citation.triple)] = None
    for citation in found.citations:
        for graph in (*citation.passages, *([citation.rule] if citation.rule else [])):
            quads[in_graph(citation.triple, graph)] = None
    return sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad)))
