"""The soak: a server under a mixed load for minutes, one request in fifty hostile. Run by `make soak`.

Prints JSON lines, writes a table beside them if asked, and ends with 1 if a bound is broken: no honest request fails,
no hostile one gets 500 or no answer, nothing reaches the canary, front and pool do not grow, no temporary file is left.
"""

from __future__ import annotations

import argparse
import itertools
import json
import queue
import random
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from live_server import LiveServer, running
from processes import Watch, watched
from soak_load import PATIENCE_S, Client, Expected, Request, fault, honest_requests, hostile_acts, record

from kg.generating.run import generate
from kg.project import Project

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
HOSTILE_CLIENTS = 8
HONEST_FOR_ONE_HOSTILE = 50
GROWTH_MB = 48
"""How much front and pool may grow after the first tenth of the time."""


@dataclass
class Tally:
    """What was counted; each list is appended to by many threads, which is safe."""

    latencies: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    hostile: Counter[tuple[str, str]] = field(default_factory=Counter)
    tickets: queue.SimpleQueue[None] = field(default_factory=queue.SimpleQueue)
    asked: Iterator[int] = field(default_factory=lambda: itertools.count(1))


def honest(port: int, number: int, expected: dict[Request, Expected], rate: float, until: float, tally: Tally) -> None:
    """One honest client: a request, a short pause, the next."""
    client, chance, requests = Client(port, f"198.51.100.{number}"), random.Random(number), list(expected)
    while time.monotonic() < until:
        request = chance.choice(requests)
        begin = time.monotonic()
        try:
            status, _, body = client.ask(request)
            wrong = fault(request, expected[request], status, body)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        took = time.monotonic() - begin
        if took > PATIENCE_S and wrong is None:
            wrong = f"answered after {took:.1f} s"
        tally.latencies[request.kind].append(took)
        if wrong is not None:
            tally.faults.append(f"{request.kind} {request.method} {request.path[:90]}: {wrong}")
        if next(tally.asked) % HONEST_FOR_ONE_HOSTILE == 0:
            tally.tickets.put(None)
        time.sleep(chance.expovariate(rate))


def hostile(acts: Iterator[tuple[str, object]], lock: threading.Lock, until: float, tally: Tally) -> None:
    """One hostile client: acts when a ticket is there."""
    while time.monotonic() < until:
        try:
            tally.tickets.get(timeout=0.5)
        except queue.Empty:
            continue
        with lock:
            name, act = next(acts)
        tally.hostile[name, act()] += 1  # type: ignore[operator]


