"""`kg add` as a function: a text becomes a registered document with proposed passages, or nothing is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from kg.adding.proposal_blocks import passage_file
from kg.adding.proposals import Proposals, Proposer
from kg.adding.registration import GRADE, Details, Registration
from kg.adding.writing import add_and_replace
from kg.curation.corpus import excerpt, sha256_of
from kg.curation.curated import Curated, read_curated
from kg.errors import CorpusError, SourceError
from kg.files.turtle import read_rdf
from kg.namespaces import ID, ONTOLOGY, PREFIXES
from kg.project import Project

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Added:
    """A document that is registered now: its name, its passage file, what is proposed there, and a new publisher."""

    slug: str
    path: Path
    proposals: Proposals
    undeclared: str | None = None


def add_document(project: Project, path: Path, slug: str | None, details: Details, today: date) -> Added:
    """Register a text and write the passages proposed for it; what is there already is never overwritten.

    Raises: CorpusError for a text that is missing, empty, not UTF-8 or registered already; SourceError for a slug or a
    passage file that is taken, and for details that are not what they should be.
    """
    text = read_text(path)
    curated = read_curated(project)
    slug = slug or slug_of(path)
    target = project.data / "passages" / f"{slug}.trig"
    _refuse_unknown_grade(curated, details)
    _refuse_taken(curated, slug, target, sha256_of(text), path)
    proposals = Proposer(curated).propose(text, details.date)
    headings = (one.segment for one in proposals.stretches if one.segment.guess == "heading" and not one.dates)
    title = next((text[one.begin : one.end] for one in headings), "")
    is_dated = proposals.own_date is not None
    new = Registration(slug, sha256_of(text), len(text), details, today.isoformat(), excerpt(title), is_dated)
    sources = read_rdf(project.sources_file, project.relative(project.sources_file))
    slugs = [document.slug for document in curated.documents.values()]
    target.parent.mkdir(parents=True, exist_ok=True)
    passages = passage_file(proposals, slug, slugs, path.name)
    add_and_replace(target, passages, project.sources_file, sources.text, new.within(sources))
    publisher = details.publisher
    is_known = publisher is None or ox.NamedNode(ID + publisher.removeprefix("id:")) in curated.labels
    return Added(slug, target, proposals, None if is_known else publisher)


def read_text(path: Path) -> str:
    """A document's text, code point for code point: line ends are not translated.

    Raises: CorpusError if there is no such file, if it is not UTF-8, or if there are no words in it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror}", path) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte {content[error.start]:#04x} is not UTF-8: save the text as UTF-8"
        raise CorpusError(message, path, line) from error
    if not re.search(r"\w", text):
        raise CorpusError("there are no words in it", path)
    return text


def slug_of(path: Path) -> str:
    """A document's name made from its file's.

    Raises: SourceError if that gives none.

    >>> slug_of(Path("Country Sheet_2012.txt"))
    'country-sheet-2012'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-")
    if not _SLUG.fullmatch(slug):
        raise SourceError("the file's name makes no slug that begins with a letter: give one with --slug", path)
    return slug


def _refuse_unknown_grade(curated: Curated, details: Details) -> None:
    names = {node.value.removeprefix(ONTOLOGY) for node in curated.labels}
    grades = sorted(name.removeprefix(GRADE) for name in names if name.startswith(GRADE))
    if details.reliability is not None and details.reliability not in grades:
        raise SourceError(f"the ontology has no grade of reliability '{details.reliability}', but {', '.join(grades)}")


def _refuse_taken(curated: Curated, slug: str, target: Path, sha256: str, path: Path) -> None:
    for document in curated.documents.values():
        place = f"{document.path}:{document.line}"
        if document.sha256 == sha256:
            raise CorpusError(f"it is registered already, as {document.slug} ({place})", path)
        if document.slug == slug:
            raise SourceError(f"{slug} is another document's name ({place}): choose another --slug", path)
    if not _SLUG.fullmatch(slug):
        raise SourceError(f"'{slug}' is no slug: write a–z, 0–9 and single '-', with a letter first", path)
    if slug in PREFIXES:
        raise SourceError(
            f"'{slug}' is a prefix of every file, so a document cannot bear it: choose another --slug", path
        )
    if target.exists():
        shown = curated.project.relative(target)
        raise SourceError("it is there already and is not overwritten: choose another --slug", shown)
