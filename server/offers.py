"""What each kind of answer can be had as: the table of `kg.engine.formats` plus a page.

`server.negotiation` chooses.
"""

from __future__ import annotations

from kg.engine.formats import FORMATS, Format, Kind, format_named
from server.negotiation import HTML, Choice, Offer

NAMES_OF_CLIENTS: dict[str, tuple[str, ...]] = {
    "ttl": ("turtle", "n3"),
    "nt": ("ntriples", "n-triples"),
    "rdf": ("xml", "rdfxml", "rdf+xml", "rdf-xml"),
    "jsonld": ("json", "json-ld"),
    "nq": ("nquads", "n-quads"),
}
"""Other values of `format=` that clients send: SPARQLWrapper says xml or json for graphs too."""


def offers_for(kind: Kind) -> tuple[Offer, ...]:
    """What an answer of this kind can be had as, the preferred one first and the page last."""
    machine = (
        Offer(format.name, format.media_type, format.aliases, NAMES_OF_CLIENTS.get(format.name, ()))
        for format in FORMATS
        if format.kind == kind
    )
    return (*machine, HTML)


RESULTS = offers_for("results")
GRAPH = offers_for("graph")
XLSX = Offer("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
PARQUET = Offer("parquet", "application/vnd.apache.parquet")
FILES = (XLSX, PARQUET)
"""Tables that are more than text."""
TABLES = (*RESULTS[:-1], *FILES, HTML)
"""What the rows of a canned query can be had as."""
SVG = Offer("svg", "image/svg+xml")
PNG = Offer("png", "image/png")
VEGA_LITE = Offer("vl", "application/vnd.vegalite.v6+json", ("application/vnd.vegalite+json",))
PICTURES = (SVG, PNG, VEGA_LITE)
"""What an answer with a chart can be had as besides. They come after the page: browsers say that they take pictures as
gladly as pages, and mean those inside."""
CITED = (*(offer for offer in RESULTS if offer.name in ("json", "csv")), *FILES, *GRAPH)
"""What rows with citations can be had as: a table, or the graph of `kg.tracing.provenance`."""


def format_of(choice: Choice) -> Format:
    """The format behind a choice.

    >>> format_of(Choice(GRAPH[0], "text/turtle")).label
    'Turtle'
    """
    format = format_named(choice.offer.name)
    assert format is not None, choice.offer.name
    return format


def content_type(choice: Choice) -> str:
    """What the answer is labelled with: the format's own type, or the alias that the client asked for.

    >>> content_type(Choice(RESULTS[0], "application/json")), content_type(Choice(RESULTS[1], "text/xml"))
    ('application/json', 'text/xml; charset=utf-8')
    """
    if choice.offer in FILES:
        return choice.offer.media_type
    format = format_of(choice)
    if choice.media_type == format.media_type:
        return format.content_type
    # JSON is UTF-8 by RFC 8259; XML and text are read as something else without a word.
    return choice.media_type if choice.media_type.endswith("json") else f"{choice.media_type}; charset=utf-8"
