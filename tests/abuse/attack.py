"""One hostile input as a row of data, and the ways to send one. What must hold after each is left to `watch`."""

from __future__ import annotations

import http.client
import io
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from live_server import LiveServer, Reply

Send = Callable[["Target"], Reply]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLOSED = 0
"""The status of an answer that was none: the connection was closed."""
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|/(?:tmp|usr|home|root|work)/|site-packages|werkzeug|pyoxigraph|spargebra|granian|jinja",
    re.IGNORECASE,
)
"""What no error may tell: stack traces, paths, libraries."""


@dataclass(frozen=True)
class Target:
    """Whom inputs are sent to. `CANARY` and `CANARY6` in one stand for the IRIs of listeners that must hear nothing."""

    server: LiveServer
    canary: str
    canary6: str

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | str | None = None) -> Reply:
        """One request."""
        filled = self.filled(body.encode() if isinstance(body, str) else body) if body is not None else None
        return self.server.ask(method, self.filled(path.encode()).decode(), headers, filled)

    def filled(self, data: bytes) -> bytes:
        """Bytes with the canaries in them."""
        return data.replace(b"CANARY6", self.canary6.encode()).replace(b"CANARY", self.canary.encode())


@dataclass(frozen=True)
class Attack:
    """An input, the statuses that may answer it, and what the answer must name.

    `says` is a limit or a word (alternatives with `|`). `bare` marks what is no HTTP or breaks its framing: the HTTP
    server answers it before any of our code runs, so it has a status and no problem document.
    """

    name: str
    family: str
    send: Send
    status: tuple[int, ...]
    says: str = ""
    within_s: float = 3.0
    bare: bool = False


def family(name: str, *rows: tuple[object, ...], **common: object) -> list[Attack]:
    """The rows of one family; each is what an `Attack` takes, without the family."""
    return [Attack(row[0], name, *row[1:], **common) for row in rows]  # type: ignore[arg-type]


def fault_of(attack: Attack, reply: Reply, elapsed_s: float) -> str:
    """What is wrong with an answer; empty if nothing is."""
    text = reply.body.decode("utf-8", "replace")
    if reply.status not in attack.status:
        return f"status {reply.status} and not {attack.status}: {text[:300]}"
    if elapsed_s > attack.within_s:
        return f"it took {elapsed_s:.1f} s and not {attack.within_s}"
    if not re.search(attack.says, text):
        return f"{attack.says!r} is not named in {text[:300]!r}"
    if reply.status >= 400 and not attack.bare:
        return _fault_of_error(reply, text)
    return ""


def _fault_of_error(reply: Reply, text: str) -> str:
    if reply.type not in ("application/problem+json", "text/html"):
        return f"the error is {reply.type or 'nothing'} and no problem document"
    if reply.headers.get("access-control-allow-origin") != "*":
        return "the error has no CORS header"
    if reply.body and reply.type == "application/problem+json" and reply.json()["status"] != reply.status:
        return "the problem document names another status"
    if found := LEAKS.search(text):
        return f"the error tells {found[0]!r}: {text[:300]}"
    if reply.status in (429, 503) and not reply.headers.get("retry-after", "").isdigit():
        return "no Retry-After"
    if reply.status == 405 and "allow" not in reply.headers:
        return "no Allow"
    return ""


def named_limit(reply: Reply) -> str:
    """The limit, else the kind of problem, that an answer names."""
    if reply.type != "application/problem+json" or not reply.body:
        return ""
    problem = reply.json()
    return str(problem.get("limit") or problem["type"].partition("#")[2])


# Ways to send


def asks(query: str, accept: str = "", method: str = "POST", path: str = "/sparql", **parameters: object) -> Send:
    """A query to the endpoint, in a form's body or with `method="GET"` in the address."""
    given = urlencode({"query": query} | parameters, doseq=True, errors="surrogatepass")
    headers = {"Accept": accept} if accept else {}
    if method == "POST":
        return lambda target: target.ask("POST", path, headers | {"Content-Type": FORM}, given)
    return lambda target: target.ask(method, f"{path}?{given}", headers)


def gets(path: str, method: str = "GET", **headers: str) -> Send:
    """A request without a body; `accept="…"` is the Accept header, and so on."""
    return lambda target: target.ask(method, path, {name.replace("_", "-"): value for name, value in headers.items()})


def posts(path: str, content_type: str, body: bytes | str, **headers: str) -> Send:
    """A request with a body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": content_type}
    return lambda target: target.ask("POST", path, named, body)


def raw(*pieces: bytes, pause_s: float = 0.0, patience_s: float = 10.0) -> Send:
    """Bytes as they are, with pauses between the pieces; the first answer that comes back."""
    return lambda target: exchange(target.server.port, list(map(target.filled, pieces)), pause_s, patience_s)


def head(target: str, *lines: str, method: str = "GET", host: str = "x") -> bytes:
    """A request's head, whose connection is closed after it."""
    every = (f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *lines, "", "")
    return "\r\n".join(every).encode("latin-1")


def exchange(port: int, pieces: Sequence[bytes], pause_s: float, patience_s: float) -> Reply:
    """What comes back for some bytes; the status `CLOSED` if the connection ends without an answer.

    Raises: TimeoutError when there is neither.
    """
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough; what it said is still to be read
        try:
            while data := connection.recv(65536):
                received += data
        except ConnectionResetError:
            pass
    return parsed(received)


def parsed(received: bytes) -> Reply:
    """The first answer among some bytes; its body is all that follows, so that nothing sent goes unseen."""
    if not received.startswith(b"HTTP/"):
        return Reply(CLOSED, {}, received)
    response = http.client.HTTPResponse(_Bytes(received))  # type: ignore[arg-type]
    response.begin()
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, received.partition(b"\r\n\r\n")[2])


class _Bytes:
    """Bytes in the shape of a socket, for http.client to read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)
