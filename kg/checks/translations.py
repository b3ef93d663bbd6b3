"""The catalogues of the queries: each entry translates a text that there is, and keeps its placeholders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from babel.messages.catalog import Message

from kg.files.catalogues import read_catalogue
from kg.findings import Finding
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.questions import read_questions
from kg.queries.translated import translatable

_PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]")


def translation_findings(project: Project) -> Iterator[Finding]:
    """What is wrong with `queries/*.po`; what is not translated is not wrong.

    Raises: SourceError for a file that is no catalogue; QueryHeaderError for a query file that is wrong.
    """
    files = project.translation_files()
    known = set(translatable(read_queries(project).values(), read_questions(project))) if files else set()
    for path in files:
        shown = project.relative(path)
        for entry in read_catalogue(path, shown):
            if entry.id and (found := _fault(entry, known)):
                yield Finding(shown, entry.lineno or 1, "translation", *found)


def _fault(entry: Message, known: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with an entry, and what to do."""
    if not isinstance(entry.id, str):
        return f"{entry.id[0]!r} has plural forms", "write msgid and msgstr alone"
    if entry.id not in known:
        return f"no header, tag or question says {entry.id!r}", "write the msgid as it is said, or take the entry out"
    if entry.fuzzy:
        return f"{entry.id!r} is marked as fuzzy", "read it over and take the flag off"
    if entry.string and _placeholders(entry.id) != _placeholders(str(entry.string)):
        return f"the translation of {entry.id!r} has other placeholders", "keep them as they are in the msgid"
    return None


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))