@contextmanager
def canary() -> Iterator[tuple[int, list[str]]]:
    """A listener that nobody may reach: its port, and who did."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[str] = []

        def listen() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                heard.append(str(address))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], heard


def soak(server: LiveServer, seconds: float, rate: float, tally: Tally) -> tuple[Watch, list[str]]:
    """The load itself; memory over time, and what the canary heard."""
    expected = record(server.port, honest_requests())
    with canary() as (port, heard), watched(server.process.pid, max(1.0, seconds / 200)) as watch:
        until, lock = time.monotonic() + seconds, threading.Lock()
        acts = hostile_acts(server.port, port)
        threads = [
            threading.Thread(target=honest, args=(server.port, n, expected, rate / CLIENTS, until, tally))
            for n in range(1, CLIENTS + 1)
        ]
        threads += [threading.Thread(target=hostile, args=(acts, lock, until, tally)) for _ in range(HOSTILE_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return watch, heard


def kills(server: LiveServer) -> dict[str, float]:
    """Workers killed by cause, if the server tells."""
    reply = server.get("/metrics")
    if reply.status != 200:
        return {}
    lines = (line.rpartition(" ") for line in reply.text.splitlines() if re.search("kill|death|replaced", line))
    return {name: float(value) for name, _, value in lines if not name.startswith("#") and float(value)}


Figure = dict[str, object]


def latencies(tally: Tally) -> Iterator[Figure]:
    """How fast the honest were answered, by kind."""
    every = [took for kind in tally.latencies.values() for took in kind]
    for kind, took in [("all honest requests", every), *sorted(tally.latencies.items())]:
        cuts = statistics.quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
        figures = {"p50_ms": cuts[49], "p99_ms": cuts[98], "max_ms": max(took)}
        yield {"name": kind, "requests": len(took)} | {key: round(value * 1000, 1) for key, value in figures.items()}
    yield {"name": "honest requests that failed", "value": len(tally.faults), "of": len(every)}
    for what, times in Counter(tally.faults).most_common(12):
        yield {"name": "a failure", "what": what, "times": times}


def memory(watch: Watch) -> Iterator[Figure]:
    """What each part of the server holds: `start` is after the first tenth of the time."""
    start, end, peaks = watch.early(), watch.by_part(watch.samples[-1][1]), watch.peaks()
    for part in ("front", "pool", "worker"):
        if part in start and part in end:
            figures = {"start_mb": start[part][0], "end_mb": end[part][0], "peak_mb": peaks[part][0]}
            figures |= {"slope_mb_a_minute": watch.slope(part), "peak_of_all_pss_mb": peaks[part][1]}
            rounded = {key: round(value, 1) for key, value in figures.items()}
            yield {"name": f"memory of {part}, the largest"} | rounded | {"processes_seen": len(watch.pids(part))}


def shown(tally: Tally, watch: Watch, heard: list[str], told: dict[str, float], left: list[str]) -> Iterator[Figure]:
    """The figures, one a line."""
    yield from latencies(tally)
    for (name, came), times in sorted(tally.hostile.items()):
        yield {"name": "hostile", "what": name, "came": came, "times": times}
    yield {"name": "hostile requests that nobody had time for", "value": tally.tickets.qsize()}
    yield from memory(watch)
    if told:
        yield {"name": "workers killed, as the server counts", **told}
    yield {"name": "connections to the canary", "value": len(heard)}
    yield {"name": "temporary files left", "value": len(left), "which": left[:5]}


def broken(tally: Tally, watch: Watch, heard: list[str], left: list[str]) -> Iterator[str]:
    """The bounds that do not hold."""
    if tally.faults:
        yield f"{len(tally.faults)} honest requests failed"
    bad = {key: times for key, times in tally.hostile.items() if key[1] in ("500", "no answer")}
    if bad:
        yield f"hostile requests got {bad}"
    if heard:
        yield "something reached the canary"
    early, end = watch.early(), watch.by_part(watch.samples[-1][1])
    for part in ("front", "pool"):
        if part in early and part in end and end[part][0] - early[part][0] > GROWTH_MB:
            yield f"{part} grew by {end[part][0] - early[part][0]:.0f} MB"
    if left:
        yield f"temporary files left: {', '.join(left[:5])}"


def as_table(lines: list[Figure]) -> str:
    """The figures as Markdown."""
    rows = [f"| {line['name']} | {', '.join(f'{k} {v}' for k, v in line.items() if k != 'name')} |" for line in lines]
    return "\n".join(["| what | figures |", "|---|---|", *rows, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50, help="honest requests a second, at most")
    parser.add_argument("--table", type=Path, help="write the figures as Markdown too")
    options = parser.parse_args()
    project, tally = Project(ROOT), Tally()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        temporary = folder / "tmp"
        temporary.mkdir()
        graph = folder / "graph.nq"
        generate(project, options.triples, 1, graph)
        environ = {"TMPDIR": str(temporary), "KG_TRUSTED_PROXIES": "1"}
        with running(project.root, folder / "log", graph, environ=environ) as server:
            watch, heard = soak(server, options.seconds, options.rate, tally)
            told = kills(server)
        left = sorted(path.relative_to(temporary).as_posix() for path in temporary.rglob("*"))
    lines = list(shown(tally, watch, heard, told, left))
    faults = list(broken(tally, watch, heard, left))
    lines += [{"name": "BROKEN", "what": what} for what in faults]
    for line in lines:
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if options.table:
        options.table.write_text(as_table(lines), encoding="utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
