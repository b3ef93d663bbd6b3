"""Keeps the query pool running beside the front. What a pool is, is `kg.pool`'s business."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from kg.errors import KGError, SourceError
from kg.federation.services import Services
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from server.served import Served
from server.settings import Settings
from server.stores import choose_store

LOOK_EVERY_S = 0.2
RESTART_AFTER_S = (0.1, 1.0, 5.0, 15.0)
"""Pauses before the pool is started again; it may be the machine that has no memory left."""


class PoolKeeper:
    """Keeps a pool running: starts it, and starts it again when it ends by itself. Meanwhile the front answers 503.

    With `services` it is the pool of the federating workers, which has a copy of the graph of its own. `archived` is
    the pool that answers from earlier versions: one worker, which holds one of them at a time.
    """

    def __init__(
        self,
        settings: Settings,
        served: Served,
        path: Path,
        services: Services | None = None,
        *,
        archived: bool = False,
    ) -> None:
        self.path = path
        self.store = choose_store(settings, served)
        self._archived = archived
        self._backend = settings.backend_of(served.manifest.version)
        self._folder = path.with_name("store") if self.store.on_disk and not archived else None
        self._settings = settings
        self._served = served
        self._services = services
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pool-keeper", daemon=True)
        self._pool: Pool | None = None

    def start(self) -> None:
        """The pool, ready to answer.

        Raises: KGError if it cannot be started.
        """
        self._pool = self._start()
        self._thread.start()

    def stop(self) -> None:
        """No pool any more."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._pool is not None:
            self._pool.stop()

    def _start(self) -> Pool:
        settings = self._settings
        limits = PoolLimits(
            timeout_s=settings.longest_s,
            # An earlier version is loaded by the query that asks for it; it is about as large as this one.
            memory_bytes=(settings.max_memory_mb << 20) + (self.store.copy_bytes if self._archived else 0),
            result_bytes=settings.max_result_mb << 20,
            queue=settings.queue,
        )
        if self._archived:
            return Pool.start([], path=self.path, limits=limits, preload=["canonical"])
        backend = None
        if self._backend is not None:
            backend = self.path.with_name("backend.json")
            self._backend.write(backend)
        made = backend is not None or (self._folder is not None and self._folder.is_dir())
        if not made and (spoilt := self._served.spoilt()):
            message = f"has been changed on the disk since version {self._served.manifest.version} was loaded"
            raise SourceError(f"{message}: run kg build, then reload (SIGHUP)", spoilt[0])
        return Pool.start(
            self._served.source,
            workers=settings.service_workers if self._services else settings.workers,
            path=self.path,
            limits=limits,
            preload=["cite", "explain-empty", "lint"],
            services=self._services,
            store=self._folder,
            backend=backend,
        )

    def _watch(self) -> None:
        failures = 0
        while not self._ending.wait(LOOK_EVERY_S):
            assert self._pool is not None
            if self._pool.is_running():
                continue
            print("the query pool has ended; starting it again", file=sys.stderr, flush=True)
            self._pool.stop()
            if self._ending.wait(RESTART_AFTER_S[min(failures, len(RESTART_AFTER_S) - 1)]):
                return
            try:
                self._pool = self._start()
                failures = 0
            except KGError as error:
                failures += 1
                print(f"the query pool does not start: {error}", file=sys.stderr, flush=True)
