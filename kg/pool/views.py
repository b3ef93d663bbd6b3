"""The views that a worker has formed, each once: forming one takes half a second for ten thousand statements.

What a view is, is said in `kg.build.views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pyoxigraph as ox

from kg.build.views import View, view_store

MOST_KEPT = 4
"""How many views a worker keeps; each takes about as much memory as the dataset."""


class Views:
    """The stores of one dataset's views, the ones asked for last kept."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._formed: dict[View, ox.Store] = {}

    def store_for(self, request: Mapping[str, object]) -> ox.Store:
        """The store that a request is about: its member `view` says which; `rules` are the texts of the rules.

        Raises: QueryParameterError if the dataset has no such document or grade.
        """
        wanted = request.get("view")
        if not wanted:
            return self._store
        view = View(**cast("dict[str, str]", wanted))  # type: ignore[arg-type]  # `rejected` is a boolean
        formed = self._formed.pop(view, None) or view_store(
            self._store, view, cast("Mapping[str, str]", request.get("rules") or {})
        )
        while len(self._formed) >= MOST_KEPT:
            del self._formed[next(iter(self._formed))]
        self._formed[view] = formed
        return formed
