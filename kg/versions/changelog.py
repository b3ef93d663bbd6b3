"""Whether the changelog tells of a change in the data: a section `### Data` has a line that it had not before."""

from __future__ import annotations

import re
from pathlib import Path

from kg.errors import SourceError
from kg.versions.archive import CHANGELOG_FILE

_DATA = re.compile(r"^### Data\s*\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def data_lines(text: str) -> list[str]:
    """The entries under the headings `### Data` of a changelog, each on one line.

    >>> data_lines("## 2\\n### Data\\n- A date\\n  corrected.\\n\\n### Server\\n- X\\n## 1\\n### Data\\n- First.\\n")
    ['A date corrected.', 'First.']
    """
    entries = (entry for section in _DATA.findall(text) for entry in re.split(r"^[-*] ", section, flags=re.MULTILINE))
    return [" ".join(entry.split()) for entry in entries if entry.strip()]


def new_lines(old: Path, new: Path) -> list[str]:
    """The entries on data that a version's changelog has and the one before has not.

    A version is a build's folder, whose changelog stands in the project around it, or an edition's.

    Raises: SourceError if one has no changelog.
    """
    known = set(data_lines(_read(old)))
    return [line for line in data_lines(_read(new)) if line not in known]


def changelog_of(version: Path) -> Path | None:
    """The changelog of an edition, or of the project around a build's folder; None if there is none."""
    places = (version / CHANGELOG_FILE, version.resolve().parent / CHANGELOG_FILE)
    return next((path for path in places if path.is_file()), None)


def _read(version: Path) -> str:
    if (path := changelog_of(version)) is None:
        raise SourceError(f"there is no {CHANGELOG_FILE} in it or beside it to compare", version)
    return path.read_text(encoding="utf-8")
