"""What a stranger does: clone, `make serve`, ask; and `make check` on what is committed.

The set-up fetches packages from the registry, so this runs under CI, or with KG_CLONE=1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from leaving_out import leave_out
from live_server import free_port

ROOT = Path(__file__).parents[1]
FIRST_ANSWER_WITHIN_S = 300.0

pytestmark = pytest.mark.clone


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last commit in a folder of its own; everything else of this machine's is left behind."""
    if not os.environ.get("CI") and not os.environ.get("KG_CLONE"):
        leave_out("setting up a fresh clone fetches packages: set KG_CLONE=1")
    if subprocess.run(["git", "rev-parse", "-q", "--verify", "HEAD"], cwd=ROOT, capture_output=True).returncode:
        leave_out("a fresh clone needs a commit")
    folder = tmp_path_factory.mktemp("clone") / "oxus"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def environment() -> dict[str, str]:
    """This one, without what would reach into the clone from here."""
    ours = ("KG_", "MAKE", "MFLAGS", "PYTEST", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@dataclass(frozen=True)
class Served:
    """A server that answers: where, after how many seconds, and what `make serve` has printed until then."""

    address: str
    seconds: float
    said: str


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """`make serve` in a folder, from its first answer on."""
    port = free_port()
    log = folder.parent / f"serve-{port}.log"
    begin = time.monotonic()
    with log.open("w") as output:
        command = ["make", "serve", f"PORT={port}"]
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=output, stderr=output, start_new_session=True
        )
    try:
        while True:
            assert process.poll() is None, f"make serve ended:\n{log.read_text()}"
            assert time.monotonic() - begin < FIRST_ANSWER_WITHIN_S, f"no answer yet:\n{log.read_text()}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        yield Served(f"http://127.0.0.1:{port}", time.monotonic() - begin, log.read_text())
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_the_first_command_sets_up_builds_and_answers_a_question(clone: Path) -> None:
    with served(clone) as server:
        query = "PREFIX oxus: <https://w3id.org/oxus/ontology#> SELECT (COUNT(*) AS ?n) { ?p a oxus:Passage }"
        address = f"{server.address}/sparql?{urlencode({'query': query})}"
        request = urllib.request.Request(address, headers={"Accept": "application/sparql-results+json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            count = json.load(answer)["results"]["bindings"][0]["n"]["value"]
    print(f"first answer after {server.seconds:.1f} s")
    assert int(count) > 0
    assert "set-up: installing" in server.said and "built in" in server.said


def test_the_second_start_sets_up_and_builds_nothing(clone: Path) -> None:
    with served(clone) as server:
        print(f"first answer after {server.seconds:.1f} s")
    assert "set-up" not in server.said and "built" not in server.said


def test_the_commit_is_clean_and_passes_the_checks(clone: Path) -> None:
    for command in (["make", "-n", "test"], ["make", "check"]):
        done = subprocess.run(command, cwd=clone, env=environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    left = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert left.stdout == "", "set-up, build and checks leave the checkout as it was"


def test_an_interrupted_set_up_starts_over(clone: Path) -> None:
    stamp = clone / ".venv" / ".ready-serve"
    assert stamp.exists(), "after the first start"
    killed = subprocess.Popen(["true"])
    killed.wait()
    (clone / ".venv" / ".unfinished").write_text(f"{killed.pid}\n")
    done = subprocess.run([".ci/setup", "serve"], cwd=clone, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "interrupted; starting over" in done.stdout
    assert not stamp.exists() and not (clone / ".venv" / ".unfinished").exists()
    assert (clone / ".venv" / "bin" / "kg").exists()
