"""Forks a worker from its parent, and has it let go of what is the parent's. What it then does is `worker`'s."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

from kg.federation.services import Services
from kg.pool.limits import PoolLimits
from kg.pool.stores import OpenStore
from kg.pool.worker import run_worker


def fork_worker(
    open_store: OpenStore,
    limits: PoolLimits,
    of_parent: Iterable[socket.socket],
    lifeline: int,
    services: Services | None = None,
) -> tuple[int, socket.socket]:
    """A new worker's process, and the socket that it is spoken to through."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _let_go([ours, *of_parent], lifeline)
            run_worker(open_store(), theirs, limits, services)
            status = 0
        finally:  # whatever happens, this copy must not go on as a second dispatcher
            if error := sys.exception():
                traceback.print_exception(error)
            sys.stderr.flush()
            os._exit(status)
    theirs.close()
    return pid, ours


class _WithoutPandas(MetaPathFinder):
    """Arrow imports pandas where it is installed: seconds of a query's time, for objects that no worker has."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("workers do without pandas", name=name)


def _let_go(of_parent: Iterable[socket.socket], lifeline: int) -> None:
    # What the parent closes must be closed then: no copy may stay open here.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for each in of_parent:
        each.close()
    # What the engine prints when a query ends it (a line, or a page of addresses) is told by the worker's fate; only
    # faults of ours still go to where standard error led.
    sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (lifeline, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    sys.meta_path.insert(0, _WithoutPandas())
