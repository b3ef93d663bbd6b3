"""Writing an index in a process of its own, so that its memory and its time are not those of whoever starts it.

`python -m kg.search.process` is that process. What it writes is `index`'s.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from kg.errors import KGError, SourceError
from kg.pool.confinement import die_with_parent
from kg.project import Project
from kg.search.index import write_index
from kg.search.reading import read_things


class IndexWriting:
    """An index that is being written: `wait` for it, or `stop` it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    def start(cls, source: Path | Sequence[Path], folder: Path, project: Path) -> Self:
        """Begins to index a build's folder or RDF files, and the canned queries of a project, in a new folder."""
        sources = [source] if isinstance(source, Path) else source
        command = [sys.executable, "-m", "kg.search.process", "--into", str(folder.resolve())]
        command += ["--project", str(project.resolve()), *(["--build"] if isinstance(source, Path) else [])]
        process = subprocess.Popen(
            [*command, "--", *(str(each.resolve()) for each in sources)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],  # where `-m kg.search.process` is found, installed or not
            start_new_session=True,  # Ctrl-C is for us
            text=True,
        )
        return cls(process)

    def wait(self) -> None:
        """Nothing, when it is written.

        Raises: SourceError saying why it cannot be.
        """
        told = self._process.communicate()[0]
        if self._process.returncode:
            raise SourceError(told.strip() or "the search index was not written; the reason is printed above")

    def stop(self) -> None:
        """The process is no more; it may have ended before."""
        self._process.kill()
        with self._process:
            pass


def main() -> int:
    """Writes an index; what goes wrong is told on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("sources", type=Path, nargs="+")
    given = parser.parse_args()
    die_with_parent()
    source = given.sources[0] if given.build else given.sources
    try:
        write_index(read_things(source, Project(given.project)), given.into)
    except KGError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
