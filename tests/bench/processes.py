"""What a server's processes hold: memory by part (front, pool, workers), read from /proc. Linux only."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

Memory = tuple[float, float]
"""Resident and proportional megabytes."""


@dataclass(frozen=True)
class Process:
    """One process of a server: `part` is parent (`kg serve` itself), front (what answers requests), pool or worker."""

    pid: int
    part: str
    rss_mb: float
    pss_mb: float


def processes_of(parent: int) -> list[Process]:
    """`kg serve` and what it started: front and pools are its children, the workers are the pools'."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    commands: dict[int, bytes] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        children[above].append(int(folder.name))
    found = [_measured(parent, "parent")]
    for child in children[parent]:
        is_pool = b"kg.pool.process" in commands[child]
        found.append(_measured(child, "pool" if is_pool else "front"))
        found += [_measured(worker, "worker") for worker in children[child] if is_pool]
    return [process for process in found if process is not None]


def _measured(pid: int, part: str) -> Process | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None  # it ended meanwhile
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return Process(pid, part, sizes.get("Rss", 0.0), sizes.get("Pss", 0.0))


@dataclass
class Watch:
    """Memory over time: samples of (seconds, process)."""

    began: float = field(default_factory=time.monotonic)
    samples: list[tuple[float, list[Process]]] = field(default_factory=list)

    def sample(self, parent: int) -> None:
        self.samples.append((time.monotonic() - self.began, processes_of(parent)))

    def by_part(self, sample: list[Process]) -> dict[str, Memory]:
        """RSS of the largest and PSS of all processes of each part."""
        parts = defaultdict(list)
        for process in sample:
            parts[process.part].append(process)
        return {
            part: (max(one.rss_mb for one in ones), sum(one.pss_mb for one in ones)) for part, ones in parts.items()
        }

    def peaks(self) -> Mapping[str, Memory]:
        """Of each part the largest of both, whenever it was."""
        found: dict[str, Memory] = {}
        for _, sample in self.samples:
            for part, (rss, pss) in self.by_part(sample).items():
                before = found.get(part, (0.0, 0.0))
                found[part] = (max(before[0], rss), max(before[1], pss))
        return found

    def pids(self, part: str) -> set[int]:
        return {process.pid for _, sample in self.samples for process in sample if process.part == part}

    def early(self) -> dict[str, Memory]:
        """What the parts held after a tenth of the time."""
        return self.by_part(self.samples[len(self.samples) // 10][1])

    def slope(self, part: str) -> float:
        """Megabytes (RSS of the largest) a minute, by least squares over the second half."""
        half = self.samples[len(self.samples) // 2 :]
        points = [(at, self.by_part(sample).get(part, (0.0, 0.0))[0]) for at, sample in half]
        middle = sum(at for at, _ in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _ in points)
        return 60 * sum((at - middle) * size for at, size in points) / spread if spread else 0.0


@contextmanager
def watched(parent: int, every_s: float) -> Iterator[Watch]:
    """Samples a server's processes until the block ends."""
    watch, done = Watch(), threading.Event()

    def keep_sampling() -> None:
        while not done.is_set():
            watch.sample(parent)
            done.wait(every_s)

    thread = threading.Thread(target=keep_sampling, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
        watch.sample(parent)
