"""The limits of a pool and of each query in it. Enforcing them is left to `worker` and `dispatcher`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PoolLimits:
    """What a query may use, and how many may wait."""

    timeout_s: float = 10.0
    """Parsing, planning, evaluation and sending together. Wikidata gives 60 s; our graph is small, a worker dear."""

    memory_bytes: int = 1 << 30
    """What a worker's address space may grow by. Sorting a product of nine million rows takes 989 MB."""

    result_bytes: int = 256 << 20
    """How long an answer may be. Every dump is shorter; a longer answer wants a dump."""

    request_bytes: int = 4 << 20
    """How long a request may be: a query at the guard's cap with every character escaped, and many graphs."""

    queue: int = 32
    """How many queries may wait for a worker. At 10 ms each they wait a third of a second."""

    queue_s: float = 10.0
    """How long each may wait."""
