"""A visitor's browser, watched: what its console complains of fails a test, and so does any request to another host.

What a test does with the page is left to the test; which servers there are, to conftest.py.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live_server import LiveServer
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    Request,
    Response,
    WebError,
)

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WITHIN_MS = 10_000
"""How long a page may take to do what a test waits for; that of Playwright itself is half a minute."""
OF_A_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
INLINE = ("data:", "blob:", "about:")
"""What a page carries in itself is no request to anybody."""


@dataclass
class Visit:
    """What a visitor's browser asked for and complained of; `statuses` are those that its pages may have."""

    home: str
    statuses: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """The requests to somebody else."""
        return [url for url in self.asked if not url.startswith((self.home + "/", *INLINE))]

    def expect(self, status: int) -> None:
        """A page of this status is what the test wants to see: the browser's remark on it is none."""
        self.statuses.add(status)

    def check(self) -> None:
        """Nothing, if nobody else was asked and nothing was complained of."""
        assert self.foreign == [], f"asked of others: {self.foreign}"
        assert self.complaints == [], "\n".join(self.complaints)

    def watch(self, context: BrowserContext) -> None:
        """Begins to write down what happens in a context."""
        context.on("request", self._requested)
        context.on("response", self._responded)
        context.on("console", self._said)
        context.on("weberror", self._erred)
        context.on("dialog", self._dialogued)

    def _requested(self, request: Request) -> None:
        self.asked.append(request.url)

    def _responded(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.statuses:
            self.complaints.append(f"{response.request.method} {response.url} was answered with {response.status}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning", "assert"):
            return
        status = OF_A_STATUS.match(message.text)
        if not status or int(status[1]) not in self.statuses:
            self.complaints.append(
                f"{message.page.url if message.page else ''}: console {message.type}: {message.text}"
            )

    def _erred(self, error: WebError) -> None:
        self.complaints.append(f"{_at(error.page)}uncaught: {error.error}")

    def _dialogued(self, dialog: Dialog) -> None:
        self.complaints.append(f"a dialog was opened: {dialog.message[:200]}")
        dialog.dismiss()


def _at(page: Page | None) -> str:
    return f"{page.url}: " if page else ""


OpenPage = Callable[..., tuple[Page, Visit]]
"""What the fixture `visit` is: a server and the options of a context in, a page and what is seen of it out."""


def launch(playwright: Playwright) -> Browser | None:
    """The system's Chromium without a window; None if there is none."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) if path else None


@contextmanager
def visiting(browser: Browser, server: LiveServer, **options: Any) -> Iterator[tuple[Page, Visit]]:
    """A page in a context of its own; what it may not do fails the test when that is over, unless it failed already."""
    usual = {"viewport": WIDE, "locale": "en-GB", "reduced_motion": "reduce"}
    context = browser.new_context(base_url=server.url, **(usual | options))
    context.set_default_timeout(WITHIN_MS)
    context.set_default_navigation_timeout(WITHIN_MS)
    visit = Visit(server.url)
    visit.watch(context)
    try:
        yield context.new_page(), visit
    finally:
        context.close()
    visit.check()


def artefacts(name: str) -> Path:
    """An empty folder for what a test leaves to be looked at: under KG_ARTEFACTS, else the system's temporary one."""
    root = os.environ.get("KG_ARTEFACTS") or Path(tempfile.gettempdir()) / f"oxus-artefacts-{os.getuid()}"
    folder = Path(root) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
