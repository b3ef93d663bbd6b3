"""Clients that are slow, leave, or send what they should not: they hold little, not for long, and nobody else up."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from live_server import LiveServer, front_of, running

LONG = "SELECT ?a ?b ?c ?d { ?a ?x ?c . ?b ?z ?d } LIMIT 45000"
"""Its answer as CSV has 6 to 8 MB: more than the system takes on a reader's behalf."""


@pytest.fixture(scope="module")
def server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Short of patience, and of room."""
    log = tmp_path_factory.mktemp("slow") / "log"
    limits = ("--max-body-s", 1, "--max-stall-s", 2, "--max-spool-mb", 12, "--max-result-mb", 10, "--max-body-kb", 100)
    with running(mini_build.parent, log, *limits) as server:
        yield server


def reader(server: LiveServer, query: str) -> socket.socket:
    """A client that asks, and reads nothing as long as it is not told to."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(f"GET /sparql?format=csv&query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def sender(server: LiveServer, head: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(head.encode())
    return connection


def all_of(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(1 << 20):
            received += data
    except ConnectionResetError:
        pass
    return received


def memory_of(pid: int) -> int:
    found = re.search(r"VmRSS:[^0-9]*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1000


SLOW_BODY = (
    "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK"
)
SLOW_CHUNKS = (
    "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nASK\r\n"
)


@pytest.mark.parametrize("head", [SLOW_BODY, SLOW_CHUNKS])
def test_a_body_that_does_not_come_gets_408(server: LiveServer, head: str):
    with ExitStack() as clients:
        connections = [clients.enter_context(sender(server, head)) for _ in range(20)]
        for received in map(all_of, connections):  # which ends when the server closes
            assert received.startswith(b"HTTP/1.1 408")
            assert b"max_body_s" in received and b"connection: close" in received
            assert b"content-security-policy" in received


def test_a_body_over_the_limit_gets_413_that_names_it(server: LiveServer):
    for head in (SLOW_BODY.replace("Length: 100", "Length: 100001"), SLOW_CHUNKS + "186a1\r\n" + "#" * 100_001):
        with sender(server, head) as connection:
            received = all_of(connection)
        assert received.startswith(b"HTTP/1.1 413")
        assert b"100 kB" in received and b"max_body_kb" in received


def test_who_still_sends_a_large_body_can_read_why_it_is_not_taken(server: LiveServer):
    reply = server.ask("POST", "/sparql", {"Content-Type": "application/sparql-query"}, "#" * 3_000_000)
    assert reply.status == 413


@pytest.mark.parametrize("rest", ["zz\r\n", "5\r\nab"])
def test_a_body_that_breaks_off_is_no_query(server: LiveServer, rest: str):
    with sender(server, SLOW_CHUNKS.replace("3\r\nASK", "6\r\nASK {}") + rest) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert b"200 OK" not in all_of(connection)


def test_a_compressed_body_is_not_taken(server: LiveServer):
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    assert server.ask("POST", "/sparql", headers, b"\x1f\x8b").status == 415


def test_a_client_of_many_slow_bodies_is_refused_until_they_are_gone(mini_build: Path, tmp_path: Path):
    with running(mini_build.parent, tmp_path / "log", "--client-requests", 3, "--max-body-s", 5) as server:
        with ExitStack() as clients:
            for _ in range(3):
                clients.enter_context(sender(server, SLOW_BODY))
            time.sleep(0.3)
            with sender(server, SLOW_BODY) as connection:
                received = all_of(connection)  # which ends long before its body is due
            assert received.startswith(b"HTTP/1.1 429") and b"connection: close" in received
            assert b"client_requests" in received and b"retry-after: 1" in received
        deadline = time.monotonic() + 5
        while server.get("/readyz").status != 200:
            assert time.monotonic() < deadline


def test_fifty_slow_clients_of_every_kind_leave_the_server_answering(server: LiveServer):
    with ExitStack() as clients:
        for _ in range(17):
            clients.enter_context(sender(server, "GET / HTTP/1.1\r\nHost"))
            clients.enter_context(sender(server, SLOW_BODY))
            clients.enter_context(reader(server, LONG))
        for number in range(5):
            assert server.query(f"ASK {{ ?fifty ?slow {number} }}").status == 200
            assert server.get("/readyz").status == 200


def test_readers_of_a_long_answer_hold_no_memory(server: LiveServer):
    front = front_of(server)
    before = memory_of(front)
    with ExitStack() as clients:
        readers = [clients.enter_context(reader(server, LONG)) for _ in range(20)]
        assert all(each.recv(12) == b"HTTP/1.1 200" for each in readers)
        # 20 times 6 MB, were it held.
        assert memory_of(front) - before < 40_000_000
        head, _, body = (b"HTTP/1.1 200" + all_of_one(readers[0])).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert body.count(b"\r\n") == 45001


def all_of_one(connection: socket.socket) -> bytes:
    """One answer of a connection that stays open."""
    received = bytearray()
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, rest = bytes(received).partition(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head)
    assert found
    body = bytearray(rest)
    while len(body) < int(found[1]):
        data = connection.recv(1 << 20)
        assert data, "the answer breaks off"
        body += data
    return head + b"\r\n\r\n" + bytes(body)


def test_a_reader_that_takes_nothing_is_dropped_and_sees_that_bytes_are_missing(server: LiveServer):
    with reader(server, LONG + " # dropped") as connection:
        time.sleep(4)
        head, _, body = all_of(connection).partition(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head)
    assert found and len(body) < int(found[1])


def test_a_client_that_asks_on_and_on_and_reads_nothing_is_dropped(server: LiveServer):
    request = b"GET /queries?format=json HTTP/1.1\r\nHost: x\r\n\r\n"
    with reader(server, "ASK {}") as connection:
        connection.settimeout(1)
        asked = 0
        with suppress(TimeoutError):
            while asked < 20_000:
                connection.sendall(request * 10)
                asked += 10
        time.sleep(4)
        connection.settimeout(10)
        # Were it still served, this would time out or hold every answer.
        assert all_of(connection).count(b"HTTP/1.1 200") < asked


def test_answers_that_wait_on_the_disk_have_a_limit_and_leave_room_when_they_go(server: LiveServer):
    with ExitStack() as clients:
        # One after the other: of two that meet the limit at the same moment both are refused.
        assert clients.enter_context(reader(server, LONG + " # held")).recv(12) == b"HTTP/1.1 200"
        refused = server.query(LONG + " # refused", "text/csv")
        assert (refused.status, refused.json()["limit"]) == (429, "max_spool_mb")
        assert int(refused.headers["retry-after"]) > 0
    deadline = time.monotonic() + 5
    while server.query(LONG + " # room", "text/csv").status != 200:
        assert time.monotonic() < deadline


ODD = [
    "GET /%zz HTTP/1.1",
    "GET /%ff%fe HTTP/1.1",
    "GET /a%00b HTTP/1.1",
    "GET /%0d%0aX-Evil:1 HTTP/1.1",
    "GET //evil.example HTTP/1.1",
    "GET //queries HTTP/1.1",
    "GET /../../etc/passwd HTTP/1.1",
    "GET /dump/latest/../../x HTTP/1.1",
    "GET /dump/latest/%2e%2e%2fx HTTP/1.1",
    "GET /static/../../app.py HTTP/1.1",
    "GET /static/%2e%2e/app.py HTTP/1.1",
    "GET http://evil.example/nothing HTTP/1.1",
    "GET * HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "CONNECT evil.example:80 HTTP/1.1",
    "TRACE / HTTP/1.1",
    "BREW / HTTP/1.1",
    "GET / HTTP/9.9",
    "GET /\x01 HTTP/1.1",
    "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_odd_requests_are_the_clients_fault(server: LiveServer, line: str):
    with sender(server, f"{line}\r\nHost: evil.example\r\nConnection: close\r\n\r\n") as connection:
        received = all_of(connection)
    assert re.match(rb"HTTP/1.[01] 4(00|04|05)", received)
    assert b"\r\nlocation:" not in received.lower() and b"Traceback" not in received
    assert server.get("/healthz").status == 200


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nASK{}",
        "Content-Length: five\r\n\r\nASK{}",
        "Transfer-Encoding: gzip\r\n\r\nASK{}",
        "X: a\x00b\r\n\r\n",
        " folded: a\r\n\r\n",
        "X" * 500_000 + ": a\r\n\r\n",
    ],
)  # fmt: skip
def test_odd_headers_are_the_clients_fault(server: LiveServer, head: str):
    with sender(server, "POST /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head) as connection:
        received = all_of(connection)
    assert received == b"" or re.match(rb"HTTP/1.[01] 4\d\d", received)
    assert server.get("/healthz").status == 200


def test_a_request_keeps_its_id_if_it_is_sane(server: LiveServer):
    assert server.get("/healthz", x_request_id="a-1.b_2").headers["x-request-id"] == "a-1.b_2"
    for odd in ("a" * 65, "a b", "<script>"):
        made = server.get("/healthz", x_request_id=odd).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{16}", made)
    assert server.get("/nothing").headers["x-request-id"] != server.get("/nothing").headers["x-request-id"]


def test_when_it_is_ended_what_is_under_way_is_finished(mini_build: Path, tmp_path: Path):
    rows = "{ SELECT ?a { ?a ?b ?c } LIMIT 900 } { SELECT ?d { ?d ?e ?f } LIMIT 900 }"
    query = f"SELECT (COUNT(*) AS ?n) {{ {rows} FILTER(STRLEN(CONCAT(STR(?a), STR(?d))) > 0) }}"
    with running(mini_build.parent, tmp_path / "log") as server, ThreadPoolExecutor(1) as asking:
        waiting = asking.submit(server.query, query)
        time.sleep(0.4)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), timeout=1)
        assert waiting.result().status == 200
        assert server.process.wait(5) == 0
