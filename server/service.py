"""What the views share: the settings, the dataset served, the one way to ask the pool. HTTP is left to the views."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
from flask import current_app, has_request_context, request

from kg.engine.guard import QueryForm
from kg.engine.momentary import is_momentary
from kg.errors import QueryError, QueryTimeoutError
from kg.files.span_words import in_words
from kg.files.spans import edtf_of
from kg.namespaces import DATASET, DCTERMS, OWL, RDFS, SKOS, TIME
from kg.pool.client import PoolClient, Request
from kg.queries.declarations import CannedQuery
from kg.queries.translated import Texts, translated
from server.cells import Term, label_of
from server.exchange import Exchange, current_exchange
from server.fairness import BEARER
from server.languages import ENGLISH, current_language
from server.served import Served
from server.settings import Settings
from server.turns import Turns
from server.uses import Uses

EXTENSION = "oxus"
"""Under which name the application holds the current service."""
BOUND = "oxus.service"
"""Under which name a request's environ holds its own: `binding` puts it there."""
LABELS_AT_ONCE = 200
SUPPORT_TIMEOUT_S = 2.0
SUPPORT_BYTES = 4_000_000

T = TypeVar("T")

LABELS = f"""
SELECT ?iri ?label WHERE {{
  VALUES ?iri {{ %s }}
  ?iri <{RDFS}label>|<{SKOS}prefLabel>|<{DCTERMS}title> ?label
}} ORDER BY ?iri (LANG(?label) = "%s") (LANG(?label) = "en") (LANG(?label) = "")"""

OVERVIEW = f"""
SELECT ?title ?description ?licence ?citation WHERE {{
  VALUES (?kind ?rank) {{ (<http://www.w3.org/ns/dcat#Dataset> 1) (<{OWL}Ontology> 2) }}
  ?thing a ?kind .
  OPTIONAL {{ ?thing <{DCTERMS}title> ?title }}
  OPTIONAL {{ ?thing <{DCTERMS}description> ?description }}
  OPTIONAL {{ ?thing <{DCTERMS}license> ?licence }}
  OPTIONAL {{ ?thing <{DCTERMS}bibliographicCitation> ?citation }}
}} ORDER BY DESC(BOUND(?title)) ?rank
  DESC(LANG(?title) = "LANGUAGE") DESC(LANG(?title) = "en")
  DESC(LANG(?description) = "LANGUAGE") DESC(LANG(?description) = "en") ?thing LIMIT 1"""
"""The dataset's own words in a language, else those of an ontology in it."""

COUNT = "SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) WHERE { ?s ?p ?o }"


@dataclass(frozen=True)
class Overview:
    """What the data say of themselves."""

    counts: dict[str, int]
    title: str = "Oxus"
    description: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Question:
    """A query and how it is to be answered; both graph lists are None, or neither (giving one leaks the other)."""

    query: str
    form: QueryForm
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    timeout_s: float | None = None
    until: float | None = None
    """When it must be answered at the latest, if it is asked of several versions for one request (`time.monotonic`)."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Further members of the request, for its operation."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """What the pool must know of a canned query's parameters to say why its answer is empty."""
    federated: bool = False
    """Whether it calls other services: then a federating worker answers, and not always the same."""
    beside: bool = False
    """Whether it is asked for what stands beside an answer: its rows are not those of the answer."""
    momentary: bool | None = None
    """Whether its answer holds for this moment only; None if nobody has looked yet."""


