"""`/report`: a page about one fact, who states it and how it was judged, with a report of an error in it ready to send.

The server stores nothing: the report is a text to copy, and a link to where the operator wants it (KG_REPORT).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, request, url_for

from kg.engine.guard import QueryForm
from kg.errors import NotFoundError, QueryParameterError, WithdrawnError
from kg.namespaces import BASE, INFERRED, KINDS
from kg.tracing.statements import Statements
from server import answers, arguments, pages
from server.cells import Cell, Term, TermTriple, cell, iris
from server.footnotes import Note, footnotes
from server.judgements import Judgement, all_judgements
from server.reading.terms import as_rdf, read_iri, read_term, written
from server.rejected import rejected_statements
from server.service import Question, Service, current_service

blueprint = Blueprint("report", __name__)

MOST_LETTERS = 1500
"""Characters of a term that stand in an address; what is longer is named by its statement's IRI."""
MOST_LINKED = 4000
"""Characters of a report that a link to KG_REPORT carries; mail programs and trackers cut what is longer."""
STATEMENT = "#statement-"


@dataclass(frozen=True)
class Fact:
    """A statement of the dataset: its citation, and whether only rejected readings make it."""

    triple: TermTriple
    citation: Mapping[str, Any]
    rejected: bool


def report_address(triple: Sequence[Term]) -> str:
    """Where an error in a statement can be reported; nothing for one that no address can name."""
    subject, predicate, value = triple
    text = written(value)
    if subject["type"] != "uri" or not text:
        return ""
    if len(text) <= MOST_LETTERS:
        return url_for("report.show", s=subject["value"], p=predicate["value"], o=text)
    named = _name(subject["value"], triple)
    return url_for("report.show", statement=named) if named else ""


@blueprint.get("/report")
def show() -> Response:
    """The page; the fact is given by `s`, `p` and `o`, or by the IRI of its `statement`."""
    service = current_service()
    fact = _asked(service, arguments.in_url(request))
    labels = service.labels(iris(fact.triple))
    cells = tuple(cell(term, labels) for term in fact.triple)
    cited = footnotes(service, [[fact.citation]])
    known = {each.iri: each for each in all_judgements(service)}
    judgements = [known[iri] for iri in cited.disputed[0] if iri in known]
    here = pages.address("report", arguments=arguments.in_url(request).values)
    title = _title(cells)
    text = _text(service, fact, cells, cited.notes, judgements, here)
    return pages.render(
        "report.html",
        cells=cells,
        fact=fact,
        rule=fact.citation.get("rule", "").removeprefix(INFERRED),
        alone=cited.alone[0],
        notes=cited.notes,
        judgements=judgements,
        text=text,
        link=report_link(service.settings.report, title, text),
        by_mail=service.settings.report.startswith("mailto:"),
    )


def report_link(target: str, title: str, text: str) -> str:
    """The address to send a report to, with its title and text in it; nothing without a target.

    >>> report_link("mailto:a@example.org", "An error", "In this fact: 1 & 2")
    'mailto:a@example.org?subject=An%20error&body=In%20this%20fact%3A%201%20%26%202'
    >>> report_link("https://example.org/new?issue[title]={title}&text={text}", "An error", "x")
    'https://example.org/new?issue[title]=An%20error&text=x'
    >>> report_link("https://example.org/issues/new", "An error", "x")
    'https://example.org/issues/new?title=An%20error&body=x'
    """
    if not target:
        return ""
    short = text if len(text) <= MOST_LINKED else text[:MOST_LINKED] + " …"
    title, short = quote(title, safe=""), quote(short, safe="")
    if "{text}" in target:
        return target.replace("{title}", title).replace("{text}", short)
    name = "subject" if target.startswith("mailto:") else "title"
    return f"{target}{'&' if '?' in target else '?'}{name}={title}&body={short}"


