"""Programs of npm packages, run by the Node that comes as a wheel. Installing them (tests/node) is the set-up's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from leaving_out import leave_out

HERE = Path(__file__).parent / "node"
NODE = Path(sys.executable).parent / "node"
WITHIN_S = 60.0


def package(name: str) -> Path:
    """The folder of an npm package."""
    folder = HERE / "node_modules" / name
    if not folder.is_dir():
        leave_out(f"the npm package {name} is not installed: run .ci/setup test")
    return folder


def run_script(name: str, task: object, needs: str) -> Any:
    """What a script of tests/node makes of a task: JSON in, JSON out; `needs` is the package that it is about."""
    package(needs)
    done = subprocess.run(
        [NODE, HERE / name], input=json.dumps(task), capture_output=True, text=True, timeout=WITHIN_S, cwd=HERE
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
