"""Canned queries: one `.rq` file each, read from its strict header. Binding values is left to `parameters`.

The header is the first unbroken run of `#+ key: value` lines; it begins on the first line. Keys come in this order:

    #+ title: Things heavier than a bound            required
    #+ description: One row per thing …              required
    #+ question: CQ-03, CQ-07                        ids of competency questions
    #+ tags: mass, comparison                        lower-case words joined by hyphens
    #+ param: name | type | label [| options: slug …]  one line a parameter
    #+ at: label                                     the answer depends on a day
    #+ column: name | type | label                   one line a column, equal to the projection and in its order
    #+ chart: kind | column, column …                what each kind reads: `declarations.CHARTS`; `-` for none
    #+ expect: rows >= 1                             required: `rows >= n` or `rows = n`; an ASK: `true` or `false`

A parameter's name is its variable without the question mark: lower-case letters, digits and `_`, not one of `RESERVED`.
Its type is one of

    iri  iri(Class)  topic  string  language  integer  decimal  date

where Class is a class of our ontology (`Person`) or a prefixed name (`org:Role`), and ` …` after the type means several
values. Its default stands in the text, on the only `VALUES ?name { … }` of that name: one term of the type, or `UNDEF`
(the parameter may be left out), or with `…` any number of terms of the type. `options: slug` names a canned query whose
first column holds the values of a pick list and whose second, if any, their labels; its own parameters may follow, as
in `options: codes list=oxus:status`.

`at` declares that the answer depends on a day, which the reserved parameter `at` gives: `at=2007-05-23`. It is a
parameter of type date in everything else: the text has one `VALUES ?at { … }` with its default, a day or `UNDEF`. A day
is all three of year, month and day, bound as its first instant. Since every span begins with the first instant of a day
and ends with the last second of one, a span touches the day if `earliestBegin` <= ?at and `latestEnd` >= ?at. What
holds on a day, certainly or possibly, is said in ontology/README.md ("What held on a day").

Every SELECT has an ORDER BY of its own (one in a sub-select does not count); ASK and CONSTRUCT need none; DESCRIBE is
not taken, since what it answers is the engine's choice.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from kg.errors import NotFoundError, QueryHeaderError, QueryParameterError
from kg.project import Project
from kg.queries.declarations import CannedQuery, Parameter
from kg.queries.header import read_header
from kg.queries.parameters import pick_list

Found = TypeVar("Found")


def read_queries(project: Project) -> dict[str, CannedQuery]:
    """The project's canned queries by slug, sorted.

    Raises: QueryHeaderError for the first file that breaks the grammar above.
    """
    queries = {path.stem: read_query(path, project.relative(path)) for path in project.query_files()}
    for query in queries.values():
        for parameter in query.params:
            if parameter.options is not None and parameter.options not in queries:
                raise _fault(project, query, parameter, f"no canned query {parameter.options}")
            try:
                pick_list(parameter, queries)
            except QueryParameterError as error:
                raise _fault(project, query, parameter, f"options: {error.message}") from None
    return queries


def find_query(queries: Mapping[str, Found], slug: str) -> Found:
    """What stands in a mapping under the name of a canned query: the query, its file, its page.

    Raises: NotFoundError with the nearest names.
    """
    if slug in queries:
        return queries[slug]
    near = difflib.get_close_matches(slug, queries, n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise NotFoundError(f"no canned query {slug!r}{hint}", suggestions=near or list(queries))


def dated_queries(queries: Iterable[CannedQuery]) -> list[str]:
    """The slugs of those that depend on a day."""
    return [query.slug for query in queries if query.takes_at]


def families(queries: Iterable[CannedQuery]) -> dict[str, list[CannedQuery]]:
    """The queries by their first tag, the family with the first competency question first and likewise within each.

    Queries without a tag are the family `other`, the last one.
    """
    found: dict[str, list[CannedQuery]] = {}
    for query in sorted(queries, key=lambda query: (not query.tags, *in_order(query))):
        found.setdefault(query.tags[0] if query.tags else "other", []).append(query)
    return found


def in_order(query: CannedQuery) -> tuple[bool, tuple[str, ...], str]:
    """The order to show queries in: those that answer a competency question first, by the questions."""
    return not query.question, query.question, query.slug


def read_query(path: Path, shown_as: str | None = None) -> CannedQuery:
    """One query file.

    Raises: QueryHeaderError with the line, if the header breaks the grammar or contradicts the query.
    """
    shown = shown_as or path.name
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryHeaderError(f"not UTF-8 at byte {error.start}", shown) from None
    except OSError as error:
        raise QueryHeaderError(error.strerror or "cannot be read", shown) from None
    return parse_query(text, path.stem, shown)


def parse_query(text: str, slug: str, shown_as: str) -> CannedQuery:
    """A canned query from its text; `shown_as` is the path that errors name."""
    return read_header(text, slug, shown_as)


def _fault(project: Project, query: CannedQuery, parameter: Parameter, message: str) -> QueryHeaderError:
    path = project.relative(project.queries / f"{query.slug}.rq")
    return QueryHeaderError(f"param {parameter.name}: {message}", path, _line_of(query, parameter))


def _line_of(query: CannedQuery, parameter: Parameter) -> int:
    lines = query.text.split("\n")
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"#+ param: {parameter.name} "))
