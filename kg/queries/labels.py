"""What things are called, in the languages that somebody reads. Which columns want names is left to `export`."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.namespaces import DCTERMS, RDFS, SKOS, oxus

NAMING = tuple(ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title"))
GIST = oxus("gist")
"""What a passage is called, having no name."""


class Labels:
    """Looks up the label of an IRI in the accepted graph: in the first language that has one, English, else any.

    A language asked for takes in its regions and scripts: `tg` finds `tg-Cyrl`.

    >>> store = ox.Store()
    >>> nile = ox.NamedNode("urn:nile")
    >>> for text, language in (("Nile", "en"), ("النيل", "ar")):
    ...     store.add(ox.Quad(nile, NAMING[0], ox.Literal(text, language=language)))
    >>> Labels(store, ["fr"]).of("urn:nile"), Labels(store, ["fr", "ar"]).of("urn:nile")
    ('Nile', 'النيل')
    """

    def __init__(self, store: ox.Store, languages: Sequence[str] = ()) -> None:
        self._store = store
        self._languages = [language.lower() for language in languages] + ["en"]
        self._known: dict[str, str] = {}

    def of(self, iri: str) -> str:
        """The label, or an empty text."""
        if iri not in self._known:
            self._known[iri] = self._look_up(ox.NamedNode(iri))
        return self._known[iri]

    def _look_up(self, node: ox.NamedNode) -> str:
        for properties in (NAMING, (GIST,)):
            found = [
                (self._rank(quad.object.language), rank, quad.object.value)
                for rank, naming in enumerate(properties)
                for quad in self._store.quads_for_pattern(node, naming, None, ox.DefaultGraph())
                if isinstance(quad.object, ox.Literal)
            ]
            if found:
                return min(found)[2]
        return ""

    def _rank(self, language: str | None) -> int:
        tag = (language or "").lower()
        for rank, asked in enumerate(self._languages):
            if tag == asked or tag.startswith(asked + "-"):
                return rank
        return len(self._languages) + (1 if tag else 0)
