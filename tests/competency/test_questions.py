"""The project's canned queries over its real build: each gives what its header promises and what was found right.

`expected/<slug>.tsv` is the whole answer with the default parameters. `questions.jsonl` holds competency questions of
`ontology/questions.md`, one a line: the query and parameters that answer it, the columns that do, the answer, and under
`differs` why it is not quite what the question's authors expected. When data or a query change on purpose, write both
again with `python tests/competency/test_questions.py`, and read the difference before you commit it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from click.testing import Result

from kg.build.dataset import open_build
from kg.build.rules import read_rules
from kg.build.run import build
from kg.errors import QueryParameterError
from kg.namespaces import SOURCE, TIME, TOPIC, XSD, compact
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import CannedQuery, QueryKind
from kg.queries.parameters import bind, pick_list
from kg.tracing.trace import trace

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTED = Path(__file__).parent / "expected"
PROJECT = Project(ROOT)
QUERIES = read_queries(PROJECT)
QUESTIONS = PROJECT.ontology / "questions.md"
ASKED_FILE = Path(__file__).parent / "questions.jsonl"
ASKED = [json.loads(line) for line in ASKED_FILE.read_text("utf-8").splitlines()]

LITERALS = {"string": "string", "language": "string", "integer": "integer", "decimal": "decimal", "date": "dateTime"}
STARTS = {"iri": "", "topic": TOPIC, "span": TIME, "passage": SOURCE}

each_query = pytest.mark.parametrize("slug", QUERIES)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    folder = tmp_path_factory.mktemp("competency") / "build"
    build(PROJECT, folder)
    return open_build(folder)


def written(store: ox.Store, query: CannedQuery) -> str:
    """The answer as the expected file holds it: TSV, sorted N-Triples for a CONSTRUCT."""
    answer = store.query(query.text)
    if isinstance(answer, ox.QueryTriples):
        return "".join(sorted(f"{triple} .\n" for triple in answer))
    text = answer.serialize(format=ox.QueryResultsFormat.TSV)
    assert text is not None
    return text.decode("utf-8")


def answered(store: ox.Store, asked: dict[str, Any]) -> list[list[str]]:
    """The answer to a question in the columns that hold it, each row once and in the query's order."""
    answer = store.query(bind(QUERIES[asked["query"]], asked["params"]))
    assert isinstance(answer, ox.QuerySolutions)
    rows = ([_cell(row[column]) for column in asked["columns"]] for row in answer)
    return [list(row) for row in dict.fromkeys(map(tuple, rows))]


def _cell(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return compact(term.value)
    return term.value if isinstance(term, ox.Literal) else ""


def fits(kind: str, term: object) -> bool:
    """Whether a value is of the type that its column declares."""
    if kind == "term":
        return True
    if kind in STARTS:
        place = re.fullmatch(rf"{SOURCE}[^/]+/[0-9]+-[0-9]+", str(getattr(term, "value", "")))
        return (
            isinstance(term, ox.NamedNode) and term.value.startswith(STARTS[kind]) and bool(place or kind != "passage")
        )
    if not isinstance(term, ox.Literal):
        return False
    return term.datatype.value == XSD + LITERALS.get(kind, kind) or (kind == "string" and term.language is not None)


@each_query
def test_the_answer_is_what_was_read_and_found_right(store: ox.Store, slug: str) -> None:
    assert written(store, QUERIES[slug]) == (EXPECTED / f"{slug}.tsv").read_text("utf-8")


@each_query
def test_a_default_is_in_the_pick_list_of_its_parameter(store: ox.Store, slug: str) -> None:
    for parameter in QUERIES[slug].params:
        if (text := pick_list(parameter, QUERIES)) is not None:
            answer = store.query(text)
            assert isinstance(answer, ox.QuerySolutions)
            known = {row[0] for row in answer}
            assert set(parameter.default or ()) <= known, parameter.name
            assert 1 < len(known), parameter.name


@pytest.mark.parametrize("slug", ["timeline", "participants", "conflicts", "statements-by-kind"])
def test_a_code_of_another_list_is_refused_with_the_right_ones(
    slug: str, real_build: Path, run_kg: Callable[..., Result]
) -> None:
    for parameter in QUERIES[slug].params:
        if parameter.options == "codes":
            error = run_kg(PROJECT, "query", slug, "-p", f"{parameter.name}=oxus:reliability-a").exception
            assert isinstance(error, QueryParameterError) and len(error.suggestions) >= 4
            assert "t takes" in error.message


@each_query
def test_the_header_holds(store: ox.Store, slug: str) -> None:
    query = QUERIES[slug]
    answer = store.query(query.text)
    if isinstance(answer, ox.QueryBoolean):
        assert query.expect.accepts(bool(answer))
        return
    rows = list(answer)
    assert query.expect.accepts(len(rows)), f"{len(rows)} rows"
    for row in rows if isinstance(answer, ox.QuerySolutions) else ():
        assert isinstance(row, ox.QuerySolution)
        for column in query.columns:
            assert row[column.name] is None or fits(column.type, row[column.name]), f"{column}: {row[column.name]}"


@pytest.mark.parametrize("slug", [slug for slug, query in QUERIES.items() if query.form is QueryKind.SELECT])
def test_every_row_is_cited_down_to_graphs(store: ox.Store, slug: str) -> None:
    query = QUERIES[slug]
    traced = trace(store, query.text, rules={rule.slug: rule for rule in read_rules(PROJECT)})
    open_citations = [citation for row in traced.citations for citation in row]
    assert all(traced.citations)
    while open_citations:
        citation = open_citations.pop()
        assert citation.passages or citation.premises, citation.triple
        open_citations.extend(citation.premises)


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked["id"])
def test_each_question_gets_its_answer(store: ox.Store, asked: dict[str, Any]) -> None:
    assert asked["id"] in QUERIES[asked["query"]].question
    assert answered(store, asked) == asked["answer"]


def test_the_page_of_questions_names_a_query_that_answers_each() -> None:
    page = dict(re.findall(r"^\| (CQ-[0-9]+) \|.*\| `([a-z-]+)", QUESTIONS.read_text("utf-8"), re.MULTILINE))
    assert all(question in QUERIES[slug].question for question, slug in page.items())
    assert {asked["id"]: asked["query"] for asked in ASKED}.items() <= page.items()
    assert {f"CQ-{number:02}" for number in range(1, 31)} <= {asked["id"] for asked in ASKED}


def test_no_answer_is_expected_of_a_query_that_is_gone() -> None:
    assert {path.stem for path in EXPECTED.glob("*")} == set(QUERIES)


def test_every_competency_question_is_answered_and_every_answered_one_exists() -> None:
    asked = set(re.findall(r"CQ-[0-9]+", QUESTIONS.read_text("utf-8")))
    answered = {question for query in QUERIES.values() for question in query.question}
    assert not answered - asked, "no such questions"
    assert not asked - answered, "questions that no query answers"


def _write_expected() -> None:
    EXPECTED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        build(PROJECT, Path(folder) / "build")
        store = open_build(Path(folder) / "build")
        for path in EXPECTED.glob("*.tsv"):
            path.unlink()
        for slug, query in QUERIES.items():
            (EXPECTED / f"{slug}.tsv").write_text(written(store, query), "utf-8")
        lines = (json.dumps(asked | {"answer": answered(store, asked)}, ensure_ascii=False) for asked in ASKED)
        ASKED_FILE.write_text("".join(f"{line}\n" for line in lines), "utf-8")


if __name__ == "__main__":
    _write_expected()
