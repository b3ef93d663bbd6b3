"""Every kind of page with an address of it in our own graph: what is promised of pages is promised of each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import Page, Response, Route

OXUS = "PREFIX oxus: <https://w3id.org/oxus/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
PERSONS = OXUS + "SELECT ?who ?label WHERE { ?who a oxus:Person ; rdfs:label ?label } ORDER BY ?who LIMIT 5"
MISSPELT = OXUS + "SELECT ?who WHERE { ?who a oxus:Acession }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def sparql(query: str, **more: str) -> str:
    """The address of a query's page."""
    return "/sparql?" + urlencode({"format": "html", "query": query} | more)


@dataclass(frozen=True)
class Kind:
    """A kind of page: where one is, the status that it has, and the method that gets there if GET does not."""

    name: str
    path: str
    status: int = 200
    method: str = "GET"

    def __str__(self) -> str:
        return self.name

    def visit(self, page: Page) -> Response:
        """Goes there."""

        def ask_otherwise(route: Route) -> None:
            route.continue_(method=self.method)

        if self.method != "GET":
            page.route("**" + self.path, ask_otherwise, times=1)
        response = page.goto(self.path)
        assert response is not None and response.status == self.status, f"{self.path}: {response and response.status}"
        return response


KINDS = (
    Kind("home", "/"),
    Kind("search", "/search"),
    Kind("search-found", "/search?q=Rahmon"),
    Kind("search-nothing", "/search?q=qqqqxxzz"),
    Kind("catalogue", "/queries"),
    Kind("query", "/queries/accessions"),
    Kind("query-cited", "/queries/accessions?cite=true"),
    Kind("query-empty", "/queries/timeline?from=1900-01-01&until=1900-01-02"),
    Kind("query-error", "/queries/timeline/ask?from=yesterday", 400),
    Kind("query-timeline", "/queries/entity-timeline"),
    Kind("query-lanes", "/queries/areas?from=2002-01-01&until=2006-01-01"),
    Kind("query-bar", "/queries/accession-counts"),
    Kind("query-map", "/queries/places"),
    Kind("query-network", "/queries/shared-projects"),
    Kind("entity", "/page/id/pfp-accession-tajikistan"),
    Kind("person", "/page/id/emomali-rahmon"),
    Kind("state", "/page/id/tajikistan"),
    Kind("document", "/page/source/mfa-2021"),
    Kind("passage", "/page/source/mfa-2021/224-448"),
    Kind("topic", "/page/topic/border-security"),
    Kind("span", "/page/time/2002-02-20"),
    Kind("graph", "/page/graph/accepted"),
    Kind("ontology", "/page/ontology"),
    Kind("conflicts", "/conflicts"),
    Kind("judgement", "/conflicts/judgement-agreement-2007"),
    Kind("cite", "/cite/latest/queries/accessions?cite=true"),
    Kind("diff", "/diff/latest/latest?format=html"),
    Kind("feed", "/feed?format=html"),
    Kind("check", "/check?format=html"),
    Kind("explain", "/queries/visits/explain"),
    Kind("problems", "/problems"),
    Kind("sparql", "/sparql"),
    Kind("sparql-answer", sparql(PERSONS)),
    Kind("sparql-cited", sparql(PERSONS, cite="true")),
    Kind("sparql-ask", sparql("ASK { ?s ?p ?o }")),
    Kind("sparql-error", sparql("SELECT ?s WHERE { ?s ?p }"), 400),
    Kind("sparql-lint", sparql(MISSPELT, lint="true")),
    Kind("sparql-empty", sparql(MISSPELT)),
    Kind("error-400", "/conflicts?certainty=perhaps", 400),
    Kind("error-404", "/page/id/emomali-rahmonn", 404),
    Kind("error-405", "/queries", 405, "DELETE"),
    Kind("error-406", "/queries/accessions?format=ttl", 406),
    Kind("error-503", sparql(ENDLESS, timeout="0.2"), 503),
    *(
        Kind(f"{name}-in-russian", f"/ru{path}")
        for name, path in (
            ("home", "/"),
            ("query-timeline", "/queries/entity-timeline"),
            ("person", "/page/id/emomali-rahmon"),
            ("passage", "/page/source/mfa-2021/224-448"),
            ("judgement", "/conflicts/judgement-agreement-2007"),
            ("sparql-answer", sparql(PERSONS)),
        )
    ),
)
