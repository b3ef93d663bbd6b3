"""The socket that listens. `kg serve` holds it, so that clients wait while a front is started again; fronts share it.

What comes through it is granian's; who may hold connections open is the doorman's.
"""

from __future__ import annotations

import socket
from typing import Any

from granian._granian import SocketHolder
from granian.server.mp import MPServer

from kg.errors import KGError
from server.settings import SettingError, Settings

BACKLOG = 1024
"""Connections that may wait to be accepted."""


class PortTakenError(KGError):
    """Something else listens at the address."""


class ListeningServer(MPServer):
    """granian over a socket that is bound already: on Linux each of its own workers would bind one for itself."""

    def __init__(self, listener: socket.socket, **options: Any) -> None:
        address, port = listener.getsockname()[:2]
        super().__init__("server", address=address, port=port, backlog=BACKLOG, **options)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        try:
            self._listener.listen(BACKLOG)
        except OSError as error:  # two that were started together have both bound it
            raise _taken(self.bind_addr, self.bind_port, error) from error
        self._ssp: None = None
        self._sso: socket.socket | None = self._listener
        self._shd = SocketHolder(self._listener.fileno(), False, BACKLOG)  # type: ignore[assignment, call-arg]


def bound(settings: Settings) -> socket.socket:
    """A socket at the address of the settings, which does not listen yet.

    Raises: PortTakenError, saying what to do; SettingError if the host is none.
    """
    host = address_of(settings.host)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # The connections that it accepts inherit these.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # The system ends one whose client takes nothing for so long; `outlet.send` cannot see that of short answers.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(settings.max_stall_s * 1000))
    try:
        listener.bind((host, settings.port))
    except OSError as error:
        listener.close()
        raise _taken(settings.host, settings.port, error) from error
    return listener


def _taken(host: str, port: int, error: OSError) -> PortTakenError:
    reason = error.strerror or error
    return PortTakenError(f"cannot listen on {host}, port {port}: {reason}; choose another with --port")


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
