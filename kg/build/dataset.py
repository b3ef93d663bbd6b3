"""From files to quads by graph family, and from a build to a store. What is accepted is left to `accepted`."""

from __future__ import annotations

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.build.folders import recover_folder
from kg.build.graphs import in_graph
from kg.errors import BuildMissingError, SourceError, TurtleError
from kg.files.passages import Boilerplate, Passage, enclosing_passages, read_passages
from kg.files.places import Places
from kg.files.sources import Document, read_documents
from kg.files.spans import describe_span
from kg.files.turtle import ParsedFile, read_rdf
from kg.findings import Finding
from kg.namespaces import (
    ACCEPTED,
    ENTITIES,
    JUDGEMENTS,
    ONTOLOGY_GRAPH,
    RDF,
    REFERENCE,
    SOURCES,
    TIME,
    TIME_GRAPH,
    TOPICS,
    oxus,
)
from kg.project import Project

DATASET_FILE = "oxus.nq.gz"
_TYPE = ox.NamedNode(RDF + "type")


@dataclass(frozen=True)
class Assembled:
    """A project's files as one dataset, before judgement and inference; `findings` says what could not be placed."""

    project: Project
    files: Mapping[str, ParsedFile] = field(repr=False)
    documents: Mapping[str, Document] = field(repr=False)
    passages: tuple[Passage, ...] = field(repr=False)
    boilerplate: tuple[Boilerplate, ...] = field(repr=False)
    graphs: Mapping[ox.NamedNode, frozenset[ox.Triple]] = field(repr=False)
    findings: tuple[Finding, ...]

    @cached_property
    def places(self) -> Places:
        """Where each triple and term stands."""
        return Places(self.files.values())

    @cached_property
    def passage_graphs(self) -> frozenset[ox.NamedNode]:
        """The names of the passages, which are the names of their graphs."""
        return frozenset(ox.NamedNode(passage.iri) for passage in self.passages)

    def quads(self) -> Iterator[ox.Quad]:
        """Every triple with its graph."""
        for graph, triples in self.graphs.items():
            for triple in triples:
                yield in_graph(triple, graph)


def assemble(project: Project) -> Assembled:
    """The files of a project, each in its graph; spans described, passages placed.

    Raises: SourceError, TurtleError for a file that is missing or does not parse, with its line.
    """
    files: dict[str, ParsedFile] = {}
    graphs: defaultdict[ox.NamedNode, set[ox.Triple]] = defaultdict(set)
    findings: list[Finding] = []

    def read(path: Path, home: ox.NamedNode) -> ParsedFile:
        parsed = read_rdf(path, project.relative(path))
        files[parsed.shown_as] = parsed
        for quad in parsed.quads:
            if isinstance(quad.graph_name, ox.DefaultGraph):
                graphs[home].add(quad.triple)
        return parsed

    read(project.ontology / "oxus.ttl", ONTOLOGY_GRAPH)
    if (project.ontology / "alignments.ttl").exists():
        read(project.ontology / "alignments.ttl", ONTOLOGY_GRAPH)
    read(project.ontology / "topics.ttl", TOPICS)
    read(project.data / "entities.ttl", ENTITIES)
    read(project.data / "judgements.ttl", JUDGEMENTS)
    documents = read_documents(read(project.sources_file, SOURCES))
    passages: list[Passage] = []
    boilerplate: list[Boilerplate] = []
    for path in project.passage_files():
        parsed = read(path, SOURCES)
        found, stating_nothing = read_passages(parsed)
        passages += found
        boilerplate += stating_nothing
        findings += _place_graphs(parsed, graphs, {ox.NamedNode(passage.iri) for passage in found})
    for path in project.reference_files():
        findings += _place_graphs(read(path, SOURCES), graphs, {ox.NamedNode(REFERENCE + path.stem)})
    graphs[SOURCES].update(_placing(passages))
    spans, span_findings = _spans(files.values())
    graphs[TIME_GRAPH].update(spans)
    return Assembled(
        project=project,
        files=files,
        documents=documents,
        passages=tuple(passages),
        boilerplate=tuple(boilerplate),
        graphs={graph: frozenset(graphs[graph]) for graph in sorted(graphs, key=lambda one: one.value)},
        findings=(*findings, *span_findings),
    )


