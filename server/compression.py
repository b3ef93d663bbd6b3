"""Content codings (RFC 9110, 12.5.3): which of ours a client takes, and a body written in one, piece by piece.

The libraries compress; parsing and ranking is werkzeug's. Whether a body gains by it is for its maker to say.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import brotli  # type: ignore[import-untyped]
import zstandard
from werkzeug.datastructures import Accept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

IDENTITY = "identity"
GZIP = "gzip"
WORTH_BYTES = 1000
"""A shorter body stays as it is: it fits into one packet either way."""


class NoSuchCodingError(NotAcceptable):
    """The client takes none of the content codings that there are; `offered` tells them."""

    def __init__(self, message: str, codings: Iterable[str]) -> None:
        super().__init__(message)
        self.offered = [{"coding": coding} for coding in codings]


Compressor = tuple[Callable[[bytes], bytes], Callable[[], bytes]]
"""Takes the next piece; ends."""


def _zstd() -> Compressor:
    own = zstandard.ZstdCompressor(level=3).compressobj()  # with a window of 2 MB: every reader has 8 (RFC 9659)
    return own.compress, own.flush


def _brotli() -> Compressor:
    own = brotli.Compressor(quality=5, lgwin=20)  # 4 MB; the larger window takes 12 and saves nothing
    return own.process, own.finish


def _gzip() -> Compressor:
    own = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)  # 16: with gzip's head, whose time is 0
    return own.compress, own.flush


CODINGS: Mapping[str, Callable[[], Compressor]] = {"zstd": _zstd, "br": _brotli, GZIP: _gzip}
"""As we like them: on results each makes a thirtieth of the bytes, zstd in a fifth of the time."""
EVERY = (*CODINGS, IDENTITY)


@dataclass(frozen=True)
class Wish:
    """What a client takes of ours, the best first; `identity` is a body as it is.

    As text it is an Accept-Encoding that means the same, and one of few: caches tell requests apart by it.
    """

    codings: tuple[str, ...]

    def best(self, offered: Collection[str] = EVERY) -> str | None:
        """The one to send, if the client takes any of those."""
        return next((coding for coding in self.codings if coding in offered), None)

    def __str__(self) -> str:
        told = [f"{coding};q=0.{9 - place}" for place, coding in enumerate(self.codings)]
        return ", ".join(told if IDENTITY in self.codings else [*told, f"{IDENTITY};q=0"])


def wish_of(accept_encoding: str | None) -> Wish:
    """What the header says; without one a body is sent as it is, which everybody can read.

    >>> wish_of("gzip, deflate, br;q=0.5").codings
    ('gzip', 'br', 'identity')
    >>> str(wish_of("gzip, *;q=0"))
    'gzip;q=0.9, identity;q=0'
    """
    if accept_encoding is None:
        return Wish((IDENTITY,))
    named = {name.lower(): quality for name, quality in parse_accept_header(accept_encoding, Accept)}
    others = named.get("*", 0.0)
    # Of those who write `*` all can read gzip, and not all the others. Identity needs no naming, but counts last then.
    qualities = {coding: named.get(coding, others if coding == GZIP else 0.0) for coding in CODINGS}
    qualities[GZIP] = max(qualities[GZIP], named.get("x-gzip", 0.0))
    qualities[IDENTITY] = named.get(IDENTITY, others if "*" in named else 0.0001)
    taken = [coding for coding in EVERY if qualities[coding] > 0]
    return Wish(tuple(sorted(taken, key=lambda coding: -qualities[coding])))


@lru_cache(256)
def simplified(accept_encoding: str | None) -> str:
    """The header with nothing in it but what counts here.

    >>> simplified("deflate, GZIP") == simplified("gzip;q=1")
    True
    """
    return str(wish_of(accept_encoding))


def encoded(chunks: Iterable[bytes], wish: Wish, gains: bool = True) -> tuple[str, Iterator[bytes]]:
    """The coding that a body is best sent in, and the body in it; no more of it is read than is needed to say.

    What does not gain, or is short, stays as it is if the client allows, and if it allows nothing at all: that must
    have been refused before.
    """
    rest = iter(chunks)
    start = b""
    while len(start) < WORTH_BYTES and (chunk := next(rest, None)) is not None:
        start += chunk
    body = chain((start,), rest)
    is_plain = (not gains or len(start) < WORTH_BYTES) and IDENTITY in wish.codings
    coding = IDENTITY if is_plain else wish.best() or IDENTITY
    return coding, body if coding == IDENTITY else _compressed(body, coding)


def _compressed(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    write, end = CODINGS[coding]()
    for chunk in chunks:
        if written := write(chunk):
            yield written
    yield end()
