"""One worker of the pool: answers the connections it is handed, one at a time, until it is stopped.

It sets itself a timer that the kernel enforces: nothing in Python could stop a query inside the engine. What became of
a worker that the timer or a limit ended is told by its parent, `dispatcher`.
"""

from __future__ import annotations

import importlib
import io
import json
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO, cast

import pyoxigraph as ox

from kg.backend.connection import unfit
from kg.backend.store import RemoteStore
from kg.engine.evaluation import evaluate, serialise
from kg.engine.formats import format_named
from kg.errors import QueryError, QueryMemoryError, QueryParameterError, ResultTooLargeError
from kg.federation.gate import Gate, GatedStore
from kg.federation.services import Services
from kg.pool import confinement
from kg.pool.frames import CHUNK_BYTES, DATA, END, ERROR, HEAD, HEADER, encode_error, frame
from kg.pool.limits import PoolLimits
from kg.pool.rows import RowCounter
from kg.pool.views import Views

Operation = Callable[[ox.Store, Mapping[str, object], BinaryIO], int | None]
"""Writes an answer; comes back with the number of its rows, if that is known."""

DONE, RETIRED, STARVED = b"d", b"r", b"m"
"""What a worker tells its parent after an answer: ready for the next, leaving because it has grown, or because a query
had it run out of memory."""


def answer_query(store: ox.Store, request: Mapping[str, object], output: BinaryIO) -> int | None:
    """The rows of the answer of `request["query"]`, which is written in `request["format"]`."""
    format = format_named(str(request["format"]))
    if format is None:
        raise QueryParameterError(f"there is no format '{request['format']}'", parameter="format")
    answer = evaluate(
        store,
        str(request["query"]),
        base_iri=cast("str | None", request["base_iri"]),
        default_graphs=cast("list[str] | None", request["default_graphs"]),
        named_graphs=cast("list[str] | None", request["named_graphs"]),
    )
    counter = RowCounter(output, format.name)
    serialise(answer, format, counter)
    return counter.rows


OPERATIONS: Mapping[str, str] = {
    "query": "kg.pool.worker:answer_query",
    "canonical": "kg.versions.canonical:answer_canonically",
    "changes": "kg.versions.changes:answer_with_changes",
    "cite": "kg.tracing.answers:answer_with_citations",
    "describe": "kg.tracing.described:answer_with_description",
    "explain-empty": "kg.empty.explaining:answer_with_explanation",
    "export": "kg.queries.export:answer_with_labels",
    "lint": "kg.linting.lint:answer_with_lint",
}
"""What a pool can be asked to do, by name; each is imported when it is first asked for."""
IMPORTED_LATE = ("kg.queries.parquet",)
"""What operations import only when they need it."""


class ReaderGone(Exception):
    """The client has closed its end: there is nobody to answer."""


