"""`/cite/…`: permanent addresses of answers. Each says what the answer was, and whether it is the same today.

Nothing is stored for a citation: its address is the version, the query and the parameters, and a hash of the answer to
hold the answer against. What is in an address is `server.asked`'s; asking again is `server.replay`'s.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import BadRequest

from kg.engine.guard import QueryForm
from kg.engine.momentary import is_momentary
from kg.errors import (
    CitationError,
    CitationGoneError,
    NotFoundError,
    QueryComplexityError,
    QueryParameterError,
    QueryRefusedError,
    QuerySyntaxError,
    ResultTooLargeError,
)
from kg.queries.canned import find_query
from kg.queries.declarations import CannedQuery
from kg.versions.canonical import is_arbitrary
from server import answers, arguments, bodies, changed_rows, pages, picks, reasons
from server.admission import admit
from server.arguments import Arguments
from server.asked import Asked, canned, free, query_in, read_sign
from server.editions import LATEST, bound_to, service_of, unreadable
from server.negotiation import HTML, Choice, Offer, choose
from server.offers import CITED, TABLES
from server.queries import EXPORTED, question_of
from server.references import Reference, title_of
from server.replay import Replay, Sign, answer_of, as_text, replay, sign_of
from server.service import Question, Service, current_service
from server.sparql import Operation, question_in

blueprint = Blueprint("cite", __name__)

RECORD = Offer("json", "application/json")
PLAIN = Offer("txt", "text/plain", also=("plain",))
BIBTEX = Offer("bib", "application/x-bibtex", ("text/x-bibtex",), ("bibtex",))
CSL = Offer("csl", "application/vnd.citationstyles.csl+json")
CANONICAL = Offer("canonical", "text/plain")
REFERENCES = (PLAIN, BIBTEX, CSL)
MOST_IN_TITLE = 200
"""Characters of the parameters that a title repeats."""
OFFERS = (RECORD, HTML, *REFERENCES, CANONICAL)
"""What a citation can be had as, besides the formats of the answer itself."""
GONE = (QuerySyntaxError, QueryParameterError, QueryComplexityError, QueryRefusedError, NotFoundError)
"""What an address that was made here can meet later only if something else has changed."""


@dataclass(frozen=True)
class Cited:
    """A citation that holds: what was asked of which version, and the hash of the answer."""

    asked: Asked
    service: Service
    question: Question
    query: CannedQuery | None
    sign: Sign

    @property
    def version(self) -> str:
        """The version that it is cited of."""
        return self.service.served.manifest.version

    @property
    def address(self) -> str:
        """Its permanent address."""
        return self.asked.address(self.version, self.asked.sign(self.version, self.sign.sha256))

    @property
    def title(self) -> str:
        """What is asked, with the parameters that are not the defaults."""
        if self.query is None:
            return title_of(self.question.query)
        shown = [f"{name}: {', '.join(values)}" for name, values in self.asked.arguments.items() if name != "cite"]
        told = " ".join("; ".join(shown).split())
        return self.query.title + (f" ({told[:MOST_IN_TITLE]}{'…' * (len(told) > MOST_IN_TITLE)})" if told else "")


@blueprint.get("/cite/<version>/queries/<slug>")
def canned_now(version: str, slug: str) -> Response:
    """The answer to a canned query of a version, or the `latest`: 303 to its permanent address."""
    return _made(version, canned(slug, arguments.in_url(request)))


@blueprint.route("/cite/<version>/sparql", methods=["GET", "POST"])
def free_now(version: str) -> Response:
    """The answer to a query of the visitor's own (`query`, or `z` if it is compressed): 303 to its address."""
    if request.method == "POST" and request.mimetype != arguments.FORM:
        raise BadRequest(f"a query is sent as a form here: {arguments.FORM}")
    given = arguments.in_body(request) if request.method == "POST" else arguments.in_url(request)
    return _made(version, free(query_in(given, current_service().settings.max_query_bytes), given))


@blueprint.get("/cite/<version>/<sign>/queries/<slug>")
def show_canned(version: str, sign: str, slug: str) -> Response:
    """A cited answer to a canned query, its reference, and what `against` another version (the one served) differs."""
    stem, _, suffix = slug.partition(".")
    given = arguments.in_url(request)
    return _shown(version, sign, canned(stem, given), given, _format_of(suffix, given))


