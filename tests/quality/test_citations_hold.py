"""Every row of every canned query, and of the free ones, rests on what it cites: judged by `citation_checker`.

Each triple of each row is left out once. Should that take too long one day, `Checker.check` can do it for some rows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from citation_checker import Checked, Checker, all_counts
from free_queries import FREE, PREFIXES

from kg.build.dataset import open_build
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import QueryKind
from kg.tracing.answers import answer_with_citations

PROJECT = Project(Path(__file__).parents[2])
CANNED = {slug: query.text for slug, query in read_queries(PROJECT).items() if query.form is QueryKind.SELECT}
QUERIES = CANNED | {f"free: {name}": PREFIXES + text for name, text in FREE.items()}
RULES = {path.stem: path.read_text("utf-8") for path in PROJECT.rule_files()}


@pytest.fixture(scope="module")
def store(real_build: Path) -> ox.Store:
    return open_build(real_build)


@pytest.fixture(scope="module")
def checker(store: ox.Store) -> Checker:
    return Checker(store, RULES)


@pytest.fixture(scope="module")
def told(pytestconfig: pytest.Config) -> Iterator[list[Checked]]:
    """What was checked, told at the end where output is shown (`-s`)."""
    found: list[Checked] = []
    yield found
    print("\ncitations: " + ", ".join(f"{count:,} {name}" for name, count in all_counts(found)))


def cited(store: ox.Store, query: str) -> dict[str, Any]:
    output = io.BytesIO()
    answer_with_citations(store, {"query": query, "rules": RULES}, output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer


@pytest.mark.parametrize("name", QUERIES)
def test_each_row_rests_on_what_it_cites(store: ox.Store, checker: Checker, told: list[Checked], name: str) -> None:
    checked = checker.check(QUERIES[name], cited(store, QUERIES[name]))
    told.append(checked)
    assert checked.faults == []
    assert checked.counts["rows"]


ROW = "SELECT ?a ?p ?j WHERE { ?a oxus:joins ?j . ?a oxus:hasParty ?p } ORDER BY ?a LIMIT 1"


def spoilt(answer: dict[str, Any], how: str, other: Mapping[str, Any]) -> dict[str, Any]:
    row = answer["oxus"]["citations"][0]
    if how == "one too few":
        row.pop()
    elif how == "one too many":
        row.append(other)
    elif how == "the wrong passage":
        row[0]["passages"] = ["https://w3id.org/oxus/graph/topics"]
    elif how == "nothing":
        row.clear()
    return answer


@pytest.mark.parametrize("how", ["one too few", "one too many", "the wrong passage", "nothing"])
def test_citations_that_do_not_hold_are_found(store: ox.Store, how: str) -> None:
    other = cited(store, PREFIXES + "SELECT ?x { ?x oxus:hasKind oxus:hedged } ORDER BY ?x LIMIT 1")
    answer = spoilt(cited(store, PREFIXES + ROW), how, other["oxus"]["citations"][0][0])
    assert Checker(store, RULES).check(PREFIXES + ROW, answer).faults


def test_an_inference_that_does_not_follow_is_found(store: ox.Store) -> None:
    query = PREFIXES + "SELECT ?x { ?x a oxus:Organisation } ORDER BY ?x LIMIT 3"
    answer = cited(store, query)
    (inferred, *_) = [each for row in answer["oxus"]["citations"] for each in row if "rule" in each]
    inferred["premises"].pop()
    assert any("does not follow by" in fault for fault in Checker(store, RULES).check(query, answer).faults)
