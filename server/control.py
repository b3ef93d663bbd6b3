"""How `kg serve` is asked to reload: by a signal, or by the front through a socket. Reloading is `publishing`'s."""

from __future__ import annotations

import json
import queue
import socket
import socketserver
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.errors import KGError, ServiceBusyError

CONTROL_SOCKET = "control"
PATIENCE_S = 600.0
"""How long a reload may take; a large build takes minutes to load."""

Reload = Callable[[], tuple[str, bool]]
"""Gives the version served from now on, and whether it is another than before."""


class ReloadRefusedError(KGError):
    """The new build cannot be served; the version before goes on."""


class Reloader:
    """Reloads when asked, one wish after the other."""

    def __init__(self, reload: Reload, path: Path) -> None:
        self._reload = reload
        self._wishes: queue.SimpleQueue[None] = queue.SimpleQueue()  # a signal may interrupt its `put` by another
        grant = self._grant

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(BrokenPipeError, ConnectionResetError):  # who asked has left; the log has the answer
                    self.wfile.write(json.dumps(grant()).encode() + b"\n")

        self._server = socketserver.UnixStreamServer(str(path), Handler)

    def start(self) -> None:
        """Listen from now on, and grant what was wished before."""
        threading.Thread(target=self._server.serve_forever, name="control", daemon=True).start()
        threading.Thread(target=self._grant_all, name="reloader", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.server_close()

    def wish(self, *_: object) -> None:
        """Reload soon; a signal handler may call this."""
        self._wishes.put(None)

    def _grant_all(self) -> None:
        while True:
            self._wishes.get()
            self._grant()

    def _grant(self) -> dict[str, str]:
        """Reload; what became of it is told in the log too."""
        try:
            version, swapped = self._reload()
        except ReloadRefusedError as error:
            print(f"reload refused: {error}", file=sys.stderr, flush=True)
            return {"refused": str(error)}
        except Exception:  # the server goes on, whatever it was
            traceback.print_exc()
            return {"refused": "something went wrong here, and it has been logged"}
        print(f"{'Serving' if swapped else 'Already serving'} version {version}", flush=True)
        return {"status": "swapped" if swapped else "already served", "version": version}


def ask_to_reload(path: Path) -> dict[str, str]:
    """The `version` served from now on, and the `status`: swapped, or already served.

    Raises: ReloadRefusedError with the reason; ServiceBusyError if nobody answers.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            connection.connect(str(path))
            with connection.makefile("rb") as stream:
                answer: dict[str, str] = json.loads(stream.readline())
        except (OSError, ValueError) as error:
            raise ServiceBusyError("the server is ending or does not answer", limit="reload") from error
    if "refused" in answer:
        raise ReloadRefusedError(answer["refused"])
    return answer
