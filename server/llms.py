"""`/llms.txt` and `/schema.txt`: what this is and how to ask it, as text for programs that read as people do.

Convention: https://llmstxt.org/. What the data are made of `server.schema` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Blueprint, Response

from server import bodies, schema
from server.distributions import address_of
from server.editions import keeps_versions
from server.languages import ENGLISH
from server.pages import address
from server.service import Service, current_service
from server.wording import size

blueprint = Blueprint("llms", __name__)

MARKDOWN = "text/plain; charset=utf-8"
"""Browsers show it, and offer text/markdown to be saved."""
OF_A_BUILD = """
The default graph is what the editors accept. Who says so stands in the named graphs: each passage of a source document
is one, and its IRI is its place, `…/source/<document>/<begin>-<end>` in code points. Rejected readings stand in their
passages alone. Opinions, recommendations and denials are nodes of their own and never asserted as facts. Add
`cite=true` to a query and each row tells the passages that it rests on: cite them, and the version.
"""


@blueprint.get("/llms.txt")
def show() -> Response:
    """What this is and where to ask, for language models: the llms.txt convention."""
    service = current_service()
    return bodies.of_text(service.kept("llms.txt", lambda: _text(_guide(service))), MARKDOWN)


@blueprint.get("/schema.txt")
def show_schema() -> Response:
    """Classes, properties, prefixes and canned queries in one short text."""
    service = current_service()
    return bodies.of_text(service.kept("schema.txt", lambda: _text(_schema(service))), MARKDOWN)


@blueprint.get("/schema.json")
def show_vocabulary() -> Response:
    """Prefixes, classes and properties with how much each is used: what the editor completes from."""
    service = current_service()
    return bodies.of_json(service.kept("schema.json", lambda: schema.described(schema.read_schema(service))))


def _schema(service: Service) -> Iterator[str]:
    yield f"# Schema of {service.overview().title}, version {service.served.manifest.version}"
    yield ""
    yield from schema.written(schema.read_schema(service), service.served.queries.values())


def _guide(service: Service) -> Iterator[str]:
    site, manifest = service.overview(), service.served.manifest
    yield from (f"# {_plain(site.title)}", "")
    if site.description:
        yield from (f"> {_plain(site.description)}", "")
    licence = f", under {site.licence}" if site.licence else ""
    yield f"Version {manifest.version}, data of {manifest.built}{licence}. Every answer names it as Oxus-Version."
    if service.served.is_build:
        yield OF_A_BUILD.rstrip()
    yield from _links("How to ask", _ways(service))
    queries = service.served.queries.values()
    yield from _links("Canned queries", ((q.title, f"queries/{q.slug}", q.description) for q in queries))
    files = service.served.dumps.items()
    told = (
        (name, address_of(service, name), f"{dump.entry.type}, {size(dump.entry.bytes, ENGLISH)}")
        for name, dump in files
    )
    yield from _links("Files", told)
    yield from _links("Optional", OPTIONAL)


def _ways(service: Service) -> Iterator[tuple[str, str, str]]:
    yield "Schema", "schema.txt", "classes, properties, prefixes, canned queries with their parameters; read it first"
    seconds = f"{service.settings.timeout_s:g}"
    yield "SPARQL", "sparql", f"SPARQL 1.1, `query` by GET or POST, read-only, {seconds} seconds a query"
    linted = "`lint=true` runs nothing and tells what is probably wrong with a query, with line, column and correction"
    yield "Checking a query first", "sparql", linted
    empty = "`explain-empty=true`, in JSON: which pattern matched nothing, which value excludes all, what is near"
    yield "Why an answer is empty", "sparql", empty
    as_json = address("queries", arguments={"format": "json"})
    yield "Canned queries as JSON", as_json, "the parameters of each, and where its pick lists are"
    yield "OpenAPI", "openapi.json", "every operation, one for each canned query; `.csv`, `.json` … after its name"
    if keeps_versions(service):
        cited = address("cite/latest/sparql", arguments={"query": "ASK {}"})
        told = "303 to a permanent address, which gives a reference (`.txt`, `.bib`, `.csl`) and compares with today"
        yield "Citing an answer", cited, f"{told}; each answer names its own in `Link: rel=cite-as`"
        told = "the versions that are kept and how much changed; `/diff/<old>/<new>` says what, down to rows"
        yield "What changed", address("feed", arguments={"format": "json"}), told
    yield "Where sources disagree", "conflicts.json", "the readings, which of them hold, how sure that is and why"
    yield "Errors", "problems", "what each means; each names what would have been right"


OPTIONAL = (
    ("VoID and DCAT", ".well-known/void", "the dataset described for harvesters"),
    ("Examples", ".well-known/sparql-examples", "the canned queries as SHACL executables"),
    ("Ontology", "ontology", "as a page or in RDF"),
    ("Sitemap", "sitemap.xml", "every page"),
)


def _links(title: str, links: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """A section of links, if there are any; an address that is none yet is a path of ours."""
    lines = [
        f"- [{_plain(name)}]({path if '://' in path else address(path)}): {_plain(told)}" for name, path, told in links
    ]
    if lines:
        yield from ("", f"## {title}", "", *lines)


def _plain(text: str) -> str:
    """Words of the data as one line that begins no link."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
