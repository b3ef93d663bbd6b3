"""What is installed from npm: pinned, with hashes, from whichever registry the installer uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("server/ui", "tests/node")


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_lock_file_names_versions_and_hashes_and_no_host(folder: str):
    text = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, each in packages.items() if not each.get("version") or not each.get("integrity")] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_everything_asked_for_is_locked(folder: str):
    asked = json.loads((ROOT / folder / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert asked.get(kind, {}) == locked[""].get(kind, {})
        assert [name for name in asked.get(kind, {}) if f"node_modules/{name}" not in locked] == []
