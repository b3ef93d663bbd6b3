"""The written walks of `notebooks/` are true: each command in them prints what stands below it.

When data or queries change on purpose, write the answers again with `python tests/test_walk.py`, and read the
difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from leaving_out import leave_out
from live_server import LiveServer, running

from kg.build.run import build, current_build
from kg.project import Project

ROOT = Path(__file__).resolve().parents[1]
WALKS = sorted((ROOT / "notebooks").glob("*.md"))
SHOWN_URL = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def answered(page: str, server: LiveServer) -> str:
    """The page with what its commands print now."""
    return BLOCK.sub(
        lambda block: f"```console\n{''.join(_run(line, server) for line in _commands(block[1]))}```", page
    )


def _commands(block: str) -> list[str]:
    return [line for line in block.splitlines() if line.startswith("$ ")]


def _run(line: str, server: LiveServer) -> str:
    script = f'kg() {{ "{sys.executable}" -m server.cli "$@"; }}\n{line[2:].replace(SHOWN_URL, server.url)}'
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    text = done.stdout.decode("utf-8").replace(server.url, SHOWN_URL)
    lines = (found.rstrip() for found in text.replace("\r\n", "\n").splitlines())
    return "".join(f"{shown}\n" for shown in (line, *lines))


def test_there_is_a_walk_with_commands_of_both_kinds() -> None:
    commands = [line for path in WALKS for block in BLOCK.findall(path.read_text("utf-8")) for line in _commands(block)]
    assert any(line.startswith("$ kg ") for line in commands) and any("$ curl " in line for line in commands)


@pytest.mark.parametrize("path", WALKS, ids=lambda path: path.stem)
def test_each_command_prints_what_the_walk_shows(path: Path, real_build: Path, tmp_path: Path) -> None:
    if shutil.which("bash") is None or shutil.which("curl") is None:
        leave_out("the walks want bash and curl")
    page = path.read_text("utf-8")
    with running(real_build.parent, tmp_path / "log") as server:
        assert answered(page, server) == page


def test_a_command_that_prints_something_else_is_found(tmp_path: Path, live_server: LiveServer) -> None:
    page = "```console\n$ echo one\ntwo\n```\n"
    assert answered(page, live_server) == "```console\n$ echo one\none\n```\n"


def _write_again() -> None:
    folder, project = ROOT / "build", Project(ROOT)
    if current_build(project, folder) is None:
        build(project, folder)
    with tempfile.TemporaryDirectory() as log, running(ROOT, Path(log) / "log") as server:
        for path in WALKS:
            path.write_text(answered(path.read_text("utf-8"), server), "utf-8")


if __name__ == "__main__":
    _write_again()
