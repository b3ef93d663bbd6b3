"""From the pool's bytes to an HTTP answer: complete before its first byte goes out. Asking is left to `server.service`.

An answer is collected first, in memory or in a temporary file (`server.spool`), for three reasons. A query that fails
late still gets its problem document, never half an answer. A slow reader holds a file and not a worker. And every
answer, not only a short one, has a length and a strong ETag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, json, request
from werkzeug.exceptions import PreconditionFailed

from server.compression import IDENTITY, encoded, wish_of
from server.exchange import current_exchange
from server.spool import current_spool, gathered


def collected(chunks: Iterable[bytes], compresses: bool = True) -> Response:
    """An answer of these bytes, with its length and the ETag of its content; 304 where the client has it already.

    It is compressed as it comes if the client asks for that and, unless it `compresses` badly, if it is long enough.
    It lasts as long as the dataset does; who knows better says so (`Exchange.momentary`).

    Raises: what reading the chunks raises, ServiceBusyError if there is no room, PreconditionFailed; nothing has been
    sent then.
    """
    digest = hashlib.sha256()
    coding, coded = encoded(chunks, wish_of(request.headers.get("Accept-Encoding")), compresses)

    def hashed() -> Iterator[bytes]:
        for chunk in coded:
            digest.update(chunk)
            yield chunk

    body = gathered(hashed(), current_spool(), current_exchange().client)
    response = Response(body, direct_passthrough=not isinstance(body, bytes))
    response.content_length = length = len(body)
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    # Of the bytes that are sent: each coding has a tag of its own.
    response.set_etag(digest.hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(conditions())
    check_precondition(response)
    current_exchange().lasting = True
    if request.method == "HEAD" or response.status_code == 304:
        # Nobody will read the body, and werkzeug does not close what it does not send.
        response.close()
        response.response = []
        if response.status_code == 200:
            response.content_length = length
    return response


def conditions() -> dict[str, Any]:
    """The request with its conditions as werkzeug reads them: to it `If-Match: *`, which any answer meets, is a tag."""
    meets = request.headers.get("If-Match", "").strip() == "*"
    return {name: value for name, value in request.environ.items() if not (meets and name == "HTTP_IF_MATCH")}


def check_precondition(response: Response) -> None:
    """Nothing, unless the client wants only another answer than this one (If-Match, If-Unmodified-Since).

    Raises: PreconditionFailed.
    """
    since, modified = request.if_unmodified_since, response.last_modified
    changed = "If-Match" not in request.headers and since and modified and modified > since
    if response.status_code == 412 or changed:
        response.close()
        raise PreconditionFailed("this is not the answer that If-Match or If-Unmodified-Since asks for")


def of_text(text: str | bytes, content_type: str) -> Response:
    """An answer that is at hand, with the same headers."""
    response = collected([text.encode() if isinstance(text, str) else text])
    response.content_type = content_type
    return response


def of_json(value: object) -> Response:
    """A JSON document."""
    return of_text(json.dumps(value) + "\n", "application/json")
