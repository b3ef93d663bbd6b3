"""`kg query --format svg|png|vl`: what is drawn of an answer, and where it is written. Drawing is `kg.pictures`'."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import QueryParameterError, SourceError
from kg.pictures.process import Drawer
from kg.pictures.subject import Subject, iris_in
from kg.queries.declarations import CHARTS, CannedQuery, Chart

Rows = Callable[[str], list[dict[str, Any]]]
"""Asks a query of ours."""


@contextmanager
def opened(out: Path | None) -> Iterator[BinaryIO]:
    """Where an answer goes: a file, or standard output."""
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        with out.open("wb") as stream:
            yield stream
    except OSError as error:
        raise SourceError(error.strerror or "cannot be written", out) from None


def chart_in(canned: CannedQuery | None, given: str | None) -> Chart:
    """What is to be drawn: what is given as KIND:COLUMN,COLUMN, else what the query declares."""
    if given is None:
        if canned is None or canned.chart is None:
            name = canned.slug if canned else "a query of your own"
            raise QueryParameterError(f"{name} declares no chart: give --chart KIND:COLUMN,COLUMN", parameter="chart")
        return canned.chart
    kind, _, columns = given.partition(":")
    if kind not in CHARTS:
        raise QueryParameterError(f"there is no chart {kind!r}", parameter="chart", suggestions=list(CHARTS))
    return Chart(kind, tuple(name.strip() for name in columns.split(",") if name.strip()))


def drawn(rows: Rows, canned: CannedQuery | None, chart: Chart, results: Mapping[str, Any], format_name: str) -> bytes:
    """The picture of an answer; things are called as the graph calls them."""
    from kg.queries.tables import read_labels  # it brings what draws tables

    if fault := chart.fault(results["head"]["vars"]):
        raise QueryParameterError(fault, parameter="chart")
    headings = {column.name: column.label for column in canned.columns} if canned else {}
    subject = Subject(chart, results["results"]["bindings"], canned.title if canned else "Answer", headings=headings)
    found = iris_in(subject)
    names = read_labels(rows, found) if found else {}
    drawer = Drawer()
    try:
        return drawer.draw(replace(subject, names=names, links={iri: iri for iri in found}), format_name)
    finally:
        drawer.close()
