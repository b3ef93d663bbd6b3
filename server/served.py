"""What is served: a build's manifest and dumps, or RDF files that somebody named. Loading it is left to the pool.

It stands in a folder of the server's own (a pin), which `pinning` makes and `read_pin` reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.build.dataset import DATASET_FILE
from kg.build.manifest import MANIFEST_FILE, FileEntry, Manifest, read_manifest
from kg.files.headers import read_query_text
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import CannedQuery
from kg.queries.questions import AskedQuestion, read_questions
from kg.queries.translated import Texts, read_translations

FILES = "files"
PIN_FILE = "pin.json"
INDEX = "search"

Identity = tuple[int, int, int]


@dataclass(frozen=True)
class Dump:
    """One file to download; `identity` tells whether it is still as it was when its hash was taken."""

    path: Path
    entry: FileEntry
    identity: Identity

    @property
    def replaced(self) -> bool:
        """Whether another file stands at the path now, or somebody has written into this one."""
        try:
            return identity_of(self.path) != self.identity
        except OSError:
            return True


@dataclass(frozen=True)
class Served:
    """One version of a dataset: `source` is what the pool loads, `rules` what explains an inferred triple."""

    source: Path | tuple[Path, ...]
    manifest: Manifest
    dumps: Mapping[str, Dump] = field(repr=False)
    queries: Mapping[str, CannedQuery] = field(repr=False)
    rules: Mapping[str, str] = field(repr=False)
    questions: Sequence[AskedQuestion] = field(default=(), repr=False)
    """What the canned queries answer, in plain words."""
    translations: Mapping[str, Texts] = field(default_factory=dict, repr=False)
    """What canned queries say of themselves in other languages, by language."""
    shapes: str = field(default="", repr=False)
    """The closed-world rules as SHACL in Turtle; nothing if there are none."""
    index: Path = Path()
    """The folder of the search index, from when the version is announced."""

    def spoilt(self) -> list[str]:
        """The names of the files that the pool would load and that are no longer as they were."""
        loaded = [DATASET_FILE] if isinstance(self.source, Path) else [path.name for path in self.source]
        return [name for name in loaded if name in self.dumps and self.dumps[name].replaced]

    @property
    def is_build(self) -> bool:
        """Whether it is a build, not just files."""
        return isinstance(self.source, Path)


def read_pin(folder: Path) -> Served:
    """What was pinned in a folder, the canned queries and rules as they were then.

    Raises: QueryHeaderError for a query file that is wrong.
    """
    pinned = json.loads((folder / PIN_FILE).read_bytes())
    files = folder / FILES
    manifest = read_manifest(files if pinned["sources"] is None else folder)
    entries = dict(manifest.files)
    if pinned["manifest"] is not None:
        entries[MANIFEST_FILE] = FileEntry(**pinned["manifest"])
    dumps = {name: Dump(files / name, entry, tuple(pinned["identities"][name])) for name, entry in entries.items()}
    source = files if pinned["sources"] is None else tuple(files / name for name in pinned["sources"])
    project = Project(folder)
    rules = {path.stem: read_query_text(path, project.relative(path)) for path in project.rule_files()}
    return Served(
        source,
        manifest,
        dumps,
        read_queries(project),
        rules,
        read_questions(project),
        read_translations(project),
        project.shapes_file.read_text("utf-8") if project.shapes_file.is_file() else "",
        folder / INDEX,
    )


def identity_of(path: Path) -> Identity:
    """What changes when another file is put in the place of one, or somebody writes into it."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
