"""The rows of a SELECT with the triples that each rests on and the passages that state them.

Reading the query is left to `algebra`, finding a row's triples to `witnesses`, saying who states them to
`citations`. What they do not cover is named for its column in `untraced`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.build.rules import Rule
from kg.engine.evaluation import evaluate
from kg.errors import QueryParameterError, QueryRefusedError
from kg.tracing.algebra import UntraceableError, read_select
from kg.tracing.citations import Citation, Citer
from kg.tracing.patterns import Term
from kg.tracing.untraced import untraced
from kg.tracing.witnesses import Witnesses

NOTHING_CITED = "nothing in the graph states it"
MEMBERS_LEFT_OUT = "the group has more members than are cited"

Row = Mapping[ox.Variable, Term | None]


@dataclass(frozen=True)
class Traced:
    """An answer with its citations: one tuple a row, in the order of the rows; `untraced` is column → reason."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    citations: tuple[tuple[Citation, ...], ...]
    untraced: Mapping[str, str]

    @property
    def every_citation(self) -> Iterator[Citation]:
        """The citations of all rows, premises included; one that rows share comes more than once."""
        for row in self.citations:
            for citation in row:
                yield from citation.with_premises()


def trace(
    store: ox.Store,
    query: str,
    *,
    base_iri: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    rules: Mapping[str, Rule] | None = None,
    row: int | None = None,
) -> Traced:
    """The answer of a SELECT with the citations of each row, or of one `row` alone; `rules` explain inferred triples.

    Raises: QuerySyntaxError; QueryParameterError if there is no such row (the first is 1);
            QueryRefusedError for an ASK, CONSTRUCT or DESCRIBE, which have no rows.
    """
    answer = evaluate(store, query, base_iri=base_iri, default_graphs=default_graphs, named_graphs=named_graphs)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryRefusedError("citations are for the rows of a SELECT; this query has none")
    columns = tuple(answer.variables)
    names = tuple(column.value for column in columns)
    rows = tuple({column: solution[column] for column in columns} for solution in answer)
    if row is not None and not 1 <= row <= len(rows):
        count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
        raise QueryParameterError(f"there is no row {row}: the answer has {count}", parameter="row")
    wanted = rows if row is None else rows[row - 1 : row]
    try:
        read = read_select(query, base_iri)
    except UntraceableError as error:
        return Traced(names, wanted, ((),) * len(wanted), dict.fromkeys(names, f"the query is not traced: {error}"))
    if default_graphs is None and named_graphs is None:
        default_graphs, named_graphs = read.default_graphs, read.named_graphs

    def ask(text: str) -> ox.QuerySolutions:
        found = evaluate(store, text, default_graphs=default_graphs, named_graphs=named_graphs)
        assert isinstance(found, ox.QuerySolutions)
        return found

    select = replace(read.select, columns=columns)
    witnesses, citer = Witnesses(ask), Citer(store, rules or {}, default_graphs)
    reasons = {column.value: reason for column, reason in untraced(select).items()}
    seen: dict[tuple[Term | None, ...], int] = {}
    citations = []
    witnesses.expect(select, wanted)
    for number, each in enumerate(rows, 1):
        key = tuple(each.values())
        nth = 0 if select.distinct else seen.get(key, 0)
        seen[key] = nth + 1
        if row not in (None, number):
            continue
        witnesses.cut = False
        facts = witnesses.facts(select, each, nth)
        citations.append(citer.cite(facts))
        doubt = MEMBERS_LEFT_OUT if witnesses.cut else NOTHING_CITED if not facts else None
        for column, term in each.items() if doubt else ():
            if doubt and term is not None:
                reasons.setdefault(column.value, doubt)
    return Traced(names, wanted, tuple(citations), reasons)
