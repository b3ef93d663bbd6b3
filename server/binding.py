"""One service for each request, from its beginning to its end, whatever is published meanwhile.

Who stands before the application and asks for the version first calls `bind`, puts what it gives under
`service.BOUND` in the environ, and counts it as ended (`uses.end`) when the answer is out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wsgi import ClosingIterator

from server.service import BOUND, EXTENSION, Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def register(app: Flask) -> None:
    """Binds every request that nobody has bound before."""
    app.wsgi_app = _Binding(app, app.wsgi_app)  # type: ignore[method-assign]


def bind(app: Flask) -> Service:
    """The current service, counted as used until its `uses.end` is called."""
    while True:
        service: Service = app.extensions[EXTENSION]
        if service.uses.begin():
            return service


class _Binding:
    def __init__(self, app: Flask, inner: WSGIApplication) -> None:
        self._app = app
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if BOUND in environ:
            return self._inner(environ, start_response)
        service = environ[BOUND] = bind(self._app)
        try:
            parts = self._inner(environ, start_response)
        except BaseException:
            service.uses.end()
            raise
        return ClosingIterator(parts, service.uses.end)
