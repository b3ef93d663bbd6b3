"""Runs the server: the pool as one process, granian with gateway and application as another, both ended together.

What answers a request is `server.app`'s; what a query may do is the pool's.
"""

from __future__ import annotations

import math
import signal
import socket
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from kg.pool.confinement import die_with_parent
from kg.pool.run_folders import RunFolder
from server.admission import observers_of
from server.app import create_app
from server.control import CONTROL_SOCKET, Reloader
from server.following import Follower
from server.gateway import Gateway
from server.listening import ListeningServer, bound
from server.logs import CONFIGURATION
from server.pinning import Origin
from server.publishing import Publisher
from server.reload import CONTROL
from server.settings import Settings

HEADERS_WITHIN_MS = 5000
CONNECTIONS = 1000
"""Open at the same time; who comes later waits."""


def run(settings: Settings, origin: Origin) -> None:
    """Serves until SIGINT or SIGTERM; SIGHUP has it load the build that stands there then.

    Raises: PortTakenError; KGError if there is nothing there that can be served.
    """
    listener = bound(settings)
    # A signal while the pool starts must end the pool too; later granian has handlers of its own.
    signal.signal(signal.SIGTERM, _interrupt)
    with listener, RunFolder() as folder:
        publisher = Publisher(settings, origin, folder.path)
        reloader = Reloader(publisher.reload, folder.path / CONTROL_SOCKET)
        signal.signal(signal.SIGHUP, reloader.wish)
        try:
            served = publisher.start()
            reloader.start()
            granian = _granian(settings, listener)
            # Its own handler would start the front again; it installs this one in its place.
            granian.signal_handler_reload = reloader.wish  # type: ignore[method-assign]
            granian.on_startup(lambda: print(f"Serving {served}, on {settings.url}", flush=True))
            load: Any = partial(_load, settings, folder.path)
            granian.serve(target_loader=load, wrap_loader=False)
        finally:
            publisher.stop()
            reloader.close()


def _load(settings: Settings, run: Path) -> Gateway:
    """The application, made in granian's worker, which is not to outlive `kg serve` even if that is killed."""
    die_with_parent()
    follower = Follower(settings, run)
    app = create_app(settings, follower.service.served, follower.service.pool)
    app.extensions[CONTROL] = run / CONTROL_SOCKET
    follower.follow(app)
    return Gateway(app, settings, observers_of(app).on_done)


def _granian(settings: Settings, listener: socket.socket) -> ListeningServer:
    return ListeningServer(
        listener,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        # One process: it never evaluates a query.
        workers=1,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS),
        workers_kill_timeout=math.ceil(settings.longest_s) + 1,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig=CONFIGURATION,
    )


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
