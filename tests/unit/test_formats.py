"""The table of formats says what the specifications and the engine say."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.engine.formats import FORMATS, Format, Kind, format_named, format_of_media_type, format_of_suffix, formats_of


def test_names_and_suffixes_are_unique() -> None:
    assert len({format.name for format in FORMATS}) == len(FORMATS)
    assert len({format.suffix for format in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("kind", ["results", "graph"])
def test_no_media_type_means_two_formats_of_a_kind(kind: Kind) -> None:
    types = [media_type for format in formats_of(kind) for media_type in format.media_types]
    assert len(types) == len(set(types))


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_the_engine_knows_each_format_by_our_media_type(format: Format) -> None:
    assert format.engine.media_type.partition(";")[0] == format.media_type
    assert format.content_type.startswith(format.media_type)
    assert isinstance(format.engine, ox.RdfFormat) == (format.kind == "graph")


@pytest.mark.parametrize(
    ("media_type", "kind", "name"),
    [
        ("application/json", "results", "json"),
        ("application/json", "graph", None),
        ("application/xml", "results", "xml"),
        ("text/xml", "graph", "rdf"),
        ("Text/Turtle; charset=UTF-8", "graph", "ttl"),
        ("text/turtle", "results", None),
        ("text/csv;header=present", "results", "csv"),
        ("application/n-quads", "graph", "nq"),
        ("text/anot+turtle", "graph", None),
    ],
)
def test_a_media_type_means(media_type: str, kind: Kind, name: str | None) -> None:
    format = format_of_media_type(media_type, kind)
    assert (format and format.name) == name


def test_csv_and_tsv_say_their_charset() -> None:
    csv, tsv = format_named("csv"), format_named("tsv")
    assert csv and csv.content_type == "text/csv; charset=utf-8; header=present"
    assert tsv and tsv.content_type == "text/tab-separated-values; charset=utf-8"


def test_unknown_names_and_suffixes_mean_nothing() -> None:
    assert format_named("xlsx") is None
    assert format_of_suffix(".docx") is None
    found = format_of_suffix("JSONLD")
    assert found and found.name == "jsonld"
