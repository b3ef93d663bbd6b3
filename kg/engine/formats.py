"""The formats an answer can be written in, one table. Choosing among them by `Accept` is left to the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

Kind = Literal["results", "graph"]


@dataclass(frozen=True)
class Format:
    """One way to write an answer: of a SELECT or ASK (`results`), or of a CONSTRUCT or DESCRIBE (`graph`).

    `media_type` is the bare type to match against; `content_type` is what an answer is labelled with.
    """

    name: str
    label: str
    kind: Kind
    media_type: str
    content_type: str
    suffix: str
    engine: ox.QueryResultsFormat | ox.RdfFormat
    aliases: tuple[str, ...] = ()

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media type and its aliases: everything a request may call this format."""
        return (self.media_type, *self.aliases)


FORMATS: tuple[Format, ...] = (
    # The results types of XML and JSON are UTF-8 by their own rules, but R's SPARQL package reads XML rightly only with
    # a charset. For text/csv RFC 4180 §3 has `charset` and `header`; text/tab-separated-values has `charset`.
    Format(
        name="json",
        label="SPARQL results, JSON",
        kind="results",
        media_type="application/sparql-results+json",
        content_type="application/sparql-results+json",
        suffix="json",
        engine=ox.QueryResultsFormat.JSON,
        aliases=("application/json", "text/json"),
    ),
    Format(
        name="xml",
        label="SPARQL results, XML",
        kind="results",
        media_type="application/sparql-results+xml",
        content_type="application/sparql-results+xml; charset=utf-8",
        suffix="xml",
        engine=ox.QueryResultsFormat.XML,
        aliases=("application/xml", "text/xml"),
    ),
    Format(
        name="csv",
        label="CSV",
        kind="results",
        media_type="text/csv",
        content_type="text/csv; charset=utf-8; header=present",
        suffix="csv",
        engine=ox.QueryResultsFormat.CSV,
    ),
    Format(
        name="tsv",
        label="TSV",
        kind="results",
        media_type="text/tab-separated-values",
        content_type="text/tab-separated-values; charset=utf-8",
        suffix="tsv",
        engine=ox.QueryResultsFormat.TSV,
    ),
    Format(
        name="ttl",
        label="Turtle",
        kind="graph",
        media_type="text/turtle",
        content_type="text/turtle; charset=utf-8",
        suffix="ttl",
        engine=ox.RdfFormat.TURTLE,
        aliases=("application/turtle", "application/x-turtle"),
    ),
    Format(
        name="nt",
        label="N-Triples",
        kind="graph",
        media_type="application/n-triples",
        content_type="application/n-triples",
        suffix="nt",
        engine=ox.RdfFormat.N_TRIPLES,
        aliases=("text/plain",),
    ),
    Format(
        name="rdf",
        label="RDF/XML",
        kind="graph",
        media_type="application/rdf+xml",
        content_type="application/rdf+xml",
        suffix="rdf",
        engine=ox.RdfFormat.RDF_XML,
        aliases=("application/xml", "text/xml"),
    ),
    Format(
        name="jsonld",
        label="JSON-LD 1.1",
        kind="graph",
        media_type="application/ld+json",
        content_type="application/ld+json",
        suffix="jsonld",
        engine=ox.RdfFormat.JSON_LD,
        # application/json is missing on purpose: for a graph it promises nothing that a client could rely on.
    ),
    Format(
        name="nq",
        label="N-Quads",
        kind="graph",
        media_type="application/n-quads",
        content_type="application/n-quads",
        suffix="nq",
        engine=ox.RdfFormat.N_QUADS,
    ),
    Format(
        name="trig",
        label="TriG",
        kind="graph",
        media_type="application/trig",
        content_type="application/trig",
        suffix="trig",
        engine=ox.RdfFormat.TRIG,
        aliases=("application/x-trig",),
    ),
)
"""Every format, the preferred one of each kind first: that is what `*/*` gets."""

_BY_NAME = {format.name: format for format in FORMATS}
_BY_SUFFIX = {format.suffix: format for format in FORMATS}


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """The formats that answers of this kind can be written in, preferred first.

    >>> [format.name for format in formats_of("results")]
    ['json', 'xml', 'csv', 'tsv']
    """
    return tuple(format for format in FORMATS if format.kind == kind)


def format_named(name: str) -> Format | None:
    """The format of this name, or none.

    >>> format_named("ttl").media_type
    'text/turtle'
    """
    return _BY_NAME.get(name)


def format_of_suffix(suffix: str) -> Format | None:
    """The format that files with this suffix have, or none; a leading dot and case do not matter.

    >>> format_of_suffix(".TTL").name
    'ttl'
    """
    return _BY_SUFFIX.get(suffix.removeprefix(".").lower())


def format_of_media_type(media_type: str, kind: Kind) -> Format | None:
    """The format that a media type means for answers of this kind, or none; parameters and case do not matter.

    >>> format_of_media_type("application/xml; charset=utf-8", "results").name
    'xml'
    >>> format_of_media_type("application/xml", "graph").name
    'rdf'
    """
    bare = media_type.partition(";")[0].strip().lower()
    return next((format for format in FORMATS if format.kind == kind and bare in format.media_types), None)
