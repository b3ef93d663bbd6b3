"""The questions in plain words lead to queries that take the parameters that they are asked with."""

from __future__ import annotations

from pathlib import Path

from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.parameters import bind
from kg.queries.questions import AskedQuestion, read_questions


def test_every_question_is_a_query_with_values_that_it_takes(real_project: Project) -> None:
    questions, queries = read_questions(real_project), read_queries(real_project)
    assert len(questions) >= 70 and len({each.id for each in questions}) == len(questions)
    for each in questions:
        assert bind(queries[each.slug], each.values)


def test_a_row_is_read_whole_and_what_is_no_row_is_not(tmp_path: Path) -> None:
    (tmp_path / "ontology").mkdir()
    row = "| CQ-07 | Who, and when? | `some-query a=id:x a=id:y b=2` |"
    page = f"| id | question |\n|---|---|\n{row}\n| CQ-08 | none | - |"
    (tmp_path / "ontology" / "questions.md").write_text(page)
    expected = AskedQuestion("CQ-07", "Who, and when?", "some-query", {"a": ["id:x", "id:y"], "b": ["2"]})
    assert read_questions(Project(tmp_path)) == [expected]
    assert read_questions(Project(tmp_path / "nothing")) == []