@blueprint.get("/cite/<version>/<sign>/sparql")
@blueprint.get("/cite/<version>/<sign>/sparql.<suffix>")
def show_free(version: str, sign: str, suffix: str = "") -> Response:
    """The same for a query of somebody's own."""
    given = arguments.in_url(request)
    query = query_in(given, current_service().settings.max_query_bytes)
    return _shown(version, sign, free(query, given), given, _format_of(suffix, given))


def _format_of(suffix: str, given: Arguments) -> str | None:
    if suffix and "format" in given:
        raise BadRequest(f"the format is given twice: by .{suffix} and by format")
    return suffix or given.one("format")


# Making and reading


def _made(version: str, asked: Asked) -> Response:
    admit("canned" if asked.slug else "own")
    service = service_of(version)
    question, _ = _question(service, asked, arguments.in_url(request))
    sign = sign_of(service, asked, question)
    named = service.served.manifest.version
    response: Response = redirect(asked.address(named, asked.sign(named, sign.sha256)), 303)  # type: ignore[assignment]
    response.headers["Cache-Control"] = "no-store" if version == LATEST else "no-cache"
    return response


def _cited(version: str, sign: str, asked: Asked, given: Arguments) -> Cited:
    """The citation of an address, held against its hashes.

    Raises: CitationError if it does not hold; CitationGoneError if its query cannot be asked any more; NotFoundError
    or VersionGoneError for its version.
    """
    check, digest = read_sign(sign)
    if check != asked.check(version):
        # The version too is in it; but one that there never was is told as that.
        service_of(version)
        raise CitationError("the address has been altered: its version, query or parameters are not those cited")
    service = service_of(version)
    try:
        question, query = _question(service, asked, given)
    except GONE as error:
        if isinstance(error, QueryParameterError) and error.parameter == "timeout":
            raise
        reason = unreadable(service, asked.slug) or error.message
        message = f"what was cited cannot be asked of version {version} any more: {reason}"
        raise CitationGoneError(message, line=error.line, column=error.column) from error
    found = sign_of(service, asked, question)
    if not found.sha256.startswith(digest):
        message = f"the hash in the address is not that of the answer, which begins with {found.sha256[:32]}"
        if is_arbitrary(question.query):
            message += "; the query has a LIMIT or OFFSET without ORDER BY, so that which rows it gives is left open"
        raise CitationError(f"{message}: the address has been altered, or other software has built this version anew")
    return Cited(asked, service, question, query, found)


def _question(service: Service, asked: Asked, given: Arguments) -> tuple[Question, CannedQuery | None]:
    """What is asked, as the version itself would answer it.

    Raises: QueryError; CitationError if its answer is another each time.
    """
    beside = asked.given(timeout=given.one("timeout"))
    with bound_to(service):
        query = find_query(service.served.queries, asked.slug) if asked.slug else None
        if query is not None:
            question = question_of(query, beside)
        else:
            question = question_in(Operation("".join(asked.arguments["query"]), beside))
    if is_momentary(question.query):
        message = "a query that asks for the time, for something new each time or another service cannot be cited"
        raise CitationError(message)
    if asked.cites and question.form is not QueryForm.SELECT:
        raise CitationError(f"citations are for the rows of a SELECT; this is {question.form.name}")
    # All that is asked for it, of whichever version, may take as long as one query.
    return replace(question, until=time.monotonic() + service.seconds_for(question)), query


# Showing


def _shown(version: str, sign: str, asked: Asked, given: Arguments, format_name: str | None) -> Response:
    admit("canned" if asked.slug else "own")
    cited = _cited(version, sign, asked, given)
    offers = _offers(cited)
    choice = choose(offers, request.headers.get("Accept"), format_name)
    if choice.offer in (RECORD, HTML):
        # A version is copied as it stands, and its + is a space in an address.
        newer = service_of((given.one("against") or LATEST).replace(" ", "+"))
        found = None if newer.served.manifest.version == cited.version else _replayed(cited, newer)
        response = _page(cited, found, offers) if choice.offer is HTML else _record(cited, found)
    elif choice.offer in REFERENCES:
        response = _reference(cited, choice)
    else:
        response = _answer(cited, choice)
    response.headers.add("Link", f'<{cited.address}>; rel="cite-as"')
    response.vary.add("Accept")
    return response


def _replayed(cited: Cited, newer: Service) -> Replay:
    return replay(cited.service, newer, cited.asked, cited.question, cited.sign)


