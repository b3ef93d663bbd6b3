"""The rows of a SELECT with the triples that each rests on and the passages that state them.

Reading the query is left to `algebra`, finding a row's triples to `witnesses`, saying who states them to
`citations`. What they do not cover is named for its column in `untraced`, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.build.rules import Rule
from kg.engine.evaluation import evaluate
from kg.errors import QueryParameterError, QueryRefusedError
from kg.tracing.algebra import UntraceableError, read_select
from kg.tracing.citations import Citation, Citer
from kg.tracing.grounding import Fact
from kg.tracing.patterns import Select, Term
from kg.tracing.proof import Proof
from kg.tracing.untraced import ABSENT, COMPUTED, concerned, is_plain, untraced
from kg.tracing.witnesses import Witnesses
from kg.tracing.writing import select_text

NOT_FOUND = "what it rests on was not found again"
NOT_SHOWN = "the triples cited do not give it by themselves"
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
        if default_graphs is None and named_graphs is None:
            default_graphs, named_graphs = read.default_graphs, read.named_graphs

        def ask(text: str, where: ox.Store = store, base_iri: str | None = None) -> ox.QuerySolutions:
            found = evaluate(where, text, base_iri=base_iri, default_graphs=default_graphs, named_graphs=named_graphs)
            assert isinstance(found, ox.QuerySolutions)
            return found

        select = replace(read.select, columns=columns)
        # Over a row's own triples an OFFSET would leave the row out.
        alone = select_text(replace(select, order=(), limit=None, offset=0)) if select.sliced else query
        home = ox.NamedNode(default_graphs[0]) if default_graphs else None
        proof = Proof(lambda where: ask(alone, where, base_iri), home)
        tracer = _Tracer(select, Witnesses(ask), proof, Citer(store, rules or {}, default_graphs))
        return tracer.traced(rows, row)
    except UntraceableError as error:
        reason = str(error)
    except Exception as error:  # an answer is worth more than its citations, and says that it has none
        reason = f"the tracer fails on it ({type(error).__name__})"
    return Traced(names, wanted, ((),) * len(wanted), dict.fromkeys(names, f"the query is not traced: {reason}"))


@dataclass
class _Tracer:
    """Traces the rows of one query."""

    select: Select
    witnesses: Witnesses
    proof: Proof
    citer: Citer

    def traced(self, rows: tuple[Row, ...], only: int | None) -> Traced:
        """The rows with their citations, or the `only` one with its own."""
        reasons = {column: reason for column, reason in untraced(self.select).items()}
        seen: Counter[tuple[Term | None, ...]] = Counter()
        citations = []
        self.witnesses.expect(self.select, rows, only)
        for number, row in enumerate(rows, 1):
            key = tuple(row.values())
            nth, seen[key] = seen[key], seen[key] + 1
            if only in (None, number):
                citations.append(self.citer.cite(self._facts(row, nth, reasons)))
        wanted = rows if only is None else rows[only - 1 : only]
        names = tuple(column.value for column in self.select.columns)
        return Traced(names, wanted, tuple(citations), {column.value: reason for column, reason in reasons.items()})

    def _facts(self, row: Row, nth: int, reasons: dict[ox.Variable, str]) -> list[Fact]:
        """What a row rests on; why it is not the whole of it goes to `reasons`."""
        self.witnesses.cut = self.witnesses.chosen = False
        ground = self.witnesses.facts(self.select, row, nth)
        shown = [column for column, term in row.items() if term is not None]
        if ground is None:
            _doubt(reasons, shown, NOT_FOUND)
            return []
        for about in ground.absent:
            _doubt(reasons, concerned(self.select, about), ABSENT)
        facts = list(ground.facts)
        if self.witnesses.cut:
            _doubt(reasons, shown, MEMBERS_LEFT_OUT)
        elif not facts:
            _doubt(reasons, shown, NOTHING_CITED)
        elif self.witnesses.chosen or not (self.select.keys is None and is_plain(self.select.pattern)):
            if hidden := self.proof.not_shown(row, facts):
                _doubt(reasons, hidden, NOT_SHOWN)
            elif self.select.keys is None and not ground.absent and not nth:
                return self.proof.fewest(row, facts)
        return facts


def _doubt(reasons: dict[ox.Variable, str], columns: Iterable[ox.Variable], reason: str) -> None:
    """Name columns as untraced; that something must be absent says more than that the value is computed."""
    for column in columns:
        if reason == ABSENT and reasons.get(column) == COMPUTED:
            reasons[column] = ABSENT
        reasons.setdefault(column, reason)
