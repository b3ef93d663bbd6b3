"""Descriptors watched with `poll`, each with what to do when it moves. What to do is left to those who watch."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

Handler = Callable[[int], None]


class Poller:
    """A `select.poll` with a handler for each descriptor; a handler gets the events."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._handlers: dict[int, Handler] = {}

    def watch(self, descriptor: int, events: int, handler: Handler) -> None:
        """Call `handler` when one of the events happens; with none, when the other end has closed."""
        self._poll.register(descriptor, events)
        self._handlers[descriptor] = handler

    def forget(self, connection: socket.socket) -> None:
        """Watch it no longer, if it was watched."""
        if self._handlers.pop(connection.fileno(), None):
            self._poll.unregister(connection.fileno())

    def close(self, connection: socket.socket) -> None:
        """Forget it and close it."""
        self.forget(connection)
        connection.close()

    def handle(self, wait_ms: int) -> None:
        """Wait for events, not for longer than this, and have them handled."""
        moved = [(descriptor, events, self._handlers[descriptor]) for descriptor, events in self._poll.poll(wait_ms)]
        for descriptor, events, handler in moved:
            # An event before this one may have closed the descriptor, and opened another under its number.
            if self._handlers.get(descriptor) is handler:
                handler(events)
