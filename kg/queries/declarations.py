"""What a canned query declares: its parameters, columns, chart, expected rows. Reading them is left to `canned`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyoxigraph as ox

PARAMETER_TYPES = ("iri", "topic", "string", "language", "integer", "decimal", "date")
COLUMN_TYPES = (*PARAMETER_TYPES, "boolean", "passage", "span", "term")
NAMED_TYPES = frozenset({"iri", "topic", "passage", "span", "term"})
"""The types of columns in which IRIs stand, which a reader wants labels for."""
NO_COLUMN = "-"
"""What stands in a chart for a column that it could read and the query has not."""
CHARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "timeline": (("the first instant", "the last instant", "the label"), ("the date as EDTF", "its end", "the thing")),
    "lanes": (
        ("the first instant", "the last instant", "the label", "the date as EDTF", "the area"),
        ("the thing", "from or until"),
    ),
    "bar": (("what is counted", "the number"), ("the thing",)),
    "network": (("one thing", "another"), ("how strongly they are tied",)),
    "map": (("degrees north", "degrees east", "the label"), ("the thing",)),
}
"""The kinds of pictures, and what the columns are that each must read and may read, in this order."""


class QueryKind(StrEnum):
    """What a canned query answers with."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `default` is None where it may be left out, `iri_class` the class of `iri(Class)`.

    `options` names the canned query of its pick list, `options_with` are that query's own parameters.
    """

    name: str
    type: str
    label: str
    default: tuple[ox.NamedNode | ox.Literal, ...] | None
    many: bool = False
    iri_class: str | None = None
    options: str | None = None
    options_with: tuple[tuple[str, str], ...] = ()

    @property
    def optional(self) -> bool:
        """Whether the parameter may be left out, which leaves its variable free."""
        return self.default is None


@dataclass(frozen=True)
class Column:
    """One column of a SELECT, in the order of its projection."""

    name: str
    type: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A picture of the answer: what kind, and which columns it reads."""

    kind: str
    columns: tuple[str, ...]

    def fault(self, known: Sequence[str]) -> str:
        """What is wrong with it for an answer with these columns; empty if nothing is.

        >>> Chart("bar", ("name",)).fault(["name", "number"])
        'a bar chart reads at least 2 columns: what is counted, the number, and may read the thing; name is 1'
        """
        needed, optional = CHARTS[self.kind]
        if (
            not len(needed) <= len(self.columns) <= len(needed) + len(optional)
            or NO_COLUMN in self.columns[: len(needed)]
        ):
            beside = f", and may read {', '.join(optional)}"
            message = f"a {self.kind} chart reads at least {len(needed)} columns: {', '.join(needed)}{beside}"
            return f"{message}; {', '.join(self.columns) or 'none'} is {len(self.columns)}"
        wrong = [name for name in self.columns if name not in known and name != NO_COLUMN]
        return f"chart reads {wrong[0]!r}, which is no column; there are {', '.join(known)}" if wrong else ""


@dataclass(frozen=True)
class Expectation:
    """How many rows (triples, for CONSTRUCT) the full data must give; for ASK, which answer.

    >>> Expectation(minimum=1).accepts(3), Expectation(exactly=2).accepts(3)
    (True, False)
    """

    minimum: int | None = None
    exactly: int | None = None
    answer: bool | None = None

    def accepts(self, result: int | bool) -> bool:
        """Whether a number of rows, or the answer of an ASK, is what the header promised."""
        if self.answer is not None:
            return result is self.answer
        return result == self.exactly if self.exactly is not None else result >= (self.minimum or 0)


@dataclass(frozen=True)
class CannedQuery:
    """A query file: what its header says, and its text, which runs unchanged in any SPARQL tool."""

    slug: str
    title: str
    description: str
    question: tuple[str, ...]
    tags: tuple[str, ...]
    params: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    chart: Chart | None
    expect: Expectation
    form: QueryKind
    text: str

    @property
    def labelled(self) -> list[str]:
        """The columns that get a label beside them in a spreadsheet."""
        return [column.name for column in self.columns if column.type in NAMED_TYPES]

    @property
    def types(self) -> dict[str, str]:
        """The type of each column by its name."""
        return {column.name: column.type for column in self.columns}

    @property
    def takes_at(self) -> bool:
        """Whether its answer depends on a day, which the reserved parameter `at` gives."""
        return any(parameter.name == "at" for parameter in self.params)
