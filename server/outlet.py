"""Sends an answer: a short one at once, a long one no faster than its reader takes it. Making it is left to others.

granian 2.8 buffers all that a streamed answer (`response_stream`) is given, and ends a failed one as if it were whole.
Its `response_file` reads as fast as the client does, so that a long body is given to it as the reading end of a pipe:
we see how it gets on, can end it, and know when it is over. Where bytes are missing then, the promised Content-Length
is not met and granian aborts the connection.
"""

from __future__ import annotations

import asyncio
import os
import time

from server.rsgi import Headers, Proto
from server.spool import FileBody

AT_ONCE_BYTES = 64 * 1024
LEAST_BYTES_S = 16_000
"""That a reader takes over the whole, less than the slowest of telephones: 256 MB are out in five hours."""


async def send(proto: Proto, status: int, headers: Headers, body: bytes | FileBody, stall_s: float) -> int:
    """How many bytes went out: fewer if the reader left, took none for `stall_s`, or took few for longer."""
    length = len(body)
    if length <= AT_ONCE_BYTES:
        # A pipe would hold it all, and not tell when it has been opened.
        proto.response_bytes(status, headers, body if isinstance(body, bytes) else b"".join(body))
        return length
    reading, writing = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(writing, False)
    try:
        # It opens the pipe a second time by this name. What it has taken bytes from, it has opened.
        proto.response_file(status, headers, f"/proc/self/fd/{reading}")
        sent = _fill(writing, body, 0, length)
        if not await _room(writing, stall_s):
            return sent
        os.close(reading)
        reading = -1
        began = time.monotonic()
        while sent < length:
            try:
                sent = _fill(writing, body, sent, length)
            except BrokenPipeError:
                return sent
            if sent < length and not await _room(writing, stall_s):
                return sent
            if sent < LEAST_BYTES_S * (time.monotonic() - began - stall_s):
                return sent
        return sent
    finally:
        os.close(writing)
        if reading >= 0:
            os.close(reading)


def _fill(writing: int, body: bytes | FileBody, sent: int, length: int) -> int:
    """How many bytes are out once the pipe is full."""
    try:
        while sent < length:
            if isinstance(body, bytes):
                sent += os.write(writing, memoryview(body)[sent : sent + AT_ONCE_BYTES])
            else:
                sent += os.sendfile(writing, body.fileno(), sent, length - sent)
    except BlockingIOError:
        pass
    return sent


async def _room(writing: int, within_s: float) -> bool:
    """Whether the reader has taken something in time."""
    loop = asyncio.get_running_loop()
    moved: asyncio.Future[None] = loop.create_future()
    loop.add_writer(writing, _tell, moved)
    try:
        await asyncio.wait_for(moved, within_s)
    except TimeoutError:
        return False
    finally:
        loop.remove_writer(writing)
    return True


def _tell(moved: asyncio.Future[None]) -> None:
    if not moved.done():
        moved.set_result(None)
