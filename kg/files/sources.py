"""Documents as `data/sources.ttl` registers them.

Their texts are not here: `curation.corpus` finds them by their hash.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.files.turtle import ParsedFile
from kg.findings import Finding
from kg.namespaces import DCTERMS, RDF, SOURCE, oxus

TYPE = ox.NamedNode(RDF + "type")
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Document:
    """One source document: what is registered of it.

    Units: length in code points of the UTF-8 text; sha256 in hexadecimal, of the file's bytes.
    """

    iri: str
    slug: str
    title: str
    sha256: str
    length: int
    language: str
    publisher: str | None
    address: str | None
    reliability: str | None
    shares_ancestry_with: tuple[str, ...]
    path: str
    line: int


class Properties:
    """The values of one subject, by property; the few questions that a description is asked."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self._values: defaultdict[ox.NamedNode, list[object]] = defaultdict(list)
        for triple in triples:
            self._values[triple.predicate].append(triple.object)

    def texts(self, predicate: ox.NamedNode) -> tuple[str, ...]:
        """The literals' lexical forms, as in the file."""
        return tuple(value.value for value in self._values[predicate] if isinstance(value, ox.Literal))

    def iris(self, predicate: ox.NamedNode) -> tuple[str, ...]:
        """The IRIs, as in the file."""
        return tuple(value.value for value in self._values[predicate] if isinstance(value, ox.NamedNode))

    def text(self, predicate: ox.NamedNode) -> str:
        """The first literal's lexical form, or nothing."""
        return next(iter(self.texts(predicate)), "")

    def iri(self, predicate: ox.NamedNode) -> str | None:
        """The first IRI, if any."""
        return next(iter(self.iris(predicate)), None)


def subjects_of_type(parsed: ParsedFile, kind: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, Properties]]:
    """Each subject of this class in the default graph, in the order of the text, with its properties."""
    described: defaultdict[object, list[ox.Quad]] = defaultdict(list)
    for quad in parsed.quads:
        if isinstance(quad.graph_name, ox.DefaultGraph):
            described[quad.subject].append(quad)
    for subject, quads in described.items():
        if isinstance(subject, ox.NamedNode) and any(q.predicate == TYPE and q.object == kind for q in quads):
            yield subject, Properties(quads)


def read_documents(parsed: ParsedFile) -> dict[str, Document]:
    """The registered documents by IRI, in the order of the file; what is missing is empty for `document_findings`."""
    documents = {}
    for subject, said in subjects_of_type(parsed, oxus("Document")):
        length = said.text(oxus("length"))
        documents[subject.value] = Document(
            iri=subject.value,
            slug=subject.value.removeprefix(SOURCE),
            title=said.text(ox.NamedNode(DCTERMS + "title")),
            sha256=said.text(oxus("sha256")),
            length=int(length) if length.isdecimal() else 0,
            language=said.text(ox.NamedNode(DCTERMS + "language")),
            publisher=said.iri(oxus("isPublishedBy")),
            address=said.text(oxus("address")) or None,
            reliability=said.iri(oxus("hasReliability")),
            shares_ancestry_with=said.iris(oxus("sharesAncestryWith")),
            path=parsed.shown_as,
            line=parsed.line_of(subject),
        )
    return documents


def document_findings(documents: Iterable[Document]) -> Iterator[Finding]:
    """Documents without what a passage needs of them: a slug for a name, a title, a hash, a length."""
    for document in documents:
        faults = {
            "is not named <…/source/<slug>> with a slug of a–z, 0–9 and '-'": not _SLUG.fullmatch(document.slug),
            "has no dcterms:title": not document.title,
            "has no oxus:sha256 of 64 hexadecimal digits": not _SHA256.fullmatch(document.sha256),
            "has no oxus:length, a whole number of code points": document.length <= 0,
        }
        for fault, present in faults.items():
            if present:
                message = f"document {document.slug} {fault}"
                yield Finding(document.path, document.line, "document", message, "complete its entry")
