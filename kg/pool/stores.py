"""Where the workers find the dataset: in memory, had from their parent at birth, or in a folder on the disk.

A folder (RocksDB) is made once, by a process of its own, and opened by each worker for reading only: the engine has
threads of its own over a folder, which no fork takes along, so the workers' parent never opens one.
"""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg.build.dataset import load_files, open_build
from kg.errors import SourceError
from kg.pool.confinement import die_with_parent

OpenStore = Callable[[], ox.Store]
"""Called in each worker at its birth."""


def in_memory(sources: Sequence[Path]) -> OpenStore:
    """A build's folder, or RDF files, loaded now.

    Raises: BuildMissingError, TurtleError or another SourceError if they cannot be loaded.
    """
    store = _load(sources, ox.Store())
    return lambda: store


def on_disk(sources: Sequence[Path], folder: Path) -> OpenStore:
    """The same in a folder, which is made now if it is not there.

    Raises: the same, and SourceError if the folder cannot be made.
    """
    if not folder.is_dir():
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(1, mp_context=context, initializer=die_with_parent) as executor:
            try:
                executor.submit(_make, sources, folder).result()
            except (OSError, BrokenProcessPool) as error:
                raise SourceError(f"the store cannot be made on the disk: {error}", folder) from error
    return partial(ox.Store.read_only, str(folder))


def _make(sources: Sequence[Path], folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    store = _load(sources, ox.Store(str(fresh)))
    store.optimize()
    store.flush()
    del store
    fresh.rename(folder)


def _load(sources: Sequence[Path], store: ox.Store) -> ox.Store:
    return open_build(sources[0], store) if sources and sources[0].is_dir() else load_files(sources, store)