class AnswerWriter(io.RawIOBase):
    """Sends an answer in frames, the first when 64 kB or the end are there: what goes wrong before can still be told.

    Raises: ResultTooLargeError beyond `max_bytes`; ReaderGone when the client has left.
    """

    def __init__(self, connection: socket.socket, media_type: str, max_bytes: int) -> None:
        self._connection = connection
        self._media_type = media_type
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._total = 0
        self._begun = False
        self._since = time.monotonic()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Take a piece of the answer."""
        self._total += len(data)
        if self._total > self._max_bytes:
            message = f"the answer has more than {self._max_bytes:,} bytes: add a LIMIT, or ask for fewer columns"
            raise ResultTooLargeError(message, limit="max_bytes")
        self._held += data
        if len(self._held) >= CHUNK_BYTES:
            self._send(self._head(None) + frame(DATA, bytes(self._held)))
            self._held.clear()
        return len(data)

    def finish(self, rows: int | None) -> None:
        """Send what is held, and the end."""
        data = frame(DATA, bytes(self._held)) if self._held else b""
        end = {"worker_s": round(time.monotonic() - self._since, 6), "rows": rows}
        self._send(self._head(self._total) + data + frame(END, json.dumps(end).encode("ascii")))

    def fail(self, error: QueryError) -> None:
        """Send an error in place of what is missing."""
        error.worker_s = time.monotonic() - self._since
        self._send(frame(ERROR, encode_error(error)))

    def _head(self, length: int | None) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return frame(HEAD, json.dumps({"media_type": self._media_type, "length": length}).encode("ascii"))

    def _send(self, data: bytes) -> None:
        try:
            self._connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ReaderGone from error


def run_worker(
    store: ox.Store | RemoteStore, control: socket.socket, limits: PoolLimits, services: Services | None = None
) -> None:
    """Answer every connection that arrives on `control` until it closes or this process has grown too large to keep.

    With `services` the worker is a federating one: its queries may call those, through a gate, and nobody else.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    confinement.die_with_parent()
    confinement.limit_memory(limits.memory_bytes)
    grown_at = _peak_bytes() + limits.memory_bytes // 4  # freed memory stays with the process: leave, to give it back
    gate = Gate(services) if services is not None else None
    door: confinement.Door = "seccomp"
    if gate is not None:
        confinement.leave_gap(gate.port)
    elif isinstance(store, RemoteStore):
        confinement.close_own_door()
    else:
        door = confinement.close_door(_import_operations)
    views = Views(store)
    message = DONE
    while message == DONE:
        confinement.free_one_descriptor(door)
        _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not descriptors:
            return
        with socket.socket(fileno=descriptors[0]) as connection:
            connection.setblocking(True)
            signal.setitimer(signal.ITIMER_REAL, limits.timeout_s)
            try:
                message = _answer(views, connection, limits, gate)
            except ReaderGone:
                pass
            signal.setitimer(signal.ITIMER_REAL, 0)
        confinement.take_descriptors(door)
        if message == DONE and _peak_bytes() > grown_at:
            message = RETIRED
        control.sendall(message)


def _answer(views: Views, connection: socket.socket, limits: PoolLimits, gate: Gate | None) -> bytes:
    """Answer one connection; what to tell the parent: if memory ran out, this process is better replaced."""
    request = _read_request(connection, limits.request_bytes)
    signal.setitimer(signal.ITIMER_REAL, _lower(request["timeout_s"], limits.timeout_s))
    format = format_named(str(request["format"]))
    max_bytes = int(_lower(request["max_bytes"], limits.result_bytes))
    output = AnswerWriter(connection, format.content_type if format else "", max_bytes)
    try:
        operation = _operation(str(request["operation"]))
        store = views.store_for(request)
        if request.get("view"):
            request = {**request, "unviewed": views.whole}
        if gate is not None:
            gate.begin()
            store = cast(ox.Store, GatedStore(store, gate))
        output.finish(operation(store, request, cast(BinaryIO, output)))
    except QueryError as error:
        output.fail(error if gate is None else gate.told(error))
    except SyntaxError as error:  # what another store says; of a query the engine's own is a QuerySyntaxError by now
        output.fail(unfit("broke its answer off, or wrote it wrongly: ask for less, or add a LIMIT", error))
    except MemoryError:
        output.fail(QueryMemoryError("the query needed more memory than a query may have", limit="memory"))
        return STARVED
    return DONE


def _import_operations() -> None:
    for name in OPERATIONS:
        _operation(name)
    for module in IMPORTED_LATE:
        importlib.import_module(module)


def _operation(name: str) -> Operation:
    if name not in OPERATIONS:
        raise QueryParameterError(
            f"there is no operation '{name}'", parameter="operation", suggestions=sorted(OPERATIONS)
        )
    module, _, function = OPERATIONS[name].partition(":")
    return cast(Operation, getattr(importlib.import_module(module), function))


def _read_request(connection: socket.socket, limit: int) -> Mapping[str, object]:
    _, length = HEADER.unpack(_receive(connection, HEADER.size))
    if length > limit:
        raise ReaderGone
    return cast("Mapping[str, object]", json.loads(_receive(connection, length)))


def _receive(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ReaderGone
        data += piece
    return bytes(data)


def _lower(asked: object, allowed: float) -> float:
    return min(float(cast(float, asked)), allowed) if asked is not None else allowed


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
