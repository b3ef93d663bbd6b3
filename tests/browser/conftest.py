"""Fixtures for what is tried in a real browser.

Which one to choose: `visit` is for nearly everything; it opens a page over a server, with or without scripts, and
fails the test if the browser complains of anything or asks anybody else. `live_server` (the invented project) is small;
`real_server` has our own graph, for what a person would do there. Both are one for the whole run;
the browser is one for each file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from leaving_out import leave_out
from live_server import LiveServer, running
from playwright.sync_api import Browser, Page, expect, sync_playwright
from visiting import WITHIN_MS, OpenPage, Visit, launch, visiting


# Not for the whole run: as long as Playwright lives its event loop runs in this process, and asyncio allows no second.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file; each visitor has a context of its own in it."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            leave_out("no browser here: install chromium")
        expect.set_options(timeout=WITHIN_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def real_server(real_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`kg serve` over our own build, with the documents' texts where they are: ask it, never stop it."""
    folder = tmp_path_factory.mktemp("real-server")
    corpus = os.environ.get("KG_CORPUS")
    options = ("--archive", folder / "archive", *(("--corpus", corpus) if corpus else ()))
    # Every test is the same client, and some ask what fails.
    shares = ("--client-seconds", 6000, "--client-errors", 6000)
    with running(real_build.parent, folder / "log", *options, *shares) as server:
        yield server


@pytest.fixture
def visit(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages: `page, seen = visit(server)`, with what Playwright's contexts take (`java_script_enabled=False`)."""
    with ExitStack() as open_ones:

        def open_page(server: LiveServer, **options: Any) -> tuple[Page, Visit]:
            return open_ones.enter_context(visiting(browser, server, **options))

        yield open_page
