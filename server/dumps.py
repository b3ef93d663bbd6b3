"""`/dump/…`: the files of the version served, with ETag, Range and Last-Modified. `kg.build.dumps` writes them."""

from __future__ import annotations

import datetime
import difflib

from flask import Blueprint, Response, send_file

from kg.errors import NotFoundError, ServiceBusyError
from server.exchange import current_exchange
from server.service import current_service

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dump/<version>/<name>")
def download(version: str, name: str) -> Response:
    """One file; `latest` moves on with the dataset, a version's own address never changes what it gives."""
    served = current_service().served
    if version not in ("latest", served.manifest.version):
        raise NotFoundError(f"there is no version {version!r} here", suggestions=["latest", served.manifest.version])
    if name not in served.dumps:
        nearest = difflib.get_close_matches(name, served.dumps, n=1, cutoff=0.7)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise NotFoundError(f"there is no file {name!r} in this version{hint}", suggestions=sorted(served.dumps))
    dump = served.dumps[name]
    if dump.replaced:
        # The ETag would promise other bytes than those on the disk.
        raise ServiceBusyError("this version's file has been changed on the disk", limit="version", retry_after_s=30)
    response = send_file(
        dump.path,
        mimetype=dump.entry.type,
        conditional=True,
        etag=dump.entry.sha256,
        last_modified=datetime.datetime.fromisoformat(served.manifest.built).replace(tzinfo=datetime.UTC),
    )
    current_exchange().lasting = True
    response.content_type = dump.entry.type
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache" if version == "latest" else "public, max-age=31536000, immutable"
    return response
