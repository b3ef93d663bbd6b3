"""The graph in memory or on the disk: the choice, and that nobody can tell from the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build.manifest import FileEntry, Manifest, read_manifest
from kg.errors import BuildMissingError, SourceError
from kg.pool.client import Request
from kg.pool.process import Pool
from kg.project import Project
from kg.queries.canned import read_queries
from server.served import Served
from server.settings import Settings
from server.stores import available_bytes, choose_store

GB = 1 << 30


def served(counts: dict[str, int], **files: int) -> Served:
    entries = {name.replace("_", "."): FileEntry(size, "", "") for name, size in files.items()}
    return Served(Path("x"), Manifest("1", "1", "2026-01-01", counts, {}, entries, ""), {}, {}, {})


MILLION = served({"accepted": 400_000, "statements": 200_000})


@pytest.mark.parametrize(
    ("store", "workers", "free", "on_disk"),
    [
        ("auto", 2, 3 * GB, False),
        ("auto", 2, 2 * GB, True),
        ("auto", 8, 3 * GB, True),
        ("memory", 8, GB, False),
        ("disk", 1, 99 * GB, True),
    ],
)
def test_size_workers_and_free_memory_decide(store: str, workers: int, free: int, on_disk: bool) -> None:
    chosen = choose_store(Settings(store=store, workers=workers), MILLION, free)
    assert (chosen.on_disk, chosen.copy_bytes) == (on_disk, 400_000_000)
    assert ("disk" in str(chosen)) == on_disk and "400 MB" in str(chosen)


def test_files_are_judged_by_their_length() -> None:
    assert choose_store(Settings(), served({}, a_nt=1_000_000)).copy_bytes == 4_000_000
    assert choose_store(Settings(), served({}, a_nt_gz=1_000_000)).copy_bytes == 40_000_000


def test_a_control_group_may_leave_less_than_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 8000 kB\n")
    assert available_bytes(tmp_path / "proc", tmp_path / "groups") == 8000 * 1024
    (tmp_path / "proc" / "self" / "cgroup").write_text("0::/system.slice/oxus.service\n")
    group = tmp_path / "groups" / "system.slice" / "oxus.service"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("max\n")
    assert available_bytes(tmp_path / "proc", tmp_path / "groups") == 8000 * 1024
    (group.parent / "memory.max").write_text("5000\n")
    (group.parent / "memory.current").write_text("1000\n")
    assert available_bytes(tmp_path / "proc", tmp_path / "groups") == 4000


def test_the_machine_tells_what_memory_there_is() -> None:
    assert available_bytes() > 1 << 20


@pytest.fixture(scope="module")
def both(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pool, Pool]]:
    folder = tmp_path_factory.mktemp("disk") / "store"
    with Pool.start(mini_build) as memory, Pool.start(mini_build, workers=2, store=folder) as disk:
        yield memory, disk


@pytest.mark.parametrize("operation", ["query", "cite"])
def test_every_canned_query_is_answered_alike(both: tuple[Pool, Pool], mini_build: Path, operation: str) -> None:
    project = Project(mini_build.parent)
    rules = {path.stem: path.read_text() for path in project.rule_files()}
    documents = [path.stem for path in project.passage_files()]
    views: list[dict[str, object]] = [{}, {"source": documents[0]}, {"reliability": "b"}, {"rejected": True}]
    extra = {"version": read_manifest(mini_build).version, "rules": rules}
    for canned in read_queries(project).values():
        for view in views:
            request = Request(canned.text, "json", operation, extra=extra | ({"view": view} if view else {}))
            one, other = (json.loads(pool.client.query(request).read()) for pool in both)
            assert one == other and (view or one["results"]["bindings"]), (canned.slug, view)


def test_everything_is_there(both: tuple[Pool, Pool]) -> None:
    for query in (
        "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o",
        "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o",
    ):
        one, other = (pool.client.query(Request(query, "csv")).read() for pool in both)
        assert one == other
        assert one.count(b"\n") > 100


def test_a_store_is_made_once(mini_build: Path, tmp_path: Path) -> None:
    with Pool.start(mini_build, store=tmp_path / "store") as pool:
        assert pool.client.query(Request("ASK { ?s ?p ?o }", "json")).read() == b'{"head":{},"boolean":true}'
    made = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "store").glob("*.sst")}
    assert made
    (tmp_path / "nothing").mkdir()
    with Pool.start(tmp_path / "nothing", store=tmp_path / "store") as pool:  # what it was made from may be gone
        assert pool.client.query(Request("ASK { ?s ?p ?o }", "json")).read() == b'{"head":{},"boolean":true}'
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "store").glob("*.sst")} == made


def test_a_store_that_cannot_be_made_is_an_error(mini_build: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildMissingError, match="run kg build"):
        Pool.start(tmp_path, store=tmp_path / "store")
    assert not (tmp_path / "store").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be made on the disk"):
        Pool.start(mini_build, store=tmp_path / "file" / "store")
