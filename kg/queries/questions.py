"""The competency questions in plain words, and the canned query that answers each: read from `ontology/questions.md`.

Whether every one is answered, and rightly, is for the tests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.project import Project

_ROW = re.compile(r"^\|\s*(CQ-[0-9]+)\s*\|\s*(.+?)\s*\|\s*`([a-z0-9-]+)((?: [^`]*)?)`\s*\|", re.MULTILINE)


@dataclass(frozen=True)
class AskedQuestion:
    """One question, and the query with the values of its parameters that answers it."""

    id: str
    text: str
    slug: str
    values: dict[str, list[str]]


def read_questions(project: Project) -> list[AskedQuestion]:
    """The questions in the order of the page; none if there is no page.

    Shape: rows of Markdown tables, `| CQ-01 | question | `slug name=value name=value` |`
    """
    path = project.questions_file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [AskedQuestion(id, told, slug, _values(given.split())) for id, told, slug, given in _ROW.findall(text)]


def _values(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in given:
        name, _, value = each.partition("=")
        found.setdefault(name, []).append(value)
    return found
