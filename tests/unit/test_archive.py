"""Versions that were published: which are kept, which are only known, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from kg.build.dataset import DATASET_FILE
from kg.build.manifest import Manifest, file_entry, write_manifest
from kg.errors import NotFoundError, VersionGoneError
from kg.project import Project
from kg.versions.archive import Archive, Edition


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a query, a rule and a changelog; its builds are made by hand."""
    for name in ("queries/all.rq", "ontology/rules/chain.rq", "CHANGELOG.md"):
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(f"as {name} was")
    return Project(tmp_path / "project")


def built(folder: Path, version: str, value: str = "v") -> Path:
    """A build of one statement."""
    folder.mkdir(parents=True)
    (folder / DATASET_FILE).write_bytes(gzip.compress(f"<urn:v> <urn:is> <urn:{value}> .\n".encode(), mtime=0))
    entry = file_entry(folder / DATASET_FILE, "application/gzip")
    write_manifest(Manifest("1", version, "2026-01-31", {"accepted": 1}, {}, {DATASET_FILE: entry}, "0"), folder)
    return folder


def publish(archive: Archive, project: Project, *versions: str, most: int = 9) -> None:
    for version in versions:
        build = project.root / f"build-{version.replace('/', '_')}"
        archive.keep(build if build.is_dir() else built(build, version), project, project.root / "CHANGELOG.md", most)


def test_what_was_published_is_found_with_its_queries_rules_and_changelog(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b")
    assert [(each.number, each.version) for each in archive.editions()] == [(1, "1+a"), (2, "1+b")]
    found = archive.find("1+a")
    for name in ("queries/all.rq", "ontology/rules/chain.rq", "CHANGELOG.md"):
        assert (found.folder / name).read_text() == f"as {name} was"
    assert found.since.endswith("+00:00")


def test_an_edition_is_a_link_to_the_file_of_the_build_and_outlives_it(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a")
    dataset = archive.find("1+a").folder / DATASET_FILE
    assert dataset.stat().st_nlink == 2
    (project.root / "build-1+a" / DATASET_FILE).unlink()
    assert archive.find("1+a").kept


def test_publishing_a_version_again_changes_nothing(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b")
    before = archive.editions()
    publish(archive, project, "1+a")
    assert archive.editions() == before


def test_a_version_that_was_built_otherwise_takes_the_place_of_what_was_kept(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b")
    before = archive.find("1+a")
    shutil.rmtree(project.root / "build-1+a")
    built(project.root / "build-1+a", "1+a", "other")
    publish(archive, project, "1+a")
    after = archive.find("1+a")
    assert (after.number, after.since) == (before.number, before.since)
    assert b"other" in gzip.decompress((after.folder / DATASET_FILE).read_bytes())


def test_of_the_old_versions_the_newest_are_kept_and_of_the_others_the_manifest(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b", "1+c", "1+d", most=2)
    assert [each.version for each in archive.editions() if each.kept] == ["1+b", "1+c", "1+d"]
    with pytest.raises(VersionGoneError, match="no longer kept") as gone:
        archive.find("1+a")
    assert gone.value.manifest["version"] == "1+a"
    assert gone.value.manifest["files"][DATASET_FILE]["sha256"]
    assert not (tmp_path / "archive" / "1+a" / "queries").exists()


def test_how_much_changed_since_a_version_is_noted_before_that_is_deleted(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    asked = []

    def compare(old: Edition, new: Edition) -> dict[str, int]:
        assert old.kept and new.kept
        asked.append((old.version, new.version))
        return {"added": 3} if new.version != "1+c" else {}

    for version in ("1+a", "1+b", "1+c", "1+d"):
        archive.keep(built(project.root / version, version), project, None, 1, compare)
    assert asked == [("1+a", "1+b"), ("1+b", "1+c")]
    known = {each.version: each.changes for each in archive.editions()}
    assert known == {"1+a": {}, "1+b": {"added": 3}, "1+c": {}, "1+d": {}}
    archive.keep(project.root / "1+b", project, None, 1, compare)
    assert archive.find("1+b").changes == {"added": 3}, "published anew it keeps what is known of it"


def test_the_version_that_is_published_stays_even_if_no_old_one_may(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b", most=0)
    assert [each.version for each in archive.editions() if each.kept] == ["1+b"]


def test_a_version_that_was_dropped_and_is_published_again_is_whole_again(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b", "1+c", most=1)
    publish(archive, project, "1+a", most=1)
    assert (archive.find("1+a").number, (archive.find("1+a").folder / "queries").is_dir()) == (1, True)


def test_an_unknown_version_is_told_with_those_that_are_kept(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a", "1+b", "1+c", most=1)
    for version in ("1+x", "../archive/1+b", "", "1+b/", "."):
        with pytest.raises(NotFoundError) as unknown:
            archive.find(version)
        assert type(unknown.value) is NotFoundError
        assert unknown.value.suggestions == ("1+c", "1+b")


def test_a_dataset_that_was_written_into_counts_as_no_longer_kept(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a")
    (archive.find("1+a").folder / DATASET_FILE).write_bytes(gzip.compress(b"<urn:a> <urn:b> <urn:forged> .\n"))
    with pytest.raises(VersionGoneError):
        archive.find("1+a")


def test_a_dataset_is_hashed_once_for_as_long_as_nobody_touches_it(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "1+a")
    path = archive.find("1+a").folder / DATASET_FILE
    with monkeypatch.context() as patched:
        patched.setattr("kg.versions.archive.file_entry", lambda *given: pytest.fail("it is hashed again"))
        archive.find("1+a")
    forged = bytearray(path.read_bytes())
    forged[-1] ^= 1
    before = path.stat()
    path.write_bytes(forged)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # of the same size and, as it says, of the same time
    with pytest.raises(VersionGoneError):
        archive.find("1+a")


def test_a_release_with_a_slash_stays_in_the_archive(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    publish(archive, project, "../../1/beta+a")
    assert archive.find("../../1/beta+a").folder.parent == tmp_path / "archive"


def test_what_is_no_edition_is_passed_over(tmp_path: Path, project: Project):
    archive = Archive(tmp_path / "archive")
    assert archive.editions() == []
    publish(archive, project, "1+a")
    for name, text in (("1+b", "not json"), ("1+c", json.dumps({"number": "first"}))):
        (tmp_path / "archive" / name).mkdir()
        (tmp_path / "archive" / name / "kept.json").write_text(text)
    assert [each.version for each in archive.editions()] == ["1+a"]
