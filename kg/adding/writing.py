"""Files written whole or not at all: a reader meanwhile, or a crash, finds the old text or the new one."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import SourceError


def add_and_replace(new: Path, text: str, changed: Path, before: str, after: str) -> None:
    """Write a new file and another version of a file that is there: both, or neither.

    Raises: SourceError if the new file is there already, the other one no longer reads as it did before, or one of
    them cannot be written.
    """
    try:
        with _beside(new, text) as fresh, _beside(changed, after) as fresh_version:
            if changed.read_bytes().removeprefix(BOM_UTF8) != before.encode("utf-8"):
                raise SourceError("it has changed meanwhile: try again", changed)
            fresh_version.chmod(changed.stat().st_mode & 0o777)
            os.link(fresh, new)  # fails if there is one, which a rename would overwrite
            try:
                fresh_version.replace(changed)
            except OSError:
                new.unlink()
                raise
    except FileExistsError:
        raise SourceError("it is there already and is not overwritten", new) from None
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}; nothing has changed", error.filename) from error


@contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")  # a name that no list of a project's files takes
    try:
        fresh.write_bytes(text.encode("utf-8"))
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
