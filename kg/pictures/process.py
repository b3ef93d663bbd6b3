"""The process that draws, as its user sees it: it begins with the first picture, and draws one at a time.

It is replaced when a picture takes it too long or too much memory.

`python -m kg.pictures.process` is that process. What it draws is `drawing`'s to say.
"""

from __future__ import annotations

import json
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.errors import PictureError, ServiceBusyError
from kg.pictures.subject import Subject

FORMATS = ("svg", "png", "vl")
"""What a picture can be had as: a file, and as it is told to Vega-Lite."""
DEADLINE_S = 10.0
"""What a picture may take."""
START_S = 20.0
"""What the process may take until it can draw; with a whole processor it is one second."""
MEMORY_MB = 1024
"""What it may have for its data."""
MOST_BYTES = 8_000_000
"""Of a picture, and of what is asked for one."""
_LENGTH = struct.Struct("!?I")


class Drawer:
    """Draws pictures, several threads' too, one after the other."""

    def __init__(self, deadline_s: float = DEADLINE_S, memory_mb: int = MEMORY_MB) -> None:
        self._deadline_s, self._memory_mb = deadline_s, memory_mb
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._end: Any = None

    @property
    def pid(self) -> int | None:
        """The process that draws, if there is one."""
        return None if self._process is None else self._process.pid

    def draw(self, subject: Subject, format_name: str, mark: str = "picture") -> bytes:
        """A picture as svg, png or vl; as `inline` it is JSON of what a page shows.

        Raises: PictureError if it takes too long or too much; ServiceBusyError if too many wait for theirs.
        """
        chart = [subject.chart.kind, subject.chart.columns]
        told = {**subject.__dict__, "chart": chart, "rows": list(subject.rows)}
        asked = json.dumps({"subject": told, "format": format_name, "mark": mark}).encode()
        if len(asked) > MOST_BYTES:
            raise PictureError("there is more to draw than a picture may be of", limit="picture size")
        if not self._lock.acquire(timeout=self._deadline_s):
            raise ServiceBusyError("too many wait for pictures", limit="pictures")
        try:
            return self._drawn(asked)
        finally:
            self._lock.release()

    def close(self) -> None:
        """The process is no more."""
        if self._end is not None:
            self._end()
        self._line = self._process = None

    def _drawn(self, asked: bytes) -> bytes:
        line = self._line or self._start()
        until = time.monotonic() + self._deadline_s
        try:
            line.settimeout(self._deadline_s)
            line.sendall(_LENGTH.pack(True, len(asked)) + asked)
            well, body = _received(line, until)
        except TimeoutError:
            self.close()
            raise PictureError(f"the picture took more than {self._deadline_s:g} s", limit="picture time") from None
        except OSError:
            self.close()
            raise PictureError(
                "the picture took more memory than it may, or cannot be drawn", limit="picture"
            ) from None
        if not well:
            raise PictureError("this cannot be drawn: " + body.decode(errors="replace"), limit="picture")
        return body

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "kg.pictures.process", str(self._memory_mb), str(self._deadline_s)]
        process = subprocess.Popen(
            command,
            stdin=theirs.fileno(),  # both ways; its end tells the process that we are gone
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=True,  # Ctrl-C is for us
        )
        theirs.close()
        self._process = process
        self._line, self._end = ours, weakref.finalize(self, _end, process, ours)
        try:
            _received(ours, time.monotonic() + START_S)
        except OSError:
            self.close()
            raise PictureError("what draws pictures did not start; the log says why", limit="picture") from None
        return ours


def _end(process: subprocess.Popen[bytes], line: socket.socket) -> None:
    line.close()
    process.kill()
    process.wait()


def _received(line: socket.socket, until: float) -> tuple[bool, bytes]:
    """Whether all went well, and what was sent.

    Raises: TimeoutError; ConnectionError if it broke off.
    """
    well, length = _LENGTH.unpack(_exactly(line, _LENGTH.size, until))
    return well, _exactly(line, length, until)


def _exactly(line: socket.socket, length: int, until: float | None = None) -> bytes:
    parts, missing = [], length
    while missing:
        if until is not None:
            line.settimeout(max(until - time.monotonic(), 0.001))
        part = line.recv(min(missing, 1 << 16))
        if not part:
            raise ConnectionError("the other side is gone")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def main(memory_mb: int, deadline_s: float) -> None:
    """Draws what is asked for on the socket that standard input is, until that ends."""
    line = socket.socket(fileno=sys.stdin.fileno())
    _confine(memory_mb)
    from kg.pictures.drawing import draw

    _reply(line, True, b"")
    while True:
        select.select([line], [], [])
        try:
            _, length = _LENGTH.unpack(_exactly(line, _LENGTH.size))
            asked: Mapping[str, Any] = json.loads(_exactly(line, length))
        except ConnectionError:
            return
        # Should whoever asks be gone, or hang: no picture outlives this.
        signal.setitimer(signal.ITIMER_REAL, deadline_s + 1)
        try:
            body, well = draw(asked), True
        except ValueError as error:  # what Vega makes of a specification that it cannot compile
            body, well = str(error).partition("\n")[0][:300].encode(), False
        signal.setitimer(signal.ITIMER_REAL, 0)
        _reply(line, well, body)


def _confine(memory_mb: int) -> None:
    """Nothing; the process leaves no core file, and cannot have more memory than so much for data.

    The engine takes addresses by the gigabyte that it never uses: it is data and not addresses that are counted.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def _reply(line: socket.socket, well: bool, body: bytes) -> None:
    with suppress(BrokenPipeError):
        line.sendall(_LENGTH.pack(well, len(body)) + body)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
