"""`kg build` as a function: from a project's files to a folder of checked, versioned dumps, or to findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kg.build.catalogue import with_catalogue
from kg.build.dumps import MEDIA_TYPES, write_dumps
from kg.build.folders import new_folder
from kg.build.manifest import (
    MANIFEST_FILE,
    Manifest,
    inputs_hash,
    is_whole,
    make_manifest,
    read_manifest,
    version_of,
    write_manifest,
)
from kg.checks.run import Progress, check_project
from kg.errors import BuildMissingError, QualityError, SourceError
from kg.findings import Finding
from kg.project import Project
from kg.queries.canned import read_queries


def build(
    project: Project,
    out: Path,
    progress: Progress = lambda step: None,
    warn: Callable[[Finding], None] = lambda finding: None,
) -> Manifest:
    """Build a project into a folder, which is replaced in one step when all is well and untouched otherwise.

    Raises: QualityError with every finding if a check fails, SourceError for a file that cannot be read, or for a
    folder that holds what no build wrote.
    """
    out = out.resolve()
    _refuse_foreign(out)
    assembled, dataset, findings = check_project(project, progress)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise QualityError(findings)
    for finding in findings:
        warn(finding)
    progress("describing")
    described = with_catalogue(dataset, assembled, read_queries(project).values(), version_of(assembled))
    progress("writing dumps")
    try:
        with new_folder(out) as folder:
            write_dumps(folder, assembled, described)
            manifest = make_manifest(assembled, described, folder)
            write_manifest(manifest, folder)
    except OSError as error:
        file = Path(error.filename).name if error.filename else out.name
        message = f"{file} cannot be written: {error.strerror or error}; an earlier build is untouched"
        raise QualityError([Finding(out, 1, "write", message, "make room, or choose another --out")]) from error
    return manifest


def current_build(project: Project, out: Path) -> Manifest | None:
    """The build in a folder if it is whole and nothing that it was made from has changed since, else None."""
    try:
        manifest = read_manifest(out)
    except BuildMissingError:
        return None
    return manifest if manifest.inputs == inputs_hash(project) and is_whole(manifest, out) else None


def _refuse_foreign(out: Path) -> None:
    # The whole folder is replaced: what a person put there would be lost.
    if not out.exists():
        return
    if not out.is_dir():
        raise SourceError("is a file: choose another --out", out.name)
    try:
        ours = {MANIFEST_FILE, *read_manifest(out).files}
    except BuildMissingError:
        # A manifest that cannot be read any more was a build's; without one, nothing tells that the rest was.
        ours = {MANIFEST_FILE, *(MEDIA_TYPES if (out / MANIFEST_FILE).exists() else ())}
    try:
        foreign = sorted(path.name for path in out.iterdir() if path.name not in ours)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", out) from error
    if foreign:
        raise SourceError(f"holds {foreign[0]}, which no build wrote: move it away or choose another --out", out.name)
