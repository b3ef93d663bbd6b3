"""A build's account of itself: release, version, counts, files. Making the build is left to `run`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version as installed_version
from pathlib import Path

import pyoxigraph as ox

from kg.build.accepted import Dataset
from kg.build.dataset import Assembled
from kg.build.dumps import MEDIA_TYPES
from kg.build.folders import recover_folder
from kg.errors import BuildMissingError, SourceError
from kg.namespaces import DCTERMS, GRAPH, OWL, RDF, SOURCE
from kg.project import Project

MANIFEST_FILE = "manifest.json"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class FileEntry:
    """One file of a build. Units: bytes; sha256 in hexadecimal; type is a media type."""

    bytes: int
    sha256: str
    type: str


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds.

    `version` is `<release>+<12 hexadecimal digits>`, `built` the newest modification date that the files state,
    `families` the statements of each family of graphs, `inputs` a hash of all that the build was made from.
    """

    release: str
    version: str
    built: str
    counts: Mapping[str, int]
    families: Mapping[str, int]
    files: Mapping[str, FileEntry] = field(repr=False)
    inputs: str = field(repr=False)


def make_manifest(assembled: Assembled, dataset: Dataset, folder: Path) -> Manifest:
    """The account of the dumps that stand in a folder.

    Raises: SourceError if the files state no release or no modification date, saying where to.
    """
    project = assembled.project
    release = _release(assembled)
    files = {name: _entry(folder / name, kind) for name, kind in sorted(MEDIA_TYPES.items())}
    return Manifest(
        release=release,
        version=f"{release}+{content_hash(project)[:12]}",
        built=_newest_date(assembled),
        counts=_counts(assembled, dataset),
        families=_families(dataset),
        files=files,
        inputs=inputs_hash(project),
    )


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write `manifest.json` into a folder."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The account of the build in a folder.

    Raises: BuildMissingError if there is no build, or its manifest is damaged.
    """
    recover_folder(folder)
    path = folder / MANIFEST_FILE
    try:
        content = json.loads(path.read_bytes())
        files = {name: FileEntry(**entry) for name, entry in content.pop("files").items()}
        return Manifest(**content, files=files)
    except FileNotFoundError as error:
        raise BuildMissingError(f"no {MANIFEST_FILE} here: run kg build", folder) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BuildMissingError(f"damaged ({error}): run kg build --force", path) from error


def content_hash(project: Project) -> str:
    """A hash over the paths and bytes of ontology, data and queries."""
    return _hash((project.relative(path), path.read_bytes()) for path in project.input_files())


def inputs_hash(project: Project) -> str:
    """A hash over the content and over what turns it into a build: our own code and the engine."""
    code = Path(__file__).parents[1]
    parts = [(path.relative_to(code).as_posix(), path.read_bytes()) for path in sorted(code.rglob("*.py"))]
    engines = [(name, installed_version(name).encode()) for name in ("pyoxigraph", "pyshacl", "rdflib", "edtf")]
    return _hash([("content", content_hash(project).encode()), *parts, *engines])


def is_whole(manifest: Manifest, folder: Path) -> bool:
    """Whether every file of a build is there as the manifest says."""
    try:
        return all(_entry(folder / name, entry.type) == entry for name, entry in manifest.files.items())
    except OSError:
        return False


def _hash(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _entry(path: Path, media_type: str) -> FileEntry:
    content = path.read_bytes()
    return FileEntry(len(content), hashlib.sha256(content).hexdigest(), media_type)


def _release(assembled: Assembled) -> str:
    shown = assembled.project.relative(assembled.project.ontology / "oxus.ttl")
    quads = assembled.files[shown].quads
    ontologies = {
        quad.subject
        for quad in quads
        if quad.predicate.value == RDF + "type" and quad.object == ox.NamedNode(OWL + "Ontology")
    }
    for quad in quads:
        if (
            quad.subject in ontologies
            and quad.predicate.value == OWL + "versionInfo"
            and isinstance(quad.object, ox.Literal)
        ):
            return quad.object.value
    raise SourceError('no release: give the owl:Ontology its owl:versionInfo, such as "1.2.0"', shown, 1)


def _newest_date(assembled: Assembled) -> str:
    data = assembled.project.relative(assembled.project.data)
    dates = [
        quad.object.value[:10]
        for parsed in assembled.files.values()
        if not parsed.shown_as.startswith((f"{data}/passages/", f"{data}/reference/"))
        for quad in parsed.quads
        if quad.predicate.value == DCTERMS + "modified" and isinstance(quad.object, ox.Literal)
    ]
    stated = [date for date in dates if _DATE.fullmatch(date)]
    if not stated:
        shown = assembled.project.relative(assembled.project.ontology / "oxus.ttl")
        raise SourceError(
            'no modification date: give the owl:Ontology its dcterms:modified, such as "2026-01-31"', shown, 1
        )
    return max(stated)


def _counts(assembled: Assembled, dataset: Dataset) -> dict[str, int]:
    spans = {triple.subject for triple in dataset.graphs.get(ox.NamedNode(GRAPH + "time"), ())}
    entities = {triple.subject for triple in dataset.graphs.get(ox.NamedNode(GRAPH + "entities"), ())}
    return {
        "accepted": len(dataset.accepted),
        "statements": sum(len(triples) for triples in dataset.graphs.values()),
        "documents": len(assembled.documents),
        "passages": len(assembled.passages),
        "rejected": len(dataset.rejected),
        "boilerplate": len(assembled.boilerplate),
        "entities": len(entities),
        "spans": len(spans),
    }


def _families(dataset: Dataset) -> dict[str, int]:
    families: dict[str, int] = {}
    for graph, triples in dataset.graphs.items():
        family = "passages" if graph.value.startswith(SOURCE) else graph.value.removeprefix(GRAPH).partition("/")[0]
        families[family] = families.get(family, 0) + len(triples)
    return dict(sorted(families.items()))