def _offers(cited: Cited) -> tuple[Offer, ...]:
    """The citation's own formats, and those of the answer that are none of them."""
    if cited.asked.cites:
        data = CITED
    elif cited.query is not None and cited.question.form is QueryForm.SELECT:
        data = TABLES
    else:
        data = answers.offers(cited.question.form)
    names = {offer.name for offer in OFFERS}
    return (*OFFERS, *(offer for offer in data if offer.name not in names))


def _reference_to(cited: Cited) -> Reference:
    manifest = cited.service.served.manifest
    site = current_service().overview()
    return Reference(cited.title, site.title, manifest.version, manifest.built, cited.address, cited.sign.sha256)


def _record(cited: Cited, found: Replay | None) -> Response:
    reference = _reference_to(cited)
    told: dict[str, Any] = {
        "citation": {
            "address": cited.address,
            "version": cited.version,
            "built": reference.built,
            "title": cited.title,
            "path": cited.asked.path,
            "parameters": {name: list(values) for name, values in cited.asked.arguments.items()},
            "query": cited.question.query,
            "sha256": cited.sign.sha256,
            "rows": cited.sign.count,
            "plain": reference.plain(),
            "bibtex": reference.bibtex(),
            "csl": reference.csl(),
        },
        "replayed": _same(cited) if found is None else found.as_json(),
    }
    try:
        before = found.before if found else None
        told["answer"] = (before or answer_of(cited.service, cited.asked, cited.question)).as_json()
    except ResultTooLargeError:
        told["answer"] = None  # the other formats have it
    return bodies.of_json(told)


def _same(cited: Cited) -> Mapping[str, object]:
    """What is told when the version cited is the one that it is compared with."""
    return {"version": cited.version, "verdict": "same"}


def _reference(cited: Cited, choice: Choice) -> Response:
    reference = _reference_to(cited)
    if choice.offer is CSL:
        response = bodies.of_json(reference.csl())
        response.content_type = choice.media_type
        return response
    text = reference.bibtex() if choice.offer is BIBTEX else reference.plain() + "\n"
    return bodies.of_text(text, f"{choice.media_type}; charset=utf-8")


def _answer(cited: Cited, choice: Choice) -> Response:
    """The answer itself, as the version cited gives it."""
    question, name = _addressed(cited), choice.offer.name
    with bound_to(cited.service):
        if choice.offer is CANONICAL:
            response = bodies.collected(cited.service.ask(as_text(question, cited.asked), "json", "canonical"))
            response.content_type = "text/plain; charset=utf-8"
        else:
            table = name in EXPORTED and cited.query is not None and question.form is QueryForm.SELECT
            operation = "cite" if cited.asked.cites else "export" if table else "query"
            response = answers.data(question, choice, operation, f"{cited.asked.slug or 'answer'}.{name}")
            if table:
                response.vary.add("Accept-Language")
    response.headers["Oxus-Version"] = cited.version
    return response


def _addressed(cited: Cited) -> Question:
    """The question; a file that says where it is from says the permanent address."""
    extra = cited.question.extra
    if (about := extra.get("about")) is None:
        return cited.question
    return replace(
        cited.question, extra={**extra, "about": {**cast("Mapping[str, str]", about), "address": cited.address}}
    )


def _page(cited: Cited, found: Replay | None, offers: tuple[Offer, ...]) -> Response:
    headings = {column.name: column.label for column in cited.query.columns} if cited.query else {}
    with bound_to(cited.service):
        context = answers.shown(cited.question, headings, "cite" if cited.asked.cites else "query")
        context["why"] = reasons.shown(context.get("why"))
        documents = picks.documents()
    view = {name: "".join(cited.asked.arguments.get(name, ())) for name in ("source", "reliability", "rejected")}
    again = pages.address(cited.asked.path, arguments=cited.asked.arguments)
    return pages.render(
        "cite.html",
        cited=cited,
        manifest_cited=cited.service.served.manifest,
        found=found,
        changes=changed_rows.shown(found, cited.service, headings) if found else None,
        reference=_reference_to(cited),
        references=REFERENCES,
        files=[offer for offer in offers if offer is not HTML and offer not in REFERENCES],
        file_address=lambda name: _with_format(cited, name),
        again=again if len(again) < current_service().settings.max_url_kb * 500 else "",
        arbitrary=is_arbitrary(cited.question.query),
        view=view,
        documents=documents,
        **context,
    )


def _with_format(cited: Cited, name: str) -> str:
    """The citation's address in a format."""
    address, mark, query = cited.address.partition("?")
    return f"{address}.{name}{mark}{query}"
