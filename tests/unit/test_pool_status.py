"""The pool tells how it fares: what waits, what runs, and what workers died of."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.errors import QueryError, ServiceBusyError
from kg.pool.client import PoolClient, Request
from kg.pool.frames import REQUEST, frame
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from kg.pool.status import CAUSES, status_socket

LIMITS = PoolLimits(timeout_s=1.5, memory_bytes=256 << 20, queue=2)
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c"
NESTED = "ASK " + "{" * 3000 + "}" * 3000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "data.nt"
    path.write_text("".join(f"<urn:s:{n}> <urn:p:{n % 10}> <urn:o:{n % 100}> .\n" for n in range(3000)))
    return path


@pytest.fixture
def pool(data: Path) -> Iterator[Pool]:
    with Pool.start([data], limits=LIMITS) as pool:
        yield pool


def fail(pool: Pool, query: str) -> None:
    with pytest.raises(QueryError):
        pool.client.query(Request(query, "json")).read()


def eventually(condition: Callable[[], bool], within_s: float = 5.0) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def deaths(pool: Pool) -> dict[str, int]:
    return {cause: count for cause, count in pool.client.status().deaths.items() if count}


def test_a_pool_at_rest(pool: Pool) -> None:
    status = pool.client.status()
    assert (status.idle, status.busy, status.queued, status.forks, status.refused) == (1, 0, 0, 1, 0)
    assert status.deaths == dict.fromkeys(CAUSES, 0)


def test_it_is_told_while_everything_is_busy(pool: Pool) -> None:
    threads = [threading.Thread(target=fail, args=(pool, ENDLESS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: pool.client.status().refused == 1)
    status = pool.client.status()
    assert (status.idle, status.busy, status.queued) == (0, 1, 2)
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(("query", "cause"), [(ENDLESS, "timeout"), (NESTED, "crash")])
def test_each_death_has_its_cause(pool: Pool, query: str, cause: str) -> None:
    fail(pool, query)
    eventually(lambda: deaths(pool) == {cause: 1})
    eventually(lambda: pool.client.status().idle == 1)
    assert pool.client.status().forks == 2


def test_a_query_that_takes_too_much_memory_is_counted(data: Path) -> None:
    with Pool.start([data], limits=PoolLimits(timeout_s=30.0, memory_bytes=64 << 20)) as pool:
        fail(pool, HUNGRY)
        eventually(lambda: deaths(pool) == {"memory": 1})


def test_a_killed_worker_is_counted(pool: Pool) -> None:
    (worker,) = map(int, Path(f"/proc/{pool.pid}/task/{pool.pid}/children").read_text().split())
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: deaths(pool) == {"killed": 1})


def test_a_worker_whose_client_has_left_is_ended_at_once_and_counted(data: Path) -> None:
    with Pool.start([data], limits=PoolLimits(timeout_s=60.0)) as pool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(pool.path))
            connection.sendall(frame(REQUEST, Request(ENDLESS, "json").as_json()))
            eventually(lambda: pool.client.status().busy == 1)
        eventually(lambda: deaths(pool) == {"abandoned": 1}, 2.0)


def test_a_worker_that_has_grown_is_retired(tmp_path: Path) -> None:
    (tmp_path / "long.nt").write_text(f'<urn:a> <urn:b> "{"x" * 1000}" .\n')
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(16))
    query = f"SELECT (STRLEN(?x16) AS ?n) {{ ?s ?p ?x0 {doubled} }}"
    with Pool.start([tmp_path / "long.nt"], limits=PoolLimits(timeout_s=30.0, memory_bytes=320 << 20)) as pool:
        assert b'"65536000"' in pool.client.query(Request(query, "json")).read()
        eventually(lambda: deaths(pool) == {"retired": 1})


def test_who_asks_and_leaves_holds_nobody_up(pool: Pool) -> None:
    path = str(status_socket(pool.path))
    for _ in range(50):
        with socket.socket(socket.AF_UNIX) as hasty:
            hasty.connect(path)
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(path)
    assert pool.client.status().idle == 1
    silent.close()


def test_without_a_pool_there_is_no_status(tmp_path: Path) -> None:
    with pytest.raises(ServiceBusyError, match="not running"):
        PoolClient(tmp_path / "nobody").status()
