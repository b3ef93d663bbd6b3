"""What citations cost: the time that tracing adds, as a ratio to the plain query.

Both are of the engine in this process, to SPARQL results JSON. That the citations hold is a test, not a figure.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.dataset import open_build
from kg.project import Project
from kg.tracing.answers import answer_with_citations

pytestmark = pytest.mark.bench
PREFIXES = """PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
QUERIES = {
    "one pattern": "SELECT ?x ?l { ?x rdfs:label ?l } ORDER BY ?x ?l LIMIT %d",
    "a join of four": """SELECT ?s ?p ?gist ?d { ?g oxus:gist ?gist ; oxus:isPassageOf ?d . GRAPH ?g { ?s ?p ?o }
        ?s rdfs:label ?l FILTER(LANG(?l) = "en") } ORDER BY ?g ?s ?p LIMIT %d""",
    "an optional and an exists": """SELECT ?p ?d ?g { ?p oxus:isPassageOf ?d OPTIONAL { ?p oxus:gist ?g }
        FILTER EXISTS { ?p oxus:hasKind ?k } } ORDER BY ?p LIMIT %d""",
    "rows alike": "SELECT ?t { ?x a ?t } LIMIT %d",
    "inferred classes": "SELECT ?x ?c { ?x a ?c . ?x rdfs:label ?l } ORDER BY ?x ?c LIMIT %d",
}


def seconds(act: Callable[[], object], rounds: int) -> float:
    """How long it takes at best."""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        act()
        found.append(time.perf_counter() - begin)
    return min(found)


def bench_cite(real_project: Project, real_build: Path, figure: Callable[..., None]) -> None:
    store = open_build(real_build)
    rules = {path.stem: path.read_text("utf-8") for path in real_project.rule_files()}
    for name, text in QUERIES.items():
        for count in (10, 100, 1000):
            query = PREFIXES + text % count

            def plain(query: str = query) -> None:
                answer = store.query(query)
                assert isinstance(answer, ox.QuerySolutions)
                answer.serialize(format=ox.QueryResultsFormat.JSON)

            def cited(query: str = query) -> None:
                answer_with_citations(store, {"query": query, "rules": rules}, io.BytesIO())

            asked, traced = seconds(plain, 5), seconds(cited, 3)
            added = (traced - asked) / count
            figure(
                f"citations, {name}, {count} rows",
                added / (asked / count),
                "times the plain query",
                added_ms_a_row=round(added * 1000, 3),
                plain_ms=round(asked * 1000, 2),
            )
