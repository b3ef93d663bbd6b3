"""Check queries put to the engine in a process of their own, each within a time: the kernel ends what does not end.

What their rows mean is left to `run`.
"""

from __future__ import annotations

import os
import pickle
import signal
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyoxigraph as ox

from kg.pool.confinement import die_with_parent

WITHIN_S = 60.0
"""Seconds that one check may take; ours take hundredths."""

Row = tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, ...]


@dataclass(frozen=True)
class Answered:
    """What came of a query: its columns (none if it is no SELECT) and rows, or what was wrong and in which line."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    fault: str = ""
    line: int = 1


def ask_all(store: ox.Store, queries: Sequence[str]) -> list[Answered]:
    """What comes of each query; one that does not end is the last."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python warns of the threads of libraries. None holds a lock that the child needs: it asks and writes.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as output:
                _answer_all(store, queries, output)
            status = 0
        finally:  # whatever happens, this copy must not go on as a second build
            os._exit(status)
    os.close(writing)
    found: list[Answered] = []
    with os.fdopen(reading, "rb") as answers:
        while len(found) < len(queries):
            try:
                found.append(pickle.load(answers))  # from our own copy
            except EOFError:
                break
    _, ended = os.waitpid(child, 0)
    return found if ended == 0 else [*found, Answered(fault=_fate(ended))]


def _answer_all(store: ox.Store, queries: Sequence[str], output: BinaryIO) -> None:
    for number in (signal.SIGALRM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent()
    for query in queries:
        signal.setitimer(signal.ITIMER_REAL, WITHIN_S)
        pickle.dump(_answer(store, query), output)
        output.flush()


def _answer(store: ox.Store, query: str) -> Answered:
    try:
        found = store.query(query)
    except SyntaxError as error:
        return Answered(fault=f"not SPARQL: {error.msg}", line=error.lineno or 1)
    if not isinstance(found, ox.QuerySolutions):
        return Answered()
    columns = tuple(variable.value for variable in found.variables)
    return Answered(columns, tuple(tuple(solution) for solution in found))


def _fate(status: int) -> str:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return f"it did not finish within {WITHIN_S:g} s"
    return f"it ended the engine ({status})"
