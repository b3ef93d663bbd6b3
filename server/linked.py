"""Linked data: each IRI of ours leads by 303 to a page for people, or to a document in the format that a program wants.

    /id/tajikistan  →  /page/id/tajikistan, or /data/id/tajikistan.ttl and so on

The host that serves the documents need not be the one in the IRIs: addresses are of this server, IRIs are the data's.
What a description holds is `kg.tracing.described`'s to say, how its page looks `server.things`'.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request, url_for

from kg.engine.formats import format_named, format_of_suffix
from kg.engine.guard import QueryForm
from kg.errors import NotFoundError, QueryParameterError, WithdrawnError
from kg.namespaces import BASE, KINDS, ONTOLOGY, ONTOLOGY_GRAPH, OWL, RDF
from server import answers, arguments, pages, things
from server.links import link_header
from server.negotiation import HTML, Choice, Offer, choose
from server.offers import GRAPH, format_of
from server.reading import dispatch as reading
from server.reading import ontology as ontology_pages
from server.reading import topics as topics_pages
from server.service import Question, current_service

blueprint = Blueprint("linked", __name__)

JSON = Offer("json", "application/json")
DATA = (*GRAPH[:-1], JSON)
KIND = f"<any({', '.join(KINDS)}):kind>"
NAMES = f"""
SELECT DISTINCT ?thing WHERE {{
  ?thing ?p ?o
  FILTER(STRSTARTS(STR(?thing), %s))
  FILTER NOT EXISTS {{ ?thing <{OWL}deprecated> true }}
}} ORDER BY ?thing"""
NO_IRI_HAS = re.compile(r'[\x00-\x20<>"{}|\\^`]')
CLASSES = f"SELECT DISTINCT ?class {{ %s <{RDF}type> ?class }} ORDER BY ?class"
OF_ONTOLOGY = f"ASK {{{{ GRAPH {ONTOLOGY_GRAPH} {{{{ {{{{ {{0}} ?p ?o }}}} UNION {{{{ ?s ?p {{0}} }}}} }}}} }}}}"
ONTOLOGY_TRIPLES = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {ONTOLOGY_GRAPH} {{ ?s ?p ?o }} }}"


@blueprint.get(f"/{KIND}/<path:slug>")
def thing(kind: str, slug: str) -> Response:
    """The thing itself, which cannot be sent: 303 to a document about it."""
    iri = _iri(kind, slug)
    _check_known(iri, kind)
    choice, day = _chosen((*_data_of(kind), HTML)), arguments.in_url(request).one("at")
    if choice.offer is HTML:
        target = url_for("linked.page", kind=kind, slug=slug, at=day)
    elif kind == "graph" and day is None:
        target = url_for("store.graph", graph=iri.value, format=choice.offer.name)
    else:
        target = _data_address(kind, slug, choice.offer, at=day)
    return _see_other(target, link_header(_formats(kind, slug), url_for("linked.page", kind=kind, slug=slug)))


@blueprint.get(f"/page/{KIND}/<path:slug>")
def page(kind: str, slug: str) -> Response:
    """The page about a thing: what the dataset says of it, what points to it, and who says so; `at` a day if asked."""
    iri = _iri(kind, slug)
    if (dated := _as_of_a_day(iri, "html")) is not None:
        return dated
    found = _described(iri, kind)
    formats = {offer.name: _data_address(kind, slug, offer) for offer in _data_of(kind)}
    response = reading.page_of(iri.value, kind, found, formats) or things.page_of(iri.value, kind, found, formats)
    response.vary.add("Accept")
    classes = [each["triple"][2]["value"] for each in found["about"] if each["triple"][1]["value"] == RDF + "type"]
    own = pages.address(f"page/{kind}/{slug}")
    response.headers["Link"] = link_header(_formats(kind, slug), about=iri.value, own=own, classes=classes)
    return response


@blueprint.get(f"/data/{KIND}/<path:name>")
def data(kind: str, name: str) -> Response:
    """The document about a thing in the format of the address's suffix; `at` a day if asked."""
    slug, choice = _by_suffix(kind, name)
    iri = _iri(kind, slug)
    if (dated := _as_of_a_day(iri, choice.offer.name)) is not None:
        return dated
    if kind == "graph":
        return _see_other(url_for("store.graph", graph=iri.value, format=choice.offer.name))
    own = pages.address(f"data/{kind}/{name}")
    # A statement has one name in all formats; it leads to any of them.
    extra = {"iri": iri.value, "address": own, "statements": pages.address(f"{kind}/{slug}")}
    question = Question("", QueryForm.DESCRIBE, extra=extra)
    try:
        response = answers.data(question, choice, "describe")
    except WithdrawnError:
        raise
    except NotFoundError:
        raise _unknown(iri, kind) from None
    classes = [row["class"]["value"] for row in current_service().rows(CLASSES % iri) if row["class"]["type"] == "uri"]
    page = url_for("linked.page", kind=kind, slug=slug)
    response.headers["Link"] = link_header(_formats(kind, slug), page, iri.value, own, classes)
    return response


