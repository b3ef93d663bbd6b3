"""What each kind of page weighs and when something is first seen of it, one JSON line each. Run by `make weigh`.

Bytes are those over the wire, headers and all, for the page and everything that it loads by itself, by a visitor who
was never here. The time is that to the first contentful paint, with no network between browser and server.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from kinds import KINDS, Kind
from live_server import ROOT, LiveServer, running
from playwright.sync_api import Browser, Page, sync_playwright
from visiting import launch, visiting

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


class Scale:
    """What a page has loaded since `clear`, in bytes over the wire; nothing comes from the browser's cache."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        session = page.context.new_cdp_session(page)
        session.on("Network.loadingFinished", self._loaded)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def clear(self) -> None:
        """What comes from now on is another page's."""
        self.bytes = 0

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def weigh(browser: Browser, server: LiveServer, kind: Kind) -> dict[str, Any]:
    """A kind of page, its bytes and its first paint in milliseconds."""
    with visiting(browser, server) as (page, visit):
        visit.expect(kind.status)
        scale = Scale(page)
        kind.visit(page)
        page.wait_for_load_state("networkidle")
        return {"kind": kind.name, "bytes": scale.bytes, "first_paint_ms": round(page.evaluate(PAINTED))}


def main() -> None:
    """Weighs every kind over our own build, which must be there."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            raise SystemExit("no browser here: install chromium")
        options = ("--archive", Path(folder) / "archive", "--client-seconds", 6000, "--client-errors", 6000)
        with running(ROOT, Path(folder) / "log", *options) as server:
            for kind in KINDS:
                print(json.dumps(weigh(browser, server, kind)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
