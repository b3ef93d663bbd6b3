import edtf
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.files.spans import describe_span, edtf_of, read_span, span_iri
from kg.namespaces import TIME, oxus

GOOD = {
    "2002": "2002",
    "2002-02-20": "2002-02-20",
    "2002-02~": "2002-02-approx",
    "2002?": "2002-uncertain",
    "2002%": "2002-approx-uncertain",
    "199X": "199X",
    "19XX": "19XX",
    "2002-XX": "2002-XX",
    "2002-21": "2002-21",
    "2002/..": "2002--open",
    "../2002-02-20?": "open--2002-02-20-uncertain",
    "2002-02-20/2003-01": "2002-02-20--2003-01",
}
BAD = [
    *(
        "",
        "abc",
        "2002-13",
        "2002-02-30",
        "2001-02-29",
        "2002-2",
        "02002",
        "0000",
        "2002-21-05",
        "20XX-02",
        "2002-XX-01",
    ),
    *(
        "2005/2002",
        "../..",
        "2002/",
        "/2002",
        "2002/2003/2004",
        "2002~~",
        "[2001,2002]",
        "2002-~02",
        "2002-02-20T10:00:00Z",
    ),
]


@pytest.mark.parametrize(("text", "name"), GOOD.items())
def test_the_iri_holds_the_text(text: str, name: str) -> None:
    assert span_iri(text) == TIME + name
    assert edtf_of(TIME + name) == text


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        span_iri(text)


@pytest.mark.parametrize("name", ["", "2002-approx-approx", "2002-uncertain-approx", "open", "open--open", "2002/2003"])
def test_what_is_not_a_span_is_refused(name: str) -> None:
    with pytest.raises(SourceError):
        edtf_of(TIME + name)
    with pytest.raises(SourceError):
        edtf_of("https://example.org/2002")


@settings(max_examples=25, deadline=None)
@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_calendar_dates_have_the_bounds_that_edtf_gives_them(day: object, precision: int) -> None:
    text = str(day)[:precision]
    span, parsed = read_span(text), edtf.parse_edtf(text)
    assert span.earliest_begin == span.earliest_end == tuple(parsed.lower_strict())[:3]
    assert span.latest_begin == span.latest_end == tuple(parsed.upper_strict())[:3]


def test_an_interval_begins_within_its_first_date_and_ends_within_its_last() -> None:
    span = read_span("2002-02/2004")
    assert (span.earliest_begin, span.latest_begin) == ((2002, 2, 1), (2002, 2, 28))
    assert (span.earliest_end, span.latest_end) == ((2004, 1, 1), (2004, 12, 31))


def test_an_open_side_lies_at_the_end_of_time() -> None:
    assert read_span("../2004").earliest_begin == read_span("../2004").latest_begin == (1, 1, 1)
    assert read_span("2004/..").earliest_end == read_span("2004/..").latest_end == (9999, 12, 31)


def test_a_qualifier_is_a_flag_and_widens_nothing() -> None:
    exact, about = read_span("2002-02"), read_span("2002-02~")
    assert (about.earliest_begin, about.latest_end) == (exact.earliest_begin, exact.latest_end)
    assert (about.is_approximate, about.is_uncertain, exact.is_approximate) == (True, False, False)
    assert (read_span("2002%").is_approximate, read_span("2002%").is_uncertain) == (True, True)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2002-02-20", "20 February 2002"),
        ("2002-02~", "about February 2002"),
        ("2002?", "2002 (uncertain)"),
        ("199X", "1990s"),
        ("19XX", "1900 to 1999"),
        ("2002-24", "winter 2002"),
        ("2002-02-XX", "a day of February 2002"),
        ("2002/2005", "2002 to 2005"),
        ("2002-05/..", "from May 2002"),
        ("../2005", "until 2005"),
    ],
)
def test_the_label_reads_as_english(text: str, label: str) -> None:
    assert read_span(text).label == label


def test_the_description_is_in_date_times_of_utc_with_true_flags_alone() -> None:
    triples = describe_span(TIME + "2004-02-approx")
    said = {triple.predicate: triple.object for triple in triples}
    date_time = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
    assert said[oxus("earliestBegin")] == ox.Literal("2004-02-01T00:00:00Z", datatype=date_time)
    assert said[oxus("latestEnd")] == ox.Literal("2004-02-29T23:59:59Z", datatype=date_time)
    assert said[oxus("edtf")] == ox.Literal("2004-02~")
    assert said[oxus("approximate")] == ox.Literal(True)
    assert oxus("uncertain") not in said
    assert len(triples) == len(said) == 8
