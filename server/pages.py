"""Pages: Jinja templates with what all of them share. What a page says is left to the views and the data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, render_template, send_from_directory, url_for
from markupsafe import Markup

from kg.engine.formats import format_named
from kg.errors import QueryError
from kg.namespaces import BASE, KINDS, ONTOLOGY, PREFIXES, compact
from kg.queries.translated import tag_in_words
from server import bodies, wording
from server.cells import foreign
from server.exchange import current_exchange
from server.languages import ENGLISH, PLAIN, chosen_language, current_language, editions, without_language
from server.service import Overview, current_service
from server.wording import marked

TOPICS_SCHEME = BASE + "topics"


def register(app: Flask) -> None:
    """The filters and the shared context of every template."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    wording.register(app.jinja_env)
    app.jinja_env.filters |= {
        "compact": compact,
        "told": told,
        "format_label": format_label,
        "media_type": media_type,
        "query_string": query_string,
        "filled": filled,
        "sentence": sentence,
        "said": said,
        "tag": tag,
    }
    app.jinja_env.globals |= {
        "link_of": link_of,
        "address": address,
        "script": script,
        "url_for": address_of,
        "in_english": in_english,
        "its_language": its_language,
        "place_of_fault": place_of_fault,
    }
    app.context_processor(_shared)
    app.view_functions["static"] = static_file


def render(template: str, **context: Any) -> Response:
    """A page in the reader's language; the headers that all answers share are added behind it."""
    response = bodies.of_text(render_template(template, **context), "text/html; charset=utf-8")
    response.headers["Content-Language"] = current_language()
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def in_english() -> Markup:
    """The attribute of an element whose text is in English whatever the reader's language is; nothing for English."""
    return Markup() if current_language() == ENGLISH else Markup(' lang="en"')


def its_language(text: str) -> Markup:
    """The attribute of an element that tells the language of its text, if that is not the page's."""
    language = foreign(text)
    return Markup(' lang="{}"').format(language) if language else Markup()


def said(text: str) -> str:
    """A text of the data, which says in which language it is if that is known not to be the page's."""
    language = foreign(text)
    return Markup('<span lang="{}">{}</span>').format(language, text) if language else text


def place_of_fault(problem: Mapping[str, Any]) -> str:
    """Where in a query a problem is, in a sentence; empty if it does not say."""
    if "line" not in problem:
        return ""
    if "column" not in problem:
        return wording.gettext("It is at line %(line)s.") % problem
    return wording.gettext("It is at line %(line)s, column %(column)s.") % problem


def script(name: str) -> Markup:
    """The element that loads a script of `server/ui`, or nothing where none were built: pages work without."""
    file = f"built/{name}.js"
    if not Path(str(current_app.static_folder), file).is_file():
        return Markup()
    return Markup('<script type="module" src="{}"></script>').format(address_of("static", filename=file))


def static_file(filename: str) -> Response:
    """A file that pages need, with the headers that all answers have; Flask's own would not be compressed."""
    found = send_from_directory(str(current_app.static_folder), filename, conditional=False)
    found.direct_passthrough = False
    return bodies.of_text(found.get_data(), str(found.content_type))


def address(path: str = "", fragment: str = "", arguments: Mapping[str, Any] | None = None) -> str:
    """The public address of a path of ours, from the settings: not from the request's Host header.

    The path is as people read it; the address has it escaped, as `url_for` does.
    """
    query = f"?{query_string(arguments)}" if arguments else ""
    return (
        current_service().settings.url + quote(path, PLAIN) + query + (f"#{quote(fragment, PLAIN)}" if fragment else "")
    )


def address_of(endpoint: str, **values: Any) -> str:
    """What `url_for` gives, in the language that the visitor chose; what pages load is the same in all of them."""
    path = url_for(endpoint, **values)
    return without_language(path) if endpoint == "static" else path


def link_of(iri: str) -> str:
    """Where a visitor reads what the graph says of an IRI: its page, or for an IRI not of ours its description."""
    if iri.startswith(ONTOLOGY):
        return url_for("linked.term_page", name=iri.removeprefix(ONTOLOGY))
    if iri == TOPICS_SCHEME:
        return url_for("linked.topic_tree")
    kind, _, slug = iri.removeprefix(BASE).partition("/")
    if iri.startswith(BASE) and kind in KINDS and slug:
        return url_for("linked.page", kind=kind, slug=slug)
    return url_for("sparql.endpoint", query=f"DESCRIBE <{iri}>", format="html")


def query_string(arguments: Mapping[str, Any]) -> str:
    """Parameters as an address has them. Names that a visitor chose are none of `url_for`'s business: it has its own.

    >>> query_string({"query": "ASK {}", "source": ["a", "b"]})
    'query=ASK+%7B%7D&source=a&source=b'
    """
    return urlencode(arguments, doseq=True)


def filled(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Those parameters that have a value.

    >>> filled({"q": "x", "kind": ""})
    {'q': 'x'}
    """
    return {name: value for name, value in arguments.items() if value}


def tag(name: str) -> str:
    """A tag of canned queries, or the name of a family of them, in words."""
    return tag_in_words(name, current_service().texts)


def sentence(text: str) -> str:
    """An error's message as a sentence: a capital, if it begins with a word, and a stop.

    >>> sentence("page is '9'; there are the pages 1 to 3"), sentence("id:x is unknown."), sentence("")
    ("Page is '9'; there are the pages 1 to 3.", 'id:x is unknown.', '')
    """
    word = text.partition(" ")[0].rstrip(",:;")
    told = text[:1].upper() + text[1:] if word.isalpha() and word.islower() else text
    return told if not told or told.endswith((".", "!", "?", "…")) else told + "."


COUNTS = {
    "documents": marked("documents read"),
    "passages": marked("passages cited"),
    "accepted": marked("statements accepted"),
    "rejected": marked("readings rejected"),
    "entities": marked("things described"),
    "spans": marked("dates"),
    "triples": marked("triples"),
    "subjects": marked("things described"),
}
"""What the home page tells of the manifest's counts, in this order, and how it calls them."""


def told(counts: Mapping[str, int]) -> dict[str, int]:
    """The numbers worth telling, by what they count.

    >>> told({"boilerplate": 3, "accepted": 9, "documents": 2, "rejected": 0})
    {'documents read': 2, 'statements accepted': 9}
    """
    return {wording.gettext(label): counts[name] for name, label in COUNTS.items() if counts.get(name)}


FILES = {
    "xlsx": "Excel",
    "parquet": "Parquet",
    "svg": "Picture, SVG",
    "png": "Picture, PNG",
    "vl": "Picture, Vega-Lite",
}
"""What the formats are called that the engine does not know."""


def format_label(name: str) -> str:
    """What a format is called.

    >>> format_label("ttl")
    'Turtle'
    """
    if name in FILES:
        return FILES[name]
    format = format_named(name)
    return format.label.removeprefix("SPARQL results, ") if format else name


def media_type(name: str) -> str:
    """The media type of a format.

    >>> media_type("ttl")
    'text/turtle'
    """
    format = format_named(name)
    return format.media_type if format and name != "json" else "application/json"


def _shared() -> dict[str, Any]:
    service = current_service()
    try:
        site = service.overview(current_language())
    except QueryError:
        # A page that says that the pool is away must not need it.
        site = Overview(dict(service.served.manifest.counts))
        current_exchange().momentary = True
    return {
        "site": site,
        "manifest": service.served.manifest,
        "prefixes": PREFIXES,
        "language": current_language(),
        "editions": list(editions(service.settings.url)),
    }
