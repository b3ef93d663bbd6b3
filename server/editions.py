"""The versions that can be asked: the one that is served, and earlier ones in the archive, each as a service.

Whatever answers for the current service answers for an earlier one too, once the request is bound to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import request

from kg.build.dataset import DATASET_FILE
from kg.build.manifest import MANIFEST_FILE, file_entry
from kg.errors import NotFoundError, QueryHeaderError, ServiceBusyError, SourceError
from kg.files.headers import read_query_text
from kg.queries.canned import read_query
from kg.queries.declarations import CannedQuery
from kg.queries.translated import Texts, read_translations
from kg.versions.archive import Archive, Edition
from server.served import Dump, Served, identity_of
from server.service import BOUND, Service, current_service
from server.uses import Uses

LATEST = "latest"


def service_of(version: str) -> Service:
    """The service of a version; `latest` is the one that is served.

    Raises: NotFoundError naming those that there are; VersionGoneError with the manifest of one that is not kept.
    """
    service = current_service()
    current = service.served.manifest.version
    if version in (LATEST, current):
        return service
    if not keeps_versions(service):
        raise NotFoundError(
            f"there is no version {version[:80]!r} here, and none is kept", suggestions=[LATEST, current]
        )
    try:
        edition = Archive(service.settings.archive).find(version)
    except NotFoundError as error:
        if type(error) is NotFoundError:
            error.suggestions = tuple(dict.fromkeys((LATEST, current, *error.suggestions)))
        raise
    return service.kept(f"version {version}", lambda: _service_of(service, edition))


def keeps_versions(service: Service) -> bool:
    """Whether what is served is kept for later, so that it can be cited."""
    return service.served.is_build and service.settings.keep_versions > 0


def editions() -> list[Edition]:
    """The versions that were published here, the oldest first; none where none are kept."""
    service = current_service()
    return Archive(service.settings.archive).editions() if keeps_versions(service) else []


@contextmanager
def bound_to(service: Service) -> Iterator[None]:
    """Within it, the request is about that service's version."""
    former = request.environ.get(BOUND)
    request.environ[BOUND] = service
    try:
        yield
    finally:
        if former is None:
            del request.environ[BOUND]
        else:
            request.environ[BOUND] = former


def _service_of(current: Service, edition: Edition) -> Service:
    project = edition.project
    rules = {path.stem: read_query_text(path, project.relative(path)) for path in project.rule_files()}
    path = edition.folder / DATASET_FILE
    account = edition.folder / MANIFEST_FILE
    dumps = {
        DATASET_FILE: Dump(path, edition.manifest.files[DATASET_FILE], identity_of(path)),
        MANIFEST_FILE: Dump(account, file_entry(account, "application/json"), identity_of(account)),
    }
    served = Served(
        edition.folder, edition.manifest, dumps, _queries(edition), rules, translations=_translations(edition)
    )
    if current.archive is None:
        raise ServiceBusyError("there are no workers for earlier versions", limit="pool")
    return replace(
        current,
        served=served,
        pool=current.archive,
        federating=None,
        folder=edition.folder,
        _kept={},
        uses=Uses(),
    )


def _queries(edition: Edition) -> dict[str, CannedQuery]:
    """The canned queries of a version that can still be read: the grammar of their headers may have changed since."""
    found = {}
    for path in edition.project.query_files():
        try:
            found[path.stem] = read_query(path)
        except QueryHeaderError:
            continue
    return found


def _translations(edition: Edition) -> dict[str, Texts]:
    """What the canned queries of a version say in other languages; nothing if that cannot be read any more."""
    try:
        return read_translations(edition.project)
    except SourceError:
        return {}


def unreadable(service: Service, slug: str) -> str:
    """Why a canned query that stands in an earlier version is not read any more; empty if it does not stand there."""
    path = None if service.folder is None else service.folder / "queries" / f"{slug}.rq"
    if path is None or slug in service.served.queries or path.parent.resolve() != path.resolve().parent:
        return ""
    try:
        read_query(path)
    except QueryHeaderError as error:
        return error.message if path.is_file() else ""
    return ""
