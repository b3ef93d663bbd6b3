"""One request and what became of it, as the cache, the log, the metrics and the fair shares see it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from flask import has_request_context, request

from kg.pool.client import Withdrawal

KEY = "oxus.exchange"
"""Under which name a request's environ holds it."""


@dataclass(eq=False)
class Exchange:
    """Filled as the request goes along: by the gateway, by the views, and when the answer has gone out."""

    id: str = field(default_factory=lambda: f"{random.getrandbits(64):016x}")
    client: str = ""
    """Who asks: an address, or the name of a token."""
    kind: str = ""
    """Whether it was admitted for a query of the client's own, or for ours; empty if it was for none."""
    has_turn: bool = False
    """Whether a query of it is running (`server.turns`)."""
    method: str = "GET"
    path: str = ""
    query: str = ""
    """The text of a client's own query."""
    route: str = ""
    """The address's pattern (`/queries/<slug>`), of which there are few."""
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    bytes: int = 0
    rows: int | None = None
    worker_s: float = 0.0
    """Seconds that workers spent on it."""
    cpu_began: float | None = None
    """The clock of the thread that works on it, when that began."""
    verdict: str = "ok"
    """`ok`, or the name of the problem that it met."""
    cache: str = "none"
    """`hit`, `joined` (another request for the same was under way), `miss`, or `none` if it may not be kept."""
    version: str = ""
    """Which version of the dataset answered."""
    lasting: bool = False
    """Whether the answer is the same for as long as the dataset is: only then may it be kept."""
    momentary: bool = False
    """Whether something in it holds for this moment only, whatever else is said of it: the time, a random number."""
    gone: bool = False
    """Whether the client has left: nobody wants an answer any more."""
    withdrawal: Withdrawal = field(default_factory=Withdrawal, repr=False)
    """Through which the pool is told so."""

    @property
    def may_be_kept(self) -> bool:
        """Whether the answer serves the next one who asks the same."""
        return self.lasting and not self.momentary

    def leave(self) -> None:
        """The client has left: what is being worked out for it stops."""
        self.gone = True
        self.withdrawal.make()

    @property
    def cost_s(self) -> float:
        """What it has cost: workers' time, and this process's own; to be asked by the thread that works on it."""
        own = 0.0 if self.cpu_began is None else time.thread_time() - self.cpu_began
        return self.worker_s + own

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self.began


def current_exchange() -> Exchange:
    """That of the request being answered; one of its own if no gateway stands before it, or there is no request."""
    if not has_request_context():
        return Exchange()
    exchange: Exchange = request.environ.setdefault(KEY, Exchange(method=request.method, path=request.path))
    return exchange
