"""The suggestions of an error as a page shows them, and where each leads that is the name of something with a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

from kg.errors import QueryError
from kg.namespaces import BASE, ONTOLOGY, compact
from server import pages
from server.service import current_service


@dataclass(frozen=True)
class Suggestion:
    """One suggestion: what it is called, the name itself, and its address if it has one."""

    label: str
    name: str
    address: str = ""


def suggested(names: Sequence[str]) -> list[Suggestion]:
    """Suggestions with their addresses; those that are no names of anything here, such as formats, have none."""
    ours = [name for name in names if name.startswith((BASE, ONTOLOGY))]
    try:
        labels = current_service().labels(ours) if ours else {}
    except QueryError:
        labels = {}
    return [Suggestion(labels.get(name, ""), compact(name) if name in ours else name, _address(name)) for name in names]


def _address(name: str) -> str:
    served = current_service().served
    if name.startswith((BASE, ONTOLOGY)):
        return pages.link_of(name)
    if name.startswith(current_service().settings.url):
        return name
    if name in served.queries or name.partition(".")[0] in served.queries:
        return url_for("queries.show", slug=name)
    if name in served.dumps:
        return url_for("dumps.download", version="latest", name=name)
    if request.endpoint == "conflicts.judgement":
        return url_for("conflicts.judgement", slug=name)
    return ""
