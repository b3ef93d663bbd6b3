"""Reads a request's body: only so much, only so long. What is wrong with it is raised as the HTTP error that it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Mapping
from typing import Self

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType

MOST_PIECES = 10_000
"""Of a body: each costs as much as a small request."""
DRAINED_BYTES = 4_000_000
DRAINED_WITHIN_S = 1.0


class Chunks(AsyncIterator[bytes]):
    """A body's parts as they come. granian's own can be asked for an iterator only once, so `async for` only once."""

    def __init__(self, body: AsyncIterable[bytes]) -> None:
        self._parts: AsyncIterator[bytes] | None = aiter(body)

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[bytes]:
        assert self._parts is not None
        return anext(self._parts)

    def close(self) -> None:
        """Lets go of the body: a connection is not closed while somebody could read on, be it an error's traceback."""
        self._parts = None


async def read_body(chunks: AsyncIterator[bytes], headers: Mapping[str, str], most: int, within_s: float) -> bytes:
    """The whole body; empty if there is none.

    Raises: RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType; BadRequest if it breaks off.
    """
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return b""
    if headers.get("content-encoding") not in (None, "", "identity"):
        raise UnsupportedMediaType("the body is compressed: send it as it is, without a Content-Encoding")
    promised = int(headers.get("content-length") or 0)
    too_large = RequestEntityTooLarge(
        f"the body has more than {most // 1000} kB (the setting max_body_kb): ask for less at once"
    )
    if promised > most:
        raise too_large
    body = bytearray()
    empty = pieces = 0
    try:
        async with asyncio.timeout(within_s):
            async for chunk in chunks:
                body += chunk
                pieces += 1
                if pieces > MOST_PIECES:
                    raise BadRequest(f"the body comes in more than {MOST_PIECES:,} pieces")
                empty += not chunk
                if len(body) > most:
                    raise too_large
    except TimeoutError:
        message = f"the body was not here within {within_s:g} seconds (the setting max_body_s)"
        raise RequestTimeout(message) from None
    # granian tells the end, and a fault as well, by a chunk without bytes.
    if empty > 1 or len(body) < promised:
        raise BadRequest("the body breaks off, or is not chunked as it should be")
    return bytes(body)


async def drain(chunks: Chunks) -> None:
    """Lets a client that still sends read its answer: closing at once would tear it away (RFC 9112, 9.6)."""
    left = DRAINED_BYTES
    try:
        async with asyncio.timeout(DRAINED_WITHIN_S):
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    return
    except TimeoutError:
        return
    finally:
        chunks.close()
