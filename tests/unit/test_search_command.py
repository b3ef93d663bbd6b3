"""`kg search`: what is found and why, as lines and as JSON; without a build it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import BuildMissingError, QueryParameterError
from kg.project import Project


@pytest.fixture(scope="module")
def built(mini_build: Path) -> Project:
    return Project(mini_build.parent)


def test_a_thing_is_printed_with_the_name_that_answered_and_where_it_stands(run_kg, built: Project) -> None:
    lines = run_kg(built, "search", "Велмарка", "--limit", 1).output.splitlines()
    assert lines[0].startswith("id:vellmark  Vellmark  oxus:State")
    assert "Велмарка → Веллмарк (stem)" in lines[1] and lines[1].endswith("[reference:atlas]"), lines


def test_as_json_each_line_is_a_thing(run_kg, built: Project) -> None:
    lines = run_kg(built, "search", "--json", "--kind", "query", "accessions").output.splitlines()
    assert [json.loads(line)["iri"] for line in lines][:1] == ["query:accessions"]


def test_what_cannot_be_searched_is_told(run_kg, built: Project, tmp_path: Path) -> None:
    assert run_kg(built, "search", "zzyzxqq").output == "nothing found\n"
    assert isinstance(run_kg(built, "search", "x" * 201).exception, QueryParameterError)
    (tmp_path / "ontology").mkdir()
    (tmp_path / "data").mkdir()
    assert isinstance(run_kg(Project(tmp_path), "search", "x").exception, BuildMissingError)
