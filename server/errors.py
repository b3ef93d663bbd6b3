"""How errors look: one table from errors to statuses, one body (RFC 9457) for all, as a page when a person reads.

Nothing of an unexpected error is told to the client; it is logged. Raising is left to `kg` and to the views.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from kg import errors as kg_errors
from server import pages
from server.control import ReloadRefusedError
from server.exchange import current_exchange
from server.fairness import ClientLimitError
from server.negotiation import HTML, NothingAcceptableError, Offer, choose
from server.suggested import suggested
from server.wording import marked

WRITES = ("POST", "PUT", "PATCH", "DELETE")
PROBLEM_JSON = Offer("json", "application/problem+json", ("application/json",))


@dataclass(frozen=True)
class Problem:
    """One row of the table: what happened (`error`), its HTTP status, its name in `type`, and what to do about it."""

    error: type[kg_errors.KGError]
    status: int
    name: str
    title: str
    help: str


PROBLEMS: tuple[Problem, ...] = (
    Problem(
        kg_errors.QuerySyntaxError,
        400,
        "query-syntax",
        marked("The query is not SPARQL"),
        marked("Correct it at the line and column given."),
    ),
    Problem(
        kg_errors.QueryParameterError,
        400,
        "query-parameter",
        marked("A parameter does not fit"),
        marked("The names or values that would have fitted are listed as suggestions."),
    ),
    Problem(
        kg_errors.QueryComplexityError,
        400,
        "query-complexity",
        marked("The query is too deep or too large"),
        marked("Split it, or shorten it: the limit that it met is named."),
    ),
    Problem(
        kg_errors.QueryRefusedError,
        403,
        "query-refused",
        marked("This service does not do that"),
        marked(
            "It only reads: no updates, no LOAD, and SERVICE calls only to services that its operator allows, if any. "
            "Load a dump into a store of your own for more."
        ),
    ),
    Problem(
        kg_errors.UnrepresentableError,
        406,
        "unrepresentable",
        marked("The answer cannot be written in this format"),
        marked("Ask for another format, Turtle for instance."),
    ),
    Problem(
        kg_errors.CitationError,
        400,
        "citation",
        marked("This is not the address of a citation"),
        marked("Compare it with the one that was cited, to the last letter; or cite the answer anew."),
    ),
    Problem(
        kg_errors.CitationGoneError,
        410,
        "citation-gone",
        marked("What was cited cannot be asked any more"),
        marked(
            "The query was one, and is none that this server still takes. "
            "Its text is in the address or in that version."
        ),
    ),
    Problem(
        kg_errors.VersionGoneError,
        410,
        "version-gone",
        marked("This version, or this file of it, is no longer kept"),
        marked("What it was, its manifest says: with the hashes there a copy of its dump can be proved to be it."),
    ),
    Problem(
        kg_errors.WithdrawnError,
        410,
        "withdrawn",
        marked("This was withdrawn"),
        marked("What replaces it, if anything does, is listed as suggestions."),
    ),
    Problem(
        kg_errors.RemoteServiceError,
        502,
        "remote-service",
        marked("Another service failed"),
        marked("With SERVICE SILENT the query is answered without it."),
    ),
    Problem(
        kg_errors.NotFoundError,
        404,
        "not-found",
        marked("There is no such thing here"),
        marked("The nearest names are listed as suggestions."),
    ),
    Problem(
        kg_errors.QueryTimeoutError,
        503,
        "query-timeout",
        marked("The query took too long"),
        marked("Make it more selective or add a LIMIT; begin with the pattern that matches least."),
    ),
    Problem(
        kg_errors.QueryMemoryError,
        503,
        "query-memory",
        marked("The query needed too much memory"),
        marked("Avoid sorting or grouping a large product; begin with the pattern that matches least."),
    ),
    Problem(
        kg_errors.QueryCrashError,
        503,
        "query-crash",
        marked("The query ended the engine"),
        marked("Nothing else was harmed. Write the query in a simpler way."),
    ),
    Problem(
        kg_errors.ResultTooLargeError,
        503,
        "result-too-large",
        marked("The answer is too large"),
        marked("Add a LIMIT, or load a dump: it holds everything."),
    ),
    Problem(
        kg_errors.PictureError,
        503,
        "picture",
        marked("The picture cannot be drawn"),
        marked("Ask for fewer rows, or for the rows themselves: as JSON or CSV they can always be had."),
    ),
    Problem(
        kg_errors.BackendAnswerError,
        502,
        "backend-answer",
        marked("The store behind this server did not answer rightly"),
        marked(
            "Ask for less; try again after the seconds that Retry-After gives. If it stays so, the operator must look."
        ),
    ),
    Problem(
        kg_errors.BackendAwayError,
        503,
        "backend-away",
        marked("The store behind this server cannot be asked now"),
        marked("Try again after the seconds that Retry-After gives."),
    ),
    Problem(
        kg_errors.ServiceBusyError,
        503,
        "busy",
        marked("The service is busy"),
        marked("Try again after the seconds that Retry-After gives."),
    ),
    Problem(
        ReloadRefusedError,
        409,
        "reload-refused",
        marked("The build cannot be served"),
        marked("The version before is still served. Build again, then ask again."),
    ),
    Problem(
        ClientLimitError,
        429,
        "client-limit",
        marked("You have used up your share"),
        marked(
            "Try again after the seconds that Retry-After gives. "
            "Canned queries have a share of their own, and dumps none."
        ),
    ),
    Problem(
        kg_errors.QueryLimitError,
        503,
        "query-limit",
        marked("A limit was met"),
        marked("The limit is named."),
    ),
)
"""The most specific first; what is not here is a 500."""


@dataclass(frozen=True)
class Report:
    """One error as told to a client: the members of RFC 9457, what to do about it, and headers that go with it."""

    status: int
    title: str
    detail: str
    name: str = ""
    help: str = ""
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The problem document; members without a value are left out."""
        kind = pages.address("problems", fragment=self.name) if self.name else "about:blank"
        own = {"type": kind, "title": self.title, "status": self.status, "detail": _shortened(self.detail)}
        members = {name: value for name, value in self.members.items() if value not in (None, (), [], "")}
        return own | {name: _shortened(value) if isinstance(value, str) else value for name, value in members.items()}

    @property
    def shown(self) -> dict[str, Any]:
        """What the templates of pages take of it; `wait` are the seconds after which another try makes sense."""
        return {"problem": self.body, "help": self.help, "wait": int(self.headers.get("Retry-After", 0))}


