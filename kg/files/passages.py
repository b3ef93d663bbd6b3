"""Passages as the curated files hold them: place, description and triples.

Their words are left to `curation.verify`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import SourceError
from kg.files.sources import subjects_of_type
from kg.files.turtle import ParsedFile
from kg.namespaces import SOURCE, oxus

_PLACE = re.compile(re.escape(SOURCE) + r"(?P<slug>[^/]+)/(?P<begin>0|[1-9][0-9]*)-(?P<end>[1-9][0-9]*)")


class Place(NamedTuple):
    """A stretch of a document: the document's IRI and code points, `end` exclusive."""

    document: str
    begin: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A stretch that states something, what we say of it, and the triples it states.

    Units: begin and end in code points of the document's UTF-8 text, end exclusive; `line` is its description's.
    """

    iri: str
    document: str
    begin: int
    end: int
    sha256: str
    kind: str | None
    gist: str
    first_words: str
    last_words: str
    relies_on: tuple[str, ...]
    omissions: tuple[str, ...]
    triples: tuple[ox.Triple, ...] = field(repr=False)
    path: str
    line: int
    graph_line: int | None
    """Where its graph opens; None if it has none."""


@dataclass(frozen=True)
class Boilerplate:
    """A stretch that states nothing, and why that is so."""

    iri: str
    document: str
    begin: int
    end: int
    reason: str
    path: str
    line: int


Stretch = Passage | Boilerplate


def parse_place(iri: str) -> Place:
    """The document and code points that a passage's IRI names.

    Raises: SourceError if the IRI is not `…/source/<document>/<begin>-<end>` with begin before end.

    >>> parse_place("https://w3id.org/oxus/source/report-1/450-783")
    Place(document='https://w3id.org/oxus/source/report-1', begin=450, end=783)
    """
    match = _PLACE.fullmatch(iri)
    if match is None:
        raise SourceError(f"<{iri}> is not the IRI of a passage, {SOURCE}<document>/<begin>-<end>")
    begin, end = int(match["begin"]), int(match["end"])
    if begin >= end:
        raise SourceError(f"<{iri}>: the passage ends at {end}, at or before its begin {begin}")
    return Place(SOURCE + match["slug"], begin, end)


def read_passages(parsed: ParsedFile) -> tuple[list[Passage], list[Boilerplate]]:
    """The passages and boilerplate that one file describes, in the order of the text.

    Missing parts are left empty: `checks.nesting.passage_findings` reports them all at once.

    Raises: SourceError with the line if the IRI of a described passage is not a place.
    """
    graphs: defaultdict[str, list[ox.Triple]] = defaultdict(list)
    for quad in parsed.quads:
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs[quad.graph_name.value].append(quad.triple)
    passages = []
    for subject, said in subjects_of_type(parsed, oxus("Passage")):
        place = _place_of(subject, parsed)
        passages.append(
            Passage(
                iri=subject.value,
                document=place.document,
                begin=place.begin,
                end=place.end,
                sha256=said.text(oxus("sha256")),
                kind=said.iri(oxus("hasKind")),
                gist=said.text(oxus("gist")),
                first_words=said.text(oxus("firstWords")),
                last_words=said.text(oxus("lastWords")),
                relies_on=said.iris(oxus("reliesOn")),
                omissions=said.texts(oxus("omission")),
                triples=tuple(graphs[subject.value]),
                path=parsed.shown_as,
                line=parsed.line_of(subject),
                graph_line=parsed.graph_lines.get(subject.value),
            )
        )
    boilerplate = []
    for subject, said in subjects_of_type(parsed, oxus("Boilerplate")):
        place = _place_of(subject, parsed)
        line = parsed.line_of(subject)
        boilerplate.append(Boilerplate(subject.value, *place, said.text(oxus("reason")), parsed.shown_as, line))
    return passages, boilerplate


def _place_of(subject: ox.NamedNode, parsed: ParsedFile) -> Place:
    try:
        return parse_place(subject.value)
    except SourceError as error:
        raise SourceError(error.message, parsed.shown_as, parsed.line_of(subject)) from None


def enclosing_passages(passages: list[Passage]) -> Iterator[tuple[Passage, Passage]]:
    """Each nested passage with the innermost passage around it."""
    by_document: defaultdict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_document[passage.document].append(passage)
    for stretches in by_document.values():
        open_around: list[Passage] = []
        for passage in sorted(stretches, key=lambda one: (one.begin, -one.end)):
            while open_around and open_around[-1].end < passage.end:
                open_around.pop()
            if open_around and open_around[-1].begin <= passage.begin:
                yield passage, open_around[-1]
            open_around.append(passage)
