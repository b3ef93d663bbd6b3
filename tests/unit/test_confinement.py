"""A confined process reaches nobody, whichever of the two locks holds the door."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from canary import DISGUISES, Canary
from leaving_out import leave_out

ROOT = Path(__file__).parents[2]

# What the confined process does: argument 1 chooses the lock, 2 is the canary's IRI, the rest are queries.
CONFINED = """
import socket, subprocess, sys
import pyoxigraph as ox
from kg.pool import confinement

if sys.argv[1] == "descriptors":
    confinement._filter_calls = lambda: False
store = ox.Store()
subject, predicate = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")
for each in (ox.Literal(True), ox.Literal(1), ox.NamedNode("urn:a.b"), ox.NamedNode("http://a:")):
    store.add(ox.Quad(subject, predicate, each))
print(confinement.close_door(lambda: None))
for attempt in (socket.socket, socket.socketpair, lambda: socket.create_connection(("localhost", 80))):
    try:
        attempt()
        print("got a socket")
    except OSError:
        pass
for query in sys.argv[3:]:
    try:
        answer = store.query(query)
        list(answer) if not isinstance(answer, ox.QueryBoolean) else None
    except OSError:
        pass
try:
    store.update(f"LOAD <{sys.argv[2]}>")
    print("loaded")
except OSError:
    pass
"""


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as canary:
        yield canary


@pytest.mark.parametrize("door", ["seccomp", "descriptors"])
def test_a_confined_process_opens_no_socket(door: str, canary: Canary) -> None:
    if door == "seccomp" and sys.platform != "linux":
        leave_out("seccomp is Linux's; here descriptors are the lock")
    queries = [query.replace("CALL", f"<{canary.iri}>") for query in DISGUISES.values()]
    command = [sys.executable, "-c", CONFINED, door, canary.iri, *queries]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout.split(), done.returncode) == ([door], 0), done.stderr
    assert canary.heard == 0


def test_the_thread_that_asks_another_store_keeps_the_network_and_the_engine_has_none(canary: Canary) -> None:
    if sys.platform != "linux":
        leave_out("a thread's own door is seccomp's, which is Linux's")
    start = "executor = ThreadPoolExecutor(1); executor.submit(bool).result(); print(confinement.close_own_door())"
    code = CONFINED.replace("print(confinement.close_door(lambda: None))", start)
    code = "from concurrent.futures import ThreadPoolExecutor\n" + code
    code += "executor.submit(lambda: socket.socket().close()).result()\nprint('kept')"
    queries = [query.replace("CALL", f"<{canary.iri}>") for query in DISGUISES.values()]
    command = [sys.executable, "-c", code, "own", canary.iri, *queries]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout.split(), done.returncode) == (["True", "kept"], 0), done.stderr
    assert canary.heard == 0


def test_the_other_lock_answers_queries_too() -> None:
    """Descriptors are freed for the connection that comes, and for it alone."""
    code = """
import socket, sys, threading
import pyoxigraph as ox
from kg.pool import confinement
from kg.pool import worker
from kg.pool.frames import REQUEST, frame
from kg.pool.limits import PoolLimits
from kg.pool.client import Answer, Request, Withdrawal
import os

confinement._filter_calls = lambda: False
worker.OPERATIONS = {"query": "kg.pool.worker:answer_query"}
ours, theirs = socket.socketpair()
pairs = [socket.socketpair() for _ in range(3)]
if os.fork() == 0:
    ours.close()
    for client, server in pairs:
        client.close()
        server.close()
    worker.run_worker(ox.Store(), theirs, PoolLimits())
    os._exit(0)
theirs.close()
for client, server in pairs:
    client.sendall(frame(REQUEST, Request(sys.argv[1], "csv").as_json()))
    socket.send_fds(ours, [b"c"], [server.fileno()])
    server.close()
    try:
        print(Answer(client, Withdrawal()).read())
    except Exception as error:
        print(type(error).__name__)
    assert ours.recv(1) == b"d"
"""
    with Canary() as canary:
        for query, expected in (
            ("SELECT (1 AS ?x) { }", "b'x\\r\\n1\\r\\n'"),
            (f"SELECT * {{ SERVICE <{canary.iri}> {{ }} }}", "QueryRefusedError"),
        ):
            done = subprocess.run([sys.executable, "-c", code, query], capture_output=True, text=True, cwd=ROOT)
            assert done.stdout.splitlines() == [expected] * 3, done.stderr
        assert canary.heard == 0


def test_memory_has_a_limit_and_no_core_is_left() -> None:
    code = (
        "import resource; from kg.pool.confinement import limit_memory; limit_memory(50 << 20); "
        "print(resource.getrlimit(resource.RLIMIT_CORE)); bytearray(10 << 20); bytearray(60 << 20)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "(0, 0)"
    if sys.platform == "linux":
        assert "MemoryError" in done.stderr
