"""What travels between the pool and its clients, byte for byte. Sockets and processes are left to those who hold them.

A request is one frame of JSON. An answer is a head (JSON: media type, and the length if it is known), data frames and
an end (JSON: what it took, how many rows it had); an error frame (JSON) may stand in the place of any of them. A frame
is a kind (one byte), a length (four bytes, big-endian) and as many bytes.

A worker may be killed in the middle of a frame. The pool's parent, who cannot know how much was written, then adds the
fate: an error as ASCII JSON, its length in eight digits and a mark, and closes. Kinds are control characters, which a
fate has none of: whoever finds another byte where a kind should be, or the end inside a frame, finds the fate last.
"""

from __future__ import annotations

import inspect
import json
import struct

import kg.errors
from kg.errors import QueryError

REQUEST, HEAD, DATA, END, ERROR = 0, 1, 2, 3, 4
HEADER = struct.Struct("!BI")
CHUNK_BYTES = 65536
"""How much of an answer a worker holds before it sends any, and how much each data frame has but the last."""

_MARK = b"kg-fate."


def frame(kind: int, payload: bytes = b"") -> bytes:
    """One frame.

    >>> frame(DATA, b"abc")
    b'\\x02\\x00\\x00\\x00\\x03abc'
    """
    return HEADER.pack(kind, len(payload)) + payload


def encode_error(error: QueryError) -> bytes:
    """An error as ASCII JSON: its class, its message and the other arguments of its class.

    >>> encode_error(kg.errors.QuerySyntaxError("no", line=1, column=2))
    b'{"error": "QuerySyntaxError", "message": "no", "line": 1, "column": 2}'
    """
    names = [name for name in inspect.signature(type(error)).parameters if name != "message"]
    fields = {name: getattr(error, name) for name in names}
    if error.worker_s:
        fields["worker_s"] = round(error.worker_s, 6)
    return json.dumps({"error": type(error).__name__, "message": error.message, **fields}).encode("ascii")


def decode_error(data: bytes) -> QueryError:
    """The error that was encoded.

    >>> decode_error(encode_error(kg.errors.ServiceBusyError("full", limit="queue", retry_after_s=2))).retry_after_s
    2
    """
    fields = json.loads(data)
    kind = getattr(kg.errors, fields.pop("error"))
    worker_s = fields.pop("worker_s", 0.0)
    error = kind(fields.pop("message"), **fields)
    assert isinstance(error, QueryError)
    error.worker_s = worker_s
    return error


def fate(error: QueryError) -> bytes:
    """What the pool's parent adds to an answer that broke off."""
    body = encode_error(error)
    return body + b"%08d" % len(body) + _MARK


def read_fate(tail: bytes) -> QueryError | None:
    """The error that a broken answer ends with, or none.

    >>> read_fate(b"half a fra" + fate(kg.errors.QueryTimeoutError("too long", limit="timeout")))
    QueryTimeoutError('too long')
    >>> read_fate(b"half a fra")
    """
    if not tail.endswith(_MARK) or not tail[-16:-8].isdigit():
        return None
    return decode_error(tail[-16 - int(tail[-16:-8]) : -16])
