"""A cited answer asked again: of the version that it is cited of, and of a newer one to compare."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from kg.errors import QueryError, QueryLimitError, ResultTooLargeError
from kg.versions.canonical import Answer, read_answer
from kg.versions.rows import RowChanges, compare
from server.asked import Asked
from server.editions import bound_to
from server.exchange import current_exchange
from server.service import Question, Service

ROWS_BYTES = 4_000_000
"""What of an answer is taken into memory to compare it row by row."""
TOO_LARGE = "the answer has too many rows to compare them here: take both as files"


@dataclass(frozen=True)
class Sign:
    """An answer by its hash and the number of its rows."""

    sha256: str
    count: int


@dataclass(frozen=True)
class Replay:
    """What became of an answer in another version: `verdict` is same, different or unanswered.

    `rows` is what changed, None where that could not be worked out; `query` what became of a canned query: same,
    changed or gone; `fault` why there is no answer, or no comparison.
    """

    version: str
    verdict: str
    rows: RowChanges | None = None
    columns: tuple[str, ...] = ()
    query: str = ""
    fault: str = ""
    before: Answer | None = None
    """The cited answer, if it was fetched to compare."""

    def as_json(self) -> dict[str, object]:
        """The comparison; rows in N-Triples."""
        told: dict[str, object] = {"version": self.version, "verdict": self.verdict}
        if self.query:
            told["query"] = self.query
        if self.rows is not None:
            told["rows"] = self.rows.as_json()
        if self.fault:
            told["fault"] = self.fault
        return told


def sign_of(service: Service, asked: Asked, question: Question) -> Sign:
    """The hash of the answer that a version gives.

    Raises: QueryError.
    """
    told = _canonical(service, asked, question, hash_only=True)
    return Sign(str(told["sha256"]), int(told["count"]))


def answer_of(service: Service, asked: Asked, question: Question) -> Answer:
    """The answer that a version gives, whole.

    Raises: QueryError.
    """
    return read_answer(_canonical(service, asked, question))


def as_text(question: Question, asked: Asked) -> Question:
    """The question for the canonical form itself."""
    return replace(question, extra={**question.extra, "cited": asked.cites, "as_text": True})


def replay(old: Service, new: Service, asked: Asked, question: Question, cited: Sign) -> Replay:
    """What became of a cited answer: the query is asked of the newer version as it stood in the cited one."""
    version = new.served.manifest.version
    query = _query_now(old, new, asked)
    try:
        if sign_of(new, asked, question).sha256 == cited.sha256:
            return Replay(version, "same", RowChanges(), query=query)
    except QueryError as error:
        return Replay(version, "unanswered", query=query, fault=_told(error))
    try:
        # The newer first: it is most often the one that is served, and the other is in the archive's worker already.
        after, before = answer_of(new, asked, question), answer_of(old, asked, question)
    except ResultTooLargeError:
        return Replay(version, "different", query=query, fault=TOO_LARGE)
    except QueryError as error:
        return Replay(version, "different", query=query, fault=_told(error))
    return Replay(version, "different", compare(before, after), after.columns, query, before=before)


def _told(error: QueryError) -> str:
    """What is told of a fault; a limit that was met now may not be another time, so that nobody may keep the answer."""
    if isinstance(error, QueryLimitError):
        current_exchange().momentary = True
    return error.message


def _query_now(old: Service, new: Service, asked: Asked) -> str:
    if not asked.slug:
        return ""
    before, after = (service.served.queries.get(asked.slug) for service in (old, new))
    if before is None or after is None:
        return "gone"
    return "same" if before.text == after.text else "changed"


def _canonical(service: Service, asked: Asked, question: Question, *, hash_only: bool = False) -> dict[str, Any]:
    extra = {**question.extra, "cited": asked.cites, "hash_only": hash_only}
    with bound_to(service):
        told = service.ask(replace(question, extra=extra, federated=False), "json", "canonical", ROWS_BYTES)
        parsed: dict[str, Any] = json.loads(b"".join(told))
    return parsed
