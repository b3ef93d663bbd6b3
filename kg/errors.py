"""The errors that `kg` raises. HTTP statuses for them are in `server.errors`.

KGError
├─ SourceError               a file of ours is wrong: message, path, line
│  ├─ TurtleError               does not parse
│  ├─ QueryHeaderError          a canned query's header is missing, unknown or contradicts its query
│  ├─ CorpusError               a document's text is missing or is not the one registered
│  ├─ BuildMissingError         there is no build here, or it is damaged
│  └─ QualityError              checks failed: findings
├─ PublishError              another store does not take a build
└─ QueryError                a visitor's request cannot be answered
   ├─ QuerySyntaxError          line, column
   ├─ QueryParameterError       parameter, suggestions
   ├─ QueryComplexityError      too deep or too large for the guard: limit, line, column
   ├─ QueryRefusedError         an update, a SERVICE call, or another thing we do not do
   ├─ UnrepresentableError      the answer cannot be written in the format asked for
   ├─ RemoteServiceError        a service that the query calls could not be asked, or answered with what we do not take
   ├─ NotFoundError             no such query, entity or file: suggestions
   │  ├─ WithdrawnError            published and withdrawn
   │  └─ VersionGoneError          a version that is known and no longer kept: manifest
   ├─ CitationError             an address is not that of a citation, or not as it was made
   ├─ CitationGoneError         what was cited cannot be asked any more
   └─ QueryLimitError           limit, retry_after_s
      ├─ QueryTimeoutError         the deadline passed
      ├─ QueryMemoryError          the query needed more memory than it may have
      ├─ QueryCrashError           the query ended the engine
      ├─ ResultTooLargeError       the answer has more bytes than it may have
      ├─ PictureError              a picture takes too long or too much to draw
      ├─ BackendAnswerError        the store behind this server answered with what is no answer
      └─ ServiceBusyError          the queue is full
         └─ BackendAwayError          the store behind this server is not there, or has too much to do
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.findings import Finding


class KGError(Exception):
    """The root: catch it to catch everything that `kg` raises on purpose.

    >>> try:
    ...     raise QueryParameterError("'2002-31-02' is not a date", parameter="since")
    ... except KGError as error:
    ...     print(error)
    '2002-31-02' is not a date
    """


class SourceError(KGError):
    """A file of ours is wrong; printed as `path:line: message`.

    >>> print(SourceError("no such prefix: ids", path="data/entities.ttl", line=7))
    data/entities.ttl:7: no such prefix: ids
    """

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class TurtleError(SourceError):
    """An RDF file does not parse."""


class QueryHeaderError(SourceError):
    """A canned query's header is missing, has an unknown key, or contradicts its query."""


class CorpusError(SourceError):
    """A document's text is missing from the corpus, or is not the one registered."""


class BuildMissingError(SourceError):
    """There is no build at this place, or it is damaged."""


class QualityError(SourceError):
    """Checks failed; `findings` says which and where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class PublishError(KGError):
    """Another store does not take a build, or has not what it was sent."""


class QueryError(KGError):
    """A visitor's request cannot be answered as it stands; `worker_s` is how long a worker was at it, if one was."""

    worker_s: float = 0.0

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class QuerySyntaxError(QueryError):
    """The query is not SPARQL; `line` and `column` count from 1."""


class QueryParameterError(QueryError):
    """A parameter is unknown, empty or of the wrong type; `suggestions` are what would have been right."""

    def __init__(self, message: str, *, parameter: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.suggestions = tuple(suggestions)


class QueryComplexityError(QueryError):
    """The query is too deep or too large for the guard; `limit` names the cap."""

    def __init__(self, message: str, *, limit: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, line=line, column=column)
        self.limit = limit


class QueryRefusedError(QueryError):
    """The request is for something that this service does not do (an update, a SERVICE call)."""


class UnrepresentableError(QueryError):
    """The answer cannot be written in the format that was asked for."""


class RemoteServiceError(QueryError):
    """A service that the query calls could not be asked, or its answer is not one that we take."""


class NotFoundError(QueryError):
    """No such query, entity or file; `suggestions` are the nearest names."""

    def __init__(self, message: str, *, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


class WithdrawnError(NotFoundError):
    """It was published and withdrawn; `suggestions` are what replaces it."""


class VersionGoneError(NotFoundError):
    """A version was published and is no longer kept; `manifest` is what is known of it."""

    def __init__(
        self, message: str, *, manifest: Mapping[str, object] | None = None, suggestions: Sequence[str] = ()
    ) -> None:
        super().__init__(message, suggestions=suggestions)
        self.manifest = dict(manifest or {})


class CitationError(QueryError):
    """An address is not that of a citation: it has been altered, or its answer is none that can be cited."""


class CitationGoneError(QueryError):
    """The query of a citation cannot be asked any more."""


class QueryLimitError(QueryError):
    """A limit was met; `limit` names it, `retry_after_s` says when another try makes sense."""

    def __init__(self, message: str, *, limit: str, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_after_s = retry_after_s


class QueryTimeoutError(QueryLimitError):
    """The deadline passed before the answer was complete."""


class QueryMemoryError(QueryLimitError):
    """The query needed more memory than a query may have."""


class QueryCrashError(QueryLimitError):
    """The query ended the engine (a stack overflow, say)."""


class ResultTooLargeError(QueryLimitError):
    """The answer has more bytes than an answer may have."""


class PictureError(QueryLimitError):
    """A picture takes too long or too much memory to draw, or cannot be drawn."""


class ServiceBusyError(QueryLimitError):
    """As many queries wait as may wait."""


class BackendAnswerError(QueryLimitError):
    """The store that answers in the engine's place answered with what is no answer: a redirect, half of one."""


class BackendAwayError(ServiceBusyError):
    """The store that answers in the engine's place cannot be reached, takes too long or has too much to do."""
