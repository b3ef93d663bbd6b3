"""What a canned query declares: its parameters, columns, chart, expected rows. Reading them is left to `canned`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyoxigraph as ox

PARAMETER_TYPES = ("iri", "topic", "string", "language", "integer", "decimal", "date")
COLUMN_TYPES = (*PARAMETER_TYPES, "boolean", "passage", "span", "term")
NAMED_TYPES = frozenset({"iri", "topic", "passage", "span", "term"})
"""The types of columns in which IRIs stand, which a reader wants labels for."""
CHARTS = ("timeline", "lanes", "bar", "network", "map")


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
