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
from kg.namespaces import DCTERMS, GRAPH, OWL, RDF, SELF_DESCRIPTION, SOURCE
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
    files = {name: file_entry(folder / name, kind) for name, kind in sorted(MEDIA_TYPES.items())}
    return Manifest(
        release=_release(assembled),
        version=version_of(assembled),
        built=_newest_date(assembled),
        counts=_counts(assembled, dataset),
        families=_families(dataset),
        files=files,
        inputs=inputs_hash(project),
    )


def version_of(assembled: Assembled) -> str:
    """The version of what a project's files say: `<release>+<12 hexadecimal digits>`.

    Raises: SourceError if they state no release, saying where to.
    """
    return f"{_release(assembled)}+{content_hash(assembled.project)[:12]}"


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
    if not path.exists():
        raise BuildMissingError(f"no {MANIFEST_FILE} here: run kg build", folder)
    try:
        if not path.is_file():
            raise ValueError("not a file")
        content = json.loads(path.read_bytes())
        files = {name: FileEntry(**entry) for name, entry in content.pop("files").items()}
        manifest = Manifest(**content, files=files)
        _check_types(manifest)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BuildMissingError(f"damaged ({error}): run kg build", path) from error
    return manifest


def _check_types(manifest: Manifest) -> None:
    """Nothing, if every member is of its type and every file stands in the build's own folder; else ValueError."""
    texts = [manifest.release, manifest.version, manifest.built, manifest.inputs]
    numbers = [*manifest.counts.values(), *manifest.families.values()]
    for entry in manifest.files.values():
        texts += [entry.sha256, entry.type]
        numbers.append(entry.bytes)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int) for number in numbers):
        raise ValueError("a value is not of its type")
    if any(Path(name).name != name for name in manifest.files):
        raise ValueError("a file is not in this folder")


def content_hash(project: Project) -> str:
    """A hash over the paths and bytes of ontology, data and queries.

    Raises: SourceError for a file that cannot be read.
    """
    return _hash((project.relative(path), _content(path, project.relative(path))) for path in project.input_files())


def inputs_hash(project: Project) -> str:
    """A hash over the content and over what turns it into a build: our own code and the engine."""
    code = Path(__file__).parents[1]
    parts = [(path.relative_to(code).as_posix(), path.read_bytes()) for path in sorted(code.rglob("*.py"))]
    engines = [(name, installed_version(name).encode()) for name in ("pyoxigraph", "pyshacl", "rdflib", "edtf")]
    return _hash([("content", content_hash(project).encode()), *parts, *engines])


def is_whole(manifest: Manifest, folder: Path) -> bool:
    """Whether every file of a build is there as the manifest says."""
    try:
        return all(file_entry(folder / name, entry.type) == entry for name, entry in manifest.files.items())
    except OSError:
        return False


def _content(path: Path, shown_as: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", shown_as) from error


def _hash(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def file_entry(path: Path, media_type: str) -> FileEntry:
    """The account of one file as it is now; raises OSError if it cannot be read."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileEntry(stream.tell(), digest, media_type)


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
    catalogue = {triple for graph in SELF_DESCRIPTION for triple in dataset.graphs.get(graph, ())}
    return {
        "accepted": len(dataset.accepted - catalogue),
        "statements": sum(len(triples) for triples in dataset.graphs.values()) - len(catalogue),
        "catalogue": len(catalogue),
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
        if graph in SELF_DESCRIPTION:
            family = "catalogue"
        families[family] = families.get(family, 0) + len(triples)
    return dict(sorted(families.items()))
