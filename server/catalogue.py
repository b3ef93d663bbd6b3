"""`/.well-known/void` and `/.well-known/sparql-examples`: the dataset and its canned queries, told to programs.

What a build says of itself is `kg.build.catalogue`'s; addresses, files and services are added here. People are sent to
the pages that tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request, url_for

from kg.engine.guard import QueryForm
from kg.namespaces import CATALOGUE, PREFIXES, RDF, VOID
from kg.queries.canned import find_query
from kg.queries.declarations import CannedQuery
from kg.queries.executables import example_iri, executable
from server import arguments, bodies, distributions, pages
from server.links import link_header
from server.negotiation import HTML, choose
from server.offers import GRAPH, content_type, format_of
from server.service import Question, Service, current_service

blueprint = Blueprint("catalogue", __name__)

TOLD = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ GRAPH {CATALOGUE} {{ ?s ?p ?o }} }} UNION {{ VALUES ?s {{ %s }} ?s ?p ?o }}
}}"""
MOST_BYTES = 64 << 20


@blueprint.get("/.well-known/void")
def description() -> Response:
    """What the dataset is, what is in it (VoID), and where it can be had (DCAT)."""
    service = current_service()
    response = _document("void", url_for("home.show", _anchor="dumps"), lambda: description_of(service))
    here = pages.address(".well-known/void")
    formats = {offer.media_type: f"{here}?format={offer.name}" for offer in GRAPH[:-1]}
    classes = [VOID + "Dataset", PREFIXES["dcat"] + "Dataset"]
    response.headers["Link"] = link_header(formats, pages.address(), service.dataset.value, here, classes)
    return response


@blueprint.get("/.well-known/sparql-examples")
def examples() -> Response:
    """The canned queries as `sh:SPARQLExecutable`."""
    queries = current_service().served.queries.values()
    return _document("examples", url_for("queries.catalogue"), lambda: _executables(queries))


@blueprint.get("/.well-known/sparql-examples/<slug>")
def example(slug: str) -> Response:
    """One of them."""
    query = find_query(current_service().served.queries, slug)
    return _document(f"example-{slug}", url_for("queries.show", slug=slug), lambda: _executables([query]))


def description_of(service: Service) -> Iterator[ox.Triple]:
    """What the data say of the dataset, what the build says, and where its files and services are."""
    dataset = service.dataset
    question = Question(TOLD % dataset, QueryForm.CONSTRUCT)
    told = b"".join(service.ask(question, "nt", most=MOST_BYTES))
    known = [quad.triple for quad in ox.parse(told, format=ox.RdfFormat.N_TRIPLES)]
    yield from distributions.dated(known)
    yield from distributions.untold(service, known)
    yield from distributions.described(service)
    here = ox.NamedNode(pages.address(".well-known/void"))
    yield ox.Triple(here, ox.NamedNode(RDF + "type"), ox.NamedNode(VOID + "DatasetDescription"))
    yield ox.Triple(here, ox.NamedNode(PREFIXES["foaf"] + "primaryTopic"), dataset)


def _executables(queries: Iterable[CannedQuery]) -> Iterator[ox.Triple]:
    """Canned queries, and the endpoint that they are for."""
    endpoint = ox.NamedNode(current_service().settings.endpoint)
    for query in queries:
        yield from executable(query)
        yield ox.Triple(example_iri(query.slug), ox.NamedNode(PREFIXES["schema"] + "target"), endpoint)


def _document(name: str, page: str, make: Callable[[], Iterable[ox.Triple]]) -> Response:
    """Triples in the format that is asked for, or 303 to the page that tells the same."""
    choice = choose(GRAPH, request.headers.get("Accept"), arguments.in_url(request).one("format"))
    if choice.offer is HTML:
        response: Response = redirect(page, 303)  # type: ignore[assignment]  # of the application's own class
    else:
        format = format_of(choice).engine
        assert isinstance(format, ox.RdfFormat)
        written = current_service().kept(f"{name}.{choice.offer.name}", lambda: _written(make(), format))
        response = bodies.of_text(written, content_type(choice))
    response.vary.add("Accept")
    return response


def _written(triples: Iterable[ox.Triple], format: ox.RdfFormat) -> bytes:
    content = ox.serialize(sorted(set(triples), key=str), format=format, prefixes=PREFIXES)
    assert content is not None  # without an output it returns bytes
    return content
