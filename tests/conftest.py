"""Fixtures for every test.

Which one to choose: a test of one function makes its own input, in the test. A test of a command or of several modules
together takes `mini_project`, the invented project of tests/fixtures/mini with our real ontology: each test gets a copy
of its own and may break it. `mini_build` is that project built, once a run: read it, never write to it. Only what is
about our own data takes `real_project`, and with it `real_corpus` if it needs the documents' texts. What is promised
over HTTP is asked of `live_server`, which serves `mini_build` for the whole run. `virtuoso` is another store, empty at
first: a test that loads something into it names graphs of its own.

When not to add one: if a single test module needs it, it belongs there; if it only spares a line, it hides more than it
spares. A test that cannot run here calls `leave_out` with the reason: under CI that is a failure, elsewhere it is told
at the end.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from leaving_out import leave_out
from live_server import LiveServer, running
from mini_project import copy_mini_project
from virtuoso import Virtuoso, running_virtuoso

from kg.build.run import build, current_build
from kg.cli import kg
from kg.project import Project

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "fixtures"

RunKg = Callable[..., Result]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what was left out, and for want of what."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped")
    )
    if reasons:
        terminalreporter.section("left out")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}")


@pytest.fixture(scope="session")
def real_project() -> Project:
    """Our own ontology, data and queries: to read only."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def real_build(real_project: Project) -> Path:
    """Our own data's build, where `make serve` puts it; made anew only if something has changed."""
    folder = ROOT / "build"
    if current_build(real_project, folder) is None:
        build(real_project, folder)
    return folder


@pytest.fixture(scope="session")
def real_corpus() -> Path:
    """The folder with our documents' texts."""
    folder = os.environ.get("KG_CORPUS")
    if not folder:
        leave_out("the documents' texts are not in the repository: set KG_CORPUS to their folder")
    return Path(folder)


@pytest.fixture
def mini_project(tmp_path: Path) -> Project:
    """The invented project, a copy that the test may break."""
    return copy_mini_project(tmp_path / "mini")


@pytest.fixture
def corpus(mini_project: Project) -> Path:
    """The folder with the texts of the invented project's documents, a copy that the test may break."""
    return mini_project.root / "corpus"


@pytest.fixture(scope="session")
def mini_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented project's build folder: to read only."""
    root = tmp_path_factory.mktemp("mini-build")
    build(copy_mini_project(root / "mini"), root / "mini" / "build")
    return root / "mini" / "build"


@pytest.fixture
def run_kg() -> RunKg:
    """Runs `kg` with some arguments in a project, in this process; what it raises is in `result.exception`."""

    def run(project: Project, *arguments: object) -> Result:
        return CliRunner().invoke(kg, ["--project", str(project.root), *map(str, arguments)])

    return run


@pytest.fixture(scope="session")
def live_server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`kg serve` over the invented project's build, a process of its own: ask it over HTTP, never stop it.

    It has the documents' texts, but for that of `review`, which somebody has altered.
    """
    folder = tmp_path_factory.mktemp("live-server")
    log, corpus = folder / "log", folder / "corpus"
    shutil.copytree(FIXTURES / "mini" / "corpus", corpus)
    with (corpus / "review.txt").open("a", encoding="utf-8") as review:
        review.write("altered")
    # Every test is the same client, and many ask what fails.
    shares = ("--client-seconds", 6000, "--client-errors", 6000)
    options = ("--timeout-s", 5, "--max-result-mb", 8, "--corpus", corpus)
    with running(mini_build.parent, log, *options, *shares) as server:
        yield server


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Virtuoso]:
    """Virtuoso 7, with a database that is empty at first."""
    with running_virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server
