"""A public address with a path (https://example.org/graph/): links carry it, whether or not a proxy takes it off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


class UnderPrefix:
    """A WSGI application whose addresses all begin with the path of a public address.

    A request that still has the path at its begin comes from a proxy that passes it on, one without from a proxy that
    takes it off; both mean the same.
    """

    def __init__(self, application: WSGIApplication, public_url: str) -> None:
        self._application = application
        self._prefix = urlsplit(public_url).path.rstrip("/")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        environ["SCRIPT_NAME"] = self._prefix
        if self._prefix and (path == self._prefix or path.startswith(self._prefix + "/")):
            environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
        return self._application(environ, start_response)
