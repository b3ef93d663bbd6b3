"""Folders in the temporary directory end with the process that made them, however it ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kg.pool.run_folders import RunFolder

KILLED = """
import os, signal, sys
from kg.pool.run_folders import RunFolder

folder = RunFolder()
(folder.path / "deep").mkdir()
(folder.path / "deep" / "file").write_text("x")
print(folder.path, flush=True)
if sys.argv[1:]:
    sys.stdin.read()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of the test's own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_for_this_user_only_and_goes_when_it_is_closed() -> None:
    with RunFolder() as folder:
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        (folder.path / "file").write_text("x")
    assert not folder.path.exists()
    folder.close()


def test_the_folder_of_a_killed_process_is_removed_by_the_next() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert done.returncode == -signal.SIGKILL and (left / "deep" / "file").exists()
    with RunFolder() as folder:
        assert folder.path.exists() and not left.exists()


def test_the_folder_of_a_living_process_stays() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as alive:
        assert alive.stdout is not None
        theirs = Path(alive.stdout.readline().decode().strip())
        with RunFolder() as ours, RunFolder():
            assert (theirs / "deep" / "file").exists() and ours.path.exists()
        alive.kill()
    RunFolder().close()
    assert not theirs.exists()


def test_what_is_not_ours_stays(temporary: Path) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / ".kg-owner").write_text("")
    (temporary / "kg-link").symlink_to(temporary / "elsewhere")
    (temporary / "kg-of-a-person").mkdir()
    (temporary / "kg-of-a-person" / "thesis.txt").write_text("years of work")
    (temporary / "kg-file").write_text("")
    (temporary / "kg-with-a-link").mkdir()
    (temporary / "kg-with-a-link" / ".kg-owner").symlink_to(temporary / "elsewhere" / ".kg-owner")
    (temporary / "kg-left").mkdir()
    (temporary / "kg-left" / ".kg-owner").write_text("")
    (temporary / "kg-left" / "link").symlink_to(temporary / "elsewhere")
    before = {path.name for path in temporary.iterdir()}
    RunFolder().close()
    assert before - {path.name for path in temporary.iterdir()} == {"kg-left"}
    assert (temporary / "elsewhere" / ".kg-owner").exists()


def test_that_of_another_user_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (temporary / "kg-theirs").mkdir()
    (temporary / "kg-theirs" / ".kg-owner").write_text("")
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    RunFolder().close()
    assert (temporary / "kg-theirs").exists()
