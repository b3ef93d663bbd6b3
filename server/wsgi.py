"""One request put to the Flask application as WSGI (PEP 3333), and its answer whole. Sending it is the gateway's."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from server.exchange import KEY, Exchange
from server.fairness import ClientLimitError
from server.rsgi import Headers
from server.spool import EXTENSION, IN_MEMORY_BYTES, FileBody, gathered

REFUSED = "oxus.refused"
"""Under which name an environ holds the error that the gateway met: the application only words it."""

Environ = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes out."""

    status: int
    headers: Headers
    body: bytes | FileBody

    def header(self, name: str) -> str:
        """The value of a header given in lower case; empty if there is none."""
        return next((value for each, value in self.headers if each == name), "")


@dataclass(frozen=True)
class Asked:
    """What came in; `refused` is what was wrong with it."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes = b""
    refused: HTTPException | ClientLimitError | None = None


def environ_of(asked: Asked, exchange: Exchange, url: str) -> Environ:
    """The environ of a request to a server whose public address is `url`: what the client calls it does not count.

    >>> environ = environ_of(Asked("GET", "/ü", "a=b", {"host": "evil.example"}), Exchange(), "https://example.org/")
    >>> environ["HTTP_HOST"], environ["PATH_INFO"], environ["wsgi.url_scheme"]
    ('example.org', '/Ã¼', 'https')
    """
    public = urlsplit(url)
    environ: Environ = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_wsgi(asked.path),
        "QUERY_STRING": _as_wsgi(asked.query_string),
        "CONTENT_LENGTH": str(len(asked.body)),
        "SERVER_NAME": public.hostname or "",
        "SERVER_PORT": str(public.port or {"http": 80, "https": 443}[public.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": exchange.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileBody,
        KEY: exchange,
        REFUSED: asked.refused,
    }
    for name, value in asked.headers.items():
        _add_header(environ, name, value)
    return environ | {"HTTP_HOST": public.netloc}


def joined(headers: Collection[tuple[str, str]]) -> dict[str, str]:
    """One value for each name, those of repeated headers joined (RFC 9110, 5.3).

    Whoever tells requests apart goes by these, as the application does. By the first value alone, an answer to the
    second would be kept for those who send the first.

    >>> joined([("accept", "*/*"), ("host", "x"), ("accept", "text/html")])
    {'accept': '*/*, text/html', 'host': 'x'}
    """
    found = dict(headers)
    if len(found) == len(headers):
        return found
    found = {}
    for name, value in headers:
        joint = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{joint}{value}" if name in found else value
    return found


def _add_header(environ: Environ, name: str, value: str) -> None:
    if "_" in name or name in ("content-length", "transfer-encoding"):
        return  # `x_y` would pass for `x-y`; the body is there already
    environ["CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")] = value


def _as_wsgi(text: str) -> str:
    return text.encode().decode("latin-1")


def run(app: Flask, environ: Environ) -> Answer:
    """The application's answer, complete.

    Raises: what the application does not answer itself.
    """
    started: list[tuple[int, Headers]] = []

    def start(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
        # The date is that of sending, which may be much later.
        named = [(name.lower(), value) for name, value in headers if name.lower() != "date"]
        started[:] = [(int(status[:3]), named)]
        return _write

    chunks: Iterable[bytes] = app(environ, start)
    if isinstance(chunks, FileBody) and len(chunks) > IN_MEMORY_BYTES:
        return Answer(*started[0], chunks)
    try:
        body = gathered(chunks, app.extensions[EXTENSION], environ[KEY].client)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    return Answer(*started[0], body)


def _write(data: bytes) -> object:
    # PEP 3333 has start_response return this, for old frameworks; Flask returns its body, and a call must not be lost.
    raise NotImplementedError("the application writes by what it returns")
