"""`queries.zip`: queries, translations, rules, questions and shapes of a build, which its version is a hash of too."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
import zlib
from pathlib import Path

from kg.errors import BuildMissingError, SourceError
from kg.project import Project

QUERIES_FILE = "queries.zip"
_MADE = (1980, 1, 1, 0, 0, 0)
"""The time that each file bears, the earliest that there is: the same files are to give the same bytes."""
_NAME = re.compile(r"(?:queries|ontology/rules)/[^/\0]+\.rq|queries/[^/\0]+\.po|ontology/(?:questions\.md|shapes\.ttl)")
_MOST_BYTES = 50_000_000


def packed(project: Project) -> bytes:
    """A project's canned queries, translations, rules, questions and shapes, each under its path.

    Raises: SourceError for a file that cannot be read.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in project.query_set():
            name = project.relative(path)
            try:
                file.writestr(_entry(name), path.read_bytes())
            except OSError as error:
                raise SourceError(f"cannot be read: {error.strerror}", name) from error
    return archive.getvalue()


def unpack(archive: Path, folder: Path) -> Project:
    """A folder as a project that has queries, translations, rules, questions and shapes of a build, and nothing else.

    Raises: BuildMissingError if the file is not what a build writes.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST_BYTES:
                raise ValueError("more than anybody writes")
            for entry in file.infolist():
                if not _NAME.fullmatch(entry.filename):
                    raise ValueError(f"{entry.filename!r} is no query")
                target = folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read(entry))
    # NotImplementedError and RuntimeError are zipfile's own: a compression it does not know, an encrypted entry.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError) as error:
        raise BuildMissingError(f"damaged ({error}): run kg build", archive) from error
    return Project(folder)


def copy_queries(project: Project, folder: Path) -> None:
    """The same files, copied into a folder under the same paths."""
    for path in project.query_set():
        copy = folder / project.relative(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MADE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
