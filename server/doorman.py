"""Sees to it that no client holds the door shut: closes what it has open beyond its share and asks nothing through.

granian accepts so many connections and lets the next wait. It closes one that sends no request, but only after seconds,
and whoever opens as many as there may be, again and again, would keep everybody else out.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from server.fairness import client_of, counted_as
from server.settings import Settings

DESCRIPTORS = "/proc/self/fd"
LOOK_EVERY_S = 0.25
AGAIN_AFTER_S = 0.02
"""How soon to look again when something had to be closed: whoever opened it is at it this moment."""


class Doorman:
    """Watches the connections of this process to its port. Its methods are called on the event loop only.

    Behind a reverse proxy they are all the proxy's, and to bound them is its business.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking: Counter[str] = Counter()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on."""
        if self._settings.trusted_proxies == 0 and os.path.isdir(DESCRIPTORS):
            loop.call_later(AGAIN_AFTER_S if self.look() else LOOK_EVERY_S, self.watch, loop)

    @contextmanager
    def asked(self, peer: str) -> Iterator[None]:
        """A request has come from a peer (address and port, with a colon between), and is under way."""
        self._asking[peer] += 1
        try:
            yield
        finally:
            self._asking[peer] -= 1
            if not self._asking[peer]:
                del self._asking[peer]

    def look(self) -> int:
        """How many connections had to be closed: of a client with too many, those without a request under way."""
        most = self._settings.client_connections
        names = os.listdir(DESCRIPTORS)
        if len(names) <= most:
            return 0
        excess = Counter(client for _, client in map(self._whose, names) if client)
        excess = Counter({client: count - most for client, count in excess.items() if count > most})
        closed = 0
        for name in names if excess else ():
            peer, client = self._whose(name)
            if excess[client] > 0 and peer not in self._asking:
                excess[client] -= 1
                closed += self._shut(name, peer)
        return closed

    def _whose(self, name: str) -> tuple[str, str]:
        """The peer that a descriptor leads to and the client that it belongs to; empty if it is none of ours."""
        with suppress(OSError), _connection(name) as found:
            return self._peer_of(found)
        return "", ""

    def _shut(self, name: str, peer: str) -> bool:
        """Whether the connection has been shut; its descriptor is granian's, which closes it then."""
        with suppress(OSError), _connection(name) as found:
            if self._peer_of(found)[0] == peer:  # it may have been closed meanwhile, and be another's
                found.shutdown(socket.SHUT_RDWR)
                return True
        return False

    def _peer_of(self, found: socket.socket) -> tuple[str, str]:
        if found.family not in (socket.AF_INET, socket.AF_INET6) or found.getsockname()[1] != self._settings.port:
            return "", ""
        host, port = found.getpeername()[:2]
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return shown, counted_as(client_of(host, None, self._settings))


@contextmanager
def _connection(name: str) -> Iterator[socket.socket]:
    """The socket behind a descriptor, through one of its own: that of granian may be closed at any moment."""
    own = os.dup(int(name))
    try:
        found = socket.socket(fileno=own)
    except OSError:
        os.close(own)
        raise
    with found:
        yield found
