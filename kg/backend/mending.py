"""What a store writes otherwise than SPARQL results JSON has it, mended as it comes."""

from __future__ import annotations

import re
from typing import Protocol

_NODE_ID = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')
_LONGEST = 200
"""How long what is mended may be: as much is held back until what follows is there."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        ...


class Mended:
    """The same bytes with blank nodes by names that SPARQL has: Virtuoso calls them `nodeID://b10001`.

    >>> import io
    >>> Mended(io.BytesIO(b'{"type": "bnode", "value": "nodeID://b1"}')).read()
    b'{"type": "bnode", "value": "b1"}'
    """

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._held = b""
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        while not self._ended and len(self._held) <= _LONGEST:
            piece = self._source.read(size)
            self._ended = not piece or size < 0
            self._held = _NODE_ID.sub(rb"\1", self._held + piece)
        if size < 0:
            ready = len(self._held)
        else:
            ready = min(size, len(self._held) if self._ended else len(self._held) - _LONGEST)
        given, self._held = self._held[:ready], self._held[ready:]
        return given
