"""Pins what is to be served: links to its files in a folder of our own, each held against its hash.

A build may be replaced at any time, and the pool may have to load its files again: it loads the pin. Linked files are
the same bytes on the disk: who writes into a file of the build, instead of replacing it, writes into the pin. That
is seen (`Served.spoilt`, `Dump.replaced`), not prevented; builds are never written into.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from kg.build.folders import recover_folder
from kg.build.manifest import MANIFEST_FILE, FileEntry, Manifest, file_entry, read_manifest, write_manifest
from kg.build.queries_file import QUERIES_FILE, copy_queries, unpack
from kg.errors import BuildMissingError, SourceError
from kg.project import Project
from server.served import FILES, PIN_FILE, Identity, Served, identity_of, read_pin

TRIES = 5
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
class Origin:
    """Where what is served comes from: a build's folder, or RDF files, and then the project whose queries fit them."""

    build: Path
    files: tuple[Path, ...] = ()
    project: Project | None = None

    def original(self, path: Path, folder: Path) -> Path:
        """Where a file comes from that is pinned in a folder."""
        if path.parent != folder / FILES:
            return path
        return next((file for file in self.files if file.name == path.name), self.build / path.name)


def pin(origin: Origin, folder: Path) -> Served:
    """What stands at the origin now, pinned in a new folder.

    Raises: BuildMissingError if there is no build or it is not what its manifest says; SourceError for a file that
    cannot be read; QueryHeaderError for a query file that is wrong.
    """
    try:
        folder.mkdir()
        if origin.files:
            record = _pin_files(origin.files, folder)
            if origin.project is not None:
                copy_queries(origin.project, folder)
        else:
            record = _pin_build(origin.build, folder / FILES)
            _unpack_queries(origin.build, folder)
        (folder / PIN_FILE).write_text(json.dumps(record), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot be pinned: {error.strerror or error}", error.filename or origin.build) from error
    return read_pin(folder)


def _unpack_queries(build: Path, folder: Path) -> None:
    """The build's own: those of the project may have been edited since, and would answer under its version."""
    archive = folder / FILES / QUERIES_FILE
    if not archive.exists():
        raise BuildMissingError(f"made by an earlier version, without {QUERIES_FILE}: run kg build", build)
    try:
        unpack(archive, folder)
    except BuildMissingError as error:
        raise BuildMissingError(error.message, build / QUERIES_FILE) from error


def _pin_build(build: Path, files: Path) -> dict[str, object]:
    """Links to a build's files: all of one build, never some of this and some of the next."""
    for attempt in range(TRIES):
        recover_folder(build)
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir()
        try:
            shutil.copyfile(build / MANIFEST_FILE, files / MANIFEST_FILE)
        except OSError:
            read_manifest(build)  # says what is the matter with it
            continue
        manifest = read_manifest(files)
        fault, identities = _link_all(manifest, build, files)
        if fault is None:
            identities[MANIFEST_FILE] = identity_of(files / MANIFEST_FILE)
            account = asdict(file_entry(files / MANIFEST_FILE, "application/json"))
            return {"sources": None, "manifest": account, "identities": identities}
        if _same(build / MANIFEST_FILE, files / MANIFEST_FILE):
            raise BuildMissingError(f"damaged ({fault}): run kg build", build)
        time.sleep(0.05 * attempt)
    raise BuildMissingError("replaced again and again while it was read: try again later", build)


def _link_all(manifest: Manifest, build: Path, files: Path) -> tuple[str | None, dict[str, Identity]]:
    """The first fault found, if any, and the identity of each file."""
    identities = {}
    for name, entry in manifest.files.items():
        try:
            found, identities[name] = _link(build / name, files / name, entry.type)
        except FileNotFoundError:
            return f"there is no {name}", {}
        if found != entry:
            return f"{name} is not the file that {MANIFEST_FILE} tells of", {}
    return None, identities


def _pin_files(paths: tuple[Path, ...], folder: Path) -> dict[str, object]:
    """Links to RDF files, and beside their folder a manifest made here: the version is a hash of their bytes."""
    files = folder / FILES
    files.mkdir()
    entries: dict[str, FileEntry] = {}
    identities = {}
    for path in paths:
        if path.name in entries:
            raise SourceError("two of the files have this name", path.name)
        media_type = TYPES_OF_FILES.get(path.suffix, "application/octet-stream")
        entries[path.name], identities[path.name] = _link(path, files / path.name, media_type)
    write_manifest(_manifest_of(entries, identities), folder)
    return {"sources": list(entries), "manifest": None, "identities": identities}


def _manifest_of(entries: Mapping[str, FileEntry], identities: Mapping[str, Identity]) -> Manifest:
    lines = "".join(f"{name} {entry.sha256}\n" for name, entry in entries.items())
    digest = hashlib.sha256(lines.encode()).hexdigest()
    newest = max(modified for _, modified, _ in identities.values())
    return Manifest(
        release="files",
        version=f"files+{digest[:12]}",
        built=datetime.datetime.fromtimestamp(newest / 1e9, datetime.UTC).date().isoformat(),
        counts={},
        families={},
        files=entries,
        inputs=digest,
    )


def _link(path: Path, link: Path, media_type: str) -> tuple[FileEntry, Identity]:
    """What the linked file is, and its identity: taken before it is read, so that later changes show."""
    try:
        os.link(path.resolve(), link)
    except FileNotFoundError:
        raise
    except OSError:  # on another disk, or of another user
        shutil.copy2(path, link)
    identity = identity_of(link)
    return file_entry(link, media_type), identity


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
