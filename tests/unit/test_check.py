"""What `/check` costs has an end: a version is examined once, by one at a time, and what is unsettled is not kept."""

from __future__ import annotations

from typing import Any

import pytest

from kg.errors import ServiceBusyError
from server import check
from server.harvest.checks import PASS, UNKNOWN, Finding
from server.service import Service
from server.settings import Settings

NOBODY: Any = None


def service() -> Service:
    return Service(Settings(), NOBODY, NOBODY)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The verdicts that the next examinations give; taken away as they begin."""
    verdicts: list[str] = []
    monkeypatch.setattr(check, "examine", lambda site, seconds: [Finding("a", "A", verdicts.pop(0), "told")])
    return verdicts


def test_a_version_is_examined_once_and_by_one_at_a_time(examined: list[str]) -> None:
    examined[:] = [PASS, PASS]
    one = service()
    assert check.findings_of(one) == check.findings_of(one)
    assert len(examined) == 1
    with check.EXAMINING, pytest.raises(ServiceBusyError):
        check.findings_of(service())
    assert check.findings_of(service()) and not examined


def test_what_could_not_be_examined_is_examined_again(examined: list[str]) -> None:
    examined[:] = [UNKNOWN, PASS]
    one = service()
    assert [check.findings_of(one)[0].verdict for _ in range(3)] == [UNKNOWN, PASS, PASS]


def test_an_examination_that_fails_does_not_shut_the_door(examined: list[str]) -> None:
    with pytest.raises(IndexError):
        check.findings_of(service())
    examined[:] = [PASS]
    assert check.findings_of(service())[0].verdict == PASS
