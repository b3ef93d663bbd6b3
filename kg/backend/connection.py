"""Requests to another SPARQL store: within a time and a size, to the address that was set and no other.

What is wrong is told to visitors without the store's address and words, which are for the operator: on standard error.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from kg.errors import BackendAnswerError, BackendAwayError, ResultTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = "application/sparql-results+json"
GRAPHS = ("application/n-triples", "text/turtle")
RETRY_AFTER_S = 5
_AWAY = frozenset({429, 502, 503, 504})
_WORDS = 300
"""How many characters of a store's own words the operator is told."""

T = TypeVar("T")
Caller = Callable[[Callable[[], T]], T]
"""Who makes a call: the thread that may, perhaps."""


@dataclass(frozen=True)
class Backend:
    """Another store and what may be asked of it; `auth` is `user:password`, or a token, or empty."""

    url: str
    version: str
    """Of the dataset, which it is asked for."""
    auth: str = field(default="", repr=False)
    connect_s: float = 3.0
    """How long connecting may take, within the query's own deadline."""
    read_s: float = 60.0
    """How long it may be silent. The deadline of a query ends it before."""
    max_bytes: int = 1 << 30
    """How long an answer of it may be: JSON is several times as long as CSV. It is not held in memory."""

    def write(self, path: Path) -> None:
        """Write it down for the pool: nobody else can read the file, as they could a command line."""
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """What was written down."""
        return cls(**json.loads(path.read_bytes()))


class Bearer(AuthBase):
    """A token, as RFC 6750 sends it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def new_session(auth: AuthBase | None) -> requests.Session:
    """A session that keeps its connections, and takes nothing from its surroundings: no proxy, no password file."""
    session = requests.Session()
    session.trust_env = False
    session.auth = auth
    session.headers.clear()
    session.headers.update({"User-Agent": "oxus", "Accept-Encoding": "identity"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=4))
    return session


def read_auth(text: str) -> AuthBase | None:
    """What proves who we are: a user and a password with a colon between, a token, or nothing.

    >>> type(read_auth("ada:secret")).__name__, type(read_auth("token")).__name__, read_auth("")
    ('HTTPBasicAuth', 'Bearer', None)
    """
    user, colon, password = text.partition(":")
    if colon:
        return HTTPBasicAuth(user.encode(), password.encode())
    return Bearer(text) if text else None


class Body:
    """The bytes of a store's answer, read as they come; `media_type` says what they are.

    Raises: BackendAwayError if they break off, ResultTooLargeError if there are too many.
    """

    def __init__(self, response: requests.Response, max_bytes: int, run: Caller[bytes]) -> None:
        self._response = response
        self._left = max_bytes
        self._run = run
        self.media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        with told():
            data = self._run(lambda: self._response.raw.read(size if size >= 0 else None))
        self._left -= len(data)
        if self._left < 0:
            self._response.close()
            message = "the store behind this server answers with more bytes than are taken: add a LIMIT"
            raise ResultTooLargeError(message, limit="backend_bytes")
        return bytes(data)


class Connection:
    """Asks one store; `run` makes each call that waits for it."""

    def __init__(self, backend: Backend, run: Caller[Any] | None = None) -> None:
        self._backend = backend
        self._run: Caller[Any] = run or (lambda call: call())
        self._session = new_session(read_auth(backend.auth))

    def ask(self, query: str, accept: str) -> Body:
        """What the store answers a query with.

        Raises: BackendAwayError if it is not there, takes too long or has too much to do; BackendAnswerError if its
                answer is no answer: a redirect, a refusal, another type.
        """
        with told():
            response = self._run(lambda: self._posted(query, accept))
        try:
            _check(response, accept)
        except BaseException:
            response.close()
            raise
        return Body(response, self._backend.max_bytes, self._run)

    def close(self) -> None:
        """Close what is kept open."""
        self._session.close()

    def _posted(self, query: str, accept: str) -> requests.Response:
        try:
            return self._post(query, accept)
        except requests.ConnectionError as error:
            # A connection that was kept and that the store has closed meanwhile: a query may be asked twice.
            if not (error.args and isinstance(error.args[0], urllib3.exceptions.ProtocolError)):
                raise
        return self._post(query, accept)

    def _post(self, query: str, accept: str) -> requests.Response:
        return self._session.post(
            self._backend.url,
            data={"query": query},
            headers={"Accept": accept},
            stream=True,
            allow_redirects=False,
            timeout=(self._backend.connect_s, self._backend.read_s),
        )


def innermost(error: BaseException) -> str:
    """What the network said: libraries wrap it in errors that tell of their own objects.

    >>> innermost(ConnectionRefusedError(111, "Connection refused"))
    'Connection refused'
    """
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


@contextmanager
def told() -> Iterator[None]:
    """Errors of the network as ours."""
    try:
        yield
    except (requests.ConnectTimeout, requests.ConnectionError) as error:
        raise _away("cannot be reached", innermost(error)) from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise _away("did not answer in time", innermost(error)) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _away("broke its answer off", innermost(error)) from error


def _away(what: str, reason: object, retry_after_s: int = RETRY_AFTER_S) -> BackendAwayError:
    _tell(f"the store of --backend {what}: {reason}")
    return BackendAwayError(
        f"the store behind this server {what}; try again soon", limit="backend", retry_after_s=retry_after_s
    )


def unfit(what: str, reason: object = "") -> BackendAnswerError:
    """The error for an answer that is none, after the operator has been told the reason."""
    _tell(f"the store of --backend {what}: {reason}" if reason else f"the store of --backend {what}")
    return BackendAnswerError(f"the store behind this server {what}", limit="backend", retry_after_s=RETRY_AFTER_S)


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _check(response: requests.Response, accept: str) -> None:
    status, headers = response.status_code, response.headers
    if 300 <= status < 400:
        raise unfit("redirects to another address, which is not followed", headers.get("Location", ""))
    if status in _AWAY:
        raise _away(f"has too much to do (status {status})", _words(response), _wait(headers))
    if status in (401, 403):
        raise unfit(f"does not let this server in (status {status})", "set KG_BACKEND_AUTH to what it asks for")
    if status != 200:
        raise unfit(f"does not answer this query (status {status})", _words(response))
    if headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise unfit("compressed its answer, which it was not asked to")
    if headers.get("X-SQL-State") == "S1TAT":  # Virtuoso's "anytime" answers: what was found until a timeout
        message = "the store behind this server gave up on the query: ask for less, or add a LIMIT"
        raise BackendAwayError(message, limit="backend", retry_after_s=RETRY_AFTER_S)
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in accept:
        raise unfit(f"answers with {media_type[:80] or 'nothing that has a type'}, and was asked for {accept}")


def _words(response: requests.Response) -> str:
    try:
        words = response.raw.read(4 * _WORDS)
    except (urllib3.exceptions.HTTPError, OSError):
        return ""
    return re.sub(r"\s+", " ", words.decode("utf-8", "replace"))[:_WORDS]


def _wait(headers: Mapping[str, str]) -> int:
    wait = headers.get("Retry-After", "")
    return min(int(wait), 3600) if wait.isdecimal() else RETRY_AFTER_S
