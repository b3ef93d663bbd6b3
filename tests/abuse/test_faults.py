"""Faults of the machine: processes killed or stopped, disks full, files cut short or gone, no descriptors left.

Clients get an answer, the server comes back by itself, nothing stays behind; what cannot be served is said in a line.
"""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote

import pytest
from attack import Attack, fault_of
from leaving_out import leave_out
from live_server import ROOT, LiveServer, Reply, free_port, running, stop
from watch import children, descendants

from server.cli import main

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
NEVER_ENDS = "/sparql?query=" + quote(PRODUCT)
LONG = "/sparql?format=csv&query=" + quote("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } LIMIT 100000")
NO_SHARES = {
    "KG_CLIENT_SECONDS": "1000000",
    "KG_CLIENT_ERRORS": "1000000",
    "KG_CLIENT_QUERIES": "1000000",
    "KG_CLIENT_WORKERS": "1000",
    "KG_CLIENT_CONNECTIONS": "1000",
    "KG_CLIENT_REQUESTS": "1000",
}


@pytest.fixture
def project(mini_build: Path, tmp_path: Path) -> Path:
    """The invented project with its build, which the test may break."""
    shutil.copytree(mini_build.parent, tmp_path / "mini")
    return tmp_path / "mini"


@pytest.fixture
def server(project: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of the test's own, with a deadline of a second and a half."""
    with serving(project, tmp_path) as server:
        yield server


def serving(project: Path, folder: Path, **environ: str):
    """A server over a project, whose queries may take a second and a half."""
    return running(project, folder / "log", environ=NO_SHARES | {"KG_TIMEOUT_S": "1.5"} | environ)


def pool_of(server: LiveServer) -> int:
    """The parent of the workers."""
    return next(pid for pid, command in children(server.process.pid).items() if "kg.pool.process" in command)


def workers_of(server: LiveServer) -> list[int]:
    return list(children(pool_of(server)))


def front_of(server: LiveServer) -> int:
    """The process that answers HTTP: the one of `kg serve`'s that listens."""
    below = children(server.process.pid)
    found = [pid for pid, command in below.items() if "spawn_main" in command or "kg.pool" not in command]
    return next(pid for pid in found if "resource_tracker" not in below[pid])


def wait_for(condition: Callable[[], object], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def answers(server: LiveServer) -> bool:
    """Whether it is ready; while it is not, it says so properly or does not answer at all."""
    try:
        reply = server.get("/readyz")
    except OSError:
        return False
    assert reply.status in (200, 503), reply.text
    return reply.status == 200


@contextmanager
def under_way(server: LiveServer, count: int = 1) -> Iterator[list[Future[Reply]]]:
    """Queries that never end, in the hands of workers; their answers afterwards."""
    with ThreadPoolExecutor(count) as threads:
        asked = [threads.submit(server.get, NEVER_ENDS + f"&x={number}") for number in range(count)]
        time.sleep(0.6)
        yield asked


def proper(reply: Reply, *status: int) -> str:
    """What is wrong with an answer as an error; empty if nothing is."""
    return fault_of(Attack("", "", lambda target: reply, status), reply, 0)


# Processes


def test_a_worker_killed_in_a_query_costs_that_query_alone(server: LiveServer):
    with under_way(server, 2) as asked:
        busy = workers_of(server)
        for pid in busy:
            os.kill(pid, signal.SIGKILL)
        for each in asked:
            reply = each.result()
            assert proper(reply, 503) == ""
            assert reply.json()["limit"] == "killed"
    assert server.query("ASK {}").status == 200
    assert set(workers_of(server)).isdisjoint(busy)


def test_the_pool_killed_in_a_query_comes_back_with_the_same_version(server: LiveServer):
    version = server.get("/readyz").json()["version"]
    former = descendants(pool_of(server))
    with under_way(server) as (asked,):
        os.kill(pool_of(server), signal.SIGKILL)
        assert proper(asked.result(), 503) == ""
    assert server.get("/healthz").status == 200
    wait_for(lambda: answers(server), 10)
    assert server.get("/readyz").json()["version"] == version
    # The kernel ends them with their parent; a moment later they are gone.
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in former), 10)


def test_the_front_killed_comes_back(server: LiveServer):
    former = front_of(server)
    os.kill(former, signal.SIGKILL)
    wait_for(lambda: answers(server), 10)
    assert front_of(server) != former
    assert server.query("ASK {}").status == 200


def test_the_server_killed_leaves_nothing_and_starts_again_at_the_same_port(project: Path, tmp_path: Path):
    with serving(project, tmp_path) as server:
        started = descendants(server.process.pid)
        with under_way(server) as (asked,):
            stop(server.process, signal.SIGKILL)
            with pytest.raises((OSError, HTTPException)):
                asked.result()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 5)
    command = [sys.executable, "-m", "server.cli", "--project", str(project), "serve", "--port", str(server.port)]
    again = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: answers(LiveServer(server.port, again, tmp_path / "log")), 20)
    finally:
        stop(again)


def test_sigterm_under_load_ends_it_all_in_time_and_with_no_traceback(server: LiveServer):
    started = descendants(server.process.pid)
    with under_way(server, 10) as asked:
        assert stop(server.process) == 0
        ended = [each.exception() or each.result() for each in asked]
    assert all(isinstance(end, Exception) or end.status in (200, 503) for end in ended)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 5)
    assert "Traceback" not in server.log.read_text()


