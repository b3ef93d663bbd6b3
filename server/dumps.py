"""`/dump/…`: the files of the version served, with ETag, Range and Last-Modified. `kg.build.dumps` writes them.

A text is sent gzipped to who asks for that: the file beside it that has `.gz` in its name is the same packed. Who asks
for a part gets it of the text: clients that know both ask for parts of what they have unpacked.

Of earlier versions that are kept there are the dataset itself, from which the others can be made, and the manifest.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection

from flask import Blueprint, Response, request, send_file

from kg.errors import NotFoundError, ServiceBusyError, VersionGoneError
from kg.versions.archive import account
from server.bodies import check_precondition, conditions
from server.compression import GZIP, IDENTITY, NoSuchCodingError, wish_of
from server.editions import LATEST, service_of
from server.exchange import current_exchange

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dump/<version>/<name>")
def download(version: str, name: str) -> Response:
    """One file; `latest` moves on with the dataset, a version's own address never changes what it gives."""
    served = service_of(version).served
    if name not in served.dumps and name in served.manifest.files:
        kept = " and ".join(sorted(served.dumps))
        message = f"{name} of version {served.manifest.version} is not kept; {kept} of it are: the rest is made of them"
        raise VersionGoneError(message, manifest=account(served.manifest), suggestions=sorted(served.dumps))
    if name not in served.dumps:
        nearest = difflib.get_close_matches(name, served.dumps, n=1, cutoff=0.7)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise NotFoundError(f"there is no file {name!r} in this version{hint}", suggestions=sorted(served.dumps))
    variants = {IDENTITY: served.dumps[name]}
    if served.is_build and (packed := served.dumps.get(f"{name}.gz")):
        variants[GZIP] = packed
    coding = _coding(name, variants)
    if variants[coding].replaced:
        # The ETag would promise other bytes than those on the disk.
        raise ServiceBusyError("this version's file has been changed on the disk", limit="version", retry_after_s=30)
    built = datetime.datetime.fromisoformat(served.manifest.built).replace(tzinfo=datetime.UTC)
    response = send_file(
        variants[coding].path,
        mimetype=served.dumps[name].entry.type,  # guessing by the name, it would call a .gz a coding of something else
        conditional=False,
        etag=variants[coding].entry.sha256,
        last_modified=built,
    )
    if version == LATEST:
        # Two versions may be of one day, so that the date tells nobody which of them he has: the ETag does.
        del response.last_modified
    environ = conditions()
    if not _wants_part():
        environ.pop("HTTP_RANGE", None)
    response.make_conditional(environ, accept_ranges=True, complete_length=variants[coding].entry.bytes)
    response.last_modified = built
    check_precondition(response)
    current_exchange().lasting = True
    response.headers["Oxus-Version"] = served.manifest.version
    response.content_type = served.dumps[name].entry.type
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
        response.headers.pop("Accept-Ranges", None)
    response.vary.add("Accept-Encoding")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache" if version == LATEST else "public, max-age=31536000, immutable"
    return response


def _wants_part() -> bool:
    """Whether the client gets a part: one range of bytes, and if it has begun already, by a tag that proves of what."""
    asked, begun = request.headers.get("Range", ""), request.headers.get("If-Range", '"')
    unit, _, ranges = asked.partition("=")
    return request.method == "GET" and unit.strip().lower() == "bytes" and "," not in ranges and begun[:1] == '"'


def _coding(name: str, variants: Collection[str]) -> str:
    """The variant of a file to send.

    Raises: NoSuchCodingError if the client takes none.
    """
    offered = [IDENTITY] if _wants_part() else variants
    coding = wish_of(request.headers.get("Accept-Encoding")).best(offered)
    if coding is None:
        raise NoSuchCodingError(f"{name} can be had in no content coding but {' and '.join(offered)}", offered)
    return coding
