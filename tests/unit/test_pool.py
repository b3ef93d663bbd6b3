"""No query takes the pool down: whatever ends one is told apart and answered, and the next one works."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from canary import DISGUISES, Canary

from kg.errors import (
    BuildMissingError,
    QueryCrashError,
    QueryError,
    QueryMemoryError,
    QueryParameterError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    ServiceBusyError,
    TurtleError,
    UnrepresentableError,
)
from kg.pool.client import PoolClient, Request
from kg.pool.frames import REQUEST, frame
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool

LIMITS = PoolLimits(timeout_s=1.0, memory_bytes=256 << 20, result_bytes=50 << 20, queue=2, queue_s=5.0)
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = (
    f"SELECT ?x {{ BIND('{'a' * 1000}' AS ?x0) "
    + "".join(f"BIND(CONCAT({', '.join([f'?x{n}'] * 10)}) AS ?x{n + 1}) " for n in range(6))
    + "BIND(?x6 AS ?x) }"
)  # a gigabyte at once
NESTED = "ASK " + "{" * 3000 + "}" * 3000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "numbers.ttl"
    lines = [f"<urn:s> <urn:p> {number}, 'value {number}' ." for number in range(1500)]
    path.write_text("\n".join([*lines, "<urn:s> <urn:p> true, 'x', <urn:a.b>, <http://a:> ."]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pool(data: Path) -> Iterator[Pool]:
    with Pool.start([data], limits=LIMITS) as pool:
        yield pool


def ask(pool: Pool | PoolClient, query: str = "ASK { }", format: str = "json", **more: object) -> bytes:
    client = pool.client if isinstance(pool, Pool) else pool
    return client.query(Request(query, format, **more)).read()  # type: ignore[arg-type]


def workers(pool: Pool) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pool.pid)], capture_output=True, text=True)
    return {int(pid) for pid in found.stdout.split() if state(int(pid)) not in ("", "Z")}


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def eventually(condition: Callable[[], bool], within_s: float = 3.0) -> bool:
    until = time.monotonic() + within_s
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


@pytest.fixture
def answering(pool: Pool) -> Iterator[None]:
    """After the test, an easy query must be answered within a second."""
    yield
    begun = time.monotonic()
    assert ask(pool) == b'{"head":{},"boolean":true}'
    assert time.monotonic() - begun < 1


def test_an_answer_has_its_type_its_length_and_all_its_bytes(pool: Pool, data: Path) -> None:
    with pool.client.query(Request("SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 2", "csv")) as small:
        assert small.media_type == "text/csv; charset=utf-8; header=present"
        content = small.read()
        assert small.length == len(content)
        assert content.startswith(b"o\r\n")
    with pool.client.query(Request("CONSTRUCT WHERE { ?s ?p ?o }", "nt")) as large:
        assert large.length is None
        chunks = list(large)
        assert len(chunks) > 1
    store = ox.Store()
    store.load(path=str(data), format=ox.RdfFormat.TURTLE)
    assert b"".join(chunks).count(b"\n") == len(store)


def test_the_request_reaches_the_engine_whole(pool: Pool) -> None:
    assert b'boolean":false' in ask(pool, "ASK { ?s ?p ?o }", default_graphs=["urn:none"])
    assert ask(pool, "SELECT (<b> AS ?x) { }", "csv", base_iri="http://e/a") == b"x\r\nhttp://e/b\r\n"
    assert ask(pool, "SELECT ('é\U0001f600' AS ?x) { }", "tsv") == '?x\n"é\U0001f600"\n'.encode()
    assert ask(pool, "# " + "é" * 100_000 + "\nASK { }")


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (Request("ASK {", "json"), QuerySyntaxError, "never closed"),
        (Request("ASK { }", "ttl"), UnrepresentableError, "Turtle holds graphs"),
        (Request("ASK { }", "docx"), QueryParameterError, "no format"),
        (Request("ASK { }", "json", operation="sing"), QueryParameterError, "no operation"),
        (Request("ASK { }", "json", default_graphs=["a b"]), QueryParameterError, "absolute IRI"),
        (Request("SELECT * { ?s ?p ?o }", "csv", max_bytes=100), ResultTooLargeError, "more than 100 bytes"),
        (Request(ENDLESS, "json"), QueryTimeoutError, r"did not finish within its 1\.\d s"),
        (Request(ENDLESS, "json", timeout_s=0.2), QueryTimeoutError, r"did not finish within its 0\.\d s"),
        (Request(ENDLESS, "json", timeout_s=60), QueryTimeoutError, r"did not finish within its 1\.\d s"),
        (Request(HUNGRY, "json"), QueryMemoryError, "more memory"),
        (Request(NESTED, "json"), QueryCrashError, "nested too deeply"),
        (Request("ASK { FILTER(" + "(" * 20000 + "1" + ")" * 20000 + ") }", "json"), QueryCrashError, "nested"),
    ],
    ids="syntax kind format operation graph size time less-time more-time memory braces parentheses".split(),
)
def test_what_cannot_be_answered_is_told_before_the_first_byte(
    pool: Pool, asked: Request, error: type[QueryError], message: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(error, match=message):
        pool.client.query(asked)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("asked", [HUNGRY, NESTED], ids=["memory", "braces"])
def test_what_the_engine_prints_when_it_ends_is_in_nobodys_log(
    data: Path, asked: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUST_BACKTRACE", "1")
    with Pool.start([data], limits=LIMITS) as pool, pytest.raises(QueryError):
        pool.client.query(Request(asked, "json"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "the system killed them"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("os._exit(3)", "exit code 3; standard error"),
    ],
)
def test_a_pool_that_does_not_start_says_how_it_ended(
    data: Path, end: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, signal, sys\nif 'kg.pool.process' in sys.orig_argv: {end}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(BuildMissingError, match=words):
        Pool.start([data], limits=LIMITS)


def test_places_and_limits_travel_with_errors(pool: Pool) -> None:
    with pytest.raises(QuerySyntaxError) as syntax:
        ask(pool, "ASK {\n ex:a ?p ?o }")
    assert (syntax.value.line, syntax.value.column) == (2, 2)
    with pytest.raises(QueryTimeoutError) as timeout:
        ask(pool, ENDLESS, timeout_s=0.1)
    assert (timeout.value.limit, timeout.value.retry_after_s > 0) == ("timeout", True)


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(
    ("max_bytes", "error"), [(None, QueryTimeoutError), (300_000, ResultTooLargeError)], ids=["time", "size"]
)
def test_an_answer_that_breaks_off_ends_with_its_error(
    pool: Pool, max_bytes: int | None, error: type[QueryError]
) -> None:
    answer = pool.client.query(Request(ENDLESS_ROWS, "json", max_bytes=max_bytes))
    received = next(answer)
    with pytest.raises(error):
        for chunk in answer:
            received += chunk
            time.sleep(0 if max_bytes else 0.002)  # slower than the worker: it dies with the socket full
    assert len(received) <= LIMITS.result_bytes
    assert next(answer, None) is None


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize("name", DISGUISES)
def test_the_door_is_closed_to_service(pool: Pool, name: str) -> None:
    """The guard is not asked here: the worker itself has no way out."""
    with Canary() as canary:
        query = DISGUISES[name].replace("CALL", f"<{canary.iri}>")
        try:
            ask(pool, query, "nt" if query.startswith("CONSTRUCT") else "json")
        except QueryRefusedError:
            pass  # the others are silent, or caught by the engine
        assert canary.heard == 0


def test_a_client_that_leaves_stops_its_query(pool: Pool) -> None:
    before = workers(pool)
    for query in (ENDLESS, ENDLESS_ROWS):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(pool.path))
        connection.sendall(frame(REQUEST, Request(query, "json").as_json()))
        time.sleep(0.1)
        connection.close()
        begun = time.monotonic()
        assert ask(pool)
        assert time.monotonic() - begun < 0.6  # not after the deadline
    assert len(workers(pool)) == len(before)


def test_a_client_that_says_nothing_holds_nobody_for_long(pool: Pool) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(pool.path))
        begun = time.monotonic()
        assert ask(pool)
        assert time.monotonic() - begun < 2


@pytest.mark.usefixtures("answering")
def test_a_client_that_talks_nonsense_is_left_alone(pool: Pool) -> None:
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x00\x02[]", b"\x00\xff\xff\xff\xff"):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(pool.path))
            client.sendall(nonsense)
            client.settimeout(3)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(4096):
                    pass


def test_a_full_queue_refuses_at_once(pool: Pool) -> None:
    outcomes: list[type[BaseException] | None] = []

    def occupy() -> None:
        try:
            ask(pool, ENDLESS)
        except QueryError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=occupy) for _ in range(1 + LIMITS.queue)]
    for thread in threads:
        thread.start()
        time.sleep(0.03)
    begun = time.monotonic()
    with pytest.raises(ServiceBusyError) as caught:
        ask(pool)
    assert time.monotonic() - begun < 0.3
    assert (caught.value.limit, caught.value.retry_after_s) == ("queue", 2)
    for thread in threads:
        thread.join()
    assert outcomes == [QueryTimeoutError] * 3
    assert ask(pool)


def test_waiting_has_an_end(data: Path) -> None:
    with Pool.start([data], limits=PoolLimits(timeout_s=3.0, queue_s=0.2)) as pool:
        answer = threading.Thread(target=lambda: pytest.raises(QueryError, ask, pool, ENDLESS))
        answer.start()
        time.sleep(0.1)
        with pytest.raises(ServiceBusyError):
            ask(pool)
        pool.stop()
        answer.join()


def test_a_killed_worker_is_told_and_replaced(pool: Pool) -> None:
    (victim,) = workers(pool)
    threading.Timer(0.2, os.kill, (victim, signal.SIGKILL)).start()
    with pytest.raises(QueryCrashError, match="killed"):
        ask(pool, ENDLESS)
    assert ask(pool)
    (victim,) = workers(pool)
    os.kill(victim, signal.SIGKILL)  # an idle one
    assert ask(pool)


def test_several_workers_answer_side_by_side(data: Path) -> None:
    with Pool.start([data], workers=2, limits=LIMITS) as pool:
        assert len(workers(pool)) == 2
        busy = threading.Thread(target=lambda: pytest.raises(QueryTimeoutError, ask, pool, ENDLESS))
        busy.start()
        time.sleep(0.1)
        begun = time.monotonic()
        assert ask(pool)
        assert time.monotonic() - begun < 0.5
        busy.join()


def test_many_threads_share_a_client(pool: Pool) -> None:
    def run() -> None:
        for number in range(50):
            try:
                answers.append(ask(pool, f"SELECT ({number} AS ?x) {{ }}", "csv") == f"x\r\n{number}\r\n".encode())
            except ServiceBusyError:
                answers.append(True)

    gc.collect()  # what other tests left of the engine may not be dropped on another thread
    answers: list[bool] = []
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 200


def test_killing_the_parent_is_told_and_leaves_no_worker(data: Path) -> None:
    with Pool.start([data], limits=PoolLimits(timeout_s=20.0)) as pool:
        left = workers(pool)
        threading.Timer(0.2, os.kill, (pool.pid, signal.SIGKILL)).start()
        begun = time.monotonic()
        with pytest.raises(ServiceBusyError, match="gone"):
            ask(pool, ENDLESS)
        assert time.monotonic() - begun < 2
        assert eventually(lambda: all(state(pid) in ("", "Z") for pid in left))
        assert not pool.is_running()
        with pytest.raises(ServiceBusyError, match="not running"):
            ask(pool)


def test_the_pool_ends_with_its_starter(data: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from kg.pool.process import Pool; "
        "pool = Pool.start([pathlib.Path(sys.argv[1])]); print(pool.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    starter = subprocess.run([sys.executable, "-c", code, str(data)], capture_output=True, text=True, cwd=Path.cwd())
    pid = int(starter.stdout)
    assert eventually(lambda: state(pid) in ("", "Z"))


def test_stopping_leaves_nothing(data: Path) -> None:
    pool = Pool.start([data])
    folder, left = pool.path.parent, workers(pool)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(pool.path.stat().st_mode) == 0o600
    pool.stop()
    assert not pool.is_running() and not folder.exists()
    assert eventually(lambda: all(state(pid) in ("", "Z") for pid in left))
    pool.stop()


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(BuildMissingError, match="kg build"):
        Pool.start(tmp_path)
    broken = tmp_path / "broken.ttl"
    broken.write_text("<urn:s> <urn:p>\n oops .", encoding="utf-8")
    with pytest.raises(TurtleError) as caught:
        Pool.start([broken])
    assert caught.value.line == 2
