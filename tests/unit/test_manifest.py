import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.build.manifest import Manifest, content_hash, is_whole, read_manifest
from kg.build.run import build
from kg.errors import BuildMissingError, SourceError
from kg.project import Project

Amend = Callable[[str, str, str], int]


@pytest.fixture
def manifest(tiny_project: Project) -> Manifest:
    return build(tiny_project, tiny_project.root / "build")


def test_release_and_date_are_those_that_the_files_state(tiny_project: Project, manifest: Manifest) -> None:
    assert manifest.release == "9.1.0"
    assert manifest.version == f"9.1.0+{content_hash(tiny_project)[:12]}"
    assert manifest.built == "2021-02-03"


def test_counts_and_families(manifest: Manifest) -> None:
    assert manifest.families["passages"] == 7
    assert manifest.families["inferred"] == 7
    assert manifest.families["reference"] == 1
    counts = {name: manifest.counts[name] for name in ("documents", "passages", "rejected", "entities", "spans")}
    assert counts == {"documents": 1, "passages": 3, "rejected": 1, "entities": 3, "spans": 2}
    assert manifest.counts["catalogue"] == manifest.families["catalogue"]
    assert manifest.counts["statements"] == sum(manifest.families.values()) - manifest.families["catalogue"]
    # 128 statements, of which the rejected passage's two are not accepted.
    assert manifest.counts["accepted"] == manifest.counts["statements"] - 2


def test_the_file_says_what_was_made(tiny_project: Project, manifest: Manifest) -> None:
    folder = tiny_project.root / "build"
    assert read_manifest(folder) == manifest
    content = json.loads((folder / "manifest.json").read_text())
    assert {"release", "version", "built", "counts", "files"} <= content.keys()
    assert set(content["files"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert content["files"]["oxus.ttl"].keys() == {"bytes", "sha256", "type"}
    assert is_whole(manifest, folder)


def test_a_damaged_or_missing_file_is_seen(tiny_project: Project, manifest: Manifest) -> None:
    folder = tiny_project.root / "build"
    path = folder / "oxus.ttl"
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert not is_whole(manifest, folder)
    path.unlink()
    assert not is_whole(manifest, folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": {"a": {"bytes": 1}}}', '{"files": [], "release": 1}'])
def test_a_damaged_manifest_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(BuildMissingError, match=r"manifest\.json: damaged .*run kg build"):
        read_manifest(tmp_path)


def test_no_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BuildMissingError, match="run kg build"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["ontology/topics.ttl", "data/entities.ttl", "queries/checks/no-tower.rq"])
def test_the_version_changes_with_ontology_data_and_queries(tiny_project: Project, name: str) -> None:
    before = content_hash(tiny_project)
    path = tiny_project.root / name
    path.write_text(path.read_text() + "\n# a comment\n")
    assert content_hash(tiny_project) != before


def test_the_version_covers_names_and_not_places_or_times(tiny_project: Project, tmp_path: Path) -> None:
    before = content_hash(tiny_project)
    shutil.copytree(tiny_project.root, tmp_path / "elsewhere")
    assert content_hash(Project(tmp_path / "elsewhere")) == before
    (tiny_project.queries / "checks" / "no-tower.rq").rename(tiny_project.queries / "checks" / "no-towers.rq")
    assert content_hash(tiny_project) != before


@pytest.mark.parametrize(
    ("statement", "words"),
    [('owl:versionInfo "9.1.0"', "owl:versionInfo"), ('dcterms:modified "2020-05-01"', "dcterms:modified")],
)
def test_what_no_file_states_is_an_error_that_says_where_to(
    tiny_project: Project, amend: Amend, statement: str, words: str
) -> None:
    amend("ontology/oxus.ttl", statement, "")
    amend("data/judgements.ttl", 'dcterms:modified "2021-02-03" ;', "")
    with pytest.raises(SourceError, match=words) as caught:
        build(tiny_project, tiny_project.root / "build")
    assert caught.value.path == "ontology/oxus.ttl"
    assert not (tiny_project.root / "build").exists()
