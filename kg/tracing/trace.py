"""The rows of a SELECT with the triples that each rests on and the passages that state them.

Reading the query is left to `algebra`, finding a row's triples to `witnesses`, saying who states them to
`citations`. What they do not cover is named for its column in `untraced`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyoxigraph as ox

from kg.build.rules import Rule, read_rule
from kg.engine.evaluation import Output, evaluate
from kg.errors import QueryRefusedError
from kg.tracing.citations import Citation, Citer, term_as_json
from kg.tracing.patterns import Term

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


def trace(
    store: ox.Store,
    query: str,
    *,
    base_iri: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    rules: Mapping[str, Rule] | None = None,
) -> Traced:
    """The answer of a SELECT with the citations of each row; `rules` explain inferred triples.

    Raises: QuerySyntaxError; QueryRefusedError for an ASK, CONSTRUCT or DESCRIBE, which have no rows.
    """
    from kg.tracing.algebra import UntraceableError, read_select  # rdflib is slow to import, and few queries are traced
    from kg.tracing.untraced import untraced
    from kg.tracing.witnesses import Witnesses

    answer = evaluate(store, query, base_iri=base_iri, default_graphs=default_graphs, named_graphs=named_graphs)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryRefusedError("citations are for the rows of a SELECT; this query has none")
    columns = tuple(answer.variables)
    names = tuple(column.value for column in columns)
    rows = tuple({column: solution[column] for column in columns} for solution in answer)
    try:
        read = read_select(query, base_iri)
    except UntraceableError as error:
        return Traced(names, rows, ((),) * len(rows), dict.fromkeys(names, f"the query is not traced: {error}"))
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
    for row in rows:
        key = tuple(row.values())
        nth = 0 if select.distinct else seen.get(key, 0)
        seen[key] = nth + 1
        witnesses.cut = False
        facts = witnesses.facts(select, row, nth)
        citations.append(citer.cite(facts))
        doubt = MEMBERS_LEFT_OUT if witnesses.cut else NOTHING_CITED if not facts else None
        for column, term in row.items() if doubt else ():
            if doubt and term is not None:
                reasons.setdefault(column.value, doubt)
    return Traced(names, rows, tuple(citations), reasons)


def answer_with_citations(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `cite` of the pool: SPARQL results JSON with the member `oxus` of design §4.5.

    The request's `version` is the dataset's; its `rules` are the texts of the rules by name, without which an inferred
    triple is cited by its rule alone. `oxus` has one member more: `reasons`, why each untraced column is.
    """
    found = trace(
        store,
        str(request["query"]),
        base_iri=_text(request.get("base_iri")),
        default_graphs=_texts(request.get("default_graphs")),
        named_graphs=_texts(request.get("named_graphs")),
        rules=_rules(request.get("rules")),
    )
    bindings = [
        {column.value: term_as_json(term) for column, term in row.items() if term is not None} for row in found.rows
    ]
    document = {
        "head": {"vars": list(found.columns)},
        "results": {"bindings": bindings},
        "oxus": {
            "version": _text(request.get("version")),
            "citations": [[citation.as_json() for citation in row] for row in found.citations],
            "untraced": list(found.untraced),
            "reasons": dict(found.untraced),
        },
    }
    output.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> list[str] | None:
    return [str(item) for item in value] if isinstance(value, list | tuple) else None


def _rules(value: object) -> dict[str, Rule]:
    return {str(slug): _rule(str(slug), str(text)) for slug, text in value.items()} if isinstance(value, dict) else {}


@lru_cache(maxsize=256)
def _rule(slug: str, text: str) -> Rule:
    return read_rule(slug, text, f"ontology/rules/{slug}.rq")
