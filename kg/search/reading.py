"""What is searched, read from RDF: each thing with its names, aliases and descriptions and the graphs that state them.

Files are read as they stream by, and no store is made. The index is left to `index`.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.build.dataset import DATASET_FILE
from kg.errors import SourceError
from kg.namespaces import ALIASES, BASE, DESCRIPTIONS, INFERRED, NAMES, OWL, RDF, RDFS, SKOS, TIME, oxus
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import CannedQuery
from kg.queries.questions import read_questions

SOURCES_OF_NAMES = ("label", "alias", "description")
"""What a name may be, the best first."""
KINDS = ("thing", "topic", "document", "passage", "class", "property", "query")
"""What a thing that is found may be."""
MOST_NAMES, MOST_GRAPHS = 100, 20
"""Of a thing that has more names than this the others are not searched; nor are more graphs told for one name."""
QUERY = "query:"
"""Before the slug of a canned query, as the IRI of what has none that is asked for."""

_PROPERTIES = {
    **dict.fromkeys(NAMES, "label"),
    **dict.fromkeys((*ALIASES, SKOS + "notation"), "alias"),
    **dict.fromkeys((*DESCRIPTIONS, oxus("question").value), "description"),
}
_SCHEMA = {OWL + "Class": "class", RDFS + "Class": "class", RDF + "Property": "property"}
_SCHEMA |= {OWL + name: "property" for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
_KIND_OF_CLASS = {
    **_SCHEMA,
    SKOS + "Concept": "topic",
    oxus("Document").value: "document",
    oxus("Passage").value: "passage",
}
_TYPE = RDF + "type"
_NOT_SEARCHED = (TIME, BASE + ".well-known/")
"""Dates are found by the timeline, and what the build says of itself is not about the subject."""


@dataclass(slots=True)
class Name:
    """One text by which a thing is found; `graphs` state it, and unless it is `accepted` only rejected ones do."""

    text: str
    language: str
    source: str
    graphs: tuple[str, ...]
    accepted: bool = True


@dataclass(slots=True)
class Thing:
    """What is found; `classes` are all that it is in, `declared` those of them that no rule inferred."""

    iri: str
    kind: str
    classes: tuple[str, ...]
    declared: tuple[str, ...]
    names: list[Name]


def read_things(source: Path | Iterable[Path], project: Project | None = None) -> Iterator[Thing]:
    """The things in a build's folder or in RDF files, then the canned queries of a project with their questions.

    Raises: SourceError for a file that cannot be read.
    """
    if isinstance(source, Path):
        source = [source / DATASET_FILE]
    collected = _Collected()
    for path in source:
        for quad in _quads(path):
            collected.add(quad)
    yield from collected.things()
    if project is not None:
        questions = read_questions(project)
        for query in read_queries(project).values():
            yield _thing_of(query, [each.text for each in questions if each.slug == query.slug])


def _thing_of(query: CannedQuery, questions: Iterable[str]) -> Thing:
    names = [Name(query.title, "en", "label", ()), Name(query.slug, "", "alias", ())]
    names += [Name(text, "en", "alias", ()) for text in (*questions, *query.tags)]
    return Thing(QUERY + query.slug, "query", (), (), [*names, Name(query.description, "en", "description", ())])


def _quads(path: Path) -> Iterator[ox.Quad]:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    format = ox.RdfFormat.from_extension(plain.suffix.lstrip("."))
    if format is None:
        raise SourceError("the name does not end in that of an RDF file", path.name)
    try:
        with path.open("rb") as file:
            content = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if path.suffix == ".gz" else file
            yield from ox.parse(content, format=format)
    except (SyntaxError, OSError, EOFError) as error:
        raise SourceError(f"cannot be read: {error}", path.name) from error


class _Collected:
    """Names and classes by thing, in as little memory as dictionaries allow."""

    def __init__(self) -> None:
        self._names: dict[str, dict[tuple[str, str, str], list[str]]] = {}
        self._classes: dict[str, tuple[str, ...]] = {}
        self._declared: dict[str, tuple[str, ...]] = {}
        self._same: dict[object, tuple[str, ...]] = {}
        self._known: dict[str, str] = {}

    def add(self, quad: ox.Quad) -> None:
        """Take in what a quad says of names and classes, if it says any."""
        subject = quad.subject
        if not isinstance(subject, ox.NamedNode) or subject.value.startswith(_NOT_SEARCHED):
            return
        value, graph = quad.object, quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        if isinstance(value, ox.NamedNode) and quad.predicate.value == _TYPE:
            if not graph:
                self._widen(self._classes, subject.value, value.value)
            elif not graph.startswith(INFERRED):
                self._widen(self._declared, subject.value, value.value)
        elif isinstance(value, ox.Literal) and (source := _PROPERTIES.get(quad.predicate.value)):
            names = self._names.setdefault(subject.value, {})
            graphs = names.setdefault((source, value.value, self._once(value.language or "")), [])
            if len(graphs) < MOST_GRAPHS and graph not in graphs:
                graphs.append(self._once(graph))

    def things(self) -> Iterator[Thing]:
        """Each thing that has a name or a description."""
        for iri, names in self._names.items():
            classes = self._classes.get(iri, ())
            declared = self._declared.get(iri) or classes
            kinds = [_KIND_OF_CLASS[each] for each in (*declared, *classes) if each in _KIND_OF_CLASS]
            told = [each for each in declared if each not in _SCHEMA]
            found = [
                Name(text, language, source, tuple(each for each in graphs if each), "" in graphs)
                for (source, text, language), graphs in names.items()
            ]
            found.sort(key=lambda name: (SOURCES_OF_NAMES.index(name.source), not name.accepted))
            yield Thing(iri, kinds[0] if kinds else "thing", _of_ours(classes), tuple(told), found[:MOST_NAMES])

    def _widen(self, sets: dict[str, tuple[str, ...]], iri: str, added: str) -> None:
        """There are few sets of classes, and many things: each set is kept once."""
        former = sets.get(iri, ())
        if added not in former:
            widened = tuple(sorted((*former, added)))
            sets[iri] = self._same.setdefault(widened, widened)

    def _once(self, text: str) -> str:
        return self._known.setdefault(text, text)


def _of_ours(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The classes worth choosing by: those of the graph's own ontology, if it has one, without those of OWL."""
    known = [each for each in classes if not each.startswith((OWL, RDFS, RDF))]
    return tuple([each for each in known if each.startswith(BASE)] or known)


def compact_forms(iri: str, short: str) -> tuple[str, ...]:
    """What a person may type for an IRI: itself, its prefixed name, its last part."""
    last = iri.rstrip("/").rpartition("#" if "#" in iri else "/")[2]
    return tuple(dict.fromkeys(each for each in (iri, short.strip("<>"), last) if each))
