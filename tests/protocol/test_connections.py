"""Connections: one client's silent ones keep nobody out, and none is refused while the front is started again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from live_server import LiveServer, front_of, running
from test_serve import wait_for

MOST = 50
ACCEPTED = 1000
"""What the front has open at the same time."""
OTHER = "127.0.0.2"
"""The whole network is this machine's: who connects from here is another client."""
WORKS_A_SECOND = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    log = tmp_path_factory.mktemp("connections") / "log"
    environ = {"KG_CLIENT_CONNECTIONS": str(MOST), "KG_TIMEOUT_S": "1"}
    with running(mini_build.parent, log, environ=environ) as server:
        yield server


def status_for(server: LiveServer, source: str, path: str = "/healthz", patience_s: float = 3) -> int:
    """What a client at an address gets.

    Raises: TimeoutError if that takes longer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience_s, source_address=(source, 0))
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def opened(server: LiveServer, count: int, stack: ExitStack, source: str = "127.0.0.1") -> list[socket.socket]:
    """Connections that say nothing."""
    address = ("127.0.0.1", server.port)
    found = [stack.enter_context(socket.create_connection(address, 5, (source, 0))) for _ in range(count)]
    for connection in found:
        connection.setblocking(False)
    return found


def test_one_client_that_opens_all_there_are_again_and_again_keeps_nobody_out(server: LiveServer):
    with ExitStack() as stack:
        for _ in range(3):
            opened(server, ACCEPTED, stack)
            assert status_for(server, OTHER) == 200


def test_what_is_above_a_clients_share_is_closed_but_for_requests_under_way(server: LiveServer):
    with ExitStack() as stack, ThreadPoolExecutor(1) as asking:
        others = opened(server, 10, stack, OTHER)
        asked = asking.submit(server.query, WORKS_A_SECOND)
        silent = opened(server, 2 * MOST, stack)
        wait_for(lambda: sum(map(is_open, silent)) <= MOST, 3)
        assert all(map(is_open, others))
        assert asked.result().json()["limit"] == "timeout"


def test_behind_a_proxy_connections_are_the_proxys(mini_build: Path, tmp_path: Path):
    environ = {"KG_CLIENT_CONNECTIONS": "5", "KG_TRUSTED_PROXIES": "1"}
    with running(mini_build.parent, tmp_path / "log", environ=environ) as server, ExitStack() as stack:
        silent = opened(server, 20, stack)
        time.sleep(0.6)
        assert all(map(is_open, silent))


def test_while_the_front_is_started_again_connections_wait(server: LiveServer):
    front = front_of(server)
    os.kill(front, signal.SIGKILL)
    wait_for(lambda: "zombie" in status_of(front), 2)
    assert [status_for(server, "127.0.0.1", patience_s=10) for _ in range(3)] == [200] * 3
    assert front_of(server) != front


def status_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "zombie"
