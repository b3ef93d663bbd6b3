"""The stores that a worker answers from: its own, that of another build if a request names one, and their views.

Forming a view (what that is, is said in `kg.build.views`) takes half a second for ten thousand statements, and loading
a build a quarter of one: what was asked for last is kept, but of one build at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from kg.backend.store import RemoteStore
from kg.build.dataset import open_build
from kg.build.views import View, view_store
from kg.errors import NotFoundError, QueryParameterError, SourceError

MOST_KEPT = 4
"""How many views a worker keeps; each takes about as much memory as the dataset."""


class Views:
    """The stores of one dataset and its views at a time, the views asked for last kept."""

    def __init__(self, store: ox.Store | RemoteStore) -> None:
        self._own = self._store = store
        self._folder: object = None
        self._formed: dict[View, ox.Store] = {}

    def store_for(self, request: Mapping[str, object]) -> ox.Store:
        """The store that a request is about: its member `view` says which; `rules` are the texts of the rules.

        `dataset` is the folder of another build, which is loaded then.

        Raises: QueryParameterError if the dataset has no such document or grade, or is not here to be formed anew;
        NotFoundError if there is no build.
        """
        self._turn_to(request.get("dataset"))
        wanted = request.get("view")
        if not wanted:
            return cast(ox.Store, self._store)
        if isinstance(self._store, RemoteStore):
            message = "source, reliability and rejected are not taken here: this server asks another store, and the "
            raise QueryParameterError(message + "graph would have to be inferred anew from a copy", parameter="source")
        view = View(**cast("dict[str, str]", wanted))  # type: ignore[arg-type]  # `rejected` is a boolean
        formed = self._formed.pop(view, None) or view_store(
            self._store, view, cast("Mapping[str, str]", request.get("rules") or {})
        )
        while len(self._formed) >= MOST_KEPT:
            del self._formed[next(iter(self._formed))]
        self._formed[view] = formed
        return formed

    @property
    def whole(self) -> ox.Store | RemoteStore:
        """The dataset that the views asked for last are of."""
        return self._store

    def _turn_to(self, folder: object) -> None:
        if folder == self._folder:
            return
        self._formed.clear()
        self._store, self._folder = self._own, None  # lets go of the one before the next is loaded
        if folder is not None:
            try:
                self._store, self._folder = open_build(Path(str(folder))), folder
            except SourceError as error:
                raise NotFoundError(f"the version's dataset is not there any more: {error.message}") from error
