"""Other SPARQL stores as subprocesses, each empty at first, for tests that serve a build from them."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live_server import free_port, stop

START_WITHIN_S = 30.0


@dataclass(frozen=True)
class OtherStore:
    """A running store: where it is asked, where graphs are loaded, and what lets somebody in."""

    query: str
    graphs: str
    auth: str = ""
    process: subprocess.Popen[bytes] | None = None


@contextmanager
def running_oxigraph(*options: str) -> Iterator[OtherStore]:
    """Oxigraph's own server, as PyPI has it, in memory."""
    port = free_port()
    program = Path(sys.executable).with_name("oxigraph")
    command = [str(program), "serve", "--bind", f"127.0.0.1:{port}", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(f"{address}/query", process)
        yield OtherStore(f"{address}/query", f"{address}/store", process=process)
    finally:
        stop(process)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"no store at {url}")
