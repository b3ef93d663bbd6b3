"""A cited answer asked again, where no server can be made to fail at the right moment: limits, time, labels, cells."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from kg.engine.guard import QueryForm
from kg.errors import QueryError, QueryTimeoutError, ServiceBusyError
from kg.versions.rows import RowChanges
from server import changed_rows
from server.answers import PAGE_CELLS
from server.asked import Asked
from server.exchange import current_exchange
from server.replay import Replay, Sign, replay
from server.service import Question, Service
from server.settings import Settings

NOBODY: Any = None
ASKED = Asked("", {"query": ["SELECT ?a { ?a ?b ?c }"]})
QUESTION = Question("SELECT ?a { ?a ?b ?c }", QueryForm.SELECT)


@pytest.fixture
def request_context() -> Iterator[None]:
    with Flask(__name__).test_request_context("/cite"):
        yield


def version(name: str, told: Callable[[bool], dict[str, Any]]) -> Any:
    """A service that answers what it is told to: the hash of its answer, or the answer."""

    def ask(question: Question, *_: object) -> Iterator[bytes]:
        yield json.dumps(told(bool(question.extra["hash_only"]))).encode()

    return SimpleNamespace(ask=ask, served=SimpleNamespace(manifest=SimpleNamespace(version=name), queries={}))


def answering(value: str) -> Callable[[bool], dict[str, Any]]:
    def told(hash_only: bool) -> dict[str, Any]:
        if hash_only:
            return {"sha256": value, "count": 1}
        return {"kind": "table", "columns": ["a"], "rows": [[value]], "ordered": False}

    return told


def failing(error: QueryError, *, late: bool = False) -> Callable[[bool], dict[str, Any]]:
    def told(hash_only: bool) -> dict[str, Any]:
        if hash_only and late:
            return {"sha256": "other", "count": 1}
        raise error

    return told


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.usefixtures("request_context")
def test_a_comparison_that_met_a_limit_of_the_moment_is_not_kept(late: bool) -> None:
    busy = ServiceBusyError("too many queries wait already", limit="queue")
    found = replay(
        version("1", answering("one")), version("2", failing(busy, late=late)), ASKED, QUESTION, Sign("one", 1)
    )
    assert (found.fault, found.rows) == ("too many queries wait already", None)
    assert current_exchange().momentary


@pytest.mark.usefixtures("request_context")
def test_the_cited_answer_that_was_compared_is_at_hand() -> None:
    found = replay(version("1", answering("one")), version("2", answering("two")), ASKED, QUESTION, Sign("one", 1))
    assert found.before is not None and found.before.rows == (("one",),)
    assert not current_exchange().momentary


def test_what_is_asked_for_one_request_has_one_deadline() -> None:
    service = Service(Settings(timeout_s=10.0), NOBODY, NOBODY)
    assert service.seconds_for(QUESTION) == 10.0
    assert 2.0 < service.seconds_for(replace(QUESTION, until=time.monotonic() + 3)) <= 3.0
    with pytest.raises(QueryTimeoutError) as caught:
        service.seconds_for(replace(QUESTION, until=time.monotonic()))
    assert caught.value.limit == "timeout"


def test_a_page_of_changes_has_no_more_cells_than_one_of_an_answer() -> None:
    wide = tuple('"x"' for _ in range(PAGE_CELLS // 10))
    changes = RowChanges(added=(wide,) * 30, changed=((wide, wide),))
    shown = changed_rows.table(wide, changes, {}, {}, changed_rows.MOST_ROWS)
    assert (len(shown.rows), shown.total) == (10, 32)


@pytest.mark.usefixtures("request_context")
def test_names_of_the_newer_side_are_those_of_the_version_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    def labelled(name: str) -> Any:
        return SimpleNamespace(labels=lambda iris: dict.fromkeys(iris, name))

    monkeypatch.setattr(changed_rows, "service_of", {"2": labelled("as of 2")}.__getitem__)
    found = Replay("2", "different", RowChanges(added=(("<urn:a>",),)), ("a",))
    shown = changed_rows.shown(found, labelled("as of 1"), {})
    assert shown is not None and shown.rows[0].cells[0] is not None
    assert shown.rows[0].cells[0].text == "as of 2"
