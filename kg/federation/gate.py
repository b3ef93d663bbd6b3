"""The gate: the one address that the engine of a federating worker reaches, from where calls go on to services.

The engine's own HTTP client would follow redirects and look names up wherever it likes. So each query's services are
replaced by addresses of the gate, a server in a thread of the worker itself, which knows by number what they stand for:
nothing that a query or an answer says names an address. The gate dies with its worker, and so by the query's deadline.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, cast

from kg.engine.calls import allowed_calls, with_targets
from kg.engine.tokens import tokenise
from kg.errors import QueryError, QueryRefusedError, RemoteServiceError
from kg.federation.remote import call
from kg.federation.services import Services

if TYPE_CHECKING:
    import pyoxigraph as ox

_PATIENCE_S = 2.0
"""How long a request to the gate may take to arrive. The engine's is there at once; others have no business here."""


class Gate:
    """A gate that is open; `port` is where, on the loopback address."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._key = ""
        self._targets: list[str] = []
        self._left = 0
        self._failure: RemoteServiceError | None = None
        self._server = HTTPServer(("127.0.0.1", 0), _Handler)
        self._server.gate = self  # type: ignore[attr-defined]
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="gate", daemon=True).start()

    def begin(self) -> None:
        """Forget the query before: its addresses lead nowhere any more."""
        self._key, self._targets, self._left = secrets.token_hex(16), [], self._services.max_calls
        self._failure = None

    def lead(self, query: str) -> str:
        """The query with its calls going through the gate.

        Raises: QueryRefusedError for a call that is not allowed.
        """
        calls = allowed_calls(query, tokenise(query), self._services.iris) if "service" in query.lower() else []
        first = len(self._targets)
        self._targets += [each.iri for each in calls]
        base = f"http://127.0.0.1:{self.port}/{self._key}"
        return with_targets(query, calls, [f"{base}/{first + number}" for number in range(len(calls))])

    def told(self, error: QueryError) -> QueryError:
        """What is better told than an error of the engine's: the call that failed, if one did."""
        if isinstance(error, QueryRefusedError) and self._failure is not None:
            return self._failure
        return error

    def answer(self, path: str, query: bytes) -> tuple[str, bytes] | None:
        """The media type and bytes that a call is answered with; None if nothing is to be had."""
        key, _, number = path.removeprefix("/").partition("/")
        known = number.isdigit() and int(number) < len(self._targets)
        if not known or not hmac.compare_digest(key.encode(), self._key.encode()):
            return None
        try:
            if self._left <= 0:
                most = self._services.max_calls
                raise RemoteServiceError(f"the query calls services more than {most} times: call outside OPTIONAL")
            self._left -= 1
            return call(self._targets[int(number)], query, self._services)
        except RemoteServiceError as error:
            self._failure = error
            return None


class GatedStore:
    """A store whose queries go through a gate; all else is the store's own."""

    def __init__(self, store: ox.Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def query(self, query: str, **options: Any) -> Any:
        """As `Store.query`."""
        return self._store.query(self._gate.lead(query), **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        query = self.rfile.read(int(length)) if length.isdigit() else b""
        answer = cast(Gate, self.server.gate).answer(self.path, query)  # type: ignore[attr-defined]
        if answer is None:
            self.send_error(502)
            return
        media_type, body = answer
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        """Nothing: what fails is told to whoever asked."""
