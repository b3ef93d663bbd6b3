"""`kg serve` as its user meets it: what it serves, what it refuses to start on, how it ends, how it recovers."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live_server import ROOT, LiveServer, free_port, pool_of, processes_below, running, stop

TURTLE = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:a> rdfs:label "A"@en ; rdfs:seeAlso <urn:b> .
"""


def kg(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """`kg` with some arguments, outside any project."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    command = [sys.executable, "-m", "server.cli", *map(str, arguments)]
    environ = clean | {"PYTHONPATH": str(ROOT)} | environ
    return subprocess.run(command, cwd="/", env=environ, capture_output=True, text=True, timeout=20)


def wait_for(condition: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def mini_server(mini_build: Path, tmp_path: Path):
    """A server of the test's own, which it may break."""
    with running(mini_build.parent, tmp_path / "log") as server:
        yield server


def test_files_are_served_instead_of_the_build(mini_build: Path, tmp_path: Path):
    (tmp_path / "some.ttl").write_text(TURTLE)
    with gzip.open(tmp_path / "more.nq.gz", "wt") as stream:
        stream.write("<urn:a> <urn:p> <urn:c> <urn:g> .\n")
    with running(mini_build.parent, tmp_path / "log", tmp_path / "some.ttl", tmp_path / "more.nq.gz") as server:
        assert server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").body == b"n\r\n2\r\n"
        assert server.query("ASK { GRAPH <urn:g> { <urn:a> <urn:p> <urn:c> } }").json()["boolean"] is True
        assert server.get("/readyz").json()["version"].startswith("files+")
        assert server.get("/dump/latest/some.ttl").text == TURTLE
        home = server.get("/")
        assert (home.status, ">2</dd>" in home.text) == (200, True)


def test_it_says_where_it_serves_and_nothing_else(mini_server: LiveServer):
    assert mini_server.log.read_text().rstrip().endswith(f"on {mini_server.url}/")
    assert len(mini_server.log.read_text().splitlines()) == 1


def test_a_build_that_is_older_than_the_files_is_noted(mini_build: Path, tmp_path: Path):
    shutil.copytree(mini_build.parent, tmp_path / "project")
    with (tmp_path / "project" / "data" / "entities.ttl").open("a") as file:
        file.write("# one more line\n")
    with running(tmp_path / "project", tmp_path / "log") as server:
        assert "run kg build" in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_that_it_started(mini_server: LiveServer, number: int):
    started = processes_below(mini_server.process.pid)
    assert len(started) >= 3
    assert stop(mini_server.process, number) == 0
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 2)
    assert "Traceback" not in mini_server.log.read_text()


def test_if_it_is_killed_nothing_stays_behind(mini_server: LiveServer):
    started = processes_below(mini_server.process.pid)
    stop(mini_server.process, signal.SIGKILL)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 3)


def test_while_the_pool_is_away_the_answer_is_503_and_then_it_is_back(mini_server: LiveServer):
    os.kill(pool_of(mini_server), signal.SIGKILL)
    seen = set()

    def back() -> bool:
        seen.add(mini_server.get("/readyz").status)
        assert mini_server.get("/healthz").status == 200
        return 503 in seen and mini_server.get("/readyz").status == 200

    wait_for(back, 10)
    assert seen <= {200, 503}
    assert "the query pool has ended" in mini_server.log.read_text()


def test_without_a_build_it_says_what_to_do(tmp_path: Path):
    (tmp_path / "ontology").mkdir()
    (tmp_path / "data").mkdir()
    done = kg("--project", tmp_path, "serve", "--port", free_port())
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and "kg build" in done.stderr
    assert "Traceback" not in done.stderr


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    content = path.read_bytes()
    # In the manifest a hash: a number that only tells how much there is may be wrong.
    place = content.find(b'"sha256": "') + 20 if path.suffix == ".json" else 500
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


@pytest.mark.parametrize("spoil", [cut, flip, Path.unlink])
@pytest.mark.parametrize("name", ["oxus.nq.gz", "oxus.ttl", "manifest.json"])
def test_a_build_that_is_damaged_is_not_served(
    mini_build: Path, tmp_path: Path, name: str, spoil: Callable[[Path], None]
):
    shutil.copytree(mini_build, tmp_path / "build")
    spoil(tmp_path / "build" / name)
    done = kg("--project", mini_build.parent, "serve", "--build", tmp_path / "build", "--port", free_port())
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("note:")]
    assert line.startswith("error: ") and line.endswith("run kg build")


def test_folders_of_servers_that_were_killed_are_removed(mini_build: Path, tmp_path: Path):
    environ = {"TMPDIR": str(tmp_path)}
    with running(mini_build.parent, tmp_path / "log", environ=environ) as server:
        stop(server.process, signal.SIGKILL)
    (left,) = tmp_path.glob("kg-*")
    with running(mini_build.parent, tmp_path / "log", environ=environ):
        (now,) = tmp_path.glob("kg-*")
        assert now != left
    assert not list(tmp_path.glob("kg-*"))


def test_where_the_graph_is_held_is_said(mini_build: Path, tmp_path: Path, mini_server: LiveServer):
    assert "in memory (about " in mini_server.log.read_text()
    with running(mini_build.parent, tmp_path / "log-2", "--store", "disk") as server:
        assert "on the disk (" in server.log.read_text()
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        assert server.query(query, "text/csv").body == mini_server.query(query, "text/csv").body
        os.kill(pool_of(server), signal.SIGKILL)
        wait_for(lambda: "has ended" in server.log.read_text(), 10)
        wait_for(lambda: server.get("/readyz").status == 200, 20)


def test_a_taken_port_is_named(mini_build: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = kg("--project", mini_build.parent, "serve", "--port", port)
    assert done.returncode == 1
    assert str(port) in done.stderr and "--port" in done.stderr


def test_a_file_that_does_not_parse_is_named_with_its_line(tmp_path: Path):
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> nonsense\n")
    done = kg("serve", tmp_path / "broken.ttl", "--port", free_port())
    assert done.returncode == 1
    assert f"{tmp_path}/broken.ttl:2" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_of_any_name_stays_as_it_is(tmp_path: Path):
    (tmp_path / "manifest.json").write_text(TURTLE)
    done = kg("serve", tmp_path / "manifest.json", "--port", free_port())
    assert done.returncode == 1 and done.stderr.startswith(f"error: {tmp_path}/manifest.json:1: ")
    assert (tmp_path / "manifest.json").read_text() == TURTLE


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path):
    assert kg("serve", tmp_path / "absent.ttl").returncode == 2


def test_a_setting_of_the_wrong_type_is_named(mini_build: Path):
    done = kg("--project", mini_build.parent, "serve", KG_PORT="eighty")
    assert (done.returncode, done.stderr) == (1, "error: KG_PORT is 'eighty', which is not a whole number\n")


def test_a_query_file_that_is_wrong_is_told_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "bad.rq"
    file.write_text("SELECT *\n{ ?s ex:p ?o }")
    done = kg("query", file)
    assert (done.returncode, done.stderr.startswith("error: line 2, column 6: the prefix ex:")) == (1, True)