@blueprint.get("/topics")
def topics() -> Response:
    """The scheme of the topics: 303 to the graph that describes it."""
    return _see_other(url_for("linked.thing", kind="graph", slug="topics"))


@blueprint.get("/ontology/<path:part>")
def ontology_part(part: str) -> Response:
    """A version or a part of the ontology that it names itself: 303 to the ontology, which has them."""
    iri = _iri("ontology", part)
    if not current_service().results(Question(OF_ONTOLOGY.format(iri), QueryForm.ASK))["boolean"]:
        raise NotFoundError(f"the ontology does not name {iri.value}", suggestions=[pages.address("ontology")])
    return _see_other(url_for("linked.ontology"))


@blueprint.get("/ontology")
def ontology() -> Response:
    """The ontology: 303 to its page or to a document."""
    choice = _chosen((*GRAPH,))
    link = link_header(_ontology_formats(), url_for("linked.ontology_page"))
    if choice.offer is HTML:
        return _see_other(url_for("linked.ontology_page"), link)
    return _see_other(url_for("linked.ontology_data", suffix=format_of(choice).suffix), link)


@blueprint.get("/page/ontology")
def ontology_page() -> Response:
    """Every class and property with its meaning, in the ontology's own words."""
    response = ontology_pages.index_page(
        {offer.name: url_for("linked.ontology_data", suffix=offer.name) for offer in GRAPH[:-1]}
    )
    return _of_ontology(response, "page/ontology")


@blueprint.get("/page/ontology/<name>")
def term_page(name: str) -> Response:
    """The page about a class, a property or a code of the ontology: what it means, where it occurs, what uses it."""
    response = ontology_pages.term_page(name)
    about, own = ONTOLOGY + name, pages.address(f"page/ontology/{name}")
    response.headers["Link"] = link_header(_ontology_formats(), about=about, own=own)
    return response


@blueprint.get("/page/topics")
def topic_tree() -> Response:
    """Every topic below those that it belongs to."""
    return topics_pages.tree_page()


@blueprint.get("/data/ontology.<suffix>")
def ontology_data(suffix: str) -> Response:
    """The ontology as a file."""
    format = format_of_suffix(suffix)
    if format is None or format.kind != "graph":
        raise NotFoundError(f"the ontology cannot be had as .{suffix}", suggestions=[each.name for each in GRAPH[:-1]])
    (offer,) = (each for each in GRAPH if each.name == format.name)
    response = answers.data(Question(ONTOLOGY_TRIPLES, QueryForm.CONSTRUCT), Choice(offer, offer.media_type))
    return _of_ontology(response, f"data/ontology.{suffix}", url_for("linked.ontology_page"))


def _of_ontology(response: Response, own: str, page: str = "") -> Response:
    about, classes = ONTOLOGY.rstrip("#"), [OWL + "Ontology"]
    response.headers["Link"] = link_header(_ontology_formats(), page, about, pages.address(own), classes)
    return response


