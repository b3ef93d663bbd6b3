"""The versions that were published, so that what somebody cited of one can be asked of it again.

An archive is a folder with one folder a version, an edition. What stands in it:

    manifest.json, kept.json    what the version was, when and as the how manieth it was published: these stay
    oxus.nq.gz                  the dataset, a link to the file of the build where the disk allows it
    queries/, ontology/rules/   the canned queries and the rules as they were then
    CHANGELOG.md                likewise, if there is one

Of all but the newest few editions the dataset and the queries are deleted: they are known, and no longer kept. Who
publishes says how many; asking an edition is left to the pool. How much changed from one that is deleted to the next is
noted in the next one's kept.json before: afterwards nobody could find it out.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from kg.build.dataset import DATASET_FILE
from kg.build.folders import new_folder
from kg.build.manifest import MANIFEST_FILE, FileEntry, Manifest, file_entry, read_manifest
from kg.build.queries_file import copy_queries
from kg.errors import BuildMissingError, NotFoundError, VersionGoneError
from kg.project import Project

KEPT_FILE = "kept.json"
CHANGELOG_FILE = "CHANGELOG.md"


@dataclass(frozen=True)
class Edition:
    """One version that was published: as which number, since when (UTC), and whether it can still be asked.

    `changes` is how much changed since the edition before, once that is no longer kept; empty before or if unknown.
    """

    folder: Path
    number: int
    since: str
    manifest: Manifest = field(repr=False)
    changes: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def version(self) -> str:
        """Its version."""
        return self.manifest.version

    @property
    def kept(self) -> bool:
        """Whether the dataset is still there."""
        return (self.folder / DATASET_FILE).is_file()

    @property
    def project(self) -> Project:
        """Where its canned queries and rules are."""
        return Project(self.folder)


Comparing = Callable[[Edition, Edition], Mapping[str, int]]
"""How much changed from an edition to the next, as `Changes.summary` counts it; empty if that cannot be found out."""


def _unknown(old: Edition, new: Edition) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class Archive:
    """The editions in a folder, which need not be there yet."""

    folder: Path

    def editions(self) -> list[Edition]:
        """Every version that was published, the oldest first; what is no edition is passed over."""
        found = [_read(path.parent) for path in self.folder.glob(f"*/{KEPT_FILE}") if path.parent.name[0] != "."]
        return sorted((each for each in found if each is not None), key=lambda each: each.number)

    def find(self, version: str) -> Edition:
        """The edition of a version, whole.

        Raises: NotFoundError, naming those that are kept; VersionGoneError with its manifest if it no longer is.
        """
        every = self.editions()
        for edition in every:
            if edition.version == version:
                if not _is_whole(edition):
                    message = f"version {version} was published on {edition.since[:10]} and is no longer kept here"
                    raise VersionGoneError(message, manifest=account(edition.manifest))
                return edition
        known = [each.version for each in reversed(every) if each.kept]
        raise NotFoundError(f"there is no version {version[:80]!r} here", suggestions=known)

    def keep(
        self, build: Path, queries: Project, changelog: Path | None, most: int, compare: Comparing = _unknown
    ) -> Edition:
        """A build as the newest edition, if it is not one already; of the others only the newest `most` stay whole.

        A version that other software has built otherwise takes the place of what was kept of it. `compare` is asked
        before one of them is deleted.

        Raises: OSError if something cannot be written, BuildMissingError if there is no build.
        """
        manifest = read_manifest(build)
        every = self.editions()
        found = next((each for each in every if each.version == manifest.version), None)
        if found is None or not _is_whole(found) or found.manifest.files != manifest.files:
            number = found.number if found else max((each.number for each in every), default=0) + 1
            since = found.since if found else datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            changes = found.changes if found else {}
            found = Edition(self.folder / _name_of(manifest.version), number, since, manifest, changes)
            _write(found, build, queries, changelog)
        every = self.editions()
        old = [each for each in every if each.kept and each.version != manifest.version]
        for edition in old[: max(0, len(old) - most)]:
            _note_changes(edition, next((each for each in every if each.number > edition.number), None), compare)
            _drop(edition)
        return found


def account(manifest: Manifest) -> dict[str, object]:
    """What is told of a version that is no longer there."""
    files = {name: {"bytes": each.bytes, "sha256": each.sha256} for name, each in manifest.files.items()}
    counts = dict(manifest.counts)
    return {
        "release": manifest.release,
        "version": manifest.version,
        "built": manifest.built,
        "counts": counts,
        "files": files,
    }


def _name_of(version: str) -> str:
    """The version as a folder may be called.

    >>> _name_of("1.0/beta+0123456789ab"), _name_of("..")
    ('1.0_beta+0123456789ab', '_.')
    """
    return re.sub(r"^\.|[^\w.+-]", "_", version, flags=re.ASCII)


def _read(folder: Path) -> Edition | None:
    try:
        kept = json.loads((folder / KEPT_FILE).read_bytes())
        changes = {str(name): int(number) for name, number in kept.get("changes", {}).items()}
        return Edition(folder, int(kept["number"]), str(kept["since"]), read_manifest(folder), changes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BuildMissingError):
        return None


def _is_whole(edition: Edition) -> bool:
    """Whether the dataset is there, the one that the manifest tells of."""
    entry = edition.manifest.files.get(DATASET_FILE)
    path = edition.folder / DATASET_FILE
    try:
        found = path.stat()
        is_it = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        return entry is not None and _hashed(path, entry.type, is_it) == entry
    except OSError:
        return False


@lru_cache(256)
def _hashed(path: Path, media_type: str, is_it: tuple[int, ...]) -> FileEntry:
    """The account of a file, made once for as long as `is_it` says that it is the same and untouched."""
    return file_entry(path, media_type)


def _write(edition: Edition, build: Path, queries: Project, changelog: Path | None) -> None:
    with new_folder(edition.folder) as folder:
        shutil.copyfile(build / MANIFEST_FILE, folder / MANIFEST_FILE)
        _link(build / DATASET_FILE, folder / DATASET_FILE)
        copy_queries(queries, folder)
        if changelog is not None and changelog.is_file():
            shutil.copyfile(changelog, folder / CHANGELOG_FILE)
        (folder / KEPT_FILE).write_text(_kept(edition), encoding="utf-8")


def _kept(edition: Edition) -> str:
    changes = {"changes": dict(edition.changes)} if edition.changes else {}
    return json.dumps({"number": edition.number, "since": edition.since, **changes}) + "\n"


def _link(path: Path, link: Path) -> None:
    try:
        os.link(path.resolve(), link)
    except FileNotFoundError:
        raise
    except OSError:  # on another disk, or of another user
        shutil.copyfile(path, link)


def _note_changes(edition: Edition, following: Edition | None, compare: Comparing) -> None:
    if following is None or not following.kept or following.changes:
        return
    if changes := compare(edition, following):
        fresh = following.folder / f"{KEPT_FILE}.new"
        fresh.write_text(_kept(replace(following, changes=changes)), encoding="utf-8")
        fresh.replace(following.folder / KEPT_FILE)


def _drop(edition: Edition) -> None:
    # The dataset first: without it the edition counts as no longer kept.
    (edition.folder / DATASET_FILE).unlink(missing_ok=True)
    for name in ("queries", "ontology"):
        shutil.rmtree(edition.folder / name, ignore_errors=True)
    (edition.folder / CHANGELOG_FILE).unlink(missing_ok=True)
