"""What a search has found, in words: where a name stands, which of it is meant, through what. `kg.search` finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import url_for

from kg.namespaces import BASE, INFERRED, REFERENCE, SOURCE, compact
from kg.search.matching import Match, Reason
from kg.search.reading import QUERY
from server import pages
from server.wording import gettext, marked, ngettext

_PLACES = {
    INFERRED: marked("the rule %(name)s"),
    REFERENCE: marked("reference %(name)s"),
    BASE + "graph/": marked("our own %(name)s"),
}
SHOWN = 280
"""Characters of a description that a page shows."""


def link_to(iri: str) -> str:
    """Where a visitor reads about what was found."""
    if iri.startswith(QUERY):
        return url_for("queries.show", slug=iri.removeprefix(QUERY))
    return pages.link_of(iri)


def place_of(graph: str, titles: Mapping[str, str]) -> str:
    """A graph in words: the title of a document and the place in it, a reference, a rule, what we say ourselves."""
    if graph.startswith(SOURCE):
        document = document_of(graph)
        return titles.get(document, compact(document))
    for base, told in _PLACES.items():
        if graph.startswith(base):
            return gettext(told) % {"name": graph.removeprefix(base).replace("-", " ")}
    return compact(graph).strip("<>")


def segments(reason: Reason, most: int = SHOWN) -> Iterable[tuple[str, bool]]:
    """A name in pieces, each with whether it is what was found; of a long one what stands around the first match."""
    text = reason.name.text
    marks = sorted({(match.begin, match.end) for match in reason.matches})
    start = 0 if len(text) <= most else max(0, min((marks[0][0] if marks else 0) - most // 3, len(text) - most))
    stop = min(len(text), start + most)
    at = start
    yield ("…" if start else "", False)
    for begin, end in marks:
        if begin >= at and end <= stop:
            yield text[at:begin], False
            yield text[begin:end], True
            at = end
    yield text[at:stop], False
    yield ("…" if stop < len(text) else "", False)


def told_way(match: Match) -> str:
    """Through what a word was found; nothing if it stands there as it was asked for."""
    if match.way == "written":
        return ""
    through = {
        "folded": gettext("%(asked)s = %(found)s, letters folded"),
        "transliterated": gettext("%(asked)s = %(found)s, both read “%(sound)s”"),
        "stem": gettext("%(asked)s ~ %(found)s, without their endings"),
        "beginning": gettext("%(asked)s… begins %(found)s"),
        "nearly": ngettext(
            "%(asked)s ≈ %(found)s, %(distance)s letter apart",
            "%(asked)s ≈ %(found)s, %(distance)s letters apart",
            match.distance or 0,
        ),
    }
    values = {"asked": match.asked, "found": match.found, "sound": match.sound, "distance": match.distance}
    return through[match.way] % values


def document_of(passage: str) -> str:
    """The IRI of a passage's document.

    >>> document_of("https://w3id.org/oxus/source/mfa-2021/450-783")
    'https://w3id.org/oxus/source/mfa-2021'
    """
    return SOURCE + passage.removeprefix(SOURCE).partition("/")[0]
