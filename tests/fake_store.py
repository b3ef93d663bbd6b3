"""A SPARQL store on the loopback address, to be asked in the engine's place, that behaves as the query names.

`urn:kind:half` in a query has it break its answer off, and so on; to all else it answers with one row.
"""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

JSON = "application/sparql-results+json"
ROW = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:here"}}]}}'
STATUSES = {"redirect": 307, "error": 500, "unknown": 400, "closed": 401, "busy": 503}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["query"][0]
        found = re.search(r"urn:kind:(\w+)", query)
        kind = found[1] if found else "row"
        store: FakeStore = self.server  # type: ignore[assignment]
        store.asked.append((kind, query, dict(self.headers)))
        answer = {"half": ROW[:-20], "rubbish": b"rubbish", "boolean": b'{"head":{},"boolean":true}'}.get(kind, ROW)
        answer = {"zipped": gzip.compress(ROW), "huge": b" " * 3_000_000 + ROW}.get(kind, answer)
        if kind == "silent":
            time.sleep(4)
        self.send_response(STATUSES.get(kind, 200))
        self.send_header("Content-Type", "text/html" if kind == "page" else JSON)
        self.send_header("Content-Length", str(len(answer) + (100 if kind == "cut" else 0)))
        extra = {"redirect": ("Location", store.elsewhere), "busy": ("Retry-After", "7")}
        extra |= {"zipped": ("Content-Encoding", "gzip"), "anytime": ("X-SQL-State", "S1TAT")}
        if kind in extra:
            self.send_header(*extra[kind])
        self.end_headers()
        self.wfile.write(answer)
        if kind in ("cut", "leaves"):
            self.close_connection = True  # and does not say so before

    def log_message(self, format: str, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked had enough


class FakeStore(ThreadingHTTPServer):
    """`asked` is what it was asked: kind, query, headers; `elsewhere` is where it redirects to."""

    daemon_threads = True

    def __init__(self, elsewhere: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elsewhere = elsewhere
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/sparql"


@contextmanager
def serving_store(elsewhere: str = "http://127.0.0.1:1/") -> Iterator[FakeStore]:
    """A running one."""
    store = FakeStore(elsewhere)
    thread = threading.Thread(target=store.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        thread.join()
        store.server_close()
