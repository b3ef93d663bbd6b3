"""Where the files of a project are. Reading them is left to the modules that know what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.errors import SourceError


@dataclass(frozen=True)
class Project:
    """A folder with `ontology/`, `data/` and `queries/`; every list of files is sorted, so that builds repeat."""

    root: Path

    @property
    def ontology(self) -> Path:
        """What terms mean, and the rules."""
        return self.root / "ontology"

    @property
    def data(self) -> Path:
        """The facts."""
        return self.root / "data"

    @property
    def queries(self) -> Path:
        """The canned queries and the checks."""
        return self.root / "queries"

    @property
    def sources_file(self) -> Path:
        """The documents, all in one file."""
        return self.data / "sources.ttl"

    @property
    def questions_file(self) -> Path:
        """The competency questions, one row of a table each; a project may do without."""
        return self.ontology / "questions.md"

    @property
    def shapes_file(self) -> Path:
        """The closed-world rules, as SHACL; a project may do without."""
        return self.ontology / "shapes.ttl"

    # Each of the lists raises SourceError if something else than a file has such a name.

    def passage_files(self) -> list[Path]:
        """One file a document, `data/passages/<document>.trig`."""
        return self._files((self.data / "passages").glob("*.trig"))

    def reference_files(self) -> list[Path]:
        """One file an authority, `data/reference/<authority>.trig`."""
        return self._files((self.data / "reference").glob("*.trig"))

    def rule_files(self) -> list[Path]:
        """One inference rule a file, `ontology/rules/<rule>.rq`."""
        return self._files((self.ontology / "rules").glob("*.rq"))

    def query_files(self) -> list[Path]:
        """One canned query a file, `queries/<slug>.rq`."""
        return self._files(self.queries.glob("*.rq"))

    def translation_files(self) -> list[Path]:
        """What canned queries say of themselves in other languages, `queries/<language>.po`; there may be none."""
        return self._files(self.queries.glob("*.po"))

    def check_files(self) -> list[Path]:
        """One data rule a file, `queries/checks/<rule>.rq`."""
        return self._files((self.queries / "checks").glob("*.rq"))

    def input_files(self) -> list[Path]:
        """Every file that a build is made from: what its version is a hash of."""
        found = [path for folder in (self.ontology, self.data, self.queries) for path in folder.rglob("*")]
        return self._files(
            path
            for path in found
            if path.suffix in {".ttl", ".trig", ".rq"}
            or path == self.questions_file
            or (path.suffix == ".po" and path.parent == self.queries)
        )

    def query_set(self) -> list[Path]:
        """What a server needs beside the graph: queries, translations, rules that explain, questions, shapes."""
        others = [path for path in (self.questions_file, self.shapes_file) if path.is_file()]
        return [*self.query_files(), *self.translation_files(), *self.rule_files(), *others]

    def _files(self, found: Iterable[Path]) -> list[Path]:
        paths = sorted(found)
        for path in paths:
            if not path.is_file():  # opening a pipe would wait for ever
                message = f"is {_kind(path)}: only a file may have a name that ends in {path.suffix}"
                raise SourceError(message, self.relative(path))
        return paths

    def relative(self, path: Path) -> str:
        """The path as messages show it: from the project's root, with forward slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def _kind(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    return "a link that leads nowhere" if path.is_symlink() else "no file but a pipe, a socket or a device"


def find_project(start: Path) -> Project:
    """The nearest project at or above a folder.

    Raises: SourceError if no folder from here to the root has both `ontology/` and `data/`.
    """
    for folder in (start, *start.parents):
        if (folder / "ontology").is_dir() and (folder / "data").is_dir():
            return Project(folder)
    raise SourceError(
        f"no ontology/ and data/ folders at or above {start.name}/: run kg inside a project or give --project"
    )