LONGEST = 2000
"""Characters that a text of a report may have: most of a longer one is what the client has sent itself."""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


UNEXPECTED = Report(
    500,
    marked("Something went wrong here"),
    marked("The fault is ours; it has been logged under the request's id."),
)


def register(app: Flask) -> None:
    """Every error of the application, whoever raises it, gets the one shape."""
    app.jinja_env.filters["suggested"] = suggested
    app.register_error_handler(Exception, lambda error: answer(report_of(error)))


def problem_of(error: Exception) -> Problem | None:
    """The row for an error, or None for one that is our fault.

    >>> problem_of(kg_errors.ServiceBusyError("full", limit="queue")).status
    503
    """
    return next((problem for problem in PROBLEMS if isinstance(error, problem.error)), None)


def report_of(error: Exception) -> Report:
    """What is told about an error; about one of ours, a file that is wrong included, only that there was one."""
    if isinstance(error, HTTPException):
        return _report_of_http(error)
    if isinstance(error, NothingAcceptableError):
        offered = [{"format": offer.name, "type": offer.media_type} for offer in error.offers]
        return Report(406, HTTPStatus(406).phrase, str(error), members={"offered": offered})
    problem = problem_of(error)
    if problem is None:
        exchange = current_exchange()
        event = {"message": f"{request.method} {request.path} failed", "request": exchange.id}
        current_app.logger.error(event["message"], exc_info=error, extra={"event": event})
        return replace(UNEXPECTED, members={"request": exchange.id})
    names = ("line", "column", "parameter", "limit", "suggestions", "manifest")
    members = {name: getattr(error, name, None) for name in names}
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, kg_errors.QueryLimitError) else {}
    return Report(problem.status, problem.title, str(error), problem.name, problem.help, members, headers)


def _report_of_http(error: HTTPException) -> Report:
    """An error of HTTP itself, with the headers that it asks for (Allow, Accept-Post, Retry-After)."""
    status = error.code or 500
    if status >= 500:
        return UNEXPECTED
    detail, members = error.description or "", {}
    if isinstance(error, MethodNotAllowed):
        detail, members = f"{request.method} is not for this address", {"allowed": sorted(error.valid_methods or ())}
        detail += ": this service only reads" if request.method in WRITES else ""
    elif type(error) is NotFound and error.description == NotFound.description:
        detail = f"there is nothing at {request.path}"
    elif offered := getattr(error, "offered", None):
        members = {"offered": offered}
    headers = {name: value for name, value in error.get_headers(request.environ) if name.lower() != "content-type"}
    accept_post = getattr(error, "accept_post", None)
    headers |= {"Accept-Post": accept_post} if accept_post else {}
    return Report(status, HTTPStatus(status).phrase, detail, members=members, headers=headers)


def answer(report: Report) -> Response:
    """A report as JSON, or as a page for a person; JSON too if the client takes neither."""
    try:
        for_person = choose([PROBLEM_JSON, HTML], request.headers.get("Accept")).offer is HTML
    except NothingAcceptableError:
        for_person = False
    if for_person:
        response = pages.render(
            "error.html",
            **report.shown,
            # The same address again, said without its path: one that begins with two slashes would lead elsewhere.
            again="?" + request.query_string.decode("latin-1") if request.method == "GET" else "",
            meant=" ".join(request.path.rpartition("/")[2].rpartition(":")[2].replace("-", " ").split())[:200],
        )
    else:
        response = Response(json.dumps(report.body) + "\n", content_type=PROBLEM_JSON.media_type)
    return with_status(response, report)


def with_status(response: Response, report: Report) -> Response:
    """The answer under the report's status and with its headers; errors are not for caches."""
    current_exchange().verdict = report.name or f"http-{report.status}"
    response.status_code = report.status
    response.headers.update(report.headers)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
