"""Whether the graph is held elsewhere, in memory or on the disk: what was set, else what the machine's memory allows.

In memory it answers two to eight times as fast. But each worker in time holds a copy of its own: reading writes to the
pages that it shares with its parent at birth.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from server.served import Served
from server.settings import Settings

BYTES_A_STATEMENT = 400
"""What a statement takes in memory; measured at a million."""
BYTES_IN_A_FILE = 100
"""How long a statement is in a file, at least; and `.gz` files are, at most, so many times as long unpacked:"""
UNPACKED = 10


@dataclass(frozen=True)
class Store:
    """Where the graph is held, and what it takes of the memory.

    >>> print(Store(on_disk=False, copy_bytes=9_500_000, workers=2))
    in memory (about 10 MB for each of 2 workers)
    """

    on_disk: bool
    copy_bytes: int
    workers: int
    backend: str = ""

    def __str__(self) -> str:
        if self.backend:
            return f"in the store at {self.backend}"
        if self.on_disk:
            return f"on the disk (in memory it might take {_mb(self.copy_bytes)} for each of {self.workers} workers)"
        return f"in memory (about {_mb(self.copy_bytes)} for each of {self.workers} workers)"


def choose_store(settings: Settings, served: Served, free_bytes: int | None = None) -> Store:
    """As set; `auto` takes the disk when copies for the workers and their parent need over half of the free memory."""
    if settings.backend:
        return Store(on_disk=False, copy_bytes=0, workers=settings.workers, backend=settings.backend.partition("?")[0])
    copy_bytes = _statements(served) * BYTES_A_STATEMENT
    free = available_bytes() if free_bytes is None else free_bytes
    too_large = copy_bytes * (settings.workers + 1) > free / 2
    return Store(settings.store == "disk" or (settings.store == "auto" and too_large), copy_bytes, settings.workers)


def available_bytes(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """What memory this process may still use: the machine's, or less if a control group (a container) says so."""
    free = _of_machine(proc / "meminfo")
    try:
        path = (proc / "self" / "cgroup").read_text().partition("0::/")[2].partition("\n")[0]
    except OSError:
        return free
    for folder in (groups / path, *(groups / path).parents):
        if folder.is_relative_to(groups):
            free = min(free, _of_group(folder, free))
    return free


def _of_machine(meminfo: Path) -> int:
    try:
        lines = meminfo.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):  # not Linux: all that there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_group(folder: Path, otherwise: int) -> int:
    try:
        limit = (folder / "memory.max").read_text().strip()
        return otherwise if limit == "max" else max(0, int(limit) - int((folder / "memory.current").read_text()))
    except (OSError, ValueError):
        return otherwise


def _statements(served: Served) -> int:
    """How many the pool will hold; the accepted ones twice, under no name and under their own."""
    counts = served.manifest.counts
    if {"accepted", "statements"} <= counts.keys():
        return counts["statements"] + 2 * counts["accepted"]
    sizes = (entry.bytes * (UNPACKED if name.endswith(".gz") else 1) for name, entry in served.manifest.files.items())
    return sum(sizes) // BYTES_IN_A_FILE


def _mb(count: int) -> str:
    return f"{-(-count // 1_000_000):,} MB"
