"""A folder replaced by another in one step, so that whoever looks finds the old one or the new one, whole."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A fresh folder beside the target to fill; on success it takes the target's place, on failure it vanishes.

    What earlier processes left behind when they were killed is cleared away first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(target)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    fresh.mkdir()
    try:
        yield fresh
        _replace(target, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def recover_folder(target: Path) -> None:
    """Put back a folder whose replacement was cut short, where the system could not exchange the two in one step."""
    target = target.resolve()
    if target.name and not target.exists() and _previous(target).is_dir():
        _previous(target).rename(target)


def _replace(target: Path, fresh: Path) -> None:
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(target, fresh):
        previous = _previous(target)
        shutil.rmtree(previous, ignore_errors=True)
        target.rename(previous)  # killed here, `recover_folder` puts it back
        fresh.rename(target)
        shutil.rmtree(previous, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    # Linux exchanges two names in one step; Python has no call for it.
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _previous(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")


def _clear_leftovers(target: Path) -> None:
    recover_folder(target)
    for left in target.parent.glob(f".{target.name}.*.new"):
        process = left.name.split(".")[-2]
        if process.isdigit() and not _runs(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    if process == os.getpid():
        return False  # a folder of this process's own is from an earlier process of the same number
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
