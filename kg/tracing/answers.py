"""Traced answers as bytes: the operation `cite` of the pool. Tracing is left to `trace`.

JSON is SPARQL results JSON with the member `oxus` of design §4.5; tables have columns more; RDF is the graph
of `provenance`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

import pyoxigraph as ox

from kg.build.rules import Rule, read_rule
from kg.engine.evaluation import Output, serialise_triples
from kg.engine.formats import format_named, formats_of
from kg.errors import UnrepresentableError
from kg.queries import export
from kg.queries.spreadsheet import BETWEEN, Value
from kg.tracing.citations import Citation, term_as_json
from kg.tracing.notes import Note, judgement_notes, passage_notes
from kg.tracing.provenance import provenance
from kg.tracing.trace import Traced, trace

COLUMNS = ("passages", "gists", "disputed_by", "not_traced")
"""What a table with citations has beside the query's columns; in CSV several in a cell are separated by ` | `."""
FORMATS = ("json", *export.FORMATS, *(format.name for format in formats_of("graph")))
"""What an answer with citations can be had as."""


def answer_with_citations(store: ox.Store, request: Mapping[str, object], output: Output) -> int:
    """The operation `cite` of the pool: a SELECT with the citations of its rows, in one of `FORMATS`; its rows.

    The request's `version` is the dataset's; its `rules` are the texts of the rules by name, without which an inferred
    triple is cited by its rule alone; `row` is the number of the only row wanted. For a table there may be `labelled`,
    `languages` and `about`, as for `export.answer_with_labels`.
    """
    name = str(request.get("format") or "json")
    if name not in FORMATS:
        raise UnrepresentableError(f"citations cannot be had as {name}; they can as {', '.join(FORMATS)}")
    row = request.get("row")
    number = row if isinstance(row, int) else None
    found = trace(
        store,
        str(request["query"]),
        base_iri=_text(request.get("base_iri")),
        default_graphs=_texts(request.get("default_graphs")),
        named_graphs=_texts(request.get("named_graphs")),
        rules=read_rules(request.get("rules")),
        row=number,
    )
    version = _text(request.get("version"))
    format = format_named(name)
    if name == "json":
        document = _document(store, found, version, number)
        output.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
    elif name in export.FORMATS:
        export.write_sheet(store, request, _sheet(store, found), output)
    elif format is not None:
        serialise_triples(provenance(store, found, str(request["query"]), version or "", number), format, output)
    return len(found.rows)


def _document(store: ox.Store, found: Traced, version: str | None, row: int | None) -> dict[str, object]:
    """SPARQL results JSON and the member `oxus`, which has more members than design §4.5 says.

    `reasons` is why each untraced column is, `passages` and `judgements` are what is known of those cited, `row` is the
    number of the only row.
    """
    bindings = [
        {column.value: term_as_json(term) for column, term in each.items() if term is not None} for each in found.rows
    ]
    extra: dict[str, object] = {
        "version": version,
        "citations": [[citation.as_json() for citation in each] for each in found.citations],
        "untraced": list(found.untraced),
        "reasons": dict(found.untraced),
        "passages": passage_notes(store, found.every_citation),
        "judgements": judgement_notes(store, found.every_citation),
    }
    if row is not None:
        extra["row"] = row
    return {"head": {"vars": list(found.columns)}, "results": {"bindings": bindings}, "oxus": extra}


def _sheet(store: ox.Store, found: Traced) -> export.Sheet:
    """The rows with the columns of `COLUMNS`."""
    notes = passage_notes(store, found.every_citation)
    untraced = BETWEEN.join(f"{column}: {reason}" for column, reason in found.untraced.items())
    own = export.Sheet(found.columns, tuple(tuple(row.values()) for row in found.rows))
    return own.beside(COLUMNS, [_cells(citations, notes, untraced) for citations in found.citations])


def _cells(row: tuple[Citation, ...], notes: Mapping[str, Note], untraced: str) -> list[Value]:
    citations = [each for citation in row for each in citation.with_premises()]
    graphs = dict.fromkeys(graph.value for citation in citations for graph in citation.passages)
    # What documents say comes first, then references, and what we ourselves say of names and classes.
    ordered = [graph for graph in graphs if graph in notes] + [graph for graph in graphs if graph not in notes]
    gists = [str(notes[graph].get("gist", "")) for graph in ordered if graph in notes]
    judgements = dict.fromkeys(citation.disputed.value for citation in citations if citation.disputed)
    return [tuple(ordered), tuple(gists), tuple(judgements), untraced]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> list[str] | None:
    return [str(item) for item in value] if isinstance(value, list | tuple) else None


def read_rules(value: object) -> dict[str, Rule]:
    """The rules of a request, by name, from their texts."""
    return {str(slug): _rule(str(slug), str(text)) for slug, text in value.items()} if isinstance(value, dict) else {}


@lru_cache(maxsize=256)
def _rule(slug: str, text: str) -> Rule:
    return read_rule(slug, text, f"ontology/rules/{slug}.rq")
