"""`kg diff`: what changed between two versions, in the terminal. Finding it out is left to `kg.versions`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
import pyoxigraph as ox

from kg.build.manifest import MANIFEST_FILE, read_manifest
from kg.cli import current_project
from kg.errors import NotFoundError, SourceError
from kg.namespaces import EXAMPLES, SH, XSD, compact
from kg.pool.client import PoolClient, Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from kg.project import Project
from kg.versions.archive import Archive
from kg.versions.canonical import Row
from kg.versions.changelog import new_lines
from kg.versions.changes import Change, Changes, Statement, changes_between
from kg.versions.questions import QueryChange, Side, query_changes, read_texts
from kg.versions.summary import in_words

QUERIES = f"""SELECT ?query ?text WHERE {{
  GRAPH {EXAMPLES} {{ ?query <{SH}select>|<{SH}ask>|<{SH}construct> ?text }}
}}"""
"""The canned queries that a build says that it has."""
WORDS = {"added": "+", "removed": "-", "changed": "~", "same": " "}


@dataclass(frozen=True)
class _Version:
    """A version to compare: its name, and where its dataset is."""

    name: str
    path: Path


@click.command()
@click.argument("old", metavar="[A]", required=False)
@click.argument("new", metavar="[B]", required=False)
@click.option(
    "--archive",
    "folder",
    type=click.Path(path_type=Path),
    help="Where versions are kept [default: archive/ in the project]",
)
@click.option("--format", "-f", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--changelog", is_flag=True, help="Fail if data changed and no line of the changelog under Data is new")
@click.option("--summary", is_flag=True, help="Only how much changed")
@click.option("--no-queries", is_flag=True, help="Without the canned queries' answers")
@click.option("--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, metavar="S", help="A query's")
def diff(
    old: str | None,
    new: str | None,
    folder: Path | None,
    format_name: str,
    changelog: bool,
    summary: bool,
    no_queries: bool,
    timeout: float,
) -> None:
    """What changed from version A to version B: statements of each thing, judgements, passages, canned queries' rows.

    A and B are build folders, versions in the archive (an end of their name will do) or RDF files. Without B it is
    build/ in the project; without both, A is the newest version in the archive that is another.
    """
    archive = Archive(folder if folder is not None else current_project().root / "archive")
    newer = _version(new, archive) if new is not None else _build()
    older = _version(old, archive) if old is not None else _before(newer, archive)
    changes = changes_between(older.path, newer.path)
    if changelog:
        _check_changelog(changes, older, newer)
        return
    queries = [] if no_queries else _queries(older, newer, timeout)
    if format_name == "json":
        told = {"old": older.name, "new": newer.name, **changes.as_json()}
        click.echo(json.dumps({**told, "queries": [each.as_json() for each in queries]}, ensure_ascii=False, indent=2))
        return
    for line in _lines(older, newer, changes, queries, summary):
        click.echo(line)


def _build() -> _Version:
    folder = current_project().root / "build"
    return _Version(read_manifest(folder).version, folder)


def _before(newer: _Version, archive: Archive) -> _Version:
    for edition in reversed(archive.editions()):
        if edition.kept and edition.version != newer.name:
            return _Version(edition.version, edition.folder)
    raise SourceError("no other version is kept here: name A", archive.folder)


def _version(text: str, archive: Archive) -> _Version:
    """A build's folder, an edition by the end of its version, or an RDF file.

    Raises: SourceError, NotFoundError, VersionGoneError.
    """
    path = Path(text)
    if (path / MANIFEST_FILE).is_file():
        return _Version(read_manifest(path).version, path)
    if path.is_file():
        return _Version(path.name, path)
    if path.is_dir():
        raise SourceError("is a folder without a build: run kg build", text)
    found = [each for each in archive.editions() if each.version == text or each.version.endswith(text)]
    if len(found) > 1:
        raise NotFoundError(f"{text!r} is the end of several versions: {', '.join(each.version for each in found)}")
    try:
        edition = archive.find(found[0].version if found else text)
    except NotFoundError as error:
        if type(error) is not NotFoundError:
            raise
        kept = ", ".join(error.suggestions)
        message = f"{error.message}; {f'kept are {kept}' if kept else f'none is kept in {archive.folder}'}"
        raise NotFoundError(message, suggestions=error.suggestions) from error
    return _Version(edition.version, edition.folder)


def _check_changelog(changes: Changes, older: _Version, newer: _Version) -> None:
    told = new_lines(older.path, newer.path)
    if changes.data and not told:
        message = f"data changed from {older.name} to {newer.name}, and no line of CHANGELOG.md under Data is new"
        raise SourceError(f"{message} ({in_words(changes.summary)})")
    if not changes.data:
        click.echo(f"the data are the same in {older.name} and {newer.name}")
    for line in told:
        click.echo(f"told under Data: {line}")


def _queries(older: _Version, newer: _Version, timeout_s: float) -> list[QueryChange]:
    """The canned queries' changes: both versions are loaded, and asked under the same limits as everybody's queries."""
    with ExitStack() as running:
        sides = []
        for version in (older, newer):
            limits = PoolLimits(timeout_s=timeout_s, queue_s=timeout_s)
            pool = running.enter_context(Pool.start(version.path, limits=limits, preload=["canonical"]))
            sides.append(_side(PoolClient(pool.path, patience_s=2 * timeout_s + 10), version.path))
        return query_changes(*sides)


def _side(client: PoolClient, path: Path) -> Side:
    """A version with its canned queries: those in its dataset; of an early build, which has none, its project's."""

    def put(query: str, more: Mapping[str, object], operation: str = "canonical") -> Mapping[str, Any]:
        with client.query(Request(query, "json", operation, extra=more)) as answer:
            return cast("Mapping[str, Any]", json.loads(answer.read()))

    rows = put(QUERIES, {}, "query")["results"]["bindings"]
    texts = [(row["query"]["value"].removeprefix(f"{EXAMPLES.value}/"), row["text"]["value"]) for row in rows]
    if not texts and path.is_dir():
        texts = [(file.stem, file.read_text(encoding="utf-8")) for file in Project(path.resolve().parent).query_files()]
    return Side(read_texts(texts), put)


