"""A SPARQL service on the loopback address that behaves as its path says."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/sparql-results+json"
ONE_ROW = b'{"head":{"vars":["label"]},"results":{"bindings":[{"label":{"type":"literal","value":"far away"}}]}}'
KINDS = ("row", "redirect", "rubbish", "half", "page", "error", "zipped", "silent", "drip", "huge", "refused")


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        kind = self.path.strip("/")
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((kind, query, dict(self.headers)))  # type: ignore[attr-defined]
        body, media_type, status = ONE_ROW, JSON, 200
        if kind == "redirect":
            status = 307
        elif kind == "rubbish":
            body = b"rubbish"
        elif kind == "half":
            body = ONE_ROW[:60]
        elif kind == "page":
            media_type = "text/html"
        elif kind == "error":
            status = 500
        elif kind == "zipped":
            body = gzip.compress(ONE_ROW)
        elif kind == "silent":
            time.sleep(3)
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        if kind == "redirect":
            self.send_header("Location", self.server.elsewhere)  # type: ignore[attr-defined]
        if kind == "zipped":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if kind == "drip":
            for _ in range(60):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        if kind == "huge":
            for _ in range(40):
                self.wfile.write(b" " * 100_000)
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the caller had enough


class FakeService(ThreadingHTTPServer):
    """`asked` is what it was asked: kind, query, headers; `elsewhere` is where it redirects to."""

    daemon_threads = True

    def __init__(self, elsewhere: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elsewhere = elsewhere
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"


@contextmanager
def serving(elsewhere: str) -> Iterator[FakeService]:
    """A running one."""
    service = FakeService(elsewhere)
    thread = threading.Thread(target=service.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        thread.join()
        service.server_close()
