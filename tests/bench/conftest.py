"""Fixtures of the measurements: `figure` prints one JSON line; nothing here passes or fails."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

Figure = Callable[..., None]


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A measurement that went well shows no dot: the output is JSON lines and nothing else."""
    return ("passed", "", "") if report.passed else None


@pytest.fixture
def figure() -> Figure:
    """Prints a figure: `figure("build", 3.2, "s", triples=4107)`."""

    def show(name: str, value: float, unit: str, **circumstances: object) -> None:
        print(
            json.dumps({"name": name, "value": round(value, 4), "unit": unit, **circumstances}, ensure_ascii=False),
            flush=True,
        )

    return show
