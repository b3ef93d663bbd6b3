"""`/robots.txt` and `/sitemap.xml`: what crawlers may read, and every page that there is."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from flask import Blueprint, Response, request, url_for

from kg.errors import NotFoundError
from kg.namespaces import BASE, KINDS
from server import arguments, bodies, linked
from server.languages import LANGUAGES, without_language
from server.pages import address
from server.reading.ontology import term_names
from server.service import Service, current_service

blueprint = Blueprint("crawling", __name__)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_ADDRESSES = 50_000
"""How many a sitemap may have by https://www.sitemaps.org/protocol.html; more make several, and a list of them."""
EXPENSIVE = (
    "/sparql?",
    "/explain",
    "/queries/*/explain",
    "/queries/*?",
    "/conflicts?",
    "/store",
    "/dump/",
    "/cite/",
    "/diff/",
    "/report",
)
"""What costs much to answer, has endlessly many addresses, or holds what stands elsewhere."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Pages may be crawled; what is expensive to answer may not."""
    home = without_language(url_for("home.show")).rstrip("/")
    prefixes = (home, *(f"{home}/{language}" for language in LANGUAGES))
    lines = [
        "User-agent: *",
        *(f"Disallow: {prefix}{path}" for prefix in prefixes for path in EXPENSIVE),
        f"Sitemap: {address('sitemap.xml')}",
    ]
    return bodies.of_text("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page; of more than a sitemap may hold, a list of sitemaps, each by `page`."""
    service = current_service()
    found = service.kept("addresses", lambda: _addresses(service))
    pages = range(1, -(-len(found) // MOST_ADDRESSES) + 1)
    page = arguments.in_url(request).one("page")
    if page is None and len(pages) > 1:
        parts = (address("sitemap.xml", arguments={"page": number}) for number in pages)
        return _xml("sitemapindex", "sitemap", parts, service)
    if page is not None and page not in map(str, pages):
        raise NotFoundError(f"there is no page {page!r} of the sitemap", suggestions=list(map(str, pages)))
    begin = (int(page or 1) - 1) * MOST_ADDRESSES
    return _xml("urlset", "url", found[begin : begin + MOST_ADDRESSES], service)


def _addresses(service: Service) -> list[str]:
    queries = (f"queries/{slug}" for slug in service.served.queries)
    found = ["", "queries", "conflicts", "sparql", "page/ontology", "page/topics", *queries]
    found += (f"page/ontology/{name}" for name in term_names(service))
    for kind in KINDS:
        found += (f"page/{iri.removeprefix(BASE)}" for iri in linked.names(kind))
    return [address(path) for path in found]


def _xml(whole: str, part: str, addresses: Iterable[str], service: Service) -> Response:
    root = ElementTree.Element(whole, xmlns=SITEMAP)
    for each in addresses:
        entry = ElementTree.SubElement(root, part)
        ElementTree.SubElement(entry, "loc").text = each
        ElementTree.SubElement(entry, "lastmod").text = service.served.manifest.built
    return bodies.of_text(ElementTree.tostring(root, "utf-8", xml_declaration=True), "application/xml; charset=utf-8")
