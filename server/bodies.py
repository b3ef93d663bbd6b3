"""From the pool's bytes to an HTTP answer: complete before its first byte goes out. Asking is left to `server.service`.

An answer is collected first, in memory and from 1 MB on in a temporary file, for three reasons. A query that fails late
still gets its problem document, never half an answer: granian 2.8 ends a chunked body properly when the application
raises, so a broken CSV would look complete. A slow reader holds a file and not a worker. And every answer, not only
a short one, has a length and a strong ETag. Should reading the file fail, the promised length is not met and granian
aborts the connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

from flask import Response, json, request

IN_MEMORY_BYTES = 1_000_000
PIECE_BYTES = 64 * 1024


def collected(chunks: Iterable[bytes]) -> Response:
    """An answer of these bytes, with its length and the ETag of its content; 304 where the client has it already.

    Raises: what reading the chunks raises; nothing has been sent then.
    """
    digest, length, start = hashlib.sha256(), 0, bytearray()
    rest = iter(chunks)
    for chunk in rest:
        digest.update(chunk)
        start += chunk
        if len(start) > IN_MEMORY_BYTES:
            break
    else:
        return _finished(Response(bytes(start)), len(start), digest.hexdigest())
    file = TemporaryFile()  # closed when the answer has been sent
    try:
        length = file.write(start)
        for chunk in rest:
            digest.update(chunk)
            length += file.write(chunk)
    except BaseException:
        file.close()
        raise
    response = Response(_pieces(file))
    response.call_on_close(file.close)
    return _finished(response, length, digest.hexdigest())


def of_text(text: str | bytes, content_type: str) -> Response:
    """An answer that is at hand, with the same headers."""
    response = collected([text.encode() if isinstance(text, str) else text])
    response.content_type = content_type
    return response


def _finished(response: Response, length: int, digest: str) -> Response:
    response.content_length = length
    response.set_etag(digest[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    if request.method == "HEAD" or response.status_code == 304:
        # Nobody will read the body, and werkzeug does not close what it does not send.
        response.close()
        response.response = []
        if response.status_code == 200:
            response.content_length = length
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece


def of_json(value: object) -> Response:
    """A JSON document."""
    return of_text(json.dumps(value) + "\n", "application/json")