def test_a_worker_stopped_dead_is_ended_soon_after_its_deadline(server: LiveServer):
    with under_way(server) as (asked,):
        for pid in workers_of(server):
            os.kill(pid, signal.SIGSTOP)
        assert proper(asked.result(), 503) == ""
    wait_for(lambda: answers(server), 10)


# Disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]).returncode:
        leave_out("a disk that is full must be mounted, which only root may")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path, but_for: int) -> None:
    """A file on a disk that leaves only so many bytes free."""
    (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - but_for))


def kg(project: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "--project", str(project), *arguments]
    given = {name: value for name, value in os.environ.items() if not name.startswith("KG_")} | environ
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=20)


def test_a_disk_that_fills_during_a_build_leaves_the_old_one(project: Path, small_disk: Path):
    out = small_disk / "build"
    shutil.copytree(project / "build", out)
    fill(small_disk, 100_000)
    former = {path.name: path.read_bytes() for path in out.iterdir()}
    done = kg(project, "build", "--force", "--out", str(out))
    assert done.returncode == 1
    assert "No space left" in done.stderr and "nothing was built" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == former
    assert sorted(path.name for path in small_disk.iterdir()) == ["ballast", "build"]


def test_no_room_for_a_long_answer_is_503_and_short_ones_are_answered(project: Path, small_disk: Path, tmp_path: Path):
    with serving(project, tmp_path, TMPDIR=str(small_disk)) as server:
        fill(small_disk, 300_000)
        assert proper(server.get(LONG), 503) == ""
        assert server.query("ASK {}").status == 200
        assert server.get("/healthz").status == 200
        (small_disk / "ballast").unlink()
        assert proper(server.get(LONG), 200, 503) == ""
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_dump_cut_short_while_it_is_served_is_no_longer_promised(server: LiveServer, project: Path):
    before = server.get("/dump/latest/oxus.ttl")
    os.truncate(project / "build" / "oxus.ttl", 1000)
    assert len(before.body) > 1000
    # Who asks for a range is not answered from the cache.
    assert proper(server.get("/dump/latest/oxus.ttl", range="bytes=0-"), 503) == ""
    assert server.query("ASK { ?s ?p ?o }").json()["boolean"] is True


def test_a_build_that_vanishes_is_still_served(server: LiveServer, project: Path):
    before = server.get("/dump/latest/oxus.ttl")
    shutil.rmtree(project / "build")
    assert server.query("ASK { ?s ?p ?o }").json()["boolean"] is True
    assert server.get("/dump/latest/oxus.ttl", range="bytes=0-").body == before.body
    assert server.get("/", accept="text/html").status == 200


# Builds that are damaged


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(1000, len(data), 997):
        data[place] ^= 0xFF
    path.write_bytes(data)


def no_gzip(path: Path) -> None:
    path.write_bytes(b"nothing of the kind" * 100)


def no_quads(path: Path) -> None:
    path.write_bytes(gzip.compress(b"<urn:a> <urn:b> nonsense\n" * 100))


def absent(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


Refused = Callable[[Path], None]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """Asserts that a project is not served, and that a line says what to do; in this process, which spares a second."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def refuse(project: Path) -> None:
        monkeypatch.setattr(sys, "argv", ["kg", "--project", str(project), "serve", "--port", str(free_port())])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code == 1 and "Traceback" not in said and "kg build" in said
        assert len([line for line in said.splitlines() if not line.startswith("note:")]) == 1

    yield refuse
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("damage", [cut_short, flipped, no_gzip, no_quads, absent, empty])
def test_a_damaged_dataset_is_not_served(project: Path, damage: Callable[[Path], None], refused: Refused):
    damage(project / "build" / "oxus.nq.gz")
    refused(project)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"release": 1}', b"\xff\xfe", b"null"])
def test_a_damaged_manifest_is_not_served(project: Path, text: bytes, refused: Refused):
    (project / "build" / "manifest.json").write_bytes(text)
    refused(project)


def test_the_manifest_of_another_build_is_not_served(project: Path, refused: Refused):
    path = project / "build" / "manifest.json"
    path.write_text(path.read_text().replace('"sha256": "', '"sha256": "00', 1))
    (project / "build" / "oxus.nq.gz").write_bytes(gzip.compress(b"<urn:a> <urn:b> <urn:c> .\n"))
    refused(project)


# Descriptors


def test_no_descriptors_left_is_no_end(project: Path, tmp_path: Path):
    log = tmp_path / "log"
    port = free_port()
    command = f"ulimit -n 80; exec {sys.executable} -m server.cli --project {project} serve --port {port}"
    with log.open("wb") as output:
        process = subprocess.Popen(["sh", "-c", command], cwd=ROOT, env=_environ(), stdout=output, stderr=output)
    server = LiveServer(port, process, log)
    try:
        wait_for(lambda: answers(server), 20)
        held = [_connection(port) for _ in range(150)]
        time.sleep(1)
        for connection in held:
            connection.close()
        wait_for(lambda: answers(server), 15)
        assert server.query("ASK {}").status == 200
        assert process.poll() is None
    finally:
        stop(process)


def _environ() -> Mapping[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    return clean | NO_SHARES


def _connection(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.sendall(b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection
