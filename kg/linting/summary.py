"""What a graph uses: its classes, its properties, which class uses which property, and on what.

It is read from the VoID partitions of a build's catalogue; of a small dataset without one (RDF files, a view) they are
counted. Of a large one only the ontology's words are known, and rules that need more say nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.build.partitions import VOID_EXT, statistics
from kg.namespaces import CATALOGUE, DATASET, INFERRED, OWL, RDF, RDFS, SKOS, VOID

LARGE = 80_000
"""Triples from which partitions are not counted while somebody waits."""
_DEFAULT = ox.DefaultGraph()
_KINDS = tuple(OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))

Iris = frozenset[str]
NONE: Iris = frozenset()


@dataclass(frozen=True)
class Use:
    """How the members of a class use a property: how often, on things of which classes, on literals of which types."""

    count: int = 0
    classes: Iris = NONE
    datatypes: Iris = NONE


@dataclass(frozen=True)
class Summary:
    """The uses of a graph; `classes` and `properties` say how many members and triples each has, 0 if only declared."""

    classes: Mapping[str, int]
    properties: Mapping[str, int]
    uses: Mapping[str, Mapping[str, Use]]
    parents: Mapping[str, Iris]
    domains: Mapping[str, Iris]
    ranges: Mapping[str, Iris]
    words: Mapping[str, str] = field(repr=False)
    """What the ontology says of a term: label and definition."""

    def above(self, name: str) -> Iris:
        """A class and all above it."""
        return self.upwards((name,))

    def upwards(self, names: Iterable[str]) -> Iris:
        """Classes and all above them."""
        found: set[str] = set()
        left = list(names)
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += self.parents.get(one, NONE)
        return frozenset(found)

    @cached_property
    def users(self) -> Mapping[str, Iris]:
        """The classes that use each property."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name, uses in self.uses.items():
            for predicate in uses:
                found[predicate].add(name)
        return {predicate: frozenset(names) for predicate, names in found.items()}

    def values(self, predicate: str) -> Use:
        """What a property leads to, whoever uses it; classes with all above them."""
        each = [self.uses[name][predicate] for name in self.users.get(predicate, NONE)]
        classes = self.upwards(NONE.union(*(use.classes for use in each)))
        return Use(self.properties.get(predicate, 0), classes, NONE.union(*(use.datatypes for use in each)))

    def told_of(self, predicate: str) -> list[str]:
        """The classes that a reader is told use a property: its domain, else the narrowest of those that use it."""
        declared = [name for name in self.domains.get(predicate, ()) if name in self.classes]
        return declared or self.narrowest(self.users.get(predicate, NONE), predicate)

    def narrowest(self, names: Iris, predicate: str) -> list[str]:
        """Of some classes those that are above no other of them, those that use the property most first."""
        above = NONE.union(*(self.above(name) - {name} for name in names))
        count = {name: self.uses.get(name, {}).get(predicate, Use()).count for name in names}
        return sorted(names - above, key=lambda name: (-count[name], name))

    def label_words(self, name: str) -> str:
        """Label and definition of a term."""
        return self.words.get(name, "")


def summarise(store: ox.Store) -> Summary:
    """The summary of a dataset's default graph."""
    told = [quad.triple for quad in store.quads_for_pattern(None, None, None, CATALOGUE)]
    if not told and len(store) <= LARGE:
        told = list(_counted(store))
    said: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for triple in told:
        said[triple.predicate.value][str(getattr(triple.subject, "value", ""))].add(getattr(triple.object, "value", ""))
    classes, properties, uses = _partitions(said)
    parents, domains, ranges = (_pairs(store, RDFS + name) for name in ("subClassOf", "domain", "range"))
    for kind in (*_KINDS, OWL + "Class"):
        found = classes if kind.endswith("#Class") else properties
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(kind), _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode):
                found.setdefault(quad.subject.value, 0)
    words = _words(store, {*classes, *properties})
    return Summary(classes, properties, uses, parents, domains, ranges, words)


def _counted(store: ox.Store) -> Iterable[ox.Triple]:
    triples = {quad.triple for quad in store.quads_for_pattern(None, None, None, _DEFAULT)}
    graphs = (graph for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    inferred = [
        quad.triple
        for graph in graphs
        if graph.value.startswith(INFERRED)
        for quad in store.quads_for_pattern(None, None, None, graph)
    ]
    return statistics(DATASET, triples, triples.difference(inferred))


Said = Mapping[str, Mapping[str, set[str]]]


def _partitions(said: Said) -> tuple[dict[str, int], dict[str, int], dict[str, dict[str, Use]]]:
    """What VoID partitions say, by the classes and properties that they are of."""

    def parts(whole: str, kind: str) -> dict[str, str]:
        """The parts of a whole, by the term that each is of."""
        linked, term = (VOID + f"{kind}Partition", VOID + kind)
        if kind == "datatype":
            linked, term = (VOID_EXT + "datatypePartition", VOID_EXT + "datatype")
        found = {part: said[term].get(part, set()) for part in said[linked].get(whole, set())}
        return {next(iter(terms)): part for part, terms in found.items() if terms}

    def count(part: str, name: str) -> int:
        return max((int(value) for value in said[VOID + name].get(part, ()) if value.isdigit()), default=0)

    whole = DATASET.value
    properties = {name: count(part, "triples") for name, part in parts(whole, "property").items()}
    classes, uses = {}, {}
    for name, part in parts(whole, "class").items():
        classes[name] = count(part, "entities")
        used = parts(part, "property").items()
        uses[name] = {
            predicate: Use(count(at, "triples"), frozenset(parts(at, "class")), frozenset(parts(at, "datatype")))
            for predicate, at in used
        }
    return classes, properties, uses


def _pairs(store: ox.Store, predicate: str) -> dict[str, Iris]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            found[quad.subject.value].add(quad.object.value)
    return {name: frozenset(values) for name, values in found.items()}


def _words(store: ox.Store, terms: Iterable[str]) -> dict[str, str]:
    found = {}
    for term in terms:
        texts = []
        for predicate in (RDFS + "label", SKOS + "definition", SKOS + "altLabel"):
            quads = store.quads_for_pattern(ox.NamedNode(term), ox.NamedNode(predicate), None, _DEFAULT)
            literals = (quad.object for quad in quads)
            texts += [each.value for each in literals if isinstance(each, ox.Literal) and each.language in (None, "en")]
        found[term] = " ".join(texts)
    return found
