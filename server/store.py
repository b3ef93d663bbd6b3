"""`/store`: the Graph Store HTTP Protocol, its reading half; writes get 405, for a build does not change.

Which formats there are is `server.offers`' to say.

Spec: https://www.w3.org/TR/sparql11-http-rdf-update/ (section numbers below are its).
"""

from __future__ import annotations

import difflib

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from kg.engine.guard import QueryForm
from kg.errors import NotFoundError
from server import answers, arguments
from server.negotiation import HTML, choose
from server.offers import GRAPH
from server.service import Question, current_service

blueprint = Blueprint("store", __name__)

WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { %s }"
NAMES = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?graph"


@blueprint.get("/store")
def graph() -> Response:
    """A graph of the dataset (5.2): the one that `graph=` names, or with `default` the default graph.

    There is no page of it: a graph is a thing of the dataset, and has an address of its own for people.
    """
    given = arguments.in_url(request)
    choice = choose([offer for offer in GRAPH if offer is not HTML], request.headers.get("Accept"), given.one("format"))
    pattern = "?s ?p ?o"
    if name := _named(given):
        pattern = f"GRAPH {name} {{ ?s ?p ?o }}"
        _check_exists(name)
    return answers.data(Question(WHOLE % pattern, QueryForm.CONSTRUCT), choice)


def _named(given: arguments.Arguments) -> ox.NamedNode | None:
    """The graph that a request names (4.2); None where it asks for the default graph.

    Raises: BadRequest unless it says exactly one of the two.
    """
    name, is_default = given.one("graph"), "default" in given
    if (name is not None) == is_default:
        raise BadRequest("say which graph: either default, or graph= with its IRI")
    if name is None:
        return None
    try:
        return ox.NamedNode(name)
    except ValueError as error:
        raise BadRequest(f"graph is {name[:200]!r}, which is not an absolute IRI") from error


def _check_exists(name: ox.NamedNode) -> None:
    """Nothing, if the dataset has a graph of this name.

    Raises: NotFoundError with the nearest names.
    """
    service = current_service()
    if service.results(Question(f"ASK {{ GRAPH {name} {{ ?s ?p ?o }} }}", QueryForm.ASK))["boolean"]:
        return
    names = service.kept("graphs", lambda: [row["graph"]["value"] for row in service.rows(NAMES)])
    nearest = difflib.get_close_matches(name.value, names, n=3, cutoff=0.6)
    raise NotFoundError(f"there is no graph {name} here", suggestions=nearest)
