"""The invented project of tests/fixtures/mini, copied so that a test may break it."""

from __future__ import annotations

import shutil
from pathlib import Path

from kg.project import Project

ROOT = Path(__file__).resolve().parent.parent


def copy_mini_project(root: Path) -> Project:
    """The invented data, texts, queries and questions, with the real ontology and checks beside them."""
    shutil.copytree(ROOT / "tests" / "fixtures" / "mini", root)
    shutil.copytree(ROOT / "ontology", root / "ontology")
    (root / "questions.md").replace(root / "ontology" / "questions.md")
    shutil.copytree(ROOT / "queries" / "checks", root / "queries" / "checks")
    return Project(root)
