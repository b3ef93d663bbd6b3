"""Many clients at once: slow ones, deaf ones, ones that leave. While they are there, others get their answers."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

from attack import CLOSED, Send, Target, head, parsed
from live_server import Reply

PATIENCE_S = 25.0
LONG_ANSWER = "/sparql?format=csv&query=" + quote("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } LIMIT 15000")
HEAVY = "/sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")


def together(clients: int, times: int, *sends: Send) -> Send:
    """Each of some clients sends so often, going round what there is to send; the worst answer."""

    def send(target: Target) -> Reply:
        work = list(itertools.islice(itertools.cycle(sends), clients * times))
        with ThreadPoolExecutor(clients) as pool:
            return max(pool.map(lambda each: each(target), work), key=lambda reply: reply.status)

    return send


def slow_heads(count: int) -> Send:
    """Clients that never finish their headers."""
    return lambda target: _until_dropped(target, count, b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: x\r\nX-Slow: ")


def slow_bodies(count: int) -> Send:
    """Clients that send a byte of their body now and then."""
    start = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 5000\r\n\r\n"
    )
    return lambda target: _until_dropped(target, count, start)


def never_reading(count: int) -> Send:
    """Clients that ask for a long answer and do not read it."""

    def send(target: Target) -> Reply:
        with _connected(target, count) as connections:
            for connection in connections:
                connection.sendall(head(LONG_ANSWER))
                connection.settimeout(PATIENCE_S)
                connection.recv(1)  # its answer has begun
            return _asked_meanwhile(target)

    return send


def leaving(count: int) -> Send:
    """Clients that ask for much and leave at once; a simple query after them."""

    def send(target: Target) -> Reply:
        with _connected(target, count) as connections:
            for connection in connections:
                connection.sendall(head(HEAVY))
        return _asked_meanwhile(target)

    return send


def _until_dropped(target: Target, count: int, start: bytes) -> Reply:
    """The worst that any of the slow got, and it is an error of ours if others had to wait for them."""
    with _connected(target, count) as connections:
        for connection in connections:
            connection.sendall(start)
        time.sleep(0.5)
        others = _asked_meanwhile(target)
        if others.status != 200:
            return others
        return max((_dropped(connection) for connection in connections), key=lambda reply: reply.status)


def _dropped(connection: socket.socket) -> Reply:
    """What a slow client got in the end, sending on a little while it waits.

    Raises: TimeoutError if nobody drops it.
    """
    connection.settimeout(0.5)
    received, until = b"", time.monotonic() + PATIENCE_S
    while True:
        try:
            if not (data := connection.recv(65536)):
                return parsed(received)
            received += data
        except ConnectionResetError:
            return parsed(received)
        except TimeoutError:
            if time.monotonic() > until:
                raise
            _send_a_little(connection)


def _send_a_little(connection: socket.socket) -> None:
    try:
        connection.send(b"#")
    except (BrokenPipeError, ConnectionResetError):
        pass  # dropped; the next look says so


def _asked_meanwhile(target: Target) -> Reply:
    """A simple query's answer; a status of our own invention if it took more than a second."""
    for _ in range(3):
        began = time.monotonic()
        reply = target.server.query("ASK {}")
        if reply.status != 200 or time.monotonic() - began < 1:
            return reply
    return Reply(CLOSED, {}, b"others had to wait")


@contextmanager
def _connected(target: Target, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as opened:
        address = ("127.0.0.1", target.server.port)
        yield [opened.enter_context(socket.create_connection(address, timeout=5)) for _ in range(count)]