def _place_graphs(
    parsed: ParsedFile, graphs: Mapping[ox.NamedNode, set[ox.Triple]], allowed: set[ox.NamedNode]
) -> Iterator[Finding]:
    for quad in parsed.quads:
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name in allowed:
            graphs[quad.graph_name].add(quad.triple)
    for name, line in parsed.graph_lines.items():
        if ox.NamedNode(name) not in allowed:
            message = f"the graph <{name}> is not described as a passage in this file"
            fix = "describe it above its graph, or correct its name"
            if parsed.shown_as.startswith("data/reference/"):
                message = f"the graph <{name}> does not belong in this file"
                fix = f"name it {', '.join(f'<{graph.value}>' for graph in allowed)}"
            yield Finding(parsed.shown_as, line, "graph-without-description", message, fix)


def _placing(passages: list[Passage]) -> Iterator[ox.Triple]:
    for passage in passages:
        subject = ox.NamedNode(passage.iri)
        yield ox.Triple(subject, oxus("isPassageOf"), ox.NamedNode(passage.document))
        yield ox.Triple(subject, oxus("begin"), ox.Literal(passage.begin))
        yield ox.Triple(subject, oxus("end"), ox.Literal(passage.end))
    for inner, outer in enclosing_passages(passages):
        yield ox.Triple(ox.NamedNode(inner.iri), oxus("isNestedIn"), ox.NamedNode(outer.iri))


def _spans(files: Iterable[ParsedFile]) -> tuple[list[ox.Triple], list[Finding]]:
    triples: list[ox.Triple] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for parsed in files:
        for quad, line in zip(parsed.quads, parsed.lines, strict=True):
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.NamedNode) and term.value.startswith(TIME) and term.value not in seen:
                    seen.add(term.value)
                    try:
                        triples += describe_span(term.value)
                    except SourceError as error:
                        fix = (
                            "write the date as EDTF: '/' as '--', '..' as 'open', '~' as '-approx', '?' as '-uncertain'"
                        )
                        findings.append(Finding(parsed.shown_as, line, "span", error.message, fix))
    return triples, findings


def load_files(paths: Iterable[Path], store: ox.Store | None = None) -> ox.Store:
    """A store, by default in memory, with the contents of RDF files of any format, quads and `.gz` included.

    Raises: SourceError if a file is missing or of no known format, TurtleError with the line if it does not parse.
    """
    store = ox.Store() if store is None else store
    for path in paths:
        compressed = path.suffix == ".gz"
        rdf_format = ox.RdfFormat.from_extension((path.with_suffix("") if compressed else path).suffix.lstrip("."))
        if rdf_format is None:
            raise SourceError(
                "the name does not end in that of an RDF file (.ttl, .trig, .nt, .nq, .rdf, .jsonld)", path
            )
        try:
            with path.open("rb") as file:
                store.bulk_load(cast(IO[bytes], gzip.GzipFile(fileobj=file)) if compressed else file, format=rdf_format)
        except SyntaxError as error:
            raise TurtleError(error.msg, path, error.lineno) from error
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path) from error
    return store


def open_build(folder: Path, store: ox.Store | None = None) -> ox.Store:
    """The dataset of a build: its named graphs, the accepted graph as default graph and under its own name.

    It is loaded into an empty store, by default one in memory.

    Raises: BuildMissingError if there is no build in this folder, or it is damaged.
    """
    recover_folder(folder)
    path = folder / DATASET_FILE
    if not path.is_file():
        raise BuildMissingError(f"no {DATASET_FILE} here: run kg build", folder)
    store = ox.Store() if store is None else store
    try:
        # Not `bulk_load`, which renames blank nodes at random: two loads of one build must be one dataset.
        store.bulk_extend(with_accepted(ox.parse(cast(IO[bytes], gzip.open(path)), format=ox.RdfFormat.N_QUADS)))
    except (SyntaxError, OSError, EOFError, zlib.error) as error:
        raise BuildMissingError(f"damaged ({error}): run kg build", path) from error
    return store


def with_accepted(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads, those of the default graph under its name too, `…/graph/accepted`: dumps leave this copy out."""
    for quad in quads:
        yield quad
        if isinstance(quad.graph_name, ox.DefaultGraph):
            yield in_graph(quad.triple, ACCEPTED)
