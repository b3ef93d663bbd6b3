"""Where the workers find the dataset: in memory, had from their parent at birth, in a folder on the disk, or elsewhere.

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

from kg.backend.connection import Backend
from kg.backend.store import RemoteStore, find_holding
from kg.build.dataset import load_files, open_build
from kg.errors import QueryError, SourceError
from kg.pool.confinement import die_with_parent

OpenStore = Callable[[], ox.Store | RemoteStore]
"""Called in each worker at its birth."""


def open_sources(sources: Sequence[Path], folder: Path | None, backend: Path | None) -> OpenStore:
    """The dataset where it is to be: in the store that a file tells of, in a folder, or in memory.

    Raises: SourceError.
    """
    if backend is not None:
        return elsewhere(Backend.read(backend))
    return in_memory(sources) if folder is None else on_disk(sources, folder)


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


def elsewhere(backend: Backend) -> OpenStore:
    """Another store that holds the dataset; each worker has connections of its own.

    Raises: SourceError if it does not hold this version, or cannot be asked.
    """
    try:
        holding = find_holding(backend)
    except QueryError as error:
        raise SourceError(error.message) from error
    return lambda: RemoteStore(backend, holding)


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
