"""Every row of every canned query, and of the free ones, rests on what it cites: judged by `citation_checker`.

Canned queries are asked with their defaults, on a day where they take one, and with the parameters of a competency
question. Each triple of each row is left out once; where the parameters differ, of some rows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
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
from kg.queries.parameters import bind
from kg.tracing.answers import answer_with_citations

PROJECT = Project(Path(__file__).parents[2])
CANNED = {slug: query for slug, query in read_queries(PROJECT).items() if query.form is QueryKind.SELECT}
ASKED = [
    json.loads(line) for line in (PROJECT.root / "tests/competency/questions.jsonl").read_text("utf-8").splitlines()
]
OTHERWISE = {
    f"{slug} on a day": bind(query, {"at": ["2007-05-23"]}) for slug, query in CANNED.items() if query.takes_at
}
OTHERWISE |= {
    f"{asked['query']} as asked": bind(CANNED[asked["query"]], asked["params"])
    for asked in reversed(ASKED)
    if asked["query"] in CANNED and asked["params"]
}
FREELY = {f"free: {name}": PREFIXES + text for name, text in FREE.items()}
QUERIES = {slug: query.text for slug, query in CANNED.items()} | OTHERWISE | FREELY
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


UNTRACED_ROWS = {"free: a path of none or more": 1}  # the class itself, to which no triple leads
"""How many rows of a query may be traced in no column, or in none that follows from what is cited; of others none."""


@pytest.mark.parametrize("name", QUERIES)
def test_each_row_rests_on_what_it_cites(store: ox.Store, checker: Checker, told: list[Checked], name: str) -> None:
    most_minimal = 20 if name in OTHERWISE else None
    checked = checker.check(QUERIES[name], cited(store, QUERIES[name]), most_minimal)
    told.append(checked)
    assert checked.faults == []
    assert checked.counts["rows"]
    assert checked.counts["untraced rows"] == UNTRACED_ROWS.get(name, 0)
    assert checked.counts["sufficient but for untraced columns"] == 0
