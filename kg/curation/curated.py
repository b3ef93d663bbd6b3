"""The curated files as the curator's tools read them: documents, passages, and what the nodes are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.curation.corpus import Corpus
from kg.errors import CorpusError
from kg.files.passages import Boilerplate, Passage, Stretch, enclosing_passages, read_passages
from kg.files.sources import Document, read_documents
from kg.files.turtle import ParsedFile, read_rdf
from kg.findings import Finding
from kg.namespaces import RDFS, SKOS, oxus
from kg.project import Project

LABELS = frozenset(
    ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel")
)


@dataclass(frozen=True)
class Curated:
    """What a project's curators have written about its documents."""

    project: Project
    documents: Mapping[str, Document]
    passages: tuple[Passage, ...]
    boilerplate: tuple[Boilerplate, ...]
    files: tuple[ParsedFile, ...] = field(repr=False)
    """The passage files, in the order of their names."""

    @property
    def stretches(self) -> list[Stretch]:
        """Passages, then boilerplate."""
        return [*self.passages, *self.boilerplate]

    @cached_property
    def enclosing(self) -> Mapping[str, Passage]:
        """The innermost passage around each nested one, by the nested one's IRI."""
        return {inner.iri: outer for inner, outer in enclosing_passages(list(self.passages))}

    @cached_property
    def wording_slips(self) -> Mapping[str, tuple[str, ...]]:
        """Words that are recorded by another meaning, by the IRI of their passage."""
        slips: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for file in self.files:
            for quad in file.quads:
                subject, slip = quad.subject, quad.object
                is_slip = quad.predicate == oxus("wordingSlip")
                if is_slip and isinstance(subject, ox.NamedNode) and isinstance(slip, ox.Literal):
                    slips[subject.value] += (slip.value,)
        return slips

    @cached_property
    def subject_files(self) -> tuple[ParsedFile, ...]:
        """Ontology, entities, judgements and reference graphs; read when first asked for."""
        project = self.project
        paths = sorted([*project.ontology.glob("*.ttl"), *project.data.glob("*.ttl")]) + project.reference_files()
        return tuple(_read(project, path) for path in paths)

    @cached_property
    def labels(self) -> Mapping[ox.NamedNode, set[str]]:
        """Every name that a node bears, in any language and wherever it is given."""
        labels: defaultdict[ox.NamedNode, set[str]] = defaultdict(set)
        for file in (*self.subject_files, *self.files):
            for quad in file.quads:
                node, name = quad.subject, quad.object
                if quad.predicate in LABELS and isinstance(node, ox.NamedNode) and isinstance(name, ox.Literal):
                    labels[node].add(name.value)
        return labels

    @cached_property
    def prose(self) -> list[str]:
        """Every literal of the project: the curators' own English, and the names."""
        files = (*self.subject_files, *self.files)
        return [quad.object.value for file in files for quad in file.quads if isinstance(quad.object, ox.Literal)]


def read_curated(project: Project) -> Curated:
    """Documents, passages and boilerplate of a project.

    Raises: TurtleError or SourceError, with path and line, for a file that cannot be read.
    """
    documents = read_documents(_read(project, project.sources_file))
    files = tuple(_read(project, path) for path in project.passage_files())
    passages: list[Passage] = []
    boilerplate: list[Boilerplate] = []
    for file in files:
        found, stating_nothing = read_passages(file)
        passages += found
        boilerplate += stating_nothing
    return Curated(project, documents, tuple(passages), tuple(boilerplate), files)


def document_text(document: Document, corpus: Corpus) -> str | Finding:
    """The document's text, or what is wrong with it: not in the corpus, not UTF-8, not of the registered length."""
    try:
        text = corpus.text(document)
    except CorpusError as error:
        fix = "put the text into the folder given with --corpus, or register the text that you have"
        return Finding(document.path, document.line, "document-text", error.message, fix)
    if len(text) != document.length:
        message = f"{document.slug} is registered with {document.length} code points, its text has {len(text)}"
        return Finding(document.path, document.line, "document-length", message, f"write oxus:length {len(text)}")
    return text


def _read(project: Project, path: Path) -> ParsedFile:
    return read_rdf(path, project.relative(path))
