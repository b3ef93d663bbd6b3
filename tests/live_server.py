"""A server as a subprocess on a free port, asked over plain HTTP: for the tests that judge it from outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN_S = 20.0
STOP_WITHIN_S = 10.0


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class LiveServer:
    """A running server; `log` is what it printed."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | str | None = None
    ) -> Reply:
        """One request, its target sent as given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            data = body.encode() if isinstance(body, str) else body
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if data is not None and "Content-Length" not in (headers or {}):
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        """A GET; `accept="…"` is the Accept header, and so on."""
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def query(self, text: str, accept: str | None = None, **parameters: object) -> Reply:
        """A query by GET."""
        headers = {"accept": accept} if accept else {}
        return self.get("/sparql?" + urlencode({"query": text} | parameters, doseq=True), **headers)

    def raw(self, request: bytes) -> bytes:
        """Everything that comes back for some bytes, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            received = b""
            while data := connection.recv(65536):
                received += data
        return received


@contextmanager
def running(
    project: Path,
    log: Path,
    *arguments: object,
    environ: Mapping[str, str] | None = None,
    start_within_s: float = START_WITHIN_S,
    port: int = 0,
) -> Iterator[LiveServer]:
    """`kg serve` for a project, ready to answer, on a free port if none is given; ended by SIGTERM."""
    port = port or free_port()
    command = [sys.executable, "-m", "server.cli", "--project", str(project), "serve", "--port", str(port)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=ROOT,
            env=clean | {"PYTHONUNBUFFERED": "1"} | dict(environ or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = LiveServer(port, process, log)
    try:
        _wait_until_ready(server, start_within_s)
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """Ends a server as its user would; its exit code."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def processes_below(pid: int) -> dict[int, str]:
    """The command lines of the processes that one has started, and those that they have."""
    found = {}
    for child in children_of(pid):
        with suppress(FileNotFoundError):
            found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found |= processes_below(child)
    return found


def children_of(pid: int) -> set[int]:
    """The processes that one has started, from any of its threads."""
    found: set[int] = set()
    for thread in Path("/proc").glob(f"{pid}/task/*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found |= {int(child) for child in (thread / "children").read_text().split()}
    return found


def pools_of(server: LiveServer) -> set[int]:
    """The pools of the version that it serves: one, and during a swap two."""
    return {
        pid for pid, command in _pools_of(server).items() if not command.partition(" --workers")[0].endswith("archive")
    }


def archive_pool_of(server: LiveServer) -> int:
    """The pool that answers for earlier versions."""
    (pool,) = _pools_of(server).keys() - pools_of(server)
    return pool


def front_of(server: LiveServer) -> int:
    """The process that speaks HTTP."""
    (front,) = children_of(server.process.pid) - _pools_of(server).keys()
    return front


def _pools_of(server: LiveServer) -> dict[int, str]:
    below = processes_below(server.process.pid)
    pools = {pid: below.get(pid, "") for pid in children_of(server.process.pid)}
    return {pid: command for pid, command in pools.items() if "kg.pool.process" in command}


def pool_of(server: LiveServer) -> int:
    """The process that starts the workers."""
    (pool,) = pools_of(server)
    return pool


def free_port() -> int:
    """A port that nobody listens on, at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(server: LiveServer, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if server.get("/readyz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{server.log.read_text()}")