@dataclass
class Service:
    """One dataset under one address; what pages look up in it is kept, for a dataset does not change while served."""

    settings: Settings
    served: Served
    pool: PoolClient
    federating: PoolClient | None = None
    """The pool whose workers may call other services, if any may be called."""
    archive: PoolClient | None = None
    """The pool that answers from versions that were served before, if any are kept."""
    folder: Path | None = None
    """Where such a version's dataset is, if this is the service of one: then `pool` is the archive's."""
    _kept: dict[str, Any] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)
    turns: Turns = None  # type: ignore[assignment]  # made below, unless it is that of the service of another version

    def __post_init__(self) -> None:
        # A quarter of the threads may wait: the others answer what needs no turn.
        self.turns = self.turns or Turns(self.settings.client_workers, most_waiting=max(1, self.settings.threads // 4))

    @property
    def dataset(self) -> ox.NamedNode:
        """The dataset's IRI: a build's own, and for RDF files one under this address."""
        return DATASET if self.served.is_build else ox.NamedNode(f"{self.settings.url}#dataset")

    def ask(
        self, question: Question, format_name: str, operation: str = "query", most: int | None = None
    ) -> Iterator[bytes]:
        """The answer's bytes, as they come.

        Raises: QueryError, before the first bytes or between them.
        """
        request = Request(
            operation=operation,
            query=question.query,
            format=format_name,
            default_graphs=question.default_graphs,
            named_graphs=question.named_graphs,
            base_iri=self.settings.endpoint,
            timeout_s=self.seconds_for(question),
            max_bytes=most or self.settings.max_result_mb << 20,
            extra={**question.extra, **self._known_to(operation, question), **self._place},
        )
        pool = self.federating if question.federated and self.federating else self.pool
        exchange = current_exchange()
        momentary = is_momentary(question.query) if question.momentary is None else question.momentary
        exchange.momentary = exchange.momentary or momentary
        with self.turns.turn(exchange):
            yield from self._asked(pool, request, question, exchange)

    def _asked(self, pool: PoolClient, request: Request, question: Question, exchange: Exchange) -> Iterator[bytes]:
        began, took = time.monotonic(), None
        try:
            with pool.query(request, exchange.withdrawal) as answer:
                yield from answer
            took = answer.worker_s
            if not question.beside:
                exchange.rows = answer.rows
        except QueryError as error:
            took = None if exchange.gone else error.worker_s
            raise
        finally:
            # If nobody waits for the rest nobody tells what it took: the time in the queue is counted with it then.
            exchange.worker_s += time.monotonic() - began if took is None else took

    def seconds_for(self, question: Question) -> float:
        """The seconds that a question may take: what is asked for, what whoever asks may have, what is left.

        Raises: QueryTimeoutError if nothing is left.
        """
        most = self.settings.longest_s if current_exchange().client == BEARER else self.settings.timeout_s
        seconds = min(question.timeout_s or self.settings.timeout_s, most)
        if question.until is None:
            return seconds
        left = question.until - time.monotonic()
        if left <= 0:
            raise QueryTimeoutError("what was asked for it before took all the time that there is", limit="timeout")
        return min(seconds, left)

    @property
    def _place(self) -> dict[str, object]:
        """Which dataset the pool is to answer from, if that is not its own."""
        return {} if self.folder is None else {"dataset": str(self.folder)}

    def _known_to(self, operation: str, question: Question) -> dict[str, object]:
        """What tracing, forming a view and explaining need besides the query."""
        viewed = "view" in question.extra
        if operation in ("explain-empty", "lint") and not viewed:
            return {"version": self.served.manifest.version, **question.parameters}
        if operation not in ("cite", "describe", "canonical") and not viewed:
            return {}
        return {**question.parameters, "version": self.served.manifest.version, "rules": dict(self.served.rules)}

    def results(self, question: Question, operation: str = "query", most: int = SUPPORT_BYTES) -> dict[str, Any]:
        """The answer to a SELECT or ASK as SPARQL results JSON."""
        parsed: dict[str, Any] = json.loads(b"".join(self.ask(question, "json", operation, most)))
        return parsed

    def rows(self, query: str) -> list[dict[str, Term]]:
        """The rows of a query of ours."""
        question = Question(query, QueryForm.SELECT, timeout_s=SUPPORT_TIMEOUT_S, beside=True)
        return list(self.results(question)["results"]["bindings"])

    def kept(self, name: str, make: Callable[[], T], *, by_language: bool = False) -> T:
        """What `make` gives, made once, or once for each language; two threads may both make it, and make the same."""
        if by_language and (language := current_language()) != ENGLISH:
            name = f"{name} {language}"
        if name not in self._kept:
            self._kept[name] = make()
        value: T = self._kept[name]
        return value

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """The label of each IRI that has one: in the reader's language, else in English, else in another."""
        wanted = list(iris)
        language = current_language()
        found: dict[str, str] = {}
        for start in range(0, len(wanted), LABELS_AT_ONCE):
            values = " ".join(f"<{iri}>" for iri in wanted[start : start + LABELS_AT_ONCE])
            rows = self.rows(LABELS % (values, language))
            found |= {row["iri"]["value"]: _label(row["iri"]["value"], row["label"], language) for row in rows}
        return found

    def queries(self, language: str) -> Mapping[str, CannedQuery]:
        """The canned queries, which say in a language what they do, as far as that is translated."""
        texts = self.served.translations.get(language)
        if texts is None:
            return self.served.queries
        return self.kept(
            f"queries {language}",
            lambda: {slug: translated(query, texts) for slug, query in self.served.queries.items()},
        )

    @property
    def texts(self) -> Texts:
        """What canned queries say of themselves in the reader's language, by what it is in English."""
        return self.served.translations.get(current_language(), {})

    def overview(self, language: str = ENGLISH) -> Overview:
        """Title, description and licence as the dataset says, else an ontology in it; numbers as in the manifest."""
        return self.kept(f"overview {language}", lambda: self._overview(language))

    def _overview(self, language: str) -> Overview:
        row = next(iter(self.rows(OVERVIEW.replace("LANGUAGE", language))), {})
        texts = [label_of(row[name]) if name in row else "" for name in ("title", "description", "licence", "citation")]
        counts = dict(self.served.manifest.counts)
        if not counts:
            counts = {name: int(term["value"]) for name, term in self.rows(COUNT)[0].items()}
        return Overview(counts, texts[0] or Overview.title, *texts[1:])


def _label(iri: str, label: Term, language: str) -> str:
    """A label as a page shows it. How a date is called in another language than English follows from what it is."""
    own = label.get("xml:lang", "")
    if own != language and iri.startswith(TIME):
        return in_words(edtf_of(iri), language)
    return label_of(label)


def current_service() -> Service:
    """The service of this request; outside one, that of the running application."""
    bound = request.environ.get(BOUND) if has_request_context() else None
    service: Service = bound or current_app.extensions[EXTENSION]
    return service
