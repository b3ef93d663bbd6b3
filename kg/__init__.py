"""Oxus, the library: files in, graph and answers out. Knows no HTTP and reads no environment."""

from kg.build.dataset import load_files, open_build
from kg.build.manifest import Manifest, read_manifest
from kg.errors import KGError, QueryError, SourceError
from kg.findings import Finding
from kg.project import Project, find_project

__all__ = [
    "Finding",
    "KGError",
    "Manifest",
    "Project",
    "QueryError",
    "SourceError",
    "find_project",
    "load_files",
    "open_build",
    "read_manifest",
]
