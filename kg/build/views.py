"""Views: the dataset as one document alone tells it, without sources below a grade, or with rejected readings in.

A view is a dataset of its own. Its accepted graph is formed again from the passages and reference graphs that are left,
and the rules run again over that, so that nothing inferred rests on what was left out. Left out are, of

- `source=<slug>`: every passage of another document, and the reference graphs; rejected readings of the document stay
  out unless `rejected=true` is asked for as well,
- `reliability=<grade>`: every passage and reference graph of a source whose grade is below it; a document without a
  grade counts as below, an authority without one stays (its facts are names, codes and identifiers, kept by hand),
- `rejected=true`: nothing; the readings that judgements reject are accepted.

The graphs that we write ourselves (ontology, topics, sources, judgements, time) stay whole. Of the entities those stay
that a passage, a reference graph or the description of a source that is left speaks of: a document alone does not know
the others. Named graphs that are left out are not in the view under their names either, nor is the catalogue, which
counts the whole.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.build.graphs import in_graph
from kg.build.rules import infer
from kg.errors import QueryParameterError
from kg.namespaces import (
    ACCEPTED,
    ENTITIES,
    INFERRED,
    JUDGEMENTS,
    ONTOLOGY,
    RDF,
    REFERENCE,
    SELF_DESCRIPTION,
    SOURCE,
    SOURCES,
    VIEW,
    oxus,
)
from kg.queries.text import mask

VIEW_PARAMETERS = ("source", "reliability", "rejected")
_GRADE = ONTOLOGY + "reliability-"


@dataclass(frozen=True)
class View:
    """What of the dataset is asked: `source` is a document's slug or IRI, `reliability` the lowest grade let in."""

    source: str | None = None
    reliability: str | None = None
    rejected: bool = False

    def __bool__(self) -> bool:
        """Whether it differs from the dataset as it is."""
        return self != View()


@dataclass(frozen=True)
class PlainRule:
    """What inferring needs of a rule; its premises, which only tracing needs, are slow to read."""

    slug: str
    text: str

    @property
    def negates(self) -> bool:
        """Whether it has a NOT EXISTS."""
        return re.search(r"\bNOT\s+EXISTS\b", mask(self.text), re.IGNORECASE) is not None


def view_of(given: Mapping[str, Sequence[str]]) -> View:
    """The view that parameters ask for.

    Raises: QueryParameterError for two values of one, an empty one, or a `rejected` that is not true or false.
    """
    found: dict[str, str] = {}
    for name in VIEW_PARAMETERS:
        values = given.get(name, ())
        if len(values) > 1:
            raise QueryParameterError(f"{name} takes one value, not {len(values)}", parameter=name)
        if values and not values[0].strip():
            raise QueryParameterError(f"{name} is empty", parameter=name)
        if values:
            found[name] = values[0].strip()
    rejected = found.get("rejected", "false")
    if rejected not in ("true", "false"):
        message = f"rejected is {rejected[:80]!r} and not true or false"
        raise QueryParameterError(message, parameter="rejected", suggestions=["true", "false"])
    return View(found.get("source"), found.get("reliability"), rejected == "true")


def view_store(store: ox.Store, view: View, rules: Mapping[str, str]) -> ox.Store:
    """The dataset of a view, laid out as `open_build` lays out a build; `rules` are the texts of the rules by name.

    Raises: QueryParameterError for a document or a grade that is not there, naming those that are.
    """
    kept = _kept_graphs(store, view)
    graphs = {graph: {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)} for graph in kept}
    if ENTITIES in graphs and (view.source or view.reliability):
        graphs[ENTITIES] = _known(graphs)
    judged = _objects(store, "rejects")
    rejected = set() if view.rejected else judged
    asserted: set[ox.Triple] = set().union(*(triples for graph, triples in graphs.items() if graph not in rejected))
    inferred = infer(asserted, [PlainRule(slug, text) for slug, text in rules.items()])
    viewed = ox.Store()
    for graph, triples in graphs.items():
        viewed.bulk_extend(in_graph(triple, graph) for triple in triples)
    for slug, new in inferred.items():
        viewed.bulk_extend(in_graph(triple, ox.NamedNode(INFERRED + slug)) for triple in new)
    viewed.bulk_extend(in_graph(triple) for triple in asserted.union(*inferred.values()))
    if view.rejected:
        viewed.bulk_extend(ox.Quad(ACCEPTED, oxus("accepts"), graph, VIEW) for graph in graphs if graph in judged)
    viewed.update(f"INSERT {{ GRAPH {ACCEPTED} {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}")
    return viewed


