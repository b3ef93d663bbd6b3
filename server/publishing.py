"""Publishes versions: pins a build, loads it into a pool, indexes, checks, swaps it in. A bad build changes nothing.

For the time of a swap two pools run: twice the memory. The old one ends with its last request, or when none of them can
still be waiting for it.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.engine.guard import QueryForm, check_query
from kg.errors import KGError, QueryError, QueryTimeoutError, SourceError
from kg.namespaces import ACCEPTED, SELF_DESCRIPTION
from kg.pool.client import PoolClient, Request
from kg.pool.limits import PoolLimits
from kg.project import Project
from kg.queries.declarations import CannedQuery
from kg.search.process import IndexWriting
from kg.versions.archive import Archive, Edition
from kg.versions.changelog import changelog_of
from server.control import ReloadRefusedError
from server.following import ARCHIVE_SOCKET, FEDERATING_SOCKET, POOL_SOCKET, announce, is_used
from server.keeper import PoolKeeper
from server.pinning import Origin, pin
from server.served import FILES, Served
from server.service import Question, Service
from server.settings import Settings

LOOK_EVERY_S = 0.05
TAKEN_WITHIN_S = 20.0
"""How long a swap waits for the front to take the new version up; one that is just being started again will find it."""

_OWN = "".join(f" FILTER NOT EXISTS {{ GRAPH {graph} {{ ?s ?p ?o }} }}" for graph in SELF_DESCRIPTION)
_NOT_COUNTED = ", ".join(str(graph) for graph in (ACCEPTED, *SELF_DESCRIPTION))
ACCEPTED_COUNT = Question(f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o{_OWN} }}", QueryForm.SELECT)
NAMED_COUNT = Question(
    f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({_NOT_COUNTED})) }}", QueryForm.SELECT
)
"""As the manifest counts: without what the build says of itself."""


@dataclass(frozen=True)
class _Version:
    folder: Path
    served: Served
    keepers: tuple[PoolKeeper, ...]


class Publisher:
    """Holds the pool of the current version, and those of earlier ones as long as they are needed."""

    def __init__(self, settings: Settings, origin: Origin, run: Path) -> None:
        self._settings = settings
        self._origin = origin
        self._run = run
        self._number = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._retiring: list[threading.Thread] = []
        self._current: _Version | None = None
        self._earlier: PoolKeeper | None = None
        """The pool for earlier versions, whichever is served; there is none before there are any."""

    def start(self) -> str:
        """The first version, ready to be asked, and where it is held; in words.

        Raises: KGError if there is none that can be served.
        """
        with self._lock:
            self._current = self._open(self._pinned())
            return f"version {self._current.served.manifest.version} {self._current.keepers[0].store}"

    def reload(self) -> tuple[str, bool]:
        """The version served from now on, and whether it is another than before.

        Raises: ReloadRefusedError with the reason.
        """
        with self._lock:
            former = self._current
            assert former is not None
            try:
                folder, served = self._pinned()
                if served.manifest.version == former.served.manifest.version and not _is_spoilt(former.served):
                    shutil.rmtree(folder)
                    return served.manifest.version, False
                self._current = self._open((folder, served))
            except (KGError, OSError) as error:
                raise ReloadRefusedError(f"{error}; version {former.served.manifest.version} stays") from error
            self._wait_until_taken(self._current)
            retiring = threading.Thread(target=self._retire, args=(former,), name="retiring", daemon=True)
            self._retiring = [each for each in self._retiring if each.is_alive()] + [retiring]
            retiring.start()
            return served.manifest.version, True

    def stop(self) -> None:
        """No pool any more."""
        self._ending.set()
        for thread in self._retiring:
            thread.join()
        if self._current is not None:
            _stop(self._current.keepers)
        if self._earlier is not None:
            self._earlier.stop()

    def _pinned(self) -> tuple[Path, Served]:
        self._number += 1
        folder = self._run / str(self._number)
        try:
            return folder, pin(self._origin, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _open(self, pinned: tuple[Path, Served]) -> _Version:
        """A pinned version with its pool, checked and announced; or nothing of it is left."""
        folder, served = pinned
        keepers = self._keepers(folder, served)
        indexing = IndexWriting.start(served.source, served.index, folder)
        try:
            for keeper in keepers:
                keeper.start()
            indexing.wait()
            check(Service(self._settings, served, PoolClient(folder / POOL_SOCKET)))
            self._archive(folder, served)
            announce(self._run, folder)
        except BaseException as error:
            if isinstance(error, SourceError) and error.path is not None:
                error.path = self._origin.original(Path(error.path), folder)
            indexing.stop()
            _stop(keepers)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _Version(folder, served, keepers)

    def _keepers(self, folder: Path, served: Served) -> tuple[PoolKeeper, ...]:
        """The pool that answers, and the one that may call other services, if any may be called."""
        keepers = [PoolKeeper(self._settings, served, folder / POOL_SOCKET)]
        if services := self._settings.callable_services:
            keepers.append(PoolKeeper(self._settings, served, folder / FEDERATING_SOCKET, services))
        return tuple(keepers)

    def _archive(self, folder: Path, served: Served) -> None:
        """What is about to be served is kept: from now on somebody may cite it. Earlier versions can be asked."""
        if not served.is_build or not self._settings.keep_versions:
            return
        archive = Archive(self._settings.archive)
        changelog = changelog_of(self._origin.build)
        try:
            if self._earlier is None and any(each.version != served.manifest.version for each in archive.editions()):
                earlier = PoolKeeper(self._settings, served, self._run / ARCHIVE_SOCKET, archived=True)
                earlier.start()
                self._earlier = earlier
            archive.keep(folder / FILES, Project(folder), changelog, self._settings.keep_versions, self._compare)
        except (OSError, KGError) as error:
            print(f"note: version {served.manifest.version} is not kept: {error}", file=sys.stderr, flush=True)

    def _compare(self, old: Edition, new: Edition) -> Mapping[str, int]:
        """How much changed between two editions; nothing if the pool for earlier versions cannot say it in time."""
        extra = {"old": str(old.folder), "new": str(new.folder), "summary_only": True}
        request = Request("", "json", "changes", timeout_s=self._settings.timeout_s, extra=extra)
        try:
            with PoolClient(self._run / ARCHIVE_SOCKET).query(request) as answer:
                found: Mapping[str, int] = json.loads(answer.read())["summary"]
                return found
        except QueryError:
            return {}

    def _wait_until_taken(self, version: _Version) -> None:
        until = time.monotonic() + TAKEN_WITHIN_S
        while time.monotonic() < until and not is_used(version.folder):
            self._ending.wait(LOOK_EVERY_S)

    def _retire(self, version: _Version) -> None:
        # A request may wait for its turn before its query runs.
        until = time.monotonic() + PoolLimits.queue_s + self._settings.longest_s + 1.0
        while is_used(version.folder) and time.monotonic() < until:
            if self._ending.wait(LOOK_EVERY_S):
                break
        _stop(version.keepers)
        shutil.rmtree(version.folder, ignore_errors=True)


def _stop(keepers: Sequence[PoolKeeper]) -> None:
    for keeper in keepers:
        keeper.stop()


def check(service: Service) -> None:
    """Nothing, if the pool holds as many statements as the manifest says and answers a canned query.

    Raises: ReloadRefusedError saying what is wrong.
    """
    counts = service.served.manifest.counts
    try:
        if {"accepted", "statements"} <= counts.keys():
            elsewhere = bool(service.settings.backend)
            _compare("accepted statements", _count(service, ACCEPTED_COUNT), counts["accepted"], elsewhere)
            _compare("statements", _count(service, NAMED_COUNT), counts["statements"], elsewhere)
        for query in list(service.served.queries.values())[:1]:
            _try(service, query)
    except QueryTimeoutError:
        # The operator's deadline is shorter than this takes: the hash of the file must do.
        print("note: what is new could not be tried in time", file=sys.stderr, flush=True)


def _try(service: Service, query: CannedQuery) -> None:
    try:
        format_name = "nt" if query.form.name == "CONSTRUCT" else "json"
        b"".join(service.ask(Question(query.text, check_query(query.text)), format_name))
    except QueryTimeoutError:
        raise
    except QueryError as error:
        raise ReloadRefusedError(f"the canned query {query.slug} is not answered: {error}") from error


def _is_spoilt(served: Served) -> bool:
    return any(dump.replaced for dump in served.dumps.values())


def _count(service: Service, question: Question) -> int:
    return int(service.results(question)["results"]["bindings"][0]["n"]["value"])


def _compare(what: str, found: int, expected: int, elsewhere: bool) -> None:
    if found == expected:
        return
    if elsewhere:
        message = f"the store of --backend has {found:,} {what} of this version, and there are {expected:,}"
        raise ReloadRefusedError(f"{message}: run kg publish again")
    raise ReloadRefusedError(f"the build has {found:,} {what}, and its manifest says {expected:,}: run kg build")
