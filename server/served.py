"""What is served: a build's manifest and dumps, or RDF files that somebody named. Loading it is left to the pool."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.build.manifest import MANIFEST_FILE, FileEntry, Manifest, read_manifest
from kg.errors import BuildMissingError, SourceError
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import CannedQuery

TYPES_OF_FILES = {
    ".ttl": "text/turtle; charset=utf-8",
    ".trig": "application/trig",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".rdf": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".gz": "application/gzip",
}


@dataclass(frozen=True)
class Dump:
    """One file to download; `identity` tells whether the path still leads to the file that the manifest speaks of."""

    path: Path
    entry: FileEntry
    identity: tuple[int, int, int]

    @property
    def replaced(self) -> bool:
        """Whether another file stands at the path now."""
        try:
            return _identity(self.path) != self.identity
        except OSError:
            return True


@dataclass(frozen=True)
class Served:
    """One version of a dataset: `source` is what the pool loads, `rules` what explains an inferred triple."""

    source: Path | tuple[Path, ...]
    manifest: Manifest
    dumps: Mapping[str, Dump] = field(repr=False)
    queries: Mapping[str, CannedQuery] = field(repr=False)
    rules: Mapping[str, str] = field(repr=False)


def served_build(folder: Path, project: Project | None) -> Served:
    """A build, with the canned queries of its project.

    Raises: BuildMissingError if there is none here; QueryHeaderError for a query file that is wrong.
    """
    try:
        manifest = read_manifest(folder)
        dumps = {name: _dump(folder / name, entry) for name, entry in manifest.files.items()}
        dumps[MANIFEST_FILE] = _dump(folder / MANIFEST_FILE, _entry(folder / MANIFEST_FILE, "application/json"))
    except OSError as error:
        raise BuildMissingError("is damaged: run kg build", folder) from error
    return Served(folder, manifest, dumps, *_of_project(project))


def served_files(paths: Sequence[Path], project: Project | None) -> Served:
    """RDF files as they are, with a manifest made here: the version is a hash of their bytes.

    Raises: SourceError if one cannot be read or two have the same name.
    """
    dumps: dict[str, Dump] = {}
    for path in paths:
        if path.name in dumps:
            raise SourceError("two of the files have this name", path.name)
        try:
            dumps[path.name] = _dump(path, _entry(path, TYPES_OF_FILES.get(path.suffix, "application/octet-stream")))
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", path) from error
    lines = "".join(f"{name} {dump.entry.sha256}\n" for name, dump in dumps.items())
    digest = hashlib.sha256(lines.encode()).hexdigest()
    newest = datetime.datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), datetime.UTC)
    manifest = Manifest(
        release="files",
        version=f"files+{digest[:12]}",
        built=newest.date().isoformat(),
        counts={},
        families={},
        files={name: dump.entry for name, dump in dumps.items()},
        inputs=digest,
    )
    return Served(tuple(paths), manifest, dumps, *_of_project(project))


def _of_project(project: Project | None) -> tuple[dict[str, CannedQuery], dict[str, str]]:
    if project is None:
        return {}, {}
    return read_queries(project), {path.stem: path.read_text(encoding="utf-8") for path in project.rule_files()}


def _dump(path: Path, entry: FileEntry) -> Dump:
    return Dump(path.resolve(), entry, _identity(path))


def _entry(path: Path, media_type: str) -> FileEntry:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileEntry(path.stat().st_size, digest, media_type)


def _identity(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
