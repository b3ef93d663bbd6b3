"""What pages show by way of example: questions, names, documents, a disagreement; each chosen from the data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kg.errors import QueryError, ServiceBusyError
from kg.namespaces import DCTERMS, ID, RDFS, SKOS, oxus
from kg.queries.declarations import CannedQuery, QueryKind
from kg.queries.questions import AskedQuestion
from kg.queries.translated import translated_question
from server.conflicts import Side, sides
from server.exchange import current_exchange
from server.judgements import Judgement, all_judgements
from server.service import Service

T = TypeVar("T")

TRIED = 3
"""Questions under the search box, each of another family."""
NAMES_SHOWN = 3
NAMES = f"""
SELECT ?name WHERE {{
  {{ SELECT ?thing (COUNT(DISTINCT LANG(?each)) AS ?languages) (COUNT(*) AS ?names) WHERE {{
    ?thing <{RDFS}label>|<{SKOS}altLabel> ?each FILTER(STRSTARTS(STR(?thing), "{ID}") && STRLEN(?each) <= 20)
  }} GROUP BY ?thing ORDER BY DESC(?languages) DESC(?names) ?thing LIMIT 1 }}
  ?thing <{RDFS}label> ?name FILTER(STRLEN(?name) <= 20)
}} ORDER BY DESC(LANG(?name) = "en") ?name"""
DOCUMENTS = f"""
SELECT ?document (SAMPLE(?name) AS ?title) (SAMPLE(?by) AS ?publisher) (SAMPLE(?edtf) AS ?date)
       (SAMPLE(?told) AS ?grade) (COUNT(DISTINCT ?passage) AS ?passages)
       (GROUP_CONCAT(DISTINCT STR(?other); separator=" ") AS ?kin) WHERE {{
  ?document a {oxus("Document")} ; <{DCTERMS}title> ?name .
  OPTIONAL {{ ?document {oxus("isPublishedBy")} ?by }}
  OPTIONAL {{ ?document {oxus("isDatedBy")}/{oxus("edtf")} ?edtf }}
  OPTIONAL {{ ?document {oxus("hasReliability")} ?told }}
  OPTIONAL {{ ?document {oxus("sharesAncestryWith")} ?other }}
  OPTIONAL {{ ?passage {oxus("isPassageOf")} ?document }}
}} GROUP BY ?document ORDER BY ?date ?document"""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """A document as the home page tells of it; `kin` are the titles of those that share ancestry with it."""

    iri: str
    title: str
    publisher: str
    date: str
    grade: str
    passages: int
    kin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line under a family: a question in plain words, else the title of a query, and where it is answered."""

    text: str
    slug: str
    values: dict[str, list[str]]


def questions(service: Service) -> dict[str, list[AskedQuestion]]:
    """The questions in plain words by the slug of the query that answers them, if it takes what they give it."""
    queries = service.served.queries
    found: dict[str, list[AskedQuestion]] = {}
    for each in service.served.questions:
        if each.slug in queries and set(each.values) <= {parameter.name for parameter in queries[each.slug].params}:
            found.setdefault(each.slug, []).append(translated_question(each, service.texts))
    return found


def entries(queries: Sequence[CannedQuery], questions: dict[str, list[AskedQuestion]]) -> list[Entry]:
    """What a family's queries have been asked, each with citations; a query that no question names by its title."""
    found = []
    for query in queries:
        cite = {"cite": ["true"]} if query.form is QueryKind.SELECT else {}
        asked = [Entry(each.text, query.slug, each.values | cite) for each in questions.get(query.slug, ())]
        found.extend(asked or [Entry(query.title, query.slug, cite)])
    return found


def about(
    words: str, queries: Iterable[CannedQuery], questions: Mapping[str, Sequence[AskedQuestion]]
) -> list[CannedQuery]:
    """The queries in whose title, description, questions, tags, parameters or columns each of the words stands."""
    wanted = words.casefold().split()
    return [query for query in queries if all(word in _told(query, questions) for word in wanted)]


def _told(query: CannedQuery, questions: Mapping[str, Sequence[AskedQuestion]]) -> str:
    asked = (each.text for each in questions.get(query.slug, ()))
    labels = (*(each.label for each in query.params), *(each.label for each in query.columns))
    return " ".join((query.slug, query.title, query.description, *query.tags, *asked, *labels)).casefold()


def to_try(families: dict[str, list[Entry]]) -> list[Entry]:
    """The first question of each of the first families."""
    return [lines[0] for lines in list(families.values())[:TRIED] if lines]


def names(service: Service) -> tuple[str, ...]:
    """Names of one thing as a visitor may type them: of that which is named in most languages, one in each."""
    return _kept(service, "names-to-try", lambda: _names(service), ())


def documents(service: Service) -> tuple[Document, ...]:
    """The documents read, the oldest first."""
    return _kept(service, "documents-read", lambda: _documents(service), ())


def disagreement(service: Service) -> Side | None:
    """The judgement to begin with: a reading accepted, another rejected, in as many documents as there are."""
    return _kept(service, "disagreement", lambda: _disagreement(service), None)


def _kept(service: Service, name: str, make: Callable[[], T], otherwise: T) -> T:
    """What `make` finds, once; a page does without what cannot be found, and until it can be asked for."""

    def tried() -> T:
        try:
            return make()
        except ServiceBusyError:
            raise
        except QueryError as error:
            log.warning("pages do without %s: %s", name, error)
            return otherwise

    try:
        return service.kept(name, tried, by_language=True)
    except ServiceBusyError:
        current_exchange().momentary = True
        return otherwise


def _disagreement(service: Service) -> Side | None:
    begin_with = max(all_judgements(service), key=_interest, default=None)
    return sides(service, [begin_with])[0] if begin_with and len(begin_with.readings) > 1 else None


def _interest(judgement: Judgement) -> tuple[bool, int]:
    verdicts = {reading.standing for reading in judgement.readings}
    return verdicts >= {"accepted", "rejected"}, len({reading.document for reading in judgement.readings})


def _names(service: Service) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for row in service.rows(NAMES):
        found.setdefault(row["name"].get("xml:lang", ""), row["name"]["value"])
    return tuple(dict.fromkeys(found.values()))[:NAMES_SHOWN]


def _documents(service: Service) -> tuple[Document, ...]:
    rows = [{name: term["value"] for name, term in row.items()} for row in service.rows(DOCUMENTS)]
    iris = [row[name] for row in rows for name in ("document", "publisher", "grade") if name in row]
    labels = service.labels(dict.fromkeys(iris))
    titles = {row["document"]: labels.get(row["document"], row["title"]) for row in rows if "document" in row}
    return tuple(
        Document(
            row["document"],
            titles[row["document"]],
            labels.get(row.get("publisher", ""), ""),
            row.get("date", ""),
            labels.get(row.get("grade", ""), ""),
            int(row["passages"]),
            tuple(titles[iri] for iri in row.get("kin", "").split() if iri in titles),
        )
        for row in rows
        if "document" in row
    )
