"""What our own build says of itself is true of it: every count asked again by SPARQL, every canned query run."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.dataset import open_build
from kg.namespaces import CATALOGUE, DATASET, EXAMPLES, RDF, SH, VOID
from kg.project import Project
from kg.queries.canned import read_queries

PROJECT = Project(Path(__file__).parents[2])
QUERIES = read_queries(PROJECT)
PREFIX = f"PREFIX void: <{VOID}>\nPREFIX sh: <{SH}>\n"
WITHOUT = " ".join(f"FILTER NOT EXISTS {{ GRAPH {graph} {{ ?s ?p ?o }} }}" for graph in (CATALOGUE, EXAMPLES))
"""The catalogue counts everything but itself."""

TYPED = f"?s ?p ?o FILTER(?p = <{RDF}type>)"


@pytest.fixture(scope="module")
def store(real_build: Path) -> ox.Store:
    return open_build(real_build)


def table(store: ox.Store, query: str) -> dict[tuple[str, ...], int]:
    """The rows of a query whose last column is a number."""
    answer = store.query(PREFIX + query)
    assert isinstance(answer, ox.QuerySolutions)
    return {tuple(str(value) for value in list(row)[:-1]): int(list(row)[-1].value) for row in answer}  # type: ignore[union-attr]


def test_the_counts_of_the_whole(store: ox.Store) -> None:
    told = {
        name: table(store, f"SELECT ?n {{ {DATASET} void:{name} ?n }}")[()]
        for name in ("triples", "distinctSubjects", "distinctObjects", "properties", "classes", "entities")
    }
    pattern = f"{{ ?s ?p ?o {WITHOUT} }}"
    counted = {
        "triples": table(store, f"SELECT (COUNT(*) AS ?n) {pattern}")[()],
        "distinctSubjects": table(store, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {pattern}")[()],
        "distinctObjects": table(store, f"SELECT (COUNT(DISTINCT ?o) AS ?n) {pattern}")[()],
        "properties": table(store, f"SELECT (COUNT(DISTINCT ?p) AS ?n) {pattern}")[()],
        "classes": table(store, f"SELECT (COUNT(DISTINCT ?o) AS ?n) {{ {TYPED} {WITHOUT} }}")[()],
        "entities": table(
            store,
            f'SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o {WITHOUT} FILTER(STRSTARTS(STR(?s), "{DATASET.value}")) }}',
        )[()],
    }
    assert told == counted


def test_the_counts_of_classes_and_properties(store: ox.Store) -> None:
    told = table(store, f"SELECT ?c ?n {{ {DATASET} void:classPartition [ void:class ?c ; void:entities ?n ] }}")
    assert told == table(store, f"SELECT ?o (COUNT(DISTINCT ?s) AS ?n) {{ {TYPED} {WITHOUT} }} GROUP BY ?o")
    told = table(store, f"SELECT ?p ?n {{ {DATASET} void:propertyPartition [ void:property ?p ; void:triples ?n ] }}")
    assert told == table(store, f"SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o {WITHOUT} }} GROUP BY ?p")


def test_the_counts_of_the_properties_of_each_class(store: ox.Store) -> None:
    told = table(
        store,
        f"""SELECT ?c ?p ?n {{
          {DATASET} void:classPartition ?part .
          ?part void:class ?c ; void:propertyPartition [ void:property ?p ; void:triples ?n ]
        }}""",
    )
    counted = table(store, f"SELECT ?c ?p (COUNT(*) AS ?n) {{ ?s ?p ?o {WITHOUT} ?s a ?c }} GROUP BY ?c ?p")
    assert told and told == {key: counted[key] for key in told}
    ours = {key for key in counted if key[0].startswith("<https://w3id.org/oxus/ontology#")}
    assert ours <= set(told)


def test_the_counts_of_links(store: ox.Store) -> None:
    told = table(
        store,
        """SELECT ?p ?space ?n {
          [] a void:Linkset ; void:linkPredicate ?p ; void:objectsTarget/void:uriSpace ?space ; void:triples ?n
        }""",
    )
    assert {space for _, space in told} >= {'"http://www.wikidata.org/"', '"https://sws.geonames.org/"'}
    for (predicate, space), number in told.items():
        counted = f"SELECT (COUNT(*) AS ?n) {{ ?s {predicate} ?o FILTER(STRSTARTS(STR(?o), {space})) }}"
        assert table(store, counted)[()] == number


@pytest.mark.parametrize("slug", QUERIES)
def test_a_canned_query_stands_in_the_graph_as_in_its_file_and_runs(store: ox.Store, slug: str) -> None:
    pattern = f"<{EXAMPLES.value}/{slug}> sh:select|sh:ask|sh:construct ?text"
    answer = store.query(f"{PREFIX}SELECT ?text {{ GRAPH {EXAMPLES} {{ {pattern} }} }}")
    assert isinstance(answer, ox.QuerySolutions)
    (text,) = (row["text"].value for row in answer)
    assert text == (PROJECT.queries / f"{slug}.rq").read_text("utf-8")
    result = store.query(text)
    if not isinstance(result, ox.QueryBoolean):
        next(iter(result), None)


def test_every_canned_query_is_in_the_graph_and_nothing_else(store: ox.Store) -> None:
    query = f"{PREFIX}SELECT ?q {{ GRAPH {EXAMPLES} {{ ?q a sh:SPARQLExecutable }} }}"
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    assert {row["q"].value for row in answer} == {f"{EXAMPLES.value}/{slug}" for slug in QUERIES}
