"""Checks of what crawlers and clients meet: addresses, formats, headers, errors."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pyoxigraph as ox

from kg.namespaces import BASE
from kg.versions.summary import counted
from server.crawling import SITEMAP
from server.harvest.site import TURTLE, MetadataError, Site

SAMPLED = 5
PAGES = f"{{{SITEMAP}}}"
ATOM = "{http://www.w3.org/2005/Atom}"


def robots(site: Site) -> str:
    """Crawlers are told where the sitemap is, and kept from none of its pages."""
    lines = site.found("/robots.txt", "text/plain").body.decode().splitlines()
    maps = [line.removeprefix("Sitemap:").strip() for line in lines if line.startswith("Sitemap:")]
    if [site.path_of(each) for each in maps] != ["/sitemap.xml"]:
        raise MetadataError(f"robots.txt names {', '.join(maps) or 'no sitemap'}")
    closed = [line.removeprefix("Disallow:").strip() for line in lines if line.startswith("Disallow:")]
    rules = [re.compile(re.escape(rule).replace(r"\*", ".*")) for rule in closed if rule]
    prefix = re.sub(r"\A\w+://[^/]*", "", site.url).rstrip("/")
    for path in _pages(site):
        if any(rule.match(prefix + path) for rule in rules):
            raise MetadataError(f"{path} is in the sitemap and closed to crawlers")
    return f"the sitemap is named, and none of its pages is among the {len(rules)} patterns that are closed"


def sitemap(site: Site) -> str:
    """Its addresses are this site's, each once, and lead to pages."""
    pages = _pages(site)
    if len(pages) != len(set(pages)) or not pages:
        raise MetadataError(f"{len(pages)} addresses, {len(set(pages))} different ones")
    for path in _sample(pages):
        site.found(path, "text/html")
    return f"{len(pages):,} addresses, {len(_sample(pages))} of them asked"


def linked_data(site: Site) -> str | None:
    """A thing leads by 303 to a document in the format that is asked for; None if nothing has an address here."""
    thing = _thing(site)
    if thing is None:
        return None
    for accept in (TURTLE, "application/ld+json", "application/rdf+xml", "text/html"):
        first = site.get(thing, {"accept": accept})
        if first.status != 303 or "accept" not in first.headers.get("vary", "").lower():
            raise MetadataError(f"{thing} for {accept} answers {first.status}, and should answer 303 with Vary: Accept")
        path = site.path_from(first.headers.get("location", ""))
        site.found(path, accept)
    told = site.told(site.path_from(site.get(thing, {"accept": TURTLE}).headers["location"]))
    if not told.values(ox.NamedNode(BASE + thing[1:]), "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"):
        raise MetadataError(f"the document about {thing} does not say what it is")
    if (status := site.get(thing, {"accept": "image/png"}).status) != 406:
        raise MetadataError(f"{thing} for image/png answers {status}, and should answer 406")
    return f"{thing} as a page and in three formats of RDF"


def links(site: Site) -> str | None:
    """The header Link of a document leads to the other formats, which are there; None if nothing has an address."""
    thing = _thing(site)
    if thing is None:
        return None
    path = site.path_from(site.get(thing, {"accept": TURTLE}).headers.get("location", ""))
    header = site.found(path, TURTLE).headers.get("link", "")
    others = re.findall(r'<([^>]+)>; rel="?alternate"?; type="([^"]+)"', header)
    if not others:
        raise MetadataError(f"{path} has no Link with rel=alternate")
    for target, kind in others:
        site.found(site.path_from(target), kind.partition(";")[0])
    return f"{len(others)} other formats of {path}, each there"


def cross_origin(site: Site) -> str:
    """Scripts of other sites may read answers, and errors too."""
    papers = ("/sparql", "/.well-known/void", "/queries?format=json", "/sparql?query=nonsense")
    for path in papers:
        allowed = site.get(path, {"accept": "*/*", "origin": "https://example.org"}).headers
        if allowed.get("access-control-allow-origin") != "*":
            raise MetadataError(f"{path} has no Access-Control-Allow-Origin: *")
    return f"Access-Control-Allow-Origin: * on {len(papers)} answers, an error among them"


def errors(site: Site) -> str:
    """An error is a problem document whose type can be read about."""
    reply = site.get("/sparql?query=nonsense", {"accept": "application/json"})
    if (reply.status, reply.type) != (400, "application/problem+json"):
        raise MetadataError(f"a query that is none gets {reply.status} {reply.type}")
    kind = json.loads(reply.body).get("type", "")
    page, _, anchor = kind.partition("#")
    if f'id="{anchor}"' not in site.found(site.path_from(page), "text/html").body.decode():
        raise MetadataError(f"{kind} leads nowhere")
    return f"400 with a problem document of type {kind}"


def revalidation(site: Site) -> str:
    """Who has a document already is told so."""
    tag = site.found("/.well-known/void", TURTLE).headers.get("etag", "")
    if not tag or tag.startswith("W/"):
        raise MetadataError(f"the ETag of the description is {tag or 'missing'}, and should be a strong one")
    again = site.get("/.well-known/void", {"accept": TURTLE, "if-none-match": tag})
    if again.status != 304:
        raise MetadataError(f"asked again with its ETag the description answers {again.status}, and should answer 304")
    return "304 for who sends the ETag"


def feed(site: Site) -> str | None:
    """The feed of changes is Atom; None if there is none."""
    reply = site.get("/feed", {"accept": "application/atom+xml"})
    if reply.status == 404:
        return None
    try:
        root = ElementTree.fromstring(site.found("/feed", "application/atom+xml").body)
    except ElementTree.ParseError as error:
        raise MetadataError(f"/feed is no XML: {error}") from None
    for name in ("id", "title", "updated"):
        if root.tag != f"{ATOM}feed" or root.find(f"{ATOM}{name}") is None:
            raise MetadataError(f"/feed is no Atom feed with {name}")
    return counted(len(root.findall(f"{ATOM}entry")), "version")


def _pages(site: Site) -> list[str]:
    """The paths of the sitemap; of several parts, of the first."""
    root = _xml(site, "/sitemap.xml")
    if root.tag == f"{PAGES}sitemapindex":
        root = _xml(site, site.path_of(root.findtext(f"{PAGES}sitemap/{PAGES}loc", "")))
    return [site.path_of(each.text or "") for each in root.iter(f"{PAGES}loc")]


def _xml(site: Site, path: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(site.found(path, "application/xml").body)
    except ElementTree.ParseError as error:
        raise MetadataError(f"{path} is no XML: {error}") from None


def _sample(pages: list[str]) -> list[str]:
    """A few of them, evenly from the first to the last."""
    step = max(1, -(-len(pages) // SAMPLED))
    return pages[::step]


def _thing(site: Site) -> str | None:
    """The path of a thing that the sitemap has a page of."""
    pages = [path for path in _pages(site) if path.startswith("/page/id/")]
    return pages[len(pages) // 2].removeprefix("/page") if pages else None
