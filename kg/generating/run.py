"""`kg generate` as a function: a graph of a given size and seed into a file, or into any stream."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from kg.errors import SourceError
from kg.generating.compiling import read_recipe
from kg.generating.documents import Documents
from kg.project import Project

Progress = Callable[[str], None]
STEP = 20_000
"""How many statements are written between two words of progress."""


def generate(
    project: Project, statements: int, seed: int, out: Path | IO[bytes], progress: Progress = lambda step: None
) -> int:
    """Write a generated graph as N-Quads, gzipped if the file's name ends in .gz; how many statements it has.

    A statement is a line: a triple in a named graph or in the default graph; no line comes twice. A file appears when
    it is whole.

    Raises: SourceError if there are too few statements for a first document, or the file cannot be written.
    """
    if statements <= 0:
        raise SourceError(f"{statements} statements: a graph has at least some thousands")
    documents = Documents(read_recipe(project), statements, seed)
    if not isinstance(out, Path):
        _write(documents, out, progress)
        return documents.count
    try:
        with _whole_or_not_at_all(out) as raw:
            if out.suffix == ".gz":
                # Neither name nor time in its header: the same bytes whenever and wherever it is written.
                with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
                    _write(documents, cast(IO[bytes], packed), progress)
            else:
                _write(documents, raw, progress)
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror or error}", out) from error
    return documents.count


def _write(documents: Documents, out: IO[bytes], progress: Progress) -> None:
    shown = 0
    for block in documents.blocks():
        out.write(block.encode())
        if documents.count >= shown + STEP:
            shown = documents.count
            progress(f"{shown:,} of {documents.statements:,} statements")


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when it is complete, and is gone if it is not."""
    if path.exists() and not path.is_file():
        with path.open("wb") as special:  # a pipe or a device, which must not be replaced; a folder raises
            yield special
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("xb") as stream:
            yield stream
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
