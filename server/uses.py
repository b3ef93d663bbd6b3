"""Which requests use a service, so that the one before it can end when its last request has."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Uses:
    """A count of requests.

    >>> uses = Uses()
    >>> uses.begin(), uses.supersede(), uses.begin(), uses.over
    (True, None, False, False)
    >>> uses.end(); uses.over
    True
    """

    _count: int = 0
    _superseded: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self) -> bool:
        """Count one more; False, and not counted, if there is a newer service by now."""
        with self._lock:
            self._count += not self._superseded
            return not self._superseded

    def end(self) -> None:
        """Count one less."""
        with self._lock:
            self._count -= 1

    def supersede(self) -> None:
        """Let no new request begin."""
        with self._lock:
            self._superseded = True

    @property
    def over(self) -> bool:
        """Whether it is superseded and its last request has ended."""
        with self._lock:
            return self._superseded and self._count == 0
