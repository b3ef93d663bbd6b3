"""What a worker died of, as the error that its client gets. Reaping it is left to `dispatcher`."""

from __future__ import annotations

import os
import signal

from kg.errors import QueryCrashError, QueryError, QueryMemoryError, QueryRefusedError, QueryTimeoutError


def fate_of(status: int, elapsed_s: float) -> QueryError:
    """The error for a worker that ended with a wait status, so long after it was handed a query.

    >>> print(fate_of(signal.SIGALRM, 2.04))
    the query did not finish within its 2.0 s: ask for less, or add a LIMIT
    >>> print(fate_of(signal.SIGALRM, 0.052))
    the query did not finish within its 0.05 s: ask for less, or add a LIMIT
    """
    cause = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    if cause == signal.SIGALRM:
        seconds = f"{elapsed_s:.1f}" if elapsed_s >= 0.1 else f"{elapsed_s:.1g}"
        message = f"the query did not finish within its {seconds} s: ask for less, or add a LIMIT"
        return QueryTimeoutError(message, limit="timeout")
    if cause == signal.SIGABRT:
        # The engine aborts when an allocation fails (Rust's handle_alloc_error): our address-space limit.
        message = "the query needed more memory than a query may have: sort or group fewer rows"
        return QueryMemoryError(message, limit="memory")
    if cause in (signal.SIGSEGV, signal.SIGBUS):
        # The engine recurses over brackets and operators; what ends it is its stack.
        return QueryCrashError("the query is nested too deeply or too long for the engine", limit="engine")
    if cause == signal.SIGKILL:
        message = "the query was killed: by an operator, or by the system for want of memory"
        return QueryCrashError(message, limit="killed")
    if cause == signal.SIGSYS:
        return QueryRefusedError("the query made the engine do what no query may do")
    return QueryCrashError("the query ended its worker; this is a fault of ours", limit="engine")
