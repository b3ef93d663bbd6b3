"""Every promise of THREAT_MODEL.md is held by a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises(text: str) -> list[tuple[str, str]]:
    """The rows of the table of promises: what is promised, and what is said to hold it."""
    section = text.partition("## What we promise\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [(row[0].strip(), row[1].strip()) for row in rows[1:]]


def faults(text: str, root: Path) -> list[str]:
    """The promises that no test holds."""
    found = []
    for promise, holder in promises(text):
        named = NAMED.fullmatch(holder)
        if not named:
            found.append(f"{promise} names no test, but {holder or 'nothing'}")
        elif named[2] not in names_in(root / named[1]):
            found.append(f"{promise} names {holder}, which is not there")
    return found


def names_in(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_held_by_a_test() -> None:
    assert len(promises(TEXT)) > 30
    assert faults(TEXT, ROOT) == []


@pytest.mark.parametrize(
    "holder",
    ["", "TODO", "TODO(x) `tests/unit/test_a.py::test_b`", "`tests/unit/test_a.py::test_c`", "`tests/no.py::test_b`"],
)
def test_a_promise_that_nothing_holds_is_found(tmp_path: Path, holder: str) -> None:
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "tests" / "unit" / "test_a.py").write_text("def test_b():\n    pass\n")
    row = "## What we promise\n\n| promise | held by |\n|---|---|\n| All is well. | {} |\n\n## More\n"
    assert len(faults(row.format(holder), tmp_path)) == 1
    assert faults(row.format("`tests/unit/test_a.py::test_b`"), tmp_path) == []