def _kept_graphs(store: ox.Store, view: View) -> list[ox.NamedNode]:
    typed = (quad.subject for quad in _quads(store, RDF + "type", oxus("Document")))
    documents = {subject.value for subject in typed if isinstance(subject, ox.NamedNode)}
    home = {quad.subject: quad.object for quad in _quads(store, oxus("isPassageOf").value, None)}
    grades = _grades(store)
    document = _document(view.source, documents) if view.source else None
    lowest = _grade(view.reliability) if view.reliability else None

    def keeps(graph: ox.NamedNode) -> bool:
        if graph == ACCEPTED or graph in SELF_DESCRIPTION or graph.value.startswith(INFERRED):
            return False
        reference = graph.value.startswith(REFERENCE)
        if not reference and graph not in home:
            return not graph.value.startswith(SOURCE)
        origin = graph if reference else home[graph]
        assert isinstance(origin, ox.NamedNode)
        if document is not None and origin.value != document:
            return False
        return lowest is None or grades.get(origin.value, "" if reference else "~") <= lowest

    return [graph for graph in store.named_graphs() if isinstance(graph, ox.NamedNode) and keeps(graph)]


def _known(graphs: Mapping[ox.NamedNode, set[ox.Triple]]) -> set[ox.Triple]:
    """The entities that what is left speaks of, and the parts of their descriptions that are nodes themselves."""
    spoken: set[object] = set()
    for graph, triples in graphs.items():
        if graph == SOURCES or graph.value.startswith((SOURCE, REFERENCE)):
            spoken.update(term for triple in triples for term in (triple.subject, triple.object))
    return {triple for triple in graphs[ENTITIES] if triple.subject in spoken}


def _objects(store: ox.Store, name: str) -> set[ox.NamedNode]:
    quads = store.quads_for_pattern(None, oxus(name), None, JUDGEMENTS)
    return {quad.object for quad in quads if isinstance(quad.object, ox.NamedNode)}


def _quads(store: ox.Store, predicate: str, value: ox.NamedNode | None) -> Iterable[ox.Quad]:
    return store.quads_for_pattern(None, ox.NamedNode(predicate), value, SOURCES)


def _grades(store: ox.Store) -> dict[str, str]:
    """The letter of each source's grade; of several the lowest."""
    found: dict[str, str] = {}
    for quad in _quads(store, oxus("hasReliability").value, None):
        if isinstance(quad.object, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode):
            letter = quad.object.value.removeprefix(_GRADE)
            found[quad.subject.value] = max(letter, found.get(quad.subject.value, letter))
    return found


def _grade(wanted: str) -> str:
    letter = wanted.strip("<>").removeprefix(_GRADE).removeprefix("oxus:").removeprefix("reliability-").lower()
    if letter not in tuple("abcdef"):
        message = f"reliability: {wanted[:80]!r} is not a grade; it takes a, b, c, d, e or f, a being the best"
        raise QueryParameterError(message, parameter="reliability", suggestions=list("abcdef"))
    return letter


def _document(wanted: str, documents: set[str]) -> str:
    slug = wanted.strip("<>").removeprefix(SOURCE).removeprefix("source:")
    if SOURCE + slug in documents:
        return SOURCE + slug
    known = sorted(document.removeprefix(SOURCE) for document in documents)
    near = difflib.get_close_matches(slug, known, n=3, cutoff=0.5)
    message = f"source: no document is called {wanted[:80]!r}; it takes {' or '.join(near or known[:12])}"
    raise QueryParameterError(message, parameter="source", suggestions=near or known[:12])
