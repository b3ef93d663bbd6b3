"""The fates of broken answers, told without waiting: a client that reads slowly must hold nobody up."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

from kg.errors import QueryError
from kg.pool.frames import fate
from kg.pool.poller import Poller

_PATIENCE_S = 30.0
"""How long a client may take until it has room for the fate of its answer."""


@dataclass(eq=False)
class _Farewell:
    connection: socket.socket
    rest: bytes
    until: float


class Farewells:
    """Connections whose answer broke off, until each has been told why."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._open: list[_Farewell] = []

    @property
    def connections(self) -> list[socket.socket]:
        """Those still open."""
        return [farewell.connection for farewell in self._open]

    def say(self, connection: socket.socket, error: QueryError) -> None:
        """Tell a client its fate, now or when it has room, and close."""
        self._poller.forget(connection)
        farewell = _Farewell(connection, fate(error), time.monotonic() + _PATIENCE_S)
        self._open.append(farewell)
        self._poller.watch(connection.fileno(), select.POLLOUT, lambda _: self._go_on(farewell))
        self._go_on(farewell)

    def give_up(self) -> None:
        """Close those that have had time enough."""
        for farewell in [each for each in self._open if time.monotonic() > each.until]:
            self._end(farewell)

    def _go_on(self, farewell: _Farewell) -> None:
        try:
            # The flag and not setblocking(): a worker's end may be the same open file.
            farewell.rest = farewell.rest[farewell.connection.send(farewell.rest, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            farewell.rest = b""
        if not farewell.rest:
            self._end(farewell)

    def _end(self, farewell: _Farewell) -> None:
        self._open.remove(farewell)
        self._poller.close(farewell.connection)
