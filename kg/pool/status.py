"""How a pool fares: what its dispatcher counts, and how it tells. Asking for it is `client`'s."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

CAUSES = ("timeout", "memory", "crash", "killed", "abandoned", "retired")
"""What workers die of: `abandoned`, their client left; `retired`, they had grown and were replaced; `memory`, a query
needed more than it may have; `killed`, somebody else did it."""

_CAUSE_OF_SIGNAL: Mapping[int, str] = {
    signal.SIGALRM: "timeout",
    signal.SIGABRT: "memory",
    signal.SIGKILL: "killed",
}


@dataclass
class PoolStatus:
    """Numbers of now (`queued`, `idle`, `busy`), and since the pool began (`forks`, `deaths` by cause, `refused`)."""

    queued: int = 0
    idle: int = 0
    busy: int = 0
    forks: int = 0
    refused: int = 0
    """Queries turned away because too many waited, or waited too long."""
    deaths: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0))

    def as_json(self) -> bytes:
        """As the pool tells it."""
        return json.dumps(asdict(self)).encode("ascii")

    @classmethod
    def read(cls, data: bytes) -> PoolStatus:
        """What was told.

        >>> PoolStatus.read(PoolStatus(busy=2, forks=3).as_json()).busy
        2
        """
        return cls(**json.loads(data))


def status_socket(path: Path) -> Path:
    """Where the pool that listens at a path tells its status."""
    return path.with_name(f"{path.name}.status")


def cause_of(status: int) -> str:
    """What a worker died of, from its wait status, if it did not leave of itself.

    >>> cause_of(signal.SIGALRM), cause_of(signal.SIGSEGV)
    ('timeout', 'crash')
    """
    return _CAUSE_OF_SIGNAL.get(os.WTERMSIG(status), "crash") if os.WIFSIGNALED(status) else "crash"


def tell(listener: socket.socket, status: PoolStatus) -> None:
    """Answer everybody who has asked, waiting for nobody: the status fits into any socket's buffer."""
    while True:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return
        with connection:
            try:
                connection.send(status.as_json(), socket.MSG_DONTWAIT)
            except OSError:
                continue  # it did not wait for the answer
