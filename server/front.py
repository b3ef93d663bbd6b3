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
from granian.server.mp import MPServer

from kg.errors import KGError
from kg.pool.confinement import die_with_parent
from kg.pool.run_folders import RunFolder
from server.admission import observers_of
from server.app import create_app
from server.control import CONTROL_SOCKET, Reloader
from server.following import Follower
from server.gateway import Gateway
from server.logs import CONFIGURATION
from server.pinning import Origin
from server.publishing import Publisher
from server.reload import CONTROL
from server.settings import SettingError, Settings

HEADERS_WITHIN_MS = 5000
CONNECTIONS = 1000
"""Open at the same time; who comes later waits."""


class PortTakenError(KGError):
    """Something else listens at the address."""


def run(settings: Settings, origin: Origin) -> None:
    """Serves until SIGINT or SIGTERM; SIGHUP has it load the build that stands there then.

    Raises: PortTakenError; KGError if there is nothing there that can be served.
    """
    check_port(settings)
    # A signal while the pool starts must end the pool too; later granian has handlers of its own.
    signal.signal(signal.SIGTERM, _interrupt)
    with RunFolder() as folder:
        publisher = Publisher(settings, origin, folder.path)
        reloader = Reloader(publisher.reload, folder.path / CONTROL_SOCKET)
        signal.signal(signal.SIGHUP, reloader.wish)
        try:
            served = publisher.start()
            reloader.start()
            granian = _granian(settings)
            # Its own handler would start the front again; it installs this one in its place.
            granian.signal_handler_reload = reloader.wish  # type: ignore[method-assign]
            granian.on_startup(lambda: print(f"Serving {served}, on {settings.url}", flush=True))
            load: Any = partial(_load, settings, folder.path)
            granian.serve(target_loader=load, wrap_loader=False)
        finally:
            publisher.stop()


def check_port(settings: Settings) -> None:
    """Nothing, if the address is free.

    Raises: PortTakenError, saying what to do; SettingError if the host is none.
    """
    host = address_of(settings.host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, settings.port))
        except OSError as error:
            message = f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}"
            raise PortTakenError(f"{message}; choose another with --port") from error


def address_of(host: str) -> str:
    """The address that a name stands for on this machine, that of IPv4 if it has one of each: granian takes no names.

    Raises: SettingError.

    >>> address_of("localhost"), address_of("::1")
    ('127.0.0.1', '::1')
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        message = "is not an address, nor a name that this machine knows: try 127.0.0.1, or 0.0.0.0 for all of them"
        raise SettingError(f"KG_HOST is {host!r}, which {message}") from None
    return str(min(found, key=lambda each: each[0] != socket.AF_INET)[4][0])


def _load(settings: Settings, run: Path) -> Gateway:
    """The application, made in granian's worker, which is not to outlive `kg serve` even if that is killed."""
    die_with_parent()
    follower = Follower(settings, run)
    app = create_app(settings, follower.service.served, follower.service.pool)
    app.extensions[CONTROL] = run / CONTROL_SOCKET
    follower.follow(app)
    return Gateway(app, settings, observers_of(app).on_done)


def _granian(settings: Settings) -> MPServer:
    return MPServer(
        "server",
        address=address_of(settings.host),
        port=settings.port,
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
