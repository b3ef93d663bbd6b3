"""Answers as tables to take away: a label beside each IRI, and columns that a caller adds.

Writing is left to `spreadsheet` and `parquet`.

The protocol's own CSV is `engine.evaluation`'s: it has the query's columns and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

from kg.engine.evaluation import Output, evaluate
from kg.errors import UnrepresentableError
from kg.namespaces import DCTERMS, RDF
from kg.queries.labels import Labels
from kg.queries.spreadsheet import Value, write_csv, write_workbook

FORMATS = ("csv", "xlsx", "parquet")
LABEL = "_label"
_DATASET = ox.NamedNode("http://www.w3.org/ns/dcat#Dataset")


@dataclass(frozen=True)
class Sheet:
    """A table to write: the names of its columns, its rows."""

    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def beside(self, names: Sequence[str], rows: Sequence[Sequence[Value]]) -> Sheet:
        """The table with further columns at its right; a name that is taken gets a `_`."""
        found = list(self.names)
        for name in names:
            while name in found:
                name += "_"
            found.append(name)
        return Sheet(tuple(found), tuple((*own, *added) for own, added in zip(self.rows, rows, strict=True)))

    def labelled(self, columns: Sequence[str], labels: Labels) -> Sheet:
        """The table with a column `…_label` after each of some, unless the query itself has one of that name."""
        labelled = {name for name in columns if name + LABEL not in self.names}
        names = [each for name in self.names for each in ((name, name + LABEL) if name in labelled else (name,))]
        rows = []
        for row in self.rows:
            wider: list[Value] = []
            for name, value in zip(self.names, row, strict=True):
                wider.append(value)
                if name in labelled:
                    wider.append(labels.of(value.value) if isinstance(value, ox.NamedNode) else None)
            rows.append(tuple(wider))
        return Sheet(tuple(names), tuple(rows))


def answer_with_labels(store: ox.Store, request: Mapping[str, object], output: Output) -> int:
    """The operation `export` of the pool: a SELECT as CSV, a workbook or Parquet; its rows.

    The request's `labelled` are the columns that get a label, in one of `languages`; `types` are those that the query
    declares for its columns; `about` is what the second sheet of a workbook and the metadata of Parquet say.
    """
    answer = evaluate(
        store,
        str(request["query"]),
        base_iri=cast("str | None", request.get("base_iri")),
        default_graphs=cast("list[str] | None", request.get("default_graphs")),
        named_graphs=cast("list[str] | None", request.get("named_graphs")),
    )
    if not isinstance(answer, ox.QuerySolutions):
        raise UnrepresentableError("a spreadsheet holds the rows of a SELECT; this query has none")
    names = tuple(variable.value for variable in answer.variables)
    sheet = Sheet(names, tuple(tuple(solution) for solution in answer))
    write_sheet(store, request, sheet, output)
    return len(sheet.rows)


def write_sheet(store: ox.Store, request: Mapping[str, object], sheet: Sheet, output: Output) -> None:
    """Write a table in the request's format, with the labels that it asks for."""
    wanted = request.get("labelled")
    if isinstance(wanted, list):
        languages = cast("list[str]", request.get("languages") or [])
        sheet = sheet.labelled(wanted, Labels(store, languages))
    about = {**cast("Mapping[str, str]", request.get("about") or {}), **_licence(store)}
    if request["format"] == "xlsx":
        output.write(write_workbook(sheet.names, sheet.rows, about))
    elif request["format"] == "parquet":
        from kg.queries.parquet import write_parquet

        types = cast("Mapping[str, str]", request.get("types") or {})
        output.write(write_parquet(sheet.names, sheet.rows, types, about))
    else:
        output.write(write_csv(sheet.names, sheet.rows, guard=wanted is not None))


def _licence(store: ox.Store) -> dict[str, str]:
    """The licence that the dataset gives itself, for a table that leaves the house."""
    given = ox.NamedNode(DCTERMS + "license")
    found = [
        licence.object.value
        for dataset in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), _DATASET, ox.DefaultGraph())
        for licence in store.quads_for_pattern(dataset.subject, given, None, ox.DefaultGraph())
        if isinstance(licence.object, ox.NamedNode | ox.Literal)
    ]
    return {"licence": min(found)} if found else {}
