"""Citations that do not hold are found: the checker judges answers of the tracer that were spoilt, each in its way."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from citation_checker import Checked, Checker
from free_queries import PREFIXES
from query_parts import names_graphs

from kg.build.dataset import open_build
from kg.project import Project
from kg.tracing.answers import answer_with_citations

RULES = {path.stem: path.read_text("utf-8") for path in Project(Path(__file__).parents[2]).rule_files()}
Answer = dict[str, Any]
QUERIES = {
    "a join": "SELECT ?a ?p ?j { ?a oxus:joins ?j . ?a oxus:hasParty ?p } ORDER BY ?a ?p ?j",
    "rows of one triple": "SELECT ?x ?y { ?x oxus:isSubordinateTo ?y } ORDER BY ?x ?y",
    "inferred": "SELECT ?x { ?x a oxus:Organisation } ORDER BY ?x LIMIT 10",
    "disputed": """SELECT DISTINCT ?s ?p ?o { ?j oxus:rejects|oxus:leavesOpen ?g . GRAPH ?g { ?s ?p ?o } ?s ?p ?o }
        ORDER BY ?s ?p ?o""",
    "a group": """SELECT ?place (COUNT(DISTINCT ?x) AS ?n) { ?x oxus:takesPlaceIn ?place } GROUP BY ?place
        ORDER BY ?place""",
    "a slice inside": "SELECT ?x { { SELECT ?x { ?x a oxus:State } ORDER BY ?x LIMIT 2 OFFSET 3 } } ORDER BY ?x",
}


@pytest.fixture(scope="module")
def checker(real_build: Path) -> Checker:
    return Checker(open_build(real_build), RULES)


@pytest.fixture(scope="module")
def answers(checker: Checker) -> dict[str, Answer]:
    found = {}
    for name, query in QUERIES.items():
        output = io.BytesIO()
        answer_with_citations(checker.store, {"query": PREFIXES + query, "rules": RULES}, output)
        found[name] = json.loads(output.getvalue())
    return found


def check(checker: Checker, name: str, answer: Answer) -> Checked:
    return checker.check(PREFIXES + QUERIES[name], answer)


def _drop(answer: Answer) -> None:
    for row in answer["oxus"]["citations"]:
        row.pop()


def _drop_a_member(answer: Answer) -> None:
    next((row for row in answer["oxus"]["citations"] if len(row) > 1), [None]).pop()


def _add(answer: Answer) -> None:
    first, *_, last = answer["oxus"]["citations"]
    if all(each["triple"] != first[0]["triple"] for each in last):
        last.append(first[0])


def _swap_passages(answer: Answer) -> None:
    plain = [each for row in answer["oxus"]["citations"] for each in row if each["passages"]]
    one = plain[0] if plain else {}
    other = next((each for each in plain if set(each["passages"]) != set(one["passages"])), one)
    if other is not one:
        one["passages"], other["passages"] = other["passages"], one["passages"]


def _first_passage_only(answer: Answer) -> None:
    for each in _all(answer):
        del each["passages"][1:]


def _no_premises(answer: Answer) -> None:
    for each in _all(answer):
        if "premises" in each:
            each["premises"] = []


def _nothing_untraced(answer: Answer) -> None:
    answer["oxus"]["untraced"], answer["oxus"]["reasons"] = [], {}


def _no_reasons(answer: Answer) -> None:
    answer["oxus"]["reasons"] = {}


def _undisputed(answer: Answer) -> None:
    for each in _all(answer):
        each.pop("disputed", None)


def _disputed(answer: Answer) -> None:
    for each in _all(answer):
        each.setdefault("disputed", "https://w3id.org/oxus/id/judgement-on-nothing")


def _passages_for_sources(answer: Answer) -> None:
    for each in _all(answer):
        if each["passages"]:
            each["sources"] = len(each["passages"])


def _backwards(answer: Answer) -> None:
    answer["results"]["bindings"].reverse()
    answer["oxus"]["citations"].reverse()


def _nothing_cited(answer: Answer) -> None:
    answer["oxus"]["citations"] = [[] for _ in answer["oxus"]["citations"]]


def _all(answer: Answer) -> list[dict[str, Any]]:
    found = [each for row in answer["oxus"]["citations"] for each in row]
    for each in found:
        found += each.get("premises", ())
    return found


SPOILT: list[Callable[[Answer], None]] = [
    *(_drop, _drop_a_member, _add, _swap_passages, _first_passage_only, _no_premises, _undisputed),
    *(_disputed, _passages_for_sources, _backwards, _nothing_cited),
]


def test_the_tracers_own_answers_hold(checker: Checker, answers: dict[str, Answer]) -> None:
    for name, answer in answers.items():
        checked = check(checker, name, answer)
        assert checked.faults == []
        assert checked.counts["untraced rows"] == (2 if name == "a slice inside" else 0)


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_answer_is_found(
    checker: Checker, answers: dict[str, Answer], spoil: Callable[[Answer], None]
) -> None:
    changed = 0
    for name, answer in answers.items():
        spoilt = copy.deepcopy(answer)
        spoil(spoilt)
        if spoil is _first_passage_only and names_graphs(QUERIES[name]):
            continue  # the query may have asked for that graph alone
        if spoilt != answer and name != "a slice inside":
            changed += 1
            assert check(checker, name, spoilt).faults, name
    assert changed


def test_columns_that_are_not_said_to_be_untraced_must_follow(checker: Checker, answers: dict[str, Answer]) -> None:
    for spoil in (_nothing_untraced, _no_reasons):
        spoilt = copy.deepcopy(answers["a slice inside"])
        spoil(spoilt)
        assert check(checker, "a slice inside", spoilt).faults


TWICE_TOLD = """
PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX source: <https://w3id.org/oxus/source/>
GRAPH <https://w3id.org/oxus/source/a/0-9> { <urn:x> oxus:serves <urn:y> }
GRAPH <https://w3id.org/oxus/source/b/0-9> { <urn:x> oxus:serves <urn:y> }
<urn:x> oxus:serves <urn:y> .
<https://w3id.org/oxus/source/a/0-9> oxus:isPassageOf source:a .
<https://w3id.org/oxus/source/b/0-9> oxus:isPassageOf source:b .
<urn:j> oxus:accepts <https://w3id.org/oxus/source/a/0-9> ; oxus:rejects <https://w3id.org/oxus/source/b/0-9> .
"""


def test_what_a_rejected_passage_says_is_no_support() -> None:
    store = ox.Store()
    store.load(TWICE_TOLD.encode(), ox.RdfFormat.TRIG)
    query, output = PREFIXES + "SELECT ?y { <urn:x> oxus:serves ?y }", io.BytesIO()
    answer_with_citations(store, {"query": query}, output)
    answer = json.loads(output.getvalue())
    assert Checker(store, {}).check(query, answer).faults == []
    [[citation]] = answer["oxus"]["citations"]
    citation["passages"].append("https://w3id.org/oxus/source/b/0-9")
    assert Checker(store, {}).check(query, answer).faults


def test_that_nothing_is_traced_is_no_way_out(checker: Checker, answers: dict[str, Answer]) -> None:
    for name, answer in answers.items():
        spoilt = copy.deepcopy(answer)
        _nothing_cited(spoilt)
        spoilt["oxus"]["untraced"] = answer["head"]["vars"]
        spoilt["oxus"]["reasons"] = dict.fromkeys(answer["head"]["vars"], "it cannot be traced")
        assert check(checker, name, spoilt).counts["untraced rows"] == len(answer["results"]["bindings"])
