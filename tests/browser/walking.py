"""A person's walk through the pages: each step is photographed, and what the browser asked for is kept.

What they do is said by the tests, by roles and names as a person sees them.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

MOST_KEYS = 250
"""How often somebody presses Tab before giving up."""


class Walk:
    """A page and the folder in which its pictures stand."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.steps = 0

    def show(self, step: str) -> None:
        """Takes a picture of what is in the window now."""
        self.steps += 1
        self.page.screenshot(path=self.folder / f"{self.steps:02}-{step}.png")

    def go(self, step: str, target: Locator) -> None:
        """Follows a link or presses a button that leads to another page, and looks at that."""
        with self.page.expect_navigation():
            target.click()
        self.show(step)

    def download(self, target: Locator) -> str:
        """What a link hands over as a file."""
        with self.page.expect_download() as handed:
            target.click()
        path = self.folder / handed.value.suggested_filename
        handed.value.save_as(path)
        return path.read_text(encoding="utf-8-sig")

    def reach(self, target: Locator) -> None:
        """Goes on by Tab until something has the focus."""
        wanted = target.element_handle()
        for _ in range(MOST_KEYS):
            if wanted.evaluate("(it) => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"it is not reached by {MOST_KEYS} Tabs: {target}")

    def enter(self, step: str, target: Locator) -> None:
        """Goes to a link or button by the keyboard, presses Enter there, and looks at where that leads."""
        self.reach(target)
        self.show(f"{step}-before")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.show(step)
