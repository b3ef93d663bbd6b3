"""A million rows in one answer: what every process holds meanwhile, and when the first and the last byte come.

Once read slowly by one client, once as fast as it goes by four at a time, each with a query of its own: as it is, and
in each of the codings.
"""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
from live_server import running
from processes import Watch, watched

from kg.generating.run import generate
from kg.project import Project

pytestmark = pytest.mark.bench
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
STATEMENTS_A_ROW = 2.1
"""Statements of named graphs stand in the default graph again, if they are accepted."""

QUERY = f"SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {ROWS}"
LIMITS = ("--timeout-s", 60, "--client-seconds", 6000)
"""Else as they are: 256 MB an answer, 1 GB of memory a query on top of the graph."""
WORKERS = 4
SLOW_MB_A_SECOND = 10.0
WITHIN_S = 600
ADDRESSES = count()


@dataclass
class Answer:
    """One answer: when its first and its last byte came, how much of it, and what it was if it was refused."""

    first_s: float
    all_s: float
    megabytes: float
    lines: int
    refused: str


@dataclass(frozen=True)
class Reader:
    """How a client reads; a number makes its query its own. Each is a client of its own address, with its own share."""

    number: int
    coding: str = "identity"
    mb_a_second: float | None = None


ROUNDS = {
    "one slow reader": [Reader(0, mb_a_second=SLOW_MB_A_SECOND)],
    "four fast readers": [Reader(number) for number in range(1, 5)],
    "four fast readers of the same": [Reader(5)] * 4,
    **{
        f"four fast readers, {coding}": [Reader(number, coding) for number in range(4)]
        for coding in ("zstd", "br", "gzip")
    },
}


def read(port: int, reader: Reader) -> Answer:
    """The answer as TSV, read as fast as it comes or slowly; of a compressed one the lines are not counted."""
    begin = time.monotonic()
    own = (f"127.0.0.{10 + next(ADDRESSES) % 200}", 0)
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S, source_address=own)) as connection:
        target = f"/sparql?{urlencode({'query': f'{QUERY} # {reader.number} {reader.coding}'})}"
        headers = {"Accept": "text/tab-separated-values", "Accept-Encoding": reader.coding}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        first, size, lines = time.monotonic() - begin, 0, 0
        if response.status != 200:
            return Answer(first, first, 0.0, 0, f"{response.status}: {response.read(300).decode()}")
        while data := response.read(1 << 16):
            size += len(data)
            lines += data.count(b"\n")
            if reader.mb_a_second is not None:
                time.sleep(max(0.0, begin + first + size / reader.mb_a_second / 1e6 - time.monotonic()))
    return Answer(first, time.monotonic() - begin, size / 1e6, lines, "")


def bench_million(real_project: Project, tmp_path: Path, figure: Callable[..., None]) -> None:
    graph = tmp_path / "graph.nq"
    begin = time.monotonic()
    generate(real_project, int(ROWS * STATEMENTS_A_ROW), 1, graph)
    figure("generate", time.monotonic() - begin, "s", statements=int(ROWS * STATEMENTS_A_ROW))
    begin = time.monotonic()
    with running(
        real_project.root, tmp_path / "log", graph, *LIMITS, "--workers", WORKERS, start_within_s=120
    ) as server:
        figure("start", time.monotonic() - begin, "s")
        before = Watch()
        before.sample(server.process.pid)
        for part, (rss, pss) in before.peaks().items():
            figure(f"{part} before", rss, "MB RSS of the largest", all_pss_mb=round(pss, 1))
        for name, readers in ROUNDS.items():
            with watched(server.process.pid, 0.5) as watch, ThreadPoolExecutor(len(readers)) as threads:
                answers = list(threads.map(lambda reader: read(server.port, reader), readers))
            for answer in answers:
                figure(f"{name}: first byte", answer.first_s, "s")
                if answer.refused:
                    figure(f"{name}: refused", 0, answer.refused)
                else:
                    figure(f"{name}: all", answer.all_s, "s", mb=round(answer.megabytes), lines=answer.lines)
            for part, (rss, pss) in watch.peaks().items():
                figure(f"{name}: {part} at its peak", rss, "MB RSS of the largest", all_pss_mb=round(pss, 1))
