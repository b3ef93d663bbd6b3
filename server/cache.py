"""Answers kept for those who ask the same: which requests are the same, and what is kept. Asking is the gateway's.

A key says what is asked; under it there is one answer for each representation, told apart by the headers that the
answers' Vary names. Answers of one version only are kept, and no more than so many bytes of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl

from cachetools import LRUCache
from werkzeug.http import parse_set_header, remove_entity_headers

from server.arguments import FORM, MAX_FIELDS
from server.rsgi import Headers
from server.wsgi import Answer

VERSION = "oxus-version"
MOST_BYTES = 1_000_000
"""Of one body; a longer one is not kept."""
OVERHEAD_BYTES = 2000
"""What an answer needs besides its body, roughly."""
VARIANTS = 64
"""Answers kept for one request: there are as many Accept headers as browsers."""
LONG = 4096
"""Addresses above it are read again each time, bodies above it not at all: keys are made on the event loop."""


@dataclass(frozen=True)
class Kept:
    """An answer, ready to be sent again; `unchanged` are the headers for a client that has it already."""

    headers: Headers
    body: bytes
    etag: str
    unchanged: Headers
    route: str
    rows: int | None
    head_bytes: int
    """Of its headers and of those that it is found by."""


@dataclass
class Variants:
    """The answers to one request, by the values of the headers in `names`."""

    names: tuple[str, ...]
    kept: dict[tuple[str | None, ...], Kept] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Its bytes; a body that several share counts once."""
        bodies = {id(kept.body): len(kept.body) for kept in self.kept.values()}
        return sum(bodies.values()) + sum(OVERHEAD_BYTES + kept.head_bytes for kept in self.kept.values())


class Cache:
    """The answers of one version. Its methods are called on the event loop only."""

    def __init__(self, most_bytes: int) -> None:
        self._version = ""
        self._kept: LRUCache[str, Variants] = LRUCache(most_bytes, getsizeof=lambda variants: variants.size)

    def find(self, version: str, key: str, headers: Mapping[str, str]) -> Kept | None:
        """What is kept for a request, if anything is."""
        if version != self._version:
            self._kept.clear()
            self._version = version
            return None
        variants = self._kept.get(key)
        if variants is None:
            return None
        return variants.kept.get(tuple([headers.get(name) for name in variants.names]))

    def keep(self, key: str, headers: Mapping[str, str], answer: Answer, route: str, rows: int | None) -> None:
        """Nothing; from now on the answer is found, unless it is too long or of another version."""
        body = answer.body
        if not isinstance(body, bytes) or len(body) > MOST_BYTES or answer.header(VERSION) != self._version:
            return
        variants = self._kept.pop(key, None) or Variants(())
        names = tuple(sorted({*variants.names, *parse_set_header(answer.header("vary")).as_set()}))
        if names != variants.names or len(variants.kept) >= VARIANTS:
            variants = Variants(names)
        body = next((kept.body for kept in variants.kept.values() if kept.body == body), body)
        unchanged = [(name, value) for name, value in answer.headers]
        remove_entity_headers(unchanged)
        found_by = tuple([headers.get(name) for name in names])
        head_bytes = sum(len(value) for _, value in answer.headers) + sum(len(value or "") for value in found_by)
        variants.kept[found_by] = Kept(answer.headers, body, answer.header("etag"), unchanged, route, rows, head_bytes)
        if variants.size <= self._kept.maxsize:
            self._kept[key] = variants


def key_of_address(path: str, query_string: str) -> str:
    """The same for addresses that ask the same: the order of parameters with different names does not count.

    >>> key_of_address("/x", "a=1&b=%41+") == key_of_address("/x", "b=A%20&a=1")
    True
    >>> key_of_address("/x", "a=1&a=2") == key_of_address("/x", "a=2&a=1")
    False
    """
    return (_key if len(path) + len(query_string) < LONG else _key.__wrapped__)(path, query_string)


def key_of_post(path: str, query_string: str, content_type: str, body: bytes) -> str:
    """Likewise for a query that is sent as a body; one that is long is taken to the letter."""
    mimetype = content_type.partition(";")[0].strip().lower()
    said: object = body
    if mimetype == FORM and len(body) < LONG:
        said = _parameters(body.decode("utf-8", "surrogateescape"))
    return _digest("POST", path, _parameters(query_string), content_type, said)


@lru_cache(4096)
def _key(path: str, query_string: str) -> str:
    return _digest("GET", path, _parameters(query_string))


def _parameters(encoded: str) -> object:
    """The names and values, sorted by name; what has no right form stands for itself."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        return encoded
    return sorted(pairs, key=lambda pair: pair[0])


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
