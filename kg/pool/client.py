"""The front's end of the pool: one question, one streamed answer. Running the pool is left to `process`."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from kg.errors import QueryError, QueryTimeoutError, ServiceBusyError
from kg.pool.frames import CHUNK_BYTES, DATA, END, ERROR, HEAD, HEADER, REQUEST, decode_error, frame, read_fate
from kg.pool.status import PoolStatus, status_socket

_STATUS_WITHIN_S = 2.0


@dataclass(frozen=True)
class Request:
    """A query, and how it is to be answered; `extra` are further members for the operation.

    `timeout_s` and `max_bytes` may ask for less than the pool allows, never for more; None asks for what it allows.
    """

    query: str
    format: str
    operation: str = "query"
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    base_iri: str | None = None
    timeout_s: float | None = None
    max_bytes: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """The request as the pool reads it."""
        members = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "extra"}
        return json.dumps({**self.extra, **members}).encode("ascii")


class Withdrawal:
    """Breaks off questions from another thread: those that are being answered at once, later ones before they go out.

    A worker that runs one is stopped, and one that waits for a worker leaves the queue.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._made = False

    def make(self) -> None:
        """From now on no question of this request is answered."""
        with self._lock:
            self._made = True
            for connection in self._connections:
                # Closing it would not wake the thread that reads it.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def watch(self, connection: socket.socket) -> None:
        """Nothing; the connection is shut when the withdrawal is made.

        Raises: ServiceBusyError if it has been.
        """
        with self._lock:
            if self._made:
                raise ServiceBusyError("nobody waits for the answer any more", limit="client")
            self._connections.add(connection)

    def forget(self, connection: socket.socket) -> None:
        """Nothing; the connection is to be closed."""
        with self._lock:
            self._connections.discard(connection)


class Answer(Iterator[bytes]):
    """The bytes of an answer as they come. Iterating raises the error that broke it off, if one did.

    `media_type` is its Content-Type; `length` is the number of bytes if all were there before the first was sent.
    Close it (or leave its `with` block) to stop the query. `worker_s` is what it took and `rows` how many rows it had,
    once that is known.
    """

    def __init__(self, connection: socket.socket, withdrawal: Withdrawal) -> None:
        self._connection = connection
        self._withdrawal = withdrawal
        self._buffer = bytearray()
        self._ended = False
        self.worker_s: float | None = None
        self.rows: int | None = None
        with ExitStack() as failing:
            failing.callback(self.close)
            head = json.loads(self._read_frame()[1])
            self.media_type: str = head["media_type"]
            self.length: int | None = head["length"]
            failing.pop_all()

    def __next__(self) -> bytes:
        if not self._ended:
            with ExitStack() as ending:
                ending.callback(self.close)
                kind, payload = self._read_frame()
                if kind == DATA:
                    ending.pop_all()
                    return payload
                end = json.loads(payload)
                self.worker_s, self.rows = end["worker_s"], end["rows"]
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop: no more bytes come, and the worker stops too."""
        self._ended = True
        self._withdrawal.forget(self._connection)
        self._connection.close()

    def read(self) -> bytes:
        """All the bytes that are left."""
        return b"".join(self)

    def _read_frame(self) -> tuple[int, bytes]:
        self._fill(HEADER.size)
        if self._buffer[0] not in (HEAD, DATA, END, ERROR):
            raise self._fate()
        kind, length = HEADER.unpack_from(self._buffer)
        self._fill(HEADER.size + length)
        payload = bytes(self._buffer[HEADER.size : HEADER.size + length])
        del self._buffer[: HEADER.size + length]
        if kind == ERROR:
            raise decode_error(payload)
        return kind, payload

    def _fill(self, count: int) -> None:
        while len(self._buffer) < count:
            data = self._receive()
            if not data:
                raise self._fate()
            self._buffer += data

    def _receive(self) -> bytes:
        try:
            return self._connection.recv(4 * CHUNK_BYTES)
        except ConnectionResetError:
            return b""
        except TimeoutError as error:
            raise QueryTimeoutError("the query workers do not answer", limit="timeout") from error

    def _fate(self) -> QueryError:
        """Why the answer broke off: what the pool's parent wrote last, or else that the pool is gone."""
        tail = bytes(self._buffer)
        while data := self._receive():
            tail = (tail + data)[-CHUNK_BYTES:]
        return read_fate(tail) or ServiceBusyError("the query workers are gone; try again soon", limit="pool")


class PoolClient:
    """Asks the pool behind a Unix socket. Threads may share one: each question has a connection of its own.

    `patience_s` is how long it waits for the next bytes: longer than a query may wait in the queue and run.
    """

    def __init__(self, path: Path, *, patience_s: float = 120.0) -> None:
        self._path = str(path)
        self._patience_s = patience_s

    def query(self, request: Request, withdrawal: Withdrawal | None = None) -> Answer:
        """The answer, once its first 64 kB or its end is there; what goes wrong before that is raised here.

        Raises: every QueryError; ServiceBusyError if the queue is full, the pool is not running, or on a withdrawal.
        """
        withdrawal = withdrawal or Withdrawal()
        with ExitStack() as failing:
            connection = failing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            connection.settimeout(self._patience_s)
            withdrawal.watch(connection)
            failing.callback(withdrawal.forget, connection)
            try:
                connection.connect(self._path)
                connection.sendall(frame(REQUEST, request.as_json()))
            except BlockingIOError as error:
                raise ServiceBusyError("too many queries at once; try again soon", limit="queue") from error
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused at once: the reason is there to be read
            except (FileNotFoundError, ConnectionRefusedError) as error:
                raise ServiceBusyError("the query workers are not running", limit="pool") from error
            answer = Answer(connection, withdrawal)
            failing.pop_all()
        return answer

    def status(self) -> PoolStatus:
        """How the pool fares.

        Raises: ServiceBusyError if it is not running.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_STATUS_WITHIN_S)
            try:
                connection.connect(str(status_socket(Path(self._path))))
                return PoolStatus.read(b"".join(iter(partial(connection.recv, CHUNK_BYTES), b"")))
            except (OSError, ValueError) as error:
                raise ServiceBusyError("the query workers are not running", limit="pool") from error
