"""What `state-at` and `facts` call certain: a day within bounds that are told. An open end is no bound.

The facts are invented; what is said of them is in ontology/README.md ("What held on a day").
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.dataset import open_build
from kg.files.spans import describe_span, span_iri
from kg.namespaces import ID, PREFIXES
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.parameters import bind

QUERIES = read_queries(Project(Path(__file__).parents[2]))
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
BEGUN, JOINED, FORCE, EVENT, OFFICE = (
    "oxus:beganIn {0}",
    "a oxus:Accession ; oxus:hasBestDate {0}",
    "oxus:isValidFor {0}",
    "oxus:hasDate {0}",
    "a oxus:Tenure ; oxus:hasDate {0}",
)
FACTS = [
    # what is said, its dates; the days on which it held certainly; those on which it did possibly
    (JOINED, ["2002-02-20"], ["2002-02-20"], ["2002-02-21", "2030-01-01", "9999-12-31"]),
    (JOINED + " ; oxus:endedIn {1}", ["2002-02-20", "2009-05"], ["2002-02-21", "2009-05-01"], ["2009-05-02"]),
    (JOINED, ["1992"], [], ["1992-01-01", "1992-12-31", "2007-05-23", "9999-12-31"]),
    (BEGUN, ["2003-03"], [], ["2003-03-01", "9999-12-31"]),
    (BEGUN + " ; oxus:endedIn {1}", ["2003", "2005"], ["2004-06-01"], ["2003-06-01", "2005-06-01"]),
    ("oxus:endedIn {0}", ["2003-03-02"], ["2003-03-02"], ["0001-01-01", "2003-03-01"]),
    (FORCE, ["2014/2016"], ["2014-01-01", "2016-12-31"], []),
    (FORCE, ["2014-02-03/.."], ["2014-02-03"], ["2014-02-04", "9999-12-31"]),
    (FORCE, ["../2014-02-03"], ["2014-02-03"], ["0001-01-01", "2014-02-02"]),
    (EVENT, ["1996/.."], [], ["1996-06-01", "2000-01-01", "9999-12-31"]),
    (EVENT, ["../1996-05-04"], ["1996-05-04"], ["0001-01-01"]),
    (OFFICE, ["2007-05-23/.."], ["2007-05-23"], ["2007-05-24", "9999-12-31"]),
    (EVENT, ["2007-05-23~"], [], ["2007-05-23"]),
]


def world(said: str, dates: list[str]) -> ox.Store:
    """A store that says one thing."""
    spans = [span_iri(date) for date in dates]
    text = said.format(*(f"<{span}>" for span in spans))
    store = ox.Store()
    store.update(f"{PROLOGUE}INSERT DATA {{ id:it {text} ; a oxus:Event ; rdfs:label 'it'@en ; oxus:about id:that }}")
    store.update(PROLOGUE + "INSERT DATA { oxus:about rdfs:isDefinedBy <https://w3id.org/oxus/ontology> }")
    for span in spans:
        store.extend(ox.Quad(*triple) for triple in describe_span(span))
    return store


def sureness(store: ox.Store, slug: str, day: str) -> set[str]:
    asked = {"at": [day]} | ({"entity": [f"<{ID}it>"]} if slug == "facts" else {})
    answer = store.query(bind(QUERIES[slug], asked))
    assert isinstance(answer, ox.QuerySolutions)
    return {row["sureness"].value for row in answer}


@pytest.mark.parametrize("slug", ["state-at", "facts"])
@pytest.mark.parametrize(("said", "dates", "certain", "possible"), FACTS)
def test_a_day_is_certain_only_within_bounds_that_are_told(
    slug: str, said: str, dates: list[str], certain: list[str], possible: list[str]
) -> None:
    store = world(said, dates)
    found = {day: sureness(store, slug, day) for day in certain + possible}
    assert found == dict.fromkeys(certain, {"certainly"}) | dict.fromkeys(possible, {"possibly"})


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_nothing_of_ours_is_certain_at_the_ends_of_time(real_build: Path, day: str) -> None:
    assert sureness(open_build(real_build), "state-at", day) == {"possibly"}
