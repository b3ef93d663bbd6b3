"""What each route takes and gives, in OpenAPI's words, beside what its address and its docstring say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.queries.declarations import CHARTS
from kg.search.asking import MOST_LETTERS
from kg.search.reading import KINDS
from server.arguments import FORM
from server.citing import OFFERS as CITATION_OFFERS
from server.feed import OFFERS as FEED_OFFERS
from server.negotiation import HTML, Offer
from server.offers import CITED, GRAPH, PICTURES, RESULTS, TABLES
from server.search import MOST_ON_A_PAGE

Document = dict[str, Any]

JSON = Offer("json", "application/json")
REMARKED = Offer("remarks", "application/json")
"""What lint answers with."""
CSV = Offer("csv", "text/csv")
TEXT: Document = {"type": "string"}
BOOLEAN: Document = {"type": "string", "enum": ["true", "false"]}
SECONDS: Document = {"type": "number", "exclusiveMinimum": 0}
ROW: Document = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
IRI: Document = {"type": "string", "format": "iri"}

SHARED: Mapping[str, tuple[str, Document]] = {
    "format": ("the format of the answer; it counts before Accept", TEXT),
    "timeout": ("seconds that the query may take, if fewer than it may anyway", SECONDS),
    "cite": ("whether each row tells what it rests on", BOOLEAN),
    "lang": ("language of the labels beside IRIs in CSV and Excel", {"type": "string", "pattern": "^[A-Za-z]{1,8}$"}),
    "source": ("the slug of the document that alone is to tell it", TEXT),
    "reliability": ("the grade below which sources are left out", TEXT),
    "rejected": ("whether rejected readings are let in", BOOLEAN),
    "at": ("as of this day", {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
    "row": ("the number of the only row wanted, from 1", ROW),
    "lint": ("whether to run nothing and tell what is probably wrong with the query", BOOLEAN),
    "explain-empty": ("whether an empty answer in JSON tells why it is, as the member oxus.empty", BOOLEAN),
    "version": ("the version asked of, which must be the one that is served", TEXT),
}
"""The parameters that several operations understand."""
DATASET: Mapping[str, tuple[str, Document]] = {
    "default-graph-uri": ("a graph that the default graph is made of", IRI),
    "named-graph-uri": ("a graph that GRAPH may name", IRI),
}
ERRORS = {
    400: "a parameter or the query is wrong: where, and what would have been right",
    401: "the token is wrong or missing",
    403: "an update, or a call to another server",
    404: "there is no such thing here; the nearest names are given",
    406: "nothing that the client takes is offered; what is, is listed",
    408: "the body is too slow",
    409: "the new build is refused: why, and that the old one stays",
    410: "this was withdrawn, is of a version that is no longer kept, or cannot be asked any more",
    412: "the answer is not the one that If-Match or If-Unmodified-Since asks for",
    413: "the body is too long",
    414: "the address is too long",
    415: "the body is of a type that is not taken",
    416: "the part that is asked for begins behind the end",
    431: "a header is too long",
    502: "a service that the query calls, or the store behind this server, did not answer rightly",
    429: "too much from one client; Retry-After says when there is room again",
    503: "a limit was met, which is named; Retry-After says when another try makes sense",
}


@dataclass(frozen=True)
class Operation:
    """What a route takes and gives, beside what its docstring and its address say."""

    parameters: Sequence[Document] = ()
    offers: Sequence[Offer] = (HTML,)
    errors: Sequence[int] = ()
    statuses: Sequence[int] = (200,)
    """The answer's; 303 leads to it."""
    body: Document | None = None
    """What a POST sends; None if it sends nothing."""
    methods: Sequence[str] = ("get",)
    tagged: bool = True
    """Whether the answer has an ETag."""


def parameter(name: str, explanation: str, schema: Document, required: bool = False) -> Document:
    """A parameter in the query string."""
    return {"name": name, "in": "query", "description": explanation, "schema": schema, "required": required}


