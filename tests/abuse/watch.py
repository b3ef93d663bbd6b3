"""The processes of a server from outside: who they are, what memory and files they hold, whether they still answer."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path

from live_server import LiveServer

GROWTH_MB = 150
DESCRIPTORS = 60
TEMPORARY = 3
SETTLES_WITHIN_S = 5.0
_NUMBERS = itertools.count()


@dataclass
class Watch:
    """Takes the measure of a server when it is made, and compares afterwards; `temporary` is its TMPDIR."""

    server: LiveServer
    temporary: Path
    start_mb: float = field(init=False)
    _lasting: dict[int, str] = field(init=False)
    _descriptors: int = field(init=False)
    _files: int = field(init=False)

    def __post_init__(self) -> None:
        self._lasting = children(self.server.process.pid)
        self._descriptors = self._open_descriptors()
        self._files = self._temporary_files()
        self.start_mb = self.memory_mb()

    def fault(self) -> str:
        """What is no longer as it was; empty if all is. Memory and files get a moment to settle."""
        return self._fault_of_answers() or self._fault_of_holdings()

    def memory_mb(self) -> float:
        """What all the server's processes hold, shared pages counted once."""
        every = [self.server.process.pid, *descendants(self.server.process.pid)]
        return sum(map(_proportional_kb, every)) / 1024

    def _fault_of_answers(self) -> str:
        if children(self.server.process.pid) != self._lasting:
            return f"the server's processes were {self._lasting} and are {children(self.server.process.pid)}"
        if self.server.get("/healthz").status != 200:
            return "/healthz does not answer 200"
        took = []
        for _ in range(3):  # the machine may be busy with something else for once
            number, began = next(_NUMBERS), time.monotonic()
            reply = self.server.query(
                f"SELECT (COUNT(*) AS ?n) ({number} AS ?k) {{ VALUES ?x {{ 1 2 3 }} }}", "text/csv"
            )
            took.append(time.monotonic() - began)
            if reply.body != f"n,k\r\n3,{number}\r\n".encode():
                return f"a simple query gets {reply.status} {reply.body[:200]!r}"
            if took[-1] < 1:
                return ""
        return f"a simple query takes {took} s"

    def _fault_of_holdings(self) -> str:
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while fault := self._holds_too_much():
            if time.monotonic() > deadline:
                return fault
            time.sleep(0.1)
        return ""

    def _holds_too_much(self) -> str:
        grown = self.memory_mb() - self.start_mb
        if grown > GROWTH_MB:
            return f"{grown:.0f} MB more memory than at the start"
        if (more := self._open_descriptors() - self._descriptors) > DESCRIPTORS:
            return f"{more} more open files than at the start"
        if (more := self._temporary_files() - self._files) > TEMPORARY:
            return f"{more} temporary files left: {[path.name for path in self.temporary.rglob('*')][:5]}"
        return ""

    def _open_descriptors(self) -> int:
        return sum(_count(Path(f"/proc/{pid}/fd")) for pid in [self.server.process.pid, *self._lasting])

    def _temporary_files(self) -> int:
        return sum(path.is_file() for path in self.temporary.rglob("*"))


def children(pid: int) -> dict[int, str]:
    """The processes that one has started, with their command lines."""
    found = {}
    try:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found[int(child)] = command
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def descendants(pid: int) -> dict[int, str]:
    """The processes that one has started, and those that they have."""
    found = children(pid)
    for child in list(found):
        found |= descendants(child)
    return found


def _proportional_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def _count(folder: Path) -> int:
    try:
        return len(list(folder.iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return 0
