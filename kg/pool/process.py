"""The pool of query workers as its user sees it: start it, ask it, stop it. What happens inside is `dispatcher`'s.

`python -m kg.pool.process` is the pool itself: a process of its own, so that a query's end is never the server's.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import kg.errors
from kg.errors import BuildMissingError, SourceError
from kg.federation.services import Services
from kg.pool.client import PoolClient
from kg.pool.limits import PoolLimits
from kg.pool.run_folders import RunFolder
from kg.pool.status import status_socket

_STOP_S = 5.0


class Pool:
    """A running pool: `client` asks it. Stop it, or leave its `with` block; it also stops when this process ends."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path, folder: RunFolder | None) -> None:
        self._process = process
        self._folder = folder
        self.path = path
        self.client = PoolClient(path)

    @classmethod
    def start(
        cls,
        source: Path | Sequence[Path],
        *,
        workers: int = 1,
        path: Path | None = None,
        limits: PoolLimits = PoolLimits(),  # noqa: B008 (frozen)
        preload: Sequence[str] = (),
        services: Services | None = None,
        store: Path | None = None,
        backend: Path | None = None,
    ) -> Self:
        """A pool over a build folder, or over RDF files; back when it answers.

        Over nothing (no files) it answers only requests that name a build folder, as `dataset`.

        It listens at `path`, by default in a new folder that only this user may enter. `preload` names operations whose
        code every worker shall have from its birth. With `services` the workers are federating ones: they may call
        those. `store` is a folder for the dataset, made if it is not there: else it is in memory.
        `backend` is a file that tells of another store (`Backend.write`), which is asked instead: nothing is loaded.

        Raises: BuildMissingError, TurtleError or another SourceError if the source cannot be loaded.
        """
        folder = None
        if path is None:
            folder = RunFolder()
            path = folder.path / "pool.sock"
        sources = [source] if isinstance(source, Path) else list(source)
        command = [sys.executable, "-m", "kg.pool.process", "--socket", str(path.resolve()), "--workers", str(workers)]
        command += ["--limits", json.dumps(dataclasses.asdict(limits)), "--preload", ",".join(preload)]
        if services is not None:
            command += ["--services", json.dumps(dataclasses.asdict(services))]
        command += ["--store", str(store.resolve())] if store is not None else []
        command += ["--backend", str(backend.resolve())] if backend is not None else []
        process = subprocess.Popen(
            [*command, "--", *(str(each.resolve()) for each in sources)],
            stdin=subprocess.PIPE,  # the lifeline: its end tells the pool that we are gone
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],  # where `-m kg.pool.process` is found, installed or not
            start_new_session=True,  # Ctrl-C is for us; we stop the pool
        )
        pool = cls(process, path, folder)
        try:
            _check_ready(process)
        except SourceError:
            pool.stop()
            raise
        return pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process of the workers' parent."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the workers' parent is there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop the workers and their parent; queries under way end with an error."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.terminate()  # a process forked since may hold the lifeline open
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:
            self._folder.close()


def _check_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise BuildMissingError(f"the query workers did not start: {_end_of(process)}")
    if failure := json.loads(line):
        raise getattr(kg.errors, failure["error"])(failure["message"], path=failure["path"], line=failure["line"])


def _end_of(process: subprocess.Popen[bytes]) -> str:
    """How a process ended that told us nothing; it may have printed why."""
    code = process.wait()
    if code == -signal.SIGKILL:
        return "the system killed them, as it does when memory is short"
    if code < 0:
        return f"they were ended by {signal.Signals(-code).name}"
    return f"they ended with exit code {code}; standard error (the server's log) has the reason"


def main(arguments: Sequence[str]) -> None:
    """The pool's process: load, listen, say so on standard output (a line of JSON: null or an error), dispatch."""
    parser = argparse.ArgumentParser(prog="python -m kg.pool.process", description=main.__doc__)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--limits", type=json.loads, default={}, help="JSON of kg.pool.limits.PoolLimits")
    parser.add_argument("--preload", default="", help="names of operations, with commas")
    parser.add_argument("--services", type=json.loads, help="JSON of kg.federation.services.Services")
    parser.add_argument("--store", type=Path, help="a folder for the dataset [default: in memory]")
    parser.add_argument("--backend", type=Path, help="a file with JSON of kg.backend.connection.Backend")
    parser.add_argument("sources", type=Path, nargs="*", help="one build folder, or RDF files")
    options = parser.parse_args(arguments)
    # Imported here, so that whoever only starts a pool needs neither the store nor the operations.
    from kg.pool.dispatcher import Dispatcher
    from kg.pool.stores import open_sources
    from kg.pool.worker import OPERATIONS

    try:
        open_store = open_sources(options.sources, options.store, options.backend)
        listeners = _listen(options.socket), _listen(status_socket(options.socket))
    except SourceError as error:
        failure = {"error": type(error).__name__, "message": error.message, "path": error.path, "line": error.line}
        print(json.dumps(failure, default=str), flush=True)
        sys.exit(1)
    for name in filter(None, options.preload.split(",")):
        importlib.import_module(OPERATIONS[name].partition(":")[0])
    limits = PoolLimits(**options.limits)
    services = Services.from_json(options.services) if options.services else None
    dispatcher = Dispatcher(open_store, listeners, sys.stdin.fileno(), options.workers, limits, services)
    signal.signal(signal.SIGTERM, dispatcher.stop)
    dispatcher.run(_tell_ready)


def _tell_ready() -> None:
    try:
        os.write(sys.stdout.fileno(), b"null\n")
    except BrokenPipeError:
        sys.exit(0)  # whoever started the pool was interrupted and waits no longer


def _listen(path: Path) -> socket.socket:
    if path.is_socket():
        path.unlink()  # of a pool that was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    former = os.umask(0o177)  # for this user only
    try:
        listener.bind(str(path))
    except OSError as error:
        raise SourceError(f"cannot listen at {path}: {error.strerror or error}") from error
    finally:
        os.umask(former)
    listener.listen(1024)
    return listener


if __name__ == "__main__":
    main(sys.argv[1:])
