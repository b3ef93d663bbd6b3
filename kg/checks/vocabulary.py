"""Names that nothing declares: classes, properties, entities, topics, passages, graphs. Meaning is in ontology/."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import pyoxigraph as ox

from kg.build.dataset import Assembled
from kg.files.turtle import ParsedFile
from kg.findings import Finding
from kg.namespaces import (
    ENTITIES,
    GRAPH,
    ID,
    JUDGEMENTS,
    ONTOLOGY,
    ONTOLOGY_GRAPH,
    OWL,
    RDF,
    RDFS,
    SKOS,
    SOURCE,
    SOURCES,
    TOPIC,
    TOPICS,
    compact,
    oxus,
)

_TYPE = ox.NamedNode(RDF + "type")
_PROPERTIES = frozenset(OWL + kind for kind in ("AnnotationProperty", "DatatypeProperty", "ObjectProperty"))
_BUILT_IN = (RDF, RDFS, OWL)
"""Vocabularies that OWL 2 has within it, which an ontology need not declare."""
_NAMES = (ox.NamedNode(RDFS + "label"), ox.NamedNode(SKOS + "altLabel"))


class Vocabulary:
    """What a project declares, by kind of name."""

    def __init__(self, assembled: Assembled) -> None:
        self._assembled = assembled

    @cached_property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The types of each term that the ontology or the topics declare."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for graph in (ONTOLOGY_GRAPH, TOPICS):
            for triple in self._assembled.graphs.get(graph, ()):
                if triple.predicate == _TYPE and isinstance(triple.subject, ox.NamedNode):
                    found[triple.subject.value].add(getattr(triple.object, "value", ""))
        return {term: frozenset(kinds) for term, kinds in found.items()}

    @cached_property
    def entities(self) -> frozenset[str]:
        """The `id:` nodes that have a class in the entities or the judgements."""
        graphs = (self._assembled.graphs.get(graph, frozenset()) for graph in (ENTITIES, JUDGEMENTS))
        typed = (triple.subject for graph in graphs for triple in graph if triple.predicate == _TYPE)
        return frozenset(subject.value for subject in typed if isinstance(subject, ox.NamedNode))

    @cached_property
    def sources(self) -> frozenset[str]:
        """The documents, passages and boilerplate."""
        stating = {passage.iri for passage in self._assembled.passages}
        silent = {stretch.iri for stretch in self._assembled.boilerplate}
        return frozenset(self._assembled.documents) | stating | silent

    @cached_property
    def graphs(self) -> frozenset[str]:
        """The graphs that hold something, and authorities that are described alone: a page read as evidence."""
        described = {
            triple.subject.value
            for triple in self._assembled.graphs[SOURCES]
            if isinstance(triple.subject, ox.NamedNode)
        }
        return frozenset(graph.value for graph in self._assembled.graphs) | described

    def fault(self, quad: ox.Quad) -> tuple[str, str, str] | None:
        """What is undeclared in this statement: rule, message and fix."""
        if quad.predicate.value.startswith(ONTOLOGY):
            if not self.types.get(quad.predicate.value, frozenset()) & _PROPERTIES:
                return self._undeclared("undeclared-property", "property", quad.predicate, self._properties)
        elif not quad.predicate.value.startswith(_BUILT_IN) and quad.predicate.value not in self._properties:
            fix = "declare it in ontology/oxus.ttl as a property, or use one of ours"
            return "undeclared-property", f"{compact(quad.predicate.value)} is not declared in the ontology", fix
        if quad.predicate == _TYPE and isinstance(quad.object, ox.NamedNode):
            if quad.object.value.startswith(ONTOLOGY) and quad.object.value not in self._classes:
                return self._undeclared("undeclared-class", "class", quad.object, self._classes)
        for term in (quad.subject, quad.object):
            if isinstance(term, ox.NamedNode):
                fault = self._fault_of_name(term)
                if fault is not None:
                    return fault
        return None

    def _fault_of_name(self, term: ox.NamedNode) -> tuple[str, str, str] | None:
        name = term.value
        if name.startswith(ONTOLOGY) and name not in self.types:
            return self._undeclared("undeclared-term", "term", term, self.types)
        if name.startswith(ID) and name not in self.entities:
            fix = "declare it in data/entities.ttl"
            return self._undeclared("undeclared-entity", "entity", term, self.entities, fix)
        if name.startswith(TOPIC) and name not in self.types:
            return self._undeclared("undeclared-topic", "topic", term, self.types, "declare it in ontology/topics.ttl")
        if name.startswith(SOURCE) and name not in self.sources:
            fix = "describe it in data/passages/ or register it in data/sources.ttl"
            return self._undeclared("unknown-passage", "passage or document", term, self.sources, fix)
        if name.startswith(GRAPH) and name not in self.graphs:
            return self._undeclared("unknown-graph", "graph", term, self.graphs, "describe it in data/reference/")
        return None

    @cached_property
    def _properties(self) -> frozenset[str]:
        return frozenset(term for term, kinds in self.types.items() if kinds & _PROPERTIES)

    @cached_property
    def _classes(self) -> frozenset[str]:
        return frozenset(term for term, kinds in self.types.items() if OWL + "Class" in kinds)

    def _undeclared(
        self,
        rule: str,
        kind: str,
        term: ox.NamedNode,
        known: Iterable[str],
        fix: str = "declare it in ontology/oxus.ttl",
    ) -> tuple[str, str, str]:
        base, local = _split(term.value)
        beside = [name for other, name in map(_split, known) if other == base]
        near = difflib.get_close_matches(local, beside, n=1, cutoff=0.75)
        meant = f"did you mean {compact(base + near[0])}? Else " if near else ""
        return rule, f"{compact(term.value)} is not a declared {kind}", meant + fix


def _split(iri: str) -> tuple[str, str]:
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:cut], iri[cut:]


def vocabulary_findings(assembled: Assembled, shapes: ParsedFile | None = None) -> Iterator[Finding]:
    """The first use of each undeclared name in each file; `shapes` are looked at for terms of ours alone."""
    vocabulary = Vocabulary(assembled)
    for parsed in assembled.files.values():
        reported: set[tuple[str, str]] = set()
        for quad, line in zip(parsed.quads, parsed.lines, strict=True):
            fault = vocabulary.fault(quad)
            if fault is not None and fault[:2] not in reported:
                reported.add(fault[:2])
                yield Finding(parsed.shown_as, line, *fault)
    if shapes is not None:
        for quad, line in zip(shapes.quads, shapes.lines, strict=True):
            term = quad.object
            if (
                isinstance(term, ox.NamedNode)
                and term.value.startswith(ONTOLOGY)
                and term.value not in vocabulary.types
            ):
                message = f"{compact(term.value)} is not a declared term: this shape would never fire"
                yield Finding(
                    shapes.shown_as, line, "undeclared-term", message, "correct it, or declare it in the ontology"
                )


def entity_findings(assembled: Assembled, rejected: frozenset[ox.NamedNode]) -> Iterator[Finding]:
    """Types restated in passages, and names that two entities share without a judgement that concerns both.

    Names are labels and aliases, whatever their capitals and spaces.
    """
    bearers: defaultdict[str, dict[str, tuple[str, int, str]]] = defaultdict(dict)
    judgements = {triple.subject for triple in assembled.graphs.get(JUDGEMENTS, ())}
    for parsed in assembled.files.values():
        for quad, line in zip(parsed.quads, parsed.lines, strict=True):
            graph = quad.graph_name
            if quad.predicate == _TYPE and graph in assembled.passage_graphs:
                message = f"{compact(getattr(quad.subject, 'value', ''))} gets a type in a passage"
                yield Finding(
                    parsed.shown_as, line, "type-in-passage", message, "give its class in data/entities.ttl alone"
                )
            if quad.predicate not in _NAMES or graph in rejected or quad.subject in judgements:
                continue
            if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.Literal):
                continue
            if quad.subject.value.startswith(ID):
                name = " ".join(quad.object.value.split()).casefold()
                bearers[name].setdefault(quad.subject.value, (parsed.shown_as, line, quad.object.value))
    concerned = _concerned_together(assembled)
    for entities in bearers.values():
        first, *others = entities
        for other in others:
            if not any({first, other} <= together for together in concerned):
                path, line, alias = entities[other]
                message = f"'{alias}' is a name of both {compact(first)} and {compact(other)}"
                fix = "say in data/judgements.ttl, with oxus:concerns to both, why; or drop one"
                yield Finding(path, line, "shared-alias", message, fix)


def _concerned_together(assembled: Assembled) -> list[set[str]]:
    concerned: defaultdict[object, set[str]] = defaultdict(set)
    for triple in assembled.graphs.get(JUDGEMENTS, ()):
        if triple.predicate == oxus("concerns") and isinstance(triple.object, ox.NamedNode):
            concerned[triple.subject].add(triple.object.value)
    return list(concerned.values())
