"""Fixtures of the unit tests alone: `tiny_project`, a small world of its own with an ontology of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.project import Project

TINY = Path(__file__).parent.parent / "fixtures" / "tiny"


@pytest.fixture
def tiny_project(tmp_path: Path) -> Project:
    """A copy of tests/fixtures/tiny: one document, three passages (one rejected), a build without findings."""
    shutil.copytree(TINY, tmp_path / "tiny")
    return Project(tmp_path / "tiny")


@pytest.fixture
def amend(tiny_project: Project) -> Callable[[str, str, str], int]:
    """Replace a text that stands once in a file of `tiny_project`; gives the line where the new text begins."""

    def amend(name: str, old: str, new: str) -> int:
        path = tiny_project.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text.count("\n", 0, text.index(old)) + 1

    return amend
