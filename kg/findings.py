"""What a check found wrong: one frozen record with file and line. Deciding what is wrong is left to the checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Finding:
    """One fault in a file of ours; printed on one line, what to do last.

    >>> print(Finding("data/sources.ttl", 3, "sha256", "the hash has 63 characters", "run kg verify --fix"))
    data/sources.ttl:3: error: the hash has 63 characters [sha256] — run kg verify --fix
    """

    path: str | Path
    line: int
    rule: str
    message: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message} [{self.rule}] — {self.fix}"
