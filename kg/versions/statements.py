"""Which statements two versions differ in, line by line of their N-Quads. What they are about is left to `changes`.

One dataset's lines are held in memory, not the other's, and neither is loaded into a store.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.build.dataset import DATASET_FILE, load_files
from kg.errors import BuildMissingError
from kg.namespaces import DCTERMS, ONTOLOGY, RDFS, SKOS

LABELLING = tuple(f" <{iri}> ".encode() for iri in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title"))
GIST = f" <{ONTOLOGY}gist> ".encode()
REJECTING = f" <{ONTOLOGY}rejects> ".encode()


@dataclass
class Noted:
    """What is noted of a version while its lines are read: names of things, and which readings it rejects."""

    labels: dict[str, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Difference:
    """The statements that only the old or only the new version has, and what is noted of both."""

    removed: tuple[ox.Quad, ...]
    added: tuple[ox.Quad, ...]
    old: Noted
    new: Noted


def difference(old: Path, new: Path) -> Difference:
    """What two versions differ in; each is a build's folder, an edition's, or an RDF file.

    Raises: BuildMissingError, SourceError, TurtleError if one cannot be read.
    """
    noted_old, noted_new = Noted(), Noted()
    gone = set(_noting(lines_of(old), noted_old))
    come = []
    for line in _noting(lines_of(new), noted_new):
        if line in gone:
            gone.discard(line)
        else:
            come.append(line)
    return Difference(_read(sorted(gone)), _read(come), noted_old, noted_new)


def lines_of(path: Path) -> Iterator[bytes]:
    """The N-Quads of a version, a line each, those of its accepted graph without a graph.

    Raises: BuildMissingError, SourceError, TurtleError.
    """
    if not path.is_dir():
        written = ox.serialize(load_files([path]), format=ox.RdfFormat.N_QUADS)
        assert written is not None  # without an output it returns bytes
        yield from sorted(written.splitlines(keepends=True))
        return
    dump = path / DATASET_FILE
    if not dump.is_file():
        raise BuildMissingError(f"no {DATASET_FILE} here: run kg build", path)
    try:
        with gzip.open(dump) as lines:
            yield from cast("IO[bytes]", lines)
    except (OSError, EOFError, zlib.error) as error:
        raise BuildMissingError(f"damaged ({error}): run kg build", dump) from error


def _noting(lines: Iterable[bytes], noted: Noted) -> Iterator[bytes]:
    telling = []
    for line in lines:
        if REJECTING in line or GIST in line or any(each in line for each in LABELLING):
            telling.append(line)
        yield line
    english: set[str] = set()
    for quad in _read(telling):
        if not isinstance(quad.subject, ox.NamedNode):
            continue
        subject, value = quad.subject.value, quad.object
        if isinstance(value, ox.NamedNode):
            noted.rejected.add(value.value)
        elif isinstance(value, ox.Literal) and (subject not in noted.labels or subject not in english):
            noted.labels[subject] = value.value
            english |= {subject} if value.language == "en" else set()


def _read(lines: Iterable[bytes]) -> tuple[ox.Quad, ...]:
    return tuple(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