def _asked(service: Service, given: arguments.Arguments) -> Fact:
    """The fact that is asked for.

    Raises: QueryParameterError if it is not said which; NotFoundError if the dataset does not state it.
    """
    if (named := given.one("statement")) is not None:
        if any(name in given for name in "spo"):
            raise QueryParameterError(
                "a statement is given twice: by its IRI, and by s, p and o", parameter="statement"
            )
        return _named(service, named)
    texts = {name: given.one(name) or "" for name in "spo"}
    for name, text in texts.items():
        if not text.strip():
            message = "which fact? Give its subject, property and value as s, p and o, or its IRI as statement"
            raise QueryParameterError(message, parameter=name)
    subject, predicate = read_iri("s", texts["s"]), read_iri("p", texts["p"])
    triple = ox.Triple(subject, predicate, read_term("o", texts["o"]))
    for fact in _facts(service, subject.value):
        if _rdf(fact.triple) == triple:
            return fact
    message = f"the dataset states no {triple}: it may have been corrected since"
    raise NotFoundError(message, suggestions=[subject.value])


def _named(service: Service, statement: str) -> Fact:
    whole, sign, _ = statement.partition(STATEMENT)
    path = whole.removeprefix(service.settings.url).removeprefix(BASE)
    if not sign or path == whole or path.partition("/")[0] not in KINDS:
        raise QueryParameterError(
            f"statement is {statement[:80]!r}, which is not the IRI of a statement here", parameter="statement"
        )
    subject = read_iri("statement", BASE + path)
    for fact in _facts(service, subject.value):
        if _name(subject.value, fact.triple).endswith(statement[len(whole) :]):
            return fact
    raise NotFoundError(f"the dataset has no statement {statement[:200]}: it may have been corrected since")


def _facts(service: Service, subject: str) -> list[Fact]:
    """What is said of a thing, accepted or rejected."""
    question = Question("", QueryForm.DESCRIBE, extra={"iri": subject, "address": ""})
    try:
        about = service.results(question, "describe", answers.PAGE_BYTES)["about"]
    except WithdrawnError:
        raise
    except NotFoundError:
        about = []
    refused = [each for each in rejected_statements(service, subject, about) if each["triple"][0]["value"] == subject]
    found = [Fact(_terms(each), each, rejected=False) for each in about]
    return found + [Fact(_terms(each), each, rejected=True) for each in refused]


def _terms(citation: Mapping[str, Any]) -> TermTriple:
    subject, predicate, value = citation["triple"]
    return subject, predicate, value


def _rdf(triple: Sequence[Term]) -> ox.Triple | None:
    subject, predicate, value = (as_rdf(term) for term in triple)
    if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode) or value is None:
        return None
    return ox.Triple(subject, predicate, value)


def _name(subject: str, triple: Sequence[Term]) -> str:
    """The IRI of a statement about one of our things, as the documents about that name it."""
    found, path = _rdf(triple), subject.removeprefix(BASE)
    if found is None or path == subject or path.partition("/")[0] not in KINDS:
        return ""
    return Statements(pages.address(path)).name(found).value


def _title(cells: Sequence[Cell]) -> str:
    told = " – ".join(each.text for each in cells)
    return f"Error in a fact: {told if len(told) <= 120 else told[:120] + ' …'}"


def _text(
    service: Service,
    fact: Fact,
    cells: Sequence[Cell],
    notes: Sequence[Note],
    judgements: Sequence[Judgement],
    here: str,
) -> str:
    """The report, ready to send; what is wrong is left for whoever sends it to say."""
    triple = " ".join(written(term) or term["value"] for term in fact.triple)
    lines = [
        "What is wrong, and how you know:",
        "",
        "",
        "The fact: " + " – ".join(each.text for each in cells),
        f"Statement: {triple} .",
        "It is " + ("stated by a rejected reading only." if fact.rejected else "accepted."),
        *(f"Inferred by the rule {rule}." for rule in [fact.citation.get("rule", "").removeprefix(INFERRED)] if rule),
        *(f"Stated by: {each.iri} ({each.gist or each.title})" for each in notes),
        *(f"Judged: {each.iri} ({each.question})" for each in judgements),
        f"Dataset: version {service.served.manifest.version} of {service.dataset.value}",
        f"Page: {here}",
    ]
    return "\n".join(lines)