def shared(*names: str) -> list[Document]:
    """Parameters that several operations understand."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


QUERY = parameter("query", "a SPARQL query", TEXT)
GRAPHS = [parameter(name, told, {"type": "array", "items": schema}) for name, (told, schema) in DATASET.items()]
VIEW_NAMES = ("source", "reliability", "rejected")
VIEW = shared(*VIEW_NAMES)
ASKED: Document = {
    "content": {
        FORM: {"schema": {"type": "object", "properties": {"query": TEXT}, "required": ["query"]}},
        "application/sparql-query": {"schema": TEXT},
    }
}
FORM_ASKED: Document = {"content": {FORM: ASKED["content"][FORM]}}
REPLAYED = (*CITATION_OFFERS, *(offer for offer in (*TABLES, *GRAPH) if offer.name not in ("json", "html")))
"""What a cited answer can be had as, whatever was asked."""
AGAINST = parameter("against", "the version that the answer is compared with, if not the one that is served", TEXT)
PACKED = parameter("z", "a SPARQL query, deflated and in base64url, instead of query", TEXT)
FILTERS = [
    parameter(name, f"only judgements of this {name}", TEXT)
    for name in ("kind", "certainty", "verdict", "document", "entity")
]
PAGE = parameter(
    "page",
    "which twenty of them the page (HTML) shows, from 1; a file has all of them",
    {"type": "integer", "minimum": 1},
)
SEARCHED = [
    parameter("q", "words of names or descriptions, in any script", {"type": "string", "maxLength": MOST_LETTERS}),
    parameter("kind", "only things of this kind", {"type": "string", "enum": list(KINDS)}),
    parameter("class", "only things of this class", TEXT),
    parameter("page", "which page of the results, from 1", {"type": "integer", "minimum": 1}),
    parameter("size", "results on a page", {"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE}),
    parameter("prefix", "whether the last word may be the beginning of one, as while it is typed", BOOLEAN),
]
SHOW = parameter("show", "of a document only passages of this kind, or that are disputed or rejected", TEXT)
REPORTED = [
    parameter("s", "the subject of a fact, an IRI", IRI),
    parameter("p", "its property, an IRI", IRI),
    parameter("o", "its value, an IRI or a literal as N-Triples writes it", TEXT),
    parameter("statement", "the IRI of the fact as a statement, instead of the three", IRI),
]
DRAWN = [
    parameter("chart", "what kind of picture svg, png and vl are", {"type": "string", "enum": list(CHARTS)}),
    parameter("columns", "the variables that the picture reads, with commas, in the order of its kind", TEXT),
]
OF_SPARQL = parameter("version", "the version of SPARQL, which makes no difference: 1.1 is understood and 1.2", TEXT)
RANGE: Document = {
    "name": "Range",
    "in": "header",
    "description": "the bytes wanted",
    "schema": {"type": "string", "pattern": r"^bytes=\d{1,12}-\d{0,12}$"},
}
WRONG = (400, 403, 406, 414, 429, 502, 503)
POSTED = (408, 413, 415)
EVERYWHERE = (414, 431)

OPERATIONS: Mapping[str, Operation] = {
    "catalogue.description": Operation(shared("format"), GRAPH, (400, 406, 503), (200, 303)),
    "catalogue.example": Operation(shared("format"), GRAPH, (400, 404, 406), (200, 303)),
    "catalogue.examples": Operation(shared("format"), GRAPH, (400, 406), (200, 303)),
    "check.show": Operation(shared("format"), (JSON, HTML), (400, 404, 406, 503)),
    "cite.canned_now": Operation(
        shared("cite", "lang", "timeout", *VIEW_NAMES), (HTML,), (*WRONG, 404, 410), (303,), tagged=False
    ),
    "cite.free_now": Operation(
        [QUERY, PACKED, *GRAPHS, *shared("cite", "timeout"), *VIEW],
        (HTML,),
        (*WRONG, *POSTED, 404, 410),
        (303,),
        body=FORM_ASKED,
        tagged=False,
    ),
    "cite.show_canned": Operation(
        [*shared("format", "cite", "lang", "timeout", *VIEW_NAMES), AGAINST], REPLAYED, (*WRONG, 404, 410)
    ),
    "cite.show_free": Operation(
        [QUERY, PACKED, *GRAPHS, *shared("format", "cite", "timeout"), *VIEW, AGAINST], REPLAYED, (*WRONG, 404, 410)
    ),
    "conflicts.judgement": Operation(shared("format"), (JSON, CSV, *GRAPH), (400, 404, 406, 503)),
    "conflicts.show": Operation([*shared("format"), *FILTERS, PAGE], (JSON, CSV, *GRAPH), (400, 404, 406, 503)),
    "crawling.robots": Operation((), (Offer("txt", "text/plain"),)),
    "crawling.sitemap": Operation(
        [parameter("page", "which of several sitemaps, from 1", TEXT)],
        (Offer("xml", "application/xml"),),
        (400, 404, 503),
    ),
    "diff.show": Operation(shared("format"), (JSON, HTML), (400, 404, 406, 410, 429, 503)),
    "dumps.download": Operation([RANGE], (Offer("file", "*/*"),), (404, 406, 410, 416, 503), (200, 206)),
    "explain.canned": Operation(shared("format", "row", "timeout"), CITED, (*WRONG, 404)),
    "explain.free": Operation(
        [QUERY, *GRAPHS, *shared("format", "row", "timeout"), *VIEW], CITED, (*WRONG, *POSTED), body=ASKED
    ),
    "feed.show": Operation(shared("format"), FEED_OFFERS, (400, 406, 429, 503)),
    "health.alive": Operation((), (JSON,), tagged=False),
    "health.ready": Operation((), (JSON,), (503,), tagged=False),
    "home.problems": Operation(),
    "home.show": Operation((), (HTML,), (503,), (200, 303)),
    "linked.data": Operation(shared("at"), (*GRAPH[:-1], JSON), (404, 406, 410, 503), (200, 303)),
    "linked.ontology": Operation(shared("format"), (HTML,), (400, 406), statuses=(303,)),
    "linked.ontology_data": Operation((), GRAPH[:-1], (404, 503)),
    "linked.ontology_part": Operation((), (HTML,), (404, 503), statuses=(303,), tagged=False),
    "linked.topics": Operation((), (HTML,), statuses=(303,), tagged=False),
    "linked.ontology_page": Operation((), (HTML,), (503,)),
    "linked.page": Operation([*shared("at"), SHOW], (HTML,), (400, 404, 410, 503), (200, 303)),
    "linked.term_page": Operation((), (HTML,), (404, 503)),
    "linked.topic_tree": Operation((), (HTML,), (503,)),
    "linked.thing": Operation(shared("format", "at"), (HTML,), (400, 404, 406, 410, 503), statuses=(303,)),
    "llms.show": Operation((), (Offer("txt", "text/plain"),), (503,)),
    "llms.show_schema": Operation((), (Offer("txt", "text/plain"),), (503,)),
    "llms.show_vocabulary": Operation((), (Offer("json", "application/json"),), (503,)),
    "health.metrics": Operation((), (Offer("text", "text/plain"),), (401,), tagged=False),
    "openapi.show": Operation((), (JSON,)),
    "queries.ask": Operation((), (HTML,), (404,), statuses=(303,)),
    "queries.catalogue": Operation(
        [parameter("q", "words; only the queries that speak of all of them", TEXT), *shared("format")],
        (JSON, HTML),
        (400, 406),
    ),
    "reload.reload": Operation((), (JSON,), (401, 404, 409), methods=("post",), tagged=False),
    "report.show": Operation(REPORTED, (HTML,), (400, 404, 410, 503)),
    "search.show": Operation([*SEARCHED, *shared("format", "lang")], (JSON, HTML), (400, 404, 406, 503)),
    "sparql.endpoint": Operation(
        [QUERY, *GRAPHS, *shared("format", "timeout", "cite", "lint", "explain-empty"), *VIEW, OF_SPARQL, *DRAWN],
        (*RESULTS[:-1], *GRAPH, REMARKED, *PICTURES),
        (*WRONG, *POSTED),
        body=ASKED,
    ),
    "static": Operation((), (Offer("file", "*/*"),), (404,)),
    "store.graph": Operation(
        [parameter("default", "the default graph", TEXT), parameter("graph", "the IRI of a graph", IRI)]
        + shared("format"),
        GRAPH[:-1],
        (400, 404, 406, 503),
    ),
}
"""Every endpoint but `queries.show`, which is written query by query."""
