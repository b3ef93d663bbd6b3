"""What stands beside the facts of a thing: its neighbours, its place, where else it is described, what to ask of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from kg.namespaces import BASE, RDF, SKOS, compact, oxus
from kg.queries.declarations import CannedQuery
from server import pages, pictures
from server.cells import Term
from server.service import Service

TIES = f"""
SELECT DISTINCT ?tie ?property ?other WHERE {{{{
  VALUES ?tie {{{{ {{values}} }}}}
  ?tie <{RDF}type> {oxus("Relator")} ; ?property ?other .
  FILTER (isIRI(?other) && STRSTARTS(STR(?other), "{BASE}id/"))
  FILTER NOT EXISTS {{{{ ?other <{RDF}type> {oxus("Code")} }}}}
}}}} ORDER BY ?tie ?property ?other"""
AT_ONCE = 400
MOST_NEIGHBOURS = 16
MATCHES = (SKOS + "exactMatch", SKOS + "closeMatch")
LATITUDE, LONGITUDE = oxus("latitude").value, oxus("longitude").value


@dataclass(frozen=True)
class Elsewhere:
    """The same thing in other data: its address and whose it is."""

    address: str
    host: str
    exact: bool


def ties(service: Service, iris: Iterable[str], iri: str) -> dict[str, tuple[str, ...]]:
    """Of what ties things (a membership, a tenure) those at its other ends, besides `iri`."""
    wanted = list(dict.fromkeys(iris))
    found: dict[str, dict[str, None]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        values = " ".join(f"<{each}>" for each in wanted[start : start + AT_ONCE])
        for row in service.rows(TIES.format(values=values)):
            if row["other"]["value"] != iri:
                found.setdefault(row["tie"]["value"], {})[row["other"]["value"]] = None
    return {tie: tuple(others) for tie, others in found.items()}


def network(
    iri: str, ends: Sequence[str], tied: Mapping[str, Sequence[str]], labels: Mapping[str, str], title: str
) -> pictures.Picture | None:
    """The nearest things, without what ties them: those with the most statements, if there are two or more."""
    near: Counter[str] = Counter()
    for end in ends:
        near.update(other for other in tied.get(end, (end,)) if other.startswith(f"{BASE}id/") and other != iri)
    chosen = sorted(near, key=lambda name: (-near[name], labels.get(name, name)))[:MOST_NEIGHBOURS]
    if len(chosen) < 2:
        return None
    rows = [{"thing": _uri(iri), "other": _uri(other), "ties": near[other]} for other in chosen]
    return pictures.inline("network", ("thing", "other", "ties"), rows, title=title, width=600, id="near")


def place(about: Iterable[Mapping[str, Any]], name: str, title: str) -> pictures.Picture | None:
    """The map of a thing that has coordinates."""
    values = {each["triple"][1]["value"]: each["triple"][2] for each in about}
    if LATITUDE not in values or LONGITUDE not in values:
        return None
    row = {"latitude": values[LATITUDE], "longitude": values[LONGITUDE], "label": name}
    return pictures.inline("map", ("latitude", "longitude", "label"), [row], title=title, width=600, id="place")


def elsewhere(about: Iterable[Mapping[str, Any]]) -> list[Elsewhere]:
    """Where else the thing is described."""
    found: dict[str, Elsewhere] = {}
    for each in about:
        _, predicate, value = each["triple"]
        address = value["value"]
        if predicate["value"] in MATCHES and value["type"] == "uri" and address.startswith(("https://", "http://")):
            host = (urlsplit(address).hostname or "").removeprefix("www.")
            exact = predicate["value"] == MATCHES[0]
            if address not in found or exact:
                found[address] = Elsewhere(address, host, exact)
    return sorted(found.values(), key=lambda each: (each.host, each.address))


def asking(queries: Iterable[CannedQuery], iri: str, classes: Iterable[str]) -> list[tuple[CannedQuery, str]]:
    """The canned queries that can be asked of a thing of these classes, and the address with the thing filled in."""
    known = set(classes)
    found = []
    for query in queries:
        fitting = [each for each in query.params if each.type == "iri" and (each.iri_class in known)]
        open_ones = [each for each in query.params if each.type == "iri" and each.iri_class is None]
        parameter = next(iter(fitting or [each for each in open_ones if each.name in ("entity", "thing")]), None)
        if parameter is not None:
            given = pages.query_string({parameter.name: compact(iri)})
            found.append((query, f"{url_for('queries.show', slug=query.slug)}?{given}"))
    return found


def _uri(iri: str) -> Term:
    return {"type": "uri", "value": iri}
