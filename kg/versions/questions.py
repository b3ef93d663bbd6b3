"""What changed in the answers to the canned queries, each asked with its defaults of both versions.

A query is asked as it stood in each version. A version that has none, being only a dump or of an early build, is asked
those of the other. Putting a query to a version is left to whoever holds its dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kg.errors import QueryError, QueryHeaderError
from kg.queries.canned import parse_query
from kg.queries.declarations import CannedQuery
from kg.versions.canonical import Answer, read_answer
from kg.versions.rows import RowChanges, compare

Put = Callable[[str, Mapping[str, object]], Mapping[str, object]]
"""Puts a query's text to a version, as the operation `canonical` with further members; its document.

Raises: QueryError.
"""


@dataclass(frozen=True)
class QueryChange:
    """What changed of one canned query; `status` is added, removed, changed (its text) or same.

    `rows` is what changed in its answer, None for one that only one version has; `fault` is why it was not answered.
    """

    slug: str
    title: str
    status: str
    columns: tuple[str, ...] = ()
    rows: RowChanges | None = None
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether nothing changed: neither the query nor its answer."""
        return self.status == "same" and not self.fault and (self.rows is None or self.rows.same)

    def as_json(self) -> dict[str, object]:
        """The change, rows in N-Triples."""
        told: dict[str, object] = {"slug": self.slug, "title": self.title, "status": self.status}
        if self.rows is not None:
            told |= {"columns": list(self.columns), "rows": self.rows.as_json()}
        if self.fault:
            told["fault"] = self.fault
        return told


@dataclass(frozen=True)
class Side:
    """One version: its canned queries, and how it is asked."""

    queries: Mapping[str, CannedQuery]
    put: Put


def query_changes(old: Side, new: Side) -> list[QueryChange]:
    """What changed of each canned query, by slug; those of which nothing did are left out."""
    before, after = old.queries or new.queries, new.queries or old.queries
    both = sorted(before.keys() & after.keys())
    # All of one version, then all of the other: whoever holds one at a time shall not load each again and again.
    hashes = [
        {slug: _asked(side, queries[slug], _hash) for slug in both} for side, queries in ((old, before), (new, after))
    ]
    differing = [slug for slug in both if hashes[0][slug] != hashes[1][slug]]
    answers = [
        {slug: _asked(side, queries[slug], _answer) for slug in differing}
        for side, queries in ((new, after), (old, before))
    ]
    found = [
        _change(before[slug], after[slug], answers[1].get(slug), answers[0].get(slug), hashes[0][slug]) for slug in both
    ]
    found += [QueryChange(slug, after[slug].title, "added") for slug in after.keys() - before.keys()]
    found += [QueryChange(slug, before[slug].title, "removed") for slug in before.keys() - after.keys()]
    return sorted((each for each in found if not each.same), key=lambda each: each.slug)


def read_texts(texts: Iterable[tuple[str, str]]) -> dict[str, CannedQuery]:
    """Canned queries from pairs of slug and text; those that are not read any more are left out."""
    found = {}
    for slug, text in texts:
        try:
            found[slug] = parse_query(text, slug, f"{slug}.rq")
        except QueryHeaderError:
            continue
    return found


def _hash(side: Side, query: CannedQuery) -> str:
    return str(side.put(query.text, {"hash_only": True})["sha256"])


def _answer(side: Side, query: CannedQuery) -> Answer:
    return read_answer(side.put(query.text, {}))


def _asked(
    side: Side, query: CannedQuery, ask: Callable[[Side, CannedQuery], str | Answer]
) -> str | Answer | QueryError:
    try:
        return ask(side, query)
    except QueryError as error:
        return error


def _change(
    before: CannedQuery,
    after: CannedQuery,
    old: str | Answer | QueryError | None,
    new: str | Answer | QueryError | None,
    sign: object,
) -> QueryChange:
    status = "same" if before.text == after.text else "changed"
    for told in (old, new, sign):
        if isinstance(told, QueryError):
            return QueryChange(after.slug, after.title, status, fault=told.message)
    if not isinstance(old, Answer) or not isinstance(new, Answer):
        return QueryChange(after.slug, after.title, status, rows=RowChanges())
    return QueryChange(after.slug, after.title, status, new.columns, compare(old, new))
