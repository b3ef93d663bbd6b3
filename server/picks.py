"""The fields of a canned query's form: what may be picked, and what is filled in.

`kg.queries.parameters` reads values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.namespaces import DCTERMS, SOURCE, oxus
from kg.queries.declarations import CannedQuery, Parameter
from kg.queries.parameters import pick_list, read_value, refuse_unknown, write_value
from server.arguments import Arguments
from server.cells import Label, Term
from server.languages import ENGLISH, current_language
from server.service import current_service

DOCUMENTS = f"""SELECT DISTINCT ?document WHERE {{
  ?document a {oxus("Document")} ; <{DCTERMS}title> ?title
}} ORDER BY ?document"""
INPUTS = {"integer": "number", "decimal": "number"}
HINTS = {
    "date": "YYYY, YYYY-MM or YYYY-MM-DD",
    "iri": "id:some-thing, or a whole IRI",
    "topic": "topic:some-topic",
    "language": "en",
}


@dataclass(frozen=True)
class Choice:
    """One value of a pick list, as it is sent and as it is called."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One parameter as a form shows it."""

    parameter: Parameter
    values: tuple[str, ...]
    choices: tuple[Choice, ...]

    @property
    def input(self) -> str:
        """The type of its input element; dates are text, for a year alone is a date too."""
        return INPUTS.get(self.parameter.type, "text")

    @property
    def hint(self) -> str:
        """What an empty field shows."""
        return HINTS.get(self.parameter.type, "")


def field_of(parameter: Parameter, given: Sequence[str] | None) -> Field:
    """A parameter with what was given for it, else with its default."""
    values = given if given is not None else [write_value(term) for term in parameter.default or ()]
    known = _named(parameter)
    choices = (Choice(_sent(value), label or _sent(value)) for value, label in known.items())
    return Field(parameter, tuple(_same(value, parameter) for value in values), tuple(choices))


def check(query: CannedQuery, given: Arguments) -> None:
    """Nothing, if what is given for a pick list is in it.

    Raises: QueryParameterError with the nearest.
    """
    for parameter in query.params:
        known = labels_of_choices(parameter) if given.all(parameter.name) else {}
        if known:
            for value in given.all(parameter.name):
                refuse_unknown(parameter, read_value(parameter, value), known)


def documents() -> dict[str, str]:
    """The slugs of the documents with their titles."""
    service = current_service()
    rows = service.kept("documents", lambda: service.rows(DOCUMENTS))
    iris = [row["document"]["value"] for row in rows]
    titles = service.kept("titles", lambda: service.labels(iris), by_language=True)
    return {iri.removeprefix(SOURCE): titles[iri] for iri in iris}


def labels_of_choices(parameter: Parameter) -> dict[str, str]:
    """The values of a parameter's pick list with their labels; empty if it has none."""
    service = current_service()
    text = pick_list(parameter, service.served.queries)
    if text is None:
        return {}
    return service.kept(f"choices {text}", lambda: _choices(service.rows(text)))


def _named(parameter: Parameter) -> Mapping[str, str]:
    """The values of a pick list with their labels in the reader's language, in the order of those."""
    known, service = labels_of_choices(parameter), current_service()
    if current_language() == ENGLISH or not known:
        return known
    text = pick_list(parameter, service.served.queries)
    return service.kept(f"choices {text}", lambda: _renamed(known), by_language=True)


def _renamed(known: Mapping[str, str]) -> dict[str, str]:
    labels = current_service().labels([value for value in known if "://" in value])
    named = ((value, labels.get(value) or Label(label, ENGLISH)) for value, label in known.items())
    return dict(sorted(named, key=lambda pair: pair[1].casefold()))


def _choices(rows: Sequence[Mapping[str, Term]]) -> dict[str, str]:
    pairs = ([term["value"] for term in row.values()] for row in rows)
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs if pair}


def _sent(value: str) -> str:
    """The short form of a value where it is an IRI with a prefix of ours."""
    if "://" not in value:
        return value
    return write_value(ox.NamedNode(value))


def _same(value: str, parameter: Parameter) -> str:
    """What a visitor wrote, in the form that the pick list writes it in, so that the list shows it picked."""
    if parameter.type not in ("iri", "topic"):
        return value
    try:
        term = read_value(parameter, value)
    except ValueError:
        return value
    return write_value(term)
