"""What granian hands over with a request, and how it is answered (RSGI 1.6). Making use of it is the gateway's."""

from __future__ import annotations

from collections.abc import AsyncIterable, Collection, Coroutine
from typing import Any, Protocol

Headers = list[tuple[str, str]]
"""Names in lower case, and values."""


class RequestHeaders(Protocol):
    """The headers of a request; values that are not ASCII are not there.

    Its `get` is not here: it knows the first of several values only.
    """

    def items(self) -> Collection[tuple[str, str]]:
        """Names in lower case and values; a name may come again."""


class Scope(Protocol):
    """A request's head; the path has been percent-decoded."""

    method: str
    path: str
    query_string: str
    client: str
    headers: RequestHeaders


class Proto(AsyncIterable[bytes], Protocol):
    """A request's body, and what to answer with."""

    def client_disconnect(self) -> Coroutine[Any, Any, None]:
        """Comes back when the client has left."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends a body that is at hand."""

    def response_file(self, status: int, headers: Headers, file: str) -> None:
        """Sends what reading a file gives."""
