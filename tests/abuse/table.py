"""The table of the abuse suite as Markdown: input, expected, got, time, memory after.

    PYTHONPATH=. python tests/abuse/table.py [-k WORDS] > table.md

Arguments are handed on to pytest; what failed has its reason below the table, and the exit code is pytest's.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

TEST = Path(__file__).with_name("test_abuse.py")


class Rows:
    """A plugin that keeps what each test noted of its input."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.faults: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One row for each input; what ended without an answer has none to tell."""
        noted: dict[str, Any] = dict(report.user_properties)
        if report.when != "call" or "input" not in noted:
            return
        got, elapsed, memory = noted.get("got", "no answer"), noted.get("elapsed", ""), noted.get("memory", "")
        elapsed, memory = (f"{value:.2f}" if value != "" else "" for value in (elapsed, memory))
        shown = [
            noted["family"],
            noted["input"],
            noted["expected"],
            got,
            elapsed,
            memory,
            "" if report.passed else "**no**",
        ]
        self.rows.append("| " + " | ".join(str(each).replace("|", "\\|") for each in shown) + " |")
        if report.failed:
            last = str(report.longrepr).strip().splitlines()
            self.faults += [
                f"- {noted['family']}: {noted['input']}: " + next(x for x in last if x.startswith("E"))[2:400]
            ]


def main(arguments: list[str]) -> int:
    """Runs the suite and prints its table."""
    os.environ.setdefault("KG_ABUSE", "all")
    rows = Rows()
    with redirect_stdout(io.StringIO()):
        code = pytest.main([str(TEST), "-q", "-p", "no:cacheprovider", *arguments], plugins=[rows])
    print("| family | input | expected | got | s | MB after | held |")
    print("|---|---|---|---|--:|--:|---|")
    print("\n".join(rows.rows))
    print("\n" + "\n".join(rows.faults) if rows.faults else "\nNothing lost, nothing reached.")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
