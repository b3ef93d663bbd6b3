"""The server under abuse: small limits, two workers, canaries beside it, watched. One for the whole suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attack import Target
from canary import Canary
from live_server import LiveServer, running
from watch import Watch

from kg.build.run import build
from kg.project import Project

KINDS = """\
#+ title: Kinds
#+ description: A query with a parameter of each type, which answers with what it was given.
#+ param: text | string | Text
#+ param: whole | integer | Whole number
#+ param: part | decimal | Number
#+ param: day | date | Day
#+ param: tongue | language | Language
#+ param: subject | topic | Topic
#+ param: thing | iri | Thing
#+ param: things | iri … | Things
#+ column: text | string | text
#+ column: whole | integer | whole number
#+ column: part | decimal | number
#+ column: day | date | day
#+ column: tongue | string | language
#+ column: subject | iri | topic
#+ column: thing | iri | thing
#+ column: things | iri | things
#+ expect: rows >= 1

SELECT ?text ?whole ?part ?day ?tongue ?subject ?thing ?things WHERE {
  VALUES ?text { UNDEF }
  VALUES ?whole { UNDEF }
  VALUES ?part { UNDEF }
  VALUES ?day { UNDEF }
  VALUES ?tongue { UNDEF }
  VALUES ?subject { UNDEF }
  VALUES ?thing { UNDEF }
  VALUES ?things { UNDEF }
}
ORDER BY ?things
"""

ENVIRONMENT = {
    "KG_TIMEOUT_S": "1",
    "KG_MAX_BODY_S": "3",
    "KG_MAX_MEMORY_MB": "256",
    "KG_MAX_RESULT_MB": "16",
    # One client sends it all here; that each has a fair share is tested elsewhere.
    "KG_CLIENT_SECONDS": "1000000",
    "KG_CLIENT_REQUESTS": "1000000",
    "KG_CLIENT_ERRORS": "1000000",
    "KG_CLIENT_QUERIES": "1000000",
    "KG_CLIENT_WORKERS": "1000",
    "KG_CLIENT_CONNECTIONS": "1000",
}


LEFT_OUT = pytest.StashKey[int]()
LEFT_OUT_HERE = "hostile inputs left out"
"""Where one of several processes says it to the one that tells at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every fifth input, and under CI every second, so that the whole takes minutes; all of them if KG_ABUSE is set."""
    if os.environ.get("KG_ABUSE") or any("::" in argument for argument in config.args):
        return
    step = 2 if os.environ.get("CI") else 5
    inputs = [item for item in items if item.name.startswith("test_each_hostile_input")]
    spared = {item for number, item in enumerate(inputs) if number % step}
    config.stash[LEFT_OUT] = len(spared)
    if hasattr(config, "workeroutput"):
        config.workeroutput[LEFT_OUT_HERE] = len(spared)
    config.hook.pytest_deselected(items=list(spared))
    items[:] = [item for item in items if item not in spared]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each process has the same tests in view, and so has left out the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get(LEFT_OUT_HERE, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many were spared."""
    if spared := terminalreporter.config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("left out for want of time")
        terminalreporter.line(f"{spared} hostile inputs: set KG_ABUSE=all for every one")


@pytest.fixture(scope="session")
def abused_server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`kg serve` with small limits and a folder for temporary files of its own."""
    folder = tmp_path_factory.mktemp("abused")
    (folder / "tmp").mkdir()
    shutil.copytree(mini_build.parent, folder / "mini")
    project = Project(folder / "mini")
    (project.queries / "kinds.rq").write_text(KINDS)
    build(project, project.root / "build")
    with running(folder / "mini", folder / "log", environ=ENVIRONMENT | {"TMPDIR": str(folder / "tmp")}) as server:
        for path in ("/", "/sparql?format=html", "/conflicts", "/queries/accessions?cite=true&format=html") * 2:
            assert server.get(path).status == 200
        yield server


@pytest.fixture(scope="session")
def watch(abused_server: LiveServer) -> Watch:
    """What the server was like before the first input."""
    return Watch(abused_server, abused_server.log.parent / "tmp")


@pytest.fixture(scope="session")
def canaries() -> Iterator[tuple[Canary, Canary]]:
    """Listeners on both loopback addresses."""
    with Canary() as canary, Canary("::1") as canary6:
        yield canary, canary6


@pytest.fixture(scope="session")
def target(abused_server: LiveServer, canaries: tuple[Canary, Canary]) -> Target:
    """Whom the inputs are sent to."""
    return Target(abused_server, canaries[0].iri, canaries[1].iri)