# In words


def _lines(
    older: _Version, newer: _Version, changes: Changes, queries: Sequence[QueryChange], summary: bool
) -> Iterator[str]:
    yield f"{older.name} → {newer.name}"
    yield in_words(changes.summary)
    if queries:
        yield f"canned queries that differ: {len(queries)}"
    if summary:
        return
    for title, found in (
        ("Judgements", changes.judgements),
        ("Passages", changes.passages),
        ("Things", changes.things),
    ):
        if found:
            yield f"\n{title}"
        for change in found:
            yield from _told(change, changes.labels)
    if queries:
        yield "\nCanned queries"
    for query in queries:
        yield from _told_query(query)


def _told(change: Change, labels: Mapping[str, str]) -> Iterator[str]:
    verdict = f", now {change.verdict}" if change.verdict else ""
    label = f"  {change.label}" if change.label else ""
    yield f"{WORDS[change.status]} {compact(change.iri)}{label} ({change.status}{verdict})"
    for sign, statements in (("-", change.removed), ("+", change.added)):
        for statement in statements:
            yield f"    {sign} {_statement(statement, change.iri, labels)}"


def _statement(statement: Statement, about: str, labels: Mapping[str, str]) -> str:
    subject, predicate, value = (_term(term, labels) for term in statement.triple)
    told = f"{predicate} {value}"
    named = isinstance(statement.triple.subject, ox.NamedNode) and statement.triple.subject.value == about
    return told if named else f"{subject} {told}"


def _term(term: object, labels: Mapping[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        name = compact(term.value)
        return f"{name} “{labels[term.value]}”" if term.value in labels and "ontology#" not in term.value else name
    return str(term)


def _told_query(query: QueryChange) -> Iterator[str]:
    yield f"{WORDS[query.status]} {query.slug}  {query.title}" + _why(query)
    if query.rows is None or query.rows.other_columns:
        return
    for old, new in query.rows.changed:
        yield f"    ~ {_row(old)}"
        yield f"      → {_row(new)}"
    for sign, rows in (("-", query.rows.removed), ("+", query.rows.added)):
        yield from (f"    {sign} {_row(row)}" for row in rows)


def _why(query: QueryChange) -> str:
    if query.fault:
        return f" (not answered: {query.fault})"
    if query.rows is None:
        return f" ({query.status})"
    text = "its text changed" if query.status == "changed" else ""
    if query.rows.other_columns:
        return f" ({text}, and its columns)"
    order = "its rows stand in another order" if query.rows.reordered else ""
    counts = [
        f"{len(rows)} {word}"
        for rows, word in ((query.rows.added, "gained"), (query.rows.removed, "lost"), (query.rows.changed, "changed"))
        if rows
    ]
    told = "; ".join(filter(None, (text, order, ", ".join(counts))))
    return f" ({told})"


def _row(row: Row) -> str:
    return " | ".join(map(_cell, row))


def _cell(cell: str) -> str:
    """A term in N-Triples as it is shown: a short name, a number without its type.

    >>> _cell('"3"^^<http://www.w3.org/2001/XMLSchema#integer>'), _cell('"a"@en'), _cell("<urn:a>")
    ('3', '"a"@en', '<urn:a>')
    """
    if cell.startswith("<") and cell.endswith(">"):
        return compact(cell[1:-1])
    return re.sub(rf'^"([^"]*)"\^\^<{re.escape(XSD)}\w+>$', r"\1", cell)