def _ontology_formats() -> dict[str, str]:
    return {offer.media_type: url_for("linked.ontology_data", suffix=offer.name) for offer in GRAPH[:-1]}


def _iri(kind: str, slug: str) -> ox.NamedNode:
    """The IRI that an address is of. Characters that no IRI may have are escaped in both, and come here as they are."""
    try:
        return ox.NamedNode(f"{BASE}{kind}/{NO_IRI_HAS.sub(lambda found: quote(found[0]), slug)}")
    except ValueError as error:
        raise NotFoundError(f"{kind}/{slug} is no IRI") from error


def _as_of_a_day(iri: ox.NamedNode, format_name: str) -> Response | None:
    """With `at`, 303 to the canned query that tells the facts of a thing as of a day; None without.

    In RDF its rows come with what states them.
    """
    day = arguments.in_url(request).one("at")
    query = things.query_of_a_day(current_service().served.queries.values())
    if day is None:
        return None
    if query is None:
        raise QueryParameterError("no canned query here tells the facts of a thing as of a day", parameter="at")
    cite = None if format_name in ("html", "json") else "true"
    target = url_for("queries.show", slug=f"{query.slug}.{format_name}", entity=iri.value, at=day, cite=cite)
    return _see_other(target)


def _described(iri: ox.NamedNode, kind: str) -> things.Description:
    try:
        question = Question("", QueryForm.DESCRIBE, extra={"iri": iri.value, "address": ""})
        return current_service().results(question, "describe", answers.PAGE_BYTES)
    except WithdrawnError:
        raise
    except NotFoundError:
        raise _unknown(iri, kind) from None


def _check_known(iri: ox.NamedNode, kind: str) -> None:
    """Nothing, if the dataset knows the IRI.

    Raises: NotFoundError, WithdrawnError.
    """
    if iri.value not in names(kind):
        _described(iri, kind)


def names(kind: str) -> Sequence[str]:
    """The IRIs of a kind that the dataset describes, without those that were withdrawn."""
    service = current_service()
    query = NAMES % ox.Literal(f"{BASE}{kind}/")
    return service.kept(f"names-{kind}", lambda: [row["thing"]["value"] for row in service.rows(query)])


def _unknown(iri: ox.NamedNode, kind: str) -> NotFoundError:
    nearest = difflib.get_close_matches(iri.value, names(kind), n=3, cutoff=0.8)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return NotFoundError(f"the dataset says nothing of {iri.value}{hint}", suggestions=nearest)


def _chosen(offers: Sequence[Offer]) -> Choice:
    return choose(offers, request.headers.get("Accept"), arguments.in_url(request).one("format"))


def _data_of(kind: str) -> Sequence[Offer]:
    """What a document can be had as; what JSON tells of a thing, nothing states of a named graph."""
    return DATA[:-1] if kind == "graph" else DATA


def _by_suffix(kind: str, name: str) -> tuple[str, Choice]:
    slug, _, suffix = name.rpartition(".")
    offer = next((each for each in _data_of(kind) if each.name == suffix or _suffix(each) == suffix), None)
    if not slug or offer is None:
        suggestions = [f"{slug or name}.{each.name}" for each in _data_of(kind)]
        raise NotFoundError(f"there is no document {name!r}", suggestions=suggestions)
    return slug, Choice(offer, offer.media_type)


def _suffix(offer: Offer) -> str:
    format = format_named(offer.name)
    return format.suffix if format and offer is not JSON else offer.name


def _data_address(kind: str, slug: str, offer: Offer, at: str | None = None) -> str:
    return url_for("linked.data", kind=kind, name=f"{slug}.{_suffix(offer)}", at=at)


def _formats(kind: str, slug: str) -> dict[str, str]:
    return {offer.media_type: _data_address(kind, slug, offer) for offer in _data_of(kind)}


def _see_other(target: str, link: str = "") -> Response:
    response: Response = redirect(target, 303)  # type: ignore[assignment]  # of the application's own class
    response.vary.add("Accept")
    if link:
        response.headers["Link"] = link
    return response
