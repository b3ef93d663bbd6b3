"""What changed between two versions is worked out once, unless it is long or a query has failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from kg.versions.questions import QueryChange
from server import differences
from server.exchange import current_exchange
from server.service import EXTENSION, Service
from server.settings import Settings

NOBODY: Any = None
OLD, NEW = (Service(Settings(), SimpleNamespace(manifest=SimpleNamespace(version=name)), NOBODY) for name in "12")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "fault", "times"),
    [({"things": []}, "", 1), ({"things": ["x" * differences.MOST_KEPT_BYTES]}, "", 2), ({"things": []}, "busy", 2)],
)
def test_it_is_worked_out_once(
    changes: dict[str, Any], fault: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out = []
    queries = [QueryChange("a", "A", "same", fault=fault)]
    monkeypatch.setattr(differences, "changes_between", lambda *pair: worked_out.append(pair) or changes)
    monkeypatch.setattr(differences, "query_changes", lambda *sides: queries)
    monkeypatch.setattr(differences, "_side", lambda service: service)
    app = Flask(__name__)
    app.extensions[EXTENSION] = Service(Settings(), NOBODY, NOBODY)
    with app.test_request_context("/"):
        for _ in range(2):
            assert differences._compared(OLD, NEW) == (changes, queries)
        assert current_exchange().momentary == bool(fault)
    assert len(worked_out) == times
    with app.test_request_context("/"):
        differences._compared(NEW, OLD)
    assert len(worked_out) == times + 1
