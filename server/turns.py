"""Whose queries the workers run: one client's, however many they are, leave a worker to everybody else.

What a client may use in a minute is `server.fairness`'s; this is about the seconds that a query takes which never ends.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.exchange import Exchange
from server.fairness import BEARER, ClientLimitError, counted_as

WITHIN_S = 5.0
"""How long a query may wait for its turn; the queue and its deadline come after that."""
MOST_WAITING = 32
"""How many may wait, of all clients together: each holds a thread that others need."""
LOOK_EVERY_S = 0.25
"""How often who waits sees whether its client has left."""


class Turns:
    """Lets so many queries of a client and of a kind through at the same time; the others wait. Threads may share it.

    The kinds are a client's own queries and ours: while the one works, the other is answered.
    """

    def __init__(self, most: int, within_s: float = WITHIN_S, most_waiting: int = MOST_WAITING) -> None:
        self._most = most
        self._most_waiting = most_waiting
        self._waiting = 0
        self._within_s = within_s
        self._running: Counter[tuple[str, str]] = Counter()
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._waiting

    @contextmanager
    def turn(self, exchange: Exchange) -> Iterator[None]:
        """An exchange's query may run inside. What nobody was admitted for (a probe) need not wait, nor the operator.

        Raises: ClientLimitError if its turn does not come in time, its client has left, or too many wait already.
        """
        if not exchange.kind or exchange.client == BEARER or exchange.has_turn:
            yield
            return
        whose = counted_as(exchange.client), exchange.kind
        self._wait(whose, exchange)
        exchange.has_turn = True
        try:
            yield
        finally:
            exchange.has_turn = False
            with self._changed:
                self._running[whose] -= 1
                if not self._running[whose]:
                    del self._running[whose]
                self._changed.notify_all()

    def _wait(self, whose: tuple[str, str], exchange: Exchange) -> None:
        until = time.monotonic() + self._within_s
        with self._changed:
            full = self._waiting >= self._most_waiting
            self._waiting += 1
            try:
                while self._running[whose] >= self._most:
                    if full or exchange.gone or time.monotonic() > until:
                        message = f"{self._most} of your queries are running, the most: try again when one has ended"
                        raise ClientLimitError(message, limit="client_workers", retry_after_s=2)
                    self._changed.wait(LOOK_EVERY_S)
            finally:
                self._waiting -= 1
            self._running[whose] += 1
