"""The front's side of a swap: gives the application the service of the version that is current.

What is current stands in a file that the publisher replaces in one step (`CURRENT_FILE`), and the front looks at it
twenty times a second. A file outlives either process: a front that is started anew finds the current version there, and
no message can be lost or come twice. While requests use a version, the front holds a lock in its folder; the kernel
lets go of it when the front dies. So the publisher knows when a new version is taken up, and an old one not needed.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from pathlib import Path

from flask import Flask

from kg.pool.client import PoolClient
from server.served import read_pin
from server.service import EXTENSION, Service
from server.settings import Settings
from server.words import tell_missing

CURRENT_FILE = "current.json"
POOL_SOCKET = "pool"
FEDERATING_SOCKET = "federating"
ARCHIVE_SOCKET = "archive"
LOOK_EVERY_S = 0.05
RETRY_AFTER_S = 1.0
PATIENCE_S = 60.0
"""How much longer than the longest query may take we wait for the pool: the queue comes before it."""


def announce(run: Path, folder: Path) -> None:
    """Make a pinned version, whose pool runs, the current one."""
    fresh = run / f"{CURRENT_FILE}.new"
    fresh.write_text(json.dumps({"folder": folder.name}), encoding="utf-8")
    fresh.replace(run / CURRENT_FILE)


def is_used(folder: Path) -> bool:
    """Whether a front uses the version pinned in a folder."""
    lock = _open_lock(folder)
    try:
        # Not `flock`: a process that is forked this moment would inherit the lock.
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(lock)
    return False


class Follower:
    """Follows what is current in a run folder; `service` is the service to begin with."""

    def __init__(self, settings: Settings, run: Path) -> None:
        self._settings = settings
        self._run = run
        self._seen = self._sign()
        self._locks: list[tuple[Service, int]] = []
        self.service = self._load()

    def follow(self, app: Flask) -> None:
        """Keep the application's service current from now on, in a thread of its own."""
        app.extensions[EXTENSION] = self.service
        threading.Thread(target=self._follow, args=(app,), name="follower", daemon=True).start()

    def _follow(self, app: Flask) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            try:
                self._look(app)
            except Exception:  # whatever it is, this thread must go on, and it is logged whole
                app.logger.exception("the new version cannot be served yet; the old one stays")
                time.sleep(RETRY_AFTER_S)
            for held in [each for each in self._locks if each[0].uses.over]:
                self._locks.remove(held)
                os.close(held[1])

    def _look(self, app: Flask) -> None:
        seen = self._sign()
        if seen == self._seen:
            return
        former, self.service = self.service, self._load()
        self._seen = seen
        app.extensions[EXTENSION] = self.service
        former.uses.supersede()

    def _sign(self) -> tuple[int, int]:
        """What differs when another version has become current."""
        found = (self._run / CURRENT_FILE).stat()
        return found.st_ino, found.st_mtime_ns

    def _load(self) -> Service:
        folder = self._run / json.loads((self._run / CURRENT_FILE).read_bytes())["folder"]
        pool, federating, archive = (
            PoolClient(path, patience_s=self._settings.longest_s + PATIENCE_S)
            for path in (folder / POOL_SOCKET, folder / FEDERATING_SOCKET, self._run / ARCHIVE_SOCKET)
        )
        callable_services = self._settings.callable_services
        service = Service(self._settings, read_pin(folder), pool, federating if callable_services else None, archive)
        lock = _open_lock(folder)
        fcntl.lockf(lock, fcntl.LOCK_SH)
        self._locks.append((service, lock))
        tell_missing(service)
        return service


def _open_lock(folder: Path) -> int:
    return os.open(folder / "used", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
