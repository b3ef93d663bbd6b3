"""`/search`: things found by their names, aliases and descriptions in every script, and why; as a page and as JSON.

Finding is `kg.search`'s. With `prefix=true` the last word may be the beginning of one: what a search box asks for while
somebody types.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import tantivy
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from kg.errors import NotFoundError, QueryParameterError, ServiceBusyError, SourceError
from kg.namespaces import SOURCE, compact
from kg.queries.declarations import Parameter
from kg.queries.parameters import read_value
from kg.search.asking import MOST_HITS, Found, Hit, Wanted, labels_of, search
from kg.search.index import open_index
from kg.search.matching import Reason
from kg.search.reading import KINDS, QUERY
from server import arguments, bodies, pages, showcase
from server.arguments import Arguments
from server.found import document_of, link_to, place_of, segments, told_way
from server.languages import ENGLISH, LANGUAGES, chosen_language, current_language
from server.negotiation import HTML, Offer, choose
from server.service import Service, current_service
from server.wording import marked

blueprint = Blueprint("search", __name__)
for name, filter in (("link_to", link_to), ("segments", segments), ("told_way", told_way)):
    blueprint.add_app_template_filter(filter, name)

JSON = Offer("json", "application/json")
OFFERS = (JSON, HTML)
PARAMETERS = ("q", "kind", "class", "page", "size", "prefix", "lang", "format")
ON_A_PAGE, MOST_ON_A_PAGE = 20, 50
KIND_NAMES = {
    "thing": marked("things"),
    "topic": marked("topics"),
    "document": marked("documents"),
    "passage": marked("passages"),
    "class": marked("classes"),
    "property": marked("properties"),
    "query": marked("questions"),
}


@blueprint.get("/search")
@blueprint.get("/search.<suffix>")
def show(suffix: str | None = None) -> Response:
    """What answers a search `q`: its kind, why it does, and how many there are of each kind and class.

    `kind` and `class` narrow it, `page` counts pages of `size` results, `prefix=true` completes the last word.
    """
    given = arguments.in_url(request)
    _check_names(given)
    format_name = given.one("format")
    if suffix is not None:
        if suffix != JSON.name:
            raise NotFoundError(f"a search cannot be had as .{suffix[:20]}", suggestions=[JSON.name])
        if format_name is not None:
            raise BadRequest(f"the format is given twice: by .{suffix} and by format={format_name}")
        format_name = suffix
    # Without anything to search for there is only the page on which to say it.
    offers = OFFERS if given.one("q") else OFFERS[::-1]
    choice = choose(offers, request.headers.get("Accept"), format_name)
    if choice.offer is HTML:
        response = _page(given)
    else:
        response = _json(given)
    response.vary.add("Accept")
    return response


@dataclass(frozen=True)
class Asked:
    """A search as it was asked for: which page of how many results each."""

    wanted: Wanted
    page: int
    size: int


def _json(given: Arguments) -> Response:
    if not (given.one("q") or "").strip():
        raise QueryParameterError("what is searched for? Give it as q", parameter="q")
    # Names as the address asks for them: what a program gets is not to depend on where it runs.
    service, asked = current_service(), _asked(given, chosen_language() or ENGLISH)
    found = search(_index(service), asked.wanted)
    classes = _labels(service, found, asked.wanted.language)
    document = {
        "version": service.served.manifest.version,
        "q": asked.wanted.text,
        "total": found.total,
        "nearly": found.nearly,
        "partly": found.partly,
        "page": asked.page,
        "pages": _pages(found.total, asked.size),
        "kinds": found.kinds,
        "classes": [{"iri": iri, "label": classes.get(iri), "count": n} for iri, n in found.classes.items()],
        "results": [_as_json(hit, classes) for hit in found.hits],
    }
    return bodies.of_json(document)


def _page(given: Arguments) -> Response:
    service, asked = current_service(), _asked(given, current_language())
    found = search(_index(service), asked.wanted)
    graphs = {graph for hit in found.hits for reason in hit.reasons for graph in reason.name.graphs}
    documents = {document_of(graph) for graph in graphs if graph.startswith(SOURCE)}
    titles = labels_of(_index(service), documents, asked.wanted.language)
    kept = {name: value for name in PARAMETERS if name != "page" and (value := given.one(name))}
    return pages.render(
        "search.html",
        text=asked.wanted.text,
        wanted=asked.wanted,
        found=found,
        kept=kept,
        number=asked.page,
        last=_pages(found.total, asked.size),
        class_labels=_labels(service, found, asked.wanted.language),
        places={graph: place_of(graph, titles) for graph in graphs},
        kind_names=KIND_NAMES,
        titles={QUERY + slug: query.title for slug, query in service.queries(current_language()).items()},
        examples=showcase.names(service),
    )


def _asked(given: Arguments, language: str) -> Asked:
    kind = given.one("kind") or None
    if kind is not None and kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1) or KINDS
        raise QueryParameterError(f"no kind {kind[:80]!r}", parameter="kind", suggestions=near)
    of_class = _class(given.one("class"))
    size = _number(given, "size", ON_A_PAGE, MOST_ON_A_PAGE)
    page = _number(given, "page", 1, MOST_HITS // size)
    prefix = given.one("prefix") or "false"
    if prefix not in ("true", "false"):
        raise QueryParameterError(f"prefix is {prefix[:80]!r}", parameter="prefix", suggestions=["true", "false"])
    language = (given.one("lang") or language).lower()
    if not (language.isascii() and language.replace("-", "").isalnum()):
        raise QueryParameterError(f"lang is {language[:80]!r}", parameter="lang", suggestions=["en", "ru", "tg"])
    text = given.one("q") or ""
    return Asked(Wanted(text, kind, of_class, (page - 1) * size, size, prefix == "true", language), page, size)


def _class(given: str | None) -> str | None:
    if not given:
        return None
    try:
        return str(read_value(Parameter("class", "iri", "", None), given).value)
    except ValueError as error:
        raise QueryParameterError(str(error), parameter="class") from error


def _number(given: Arguments, name: str, default: int, most: int) -> int:
    text = given.one(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most):
        raise QueryParameterError(f"{name} is {text[:80]!r}; it may be 1 to {most}", parameter=name)
    return int(text)


def _check_names(given: Arguments) -> None:
    for name in given.values:
        if name not in PARAMETERS:
            near = difflib.get_close_matches(name, PARAMETERS, n=1) or PARAMETERS
            raise QueryParameterError(f"unknown parameter {name[:80]!r}", parameter=name[:80], suggestions=near)


def _pages(total: int, size: int) -> int:
    return max(-(-min(total, MOST_HITS) // size), 1)


def _index(service: Service) -> tantivy.Index:
    """The index of the version that is served.

    Raises: ServiceBusyError if there is none.
    """
    try:
        return service.kept("search-index", lambda: open_index(service.served.index))
    except SourceError as error:
        raise ServiceBusyError("nothing can be searched at the moment", limit="index") from error


def _labels(service: Service, found: Found, language: str) -> Mapping[str, str]:
    """What the classes of an answer are called."""
    language = language if language in LANGUAGES else ENGLISH
    known: dict[str, str] = service.kept(f"search-classes {language}", dict)
    unknown = {*found.classes, *(each for hit in found.hits for each in hit.classes)} - known.keys()
    if unknown:
        known |= {iri: compact(iri).strip("<>") for iri in unknown} | labels_of(_index(service), unknown, language)
    return known


def _as_json(hit: Hit, classes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "iri": None if hit.iri.startswith(QUERY) else hit.iri,
        "href": urljoin(current_service().settings.url, link_to(hit.iri)),
        "kind": hit.kind,
        "label": hit.label or compact(hit.iri).strip("<>"),
        "language": hit.language,
        "description": hit.description,
        "classes": [{"iri": iri, "label": classes.get(iri)} for iri in hit.classes],
        "matches": [_reason_as_json(reason) for reason in hit.reasons],
        "missing": hit.missing,
    }


def _reason_as_json(reason: Reason) -> dict[str, Any]:
    name = reason.name
    return {
        "name": name.text,
        "language": name.language,
        "source": name.source,
        "accepted": name.accepted,
        "graphs": name.graphs,
        "words": [
            {"asked": match.asked, "found": match.found, "way": match.way, "through": match.sound}
            | ({"distance": match.distance} if match.way == "nearly" else {})
            for match in reason.matches
        ],
    }
