"""Answers that wait in temporary files for their readers, and how many bytes of them there may be.

Sending them is left to `server.outlet`.
"""

from __future__ import annotations

import errno
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

from flask import current_app

from kg.errors import QueryLimitError, ServiceBusyError
from server.fairness import BEARER, ClientLimitError, counted_as

EXTENSION = "oxus.spool"
IN_MEMORY_BYTES = 1_000_000
PIECE_BYTES = 64 * 1024
SHARE = 4
"""One client may have a SHARE-th of the room: its readers may be slow for hours, and others are to find some."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileBody(Iterable[bytes]):
    """A body that is a file; it is closed when each of its `shares` has been."""

    def __init__(self, file: IO[bytes], block_size: int = PIECE_BYTES) -> None:
        self.shares = 1
        self._file = file
        self._block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(self._block_size):
            yield piece

    def __len__(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def close(self) -> None:
        """One share less."""
        self.shares -= 1
        if self.shares <= 0:
            self._file.close()


class Spool:
    """The room for all temporary files of the server; threads may share it."""

    def __init__(self, most_bytes: int, longest: int = 0) -> None:
        """`longest` is what one answer may have: that much any client may take, even if it is more than its share."""
        self._most = most_bytes
        self._most_each = max(most_bytes // SHARE, longest)
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, count: int, client: str) -> None:
        """Room for so many bytes of a client's answer.

        Raises: ServiceBusyError if there is none; ClientLimitError if only this client has none left.
        """
        client = counted_as(client)
        with self._lock:
            if self._taken.total() + count > self._most:
                raise _full("max_spool_mb", "the answers that wait for their readers take all the room there is")
            if client != BEARER and self._taken[client] + count > self._most_each:
                share = f"{self._most_each / 1e6:.0f} MB"
                message = f"answers that you have not read yet take all the room that one client may have: {share}"
                raise _full("max_spool_mb", message, ClientLimitError)
            self._taken[client] += count

    def give_back(self, count: int, client: str) -> None:
        """Room that is not needed any more."""
        client = counted_as(client)
        with self._lock:
            self._taken[client] -= count
            if not self._taken[client]:
                del self._taken[client]


class SpoolFile(FileBody):
    """A temporary file without a name: nothing stays behind, however the server ends."""

    def __init__(self, spool: Spool, client: str = "", file: IO[bytes] | None = None) -> None:
        super().__init__(file or TemporaryFile(buffering=0))
        self._spool = spool
        self._client = client
        self._length = 0

    def write(self, data: bytes | bytearray) -> None:
        """Adds to it.

        Raises: ServiceBusyError if there is no room, be it the spool's or the disk's; ClientLimitError.
        """
        self._spool.take(len(data), self._client)
        self._length += len(data)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise _full("disk", "the disk for temporary files is full") from error

    def close(self) -> None:
        """One share less; with the last one its room is free again."""
        super().close()
        if self._file.closed:
            self._spool.give_back(self._length, self._client)
            self._length = 0


def gathered(chunks: Iterable[bytes], spool: Spool, client: str) -> bytes | SpoolFile:
    """All the bytes; from 1 MB on in a file, which counts as the client's.

    Raises: what reading the chunks raises; ServiceBusyError or ClientLimitError if there is no room for the file.
    """
    start = bytearray()
    rest = iter(chunks)
    for chunk in rest:
        start += chunk
        if len(start) > IN_MEMORY_BYTES:
            break
    else:
        return bytes(start)
    file = SpoolFile(spool, client)
    try:
        file.write(start)
        for chunk in rest:
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    return file


def current_spool() -> Spool:
    """That of the running application."""
    spool: Spool = current_app.extensions[EXTENSION]
    return spool


def _full(limit: str, message: str, error: type[QueryLimitError] = ServiceBusyError) -> QueryLimitError:
    return error(f"{message}; try again soon, or ask for less with LIMIT", limit=limit, retry_after_s=10)
