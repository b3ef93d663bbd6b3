"""The parent of the workers: forks them, hands each connection to an idle one, and tells the fate of those that died.

It holds the store and never evaluates a query, so no query can harm it. Starting it is left to `process`.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kg.errors import ServiceBusyError
from kg.federation.services import Services
from kg.pool.birth import fork_worker
from kg.pool.farewells import Farewells
from kg.pool.fates import fate_of
from kg.pool.limits import PoolLimits
from kg.pool.poller import Poller
from kg.pool.status import PoolStatus, cause_of, tell
from kg.pool.stores import OpenStore
from kg.pool.worker import DONE, RETIRED, STARVED

_TICK_S = 1.0
"""How often, at least, to see whether the process that started us is still there."""

_GRACE_S = 0.1
"""How long a worker may take to say that it is done after its client left: clients leave as soon as they have all."""

_OVERDUE_S = 2.0
"""How long after its deadline a worker is killed from here: the timer of one that is stopped does not end it."""

_STILLBORN = 8
"""After how many workers in a row that died without a query we give up: a new one would not live either."""


_WHY = {RETIRED: "retired", STARVED: "memory"}


@dataclass(eq=False)
class _Worker:
    pid: int
    control: socket.socket
    connection: socket.socket | None = None
    since: float = 0.0
    abandoned_at: float | None = None
    leaving: bool = False
    cause: str = ""
    """Why it leaves, if that was its own decision or ours."""


@dataclass(eq=False)
class _Waiting:
    connection: socket.socket
    since: float


class Dispatcher:
    """Accepts queries on one listener and tells its status on the other.

    It does so until the lifeline (a descriptor) reaches its end or the starter is gone.
    """

    def __init__(
        self,
        open_store: OpenStore,
        listeners: tuple[socket.socket, socket.socket],
        lifeline: int,
        workers: int,
        limits: PoolLimits,
        services: Services | None = None,
    ) -> None:
        self._open_store = open_store
        self._listener, self._status_listener = listeners
        self._lifeline = lifeline
        self._workers = workers
        self._limits = limits
        self._services = services
        self._poller = Poller()
        self._farewells = Farewells(self._poller)
        self._team: list[_Worker] = []
        self._queue: deque[_Waiting] = deque()
        self._stillborn = 0
        self._running = True
        self._counts = PoolStatus()

    def run(self, ready: Callable[[], None]) -> None:
        """Fork the workers, call `ready`, then serve."""
        starter = os.getppid()
        self._listener.setblocking(False)
        self._status_listener.setblocking(False)
        gc.collect()
        gc.freeze()  # a collection in a worker would write to, and so copy, every page that it shares with us
        try:
            for _ in range(self._workers):
                self._fork()
            self._poller.watch(self._listener.fileno(), select.POLLIN, self._accept)
            self._poller.watch(self._status_listener.fileno(), select.POLLIN, self._tell_status)
            self._poller.watch(self._lifeline, select.POLLIN, self._lifeline_moved)
            ready()
            while self._running and os.getppid() == starter:
                self._poller.handle(self._wait_ms())
                self._keep_time()
        finally:
            for worker in self._team:
                os.kill(worker.pid, signal.SIGKILL)
            for worker in self._team:
                os.waitpid(worker.pid, 0)

    def stop(self, *_: object) -> None:
        """Stop soon; a signal handler may call this, and breaks off nothing."""
        self._running = False

    def _lifeline_moved(self, _events: int) -> None:
        if not os.read(self._lifeline, 1):
            self._running = False

    def _tell_status(self, _events: int) -> None:
        self._counts.queued = len(self._queue)
        self._counts.idle = len(self._idle())
        self._counts.busy = sum(worker.connection is not None for worker in self._team)
        tell(self._status_listener, self._counts)

    def _wait_ms(self) -> int:
        wait_s = _TICK_S
        if any(worker.abandoned_at for worker in self._team):
            wait_s = _GRACE_S
        if self._queue:
            wait_s = min(wait_s, max(0.0, self._queue[0].since + self._limits.queue_s - time.monotonic()))
        return int(wait_s * 1000) + 1

    def _keep_time(self) -> None:
        now = time.monotonic()
        for worker in self._team:
            if worker.abandoned_at is not None and now - worker.abandoned_at > _GRACE_S and not worker.leaving:
                worker.leaving, worker.cause = True, "abandoned"
                os.kill(worker.pid, signal.SIGKILL)
        for worker in self._team:
            if worker.connection is not None and now - worker.since > self._limits.timeout_s + _OVERDUE_S:
                os.kill(worker.pid, signal.SIGKILL)
        while self._queue and now - self._queue[0].since > self._limits.queue_s:
            self._counts.refused += 1
            self._farewells.say(self._queue.popleft().connection, _busy())
        self._farewells.give_up()

    # Connections

    def _accept(self, _events: int) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            if len(self._queue) >= self._limits.queue and not any(self._idle()):
                self._counts.refused += 1
                self._farewells.say(connection, _busy())
                continue
            self._enqueue(connection)
            self._hand_over()

    def _enqueue(self, connection: socket.socket, *, first: bool = False) -> None:
        waiting = _Waiting(connection, time.monotonic())
        self._queue.insert(0 if first else len(self._queue), waiting)
        self._poller.watch(connection.fileno(), 0, lambda _: self._left_the_queue(waiting))

    def _idle(self) -> list[_Worker]:
        return [worker for worker in self._team if worker.connection is None and not worker.leaving]

    def _hand_over(self) -> None:
        for worker in self._idle():
            if not self._queue:
                return
            connection = self._queue[0].connection
            try:
                socket.send_fds(worker.control, [b"c"], [connection.fileno()])
            except BrokenPipeError:
                worker.leaving = True  # it has died; its end of the control socket will tell
                continue
            self._queue.popleft()
            self._poller.forget(connection)
            worker.connection, worker.since, worker.abandoned_at = connection, time.monotonic(), None
            self._poller.watch(connection.fileno(), 0, partial(self._abandoned, worker))

    def _left_the_queue(self, waiting: _Waiting) -> None:
        self._queue.remove(waiting)
        self._poller.close(waiting.connection)

    def _abandoned(self, worker: _Worker, _events: int) -> None:
        """The client has closed. Either it has its answer and the worker is about to say so, or nobody wants one."""
        assert worker.connection is not None
        self._poller.forget(worker.connection)
        worker.abandoned_at = time.monotonic()

    # Workers

    def _fork(self) -> None:
        connections = [*self._farewells.connections, *(waiting.connection for waiting in self._queue)]
        connections += [worker.connection for worker in self._team if worker.connection]
        controls = [worker.control for worker in self._team]
        of_parent = [self._listener, self._status_listener, *connections, *controls]
        worker = _Worker(*fork_worker(self._open_store, self._limits, of_parent, self._lifeline, self._services))
        self._counts.forks += 1
        self._team.append(worker)
        self._poller.watch(worker.control.fileno(), select.POLLIN, lambda _: self._hear(worker))

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.control.recv(1)
        except ConnectionResetError:
            message = b""
        if not message:
            self._bury(worker)
            return
        self._stillborn = 0
        if worker.connection is not None:
            self._poller.close(worker.connection)
        worker.connection, worker.abandoned_at = None, None
        if message != DONE:
            worker.leaving, worker.cause = True, worker.cause or _WHY[message]
        self._hand_over()

    def _bury(self, worker: _Worker) -> None:
        _, status = os.waitpid(worker.pid, 0)
        self._counts.deaths[worker.cause or cause_of(status)] += 1
        self._team.remove(worker)
        self._poller.close(worker.control)
        if worker.connection is not None and _is_unread(worker.connection):
            self._stillborn += 1
            self._poller.forget(worker.connection)
            self._enqueue(worker.connection, first=True)
        elif worker.connection is not None:
            self._stillborn = 0
            elapsed_s = time.monotonic() - worker.since
            error = fate_of(status, elapsed_s)
            error.worker_s = elapsed_s
            self._farewells.say(worker.connection, error)
        elif not worker.leaving:
            self._stillborn += 1
        if self._stillborn >= _STILLBORN:
            self._running = False
            return
        self._fork()
        self._hand_over()


def _is_unread(connection: socket.socket) -> bool:
    """Whether a worker died before it began to read: a request's first byte is a zero, and JSON has none."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b"\x00"
    except (BlockingIOError, ConnectionResetError):
        return False


def _busy() -> ServiceBusyError:
    return ServiceBusyError("too many queries wait already; try again soon", limit="queue", retry_after_s=2)
