"""One call to another SPARQL service: to a public address, within a time and a size, and no further than asked.

The name is looked up once, every address that it has must be public, and the connection is made to one of those very
addresses, so that a name cannot point elsewhere between the two. No redirect is followed, no proxy, cookie or
credential used, no compression taken. Looking up a name cannot be interrupted: the query's own deadline ends it.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from contextlib import closing
from threading import Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import pyoxigraph as ox

from kg.errors import RemoteServiceError
from kg.federation.services import Services

MEDIA_TYPES = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}
"""What a service may answer with."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out to be reached over the internet (IANA); what lies outside may lead anywhere."""
_PIECE_BYTES = 65536


class Answer(NamedTuple):
    """What came back: SPARQL results."""

    media_type: str
    body: bytes


def call(service: str, query: bytes, services: Services) -> Answer:
    """The answer of a service to a query.

    Raises: RemoteServiceError naming the service and what was wrong.
    """
    began = time.monotonic()
    try:
        connection = _connect(urlsplit(service), services, public=service not in services.private)
        with closing(connection):
            left = services.timeout_s - (time.monotonic() - began)
            timer = Timer(max(0.0, left), _cut, [connection.sock])
            timer.start()
            try:
                answer = _exchange(connection, urlsplit(service), query, services.max_bytes)
            finally:
                timer.cancel()
            if time.monotonic() - began >= services.timeout_s:
                raise TimeoutError  # what was cut off can look complete
        _check_rows(answer)
        return answer
    except _Unfit as error:
        raise RemoteServiceError(f"the service <{service}> {error}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() - began >= services.timeout_s:
            message = f"the service <{service}> did not answer within {services.timeout_s:g} s"
            raise RemoteServiceError(message) from error
        raise RemoteServiceError(f"the service <{service}> cannot be asked: {_reason(error)}") from error


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, IPv4 addresses inside IPv6 ones seen through.

    >>> [is_public(each) for each in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "2001:4860:4860::8888")]
    [True, False, False, True]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.sixtofour is not None or found.teredo is not None or found not in _UNICAST:
            return False  # tunnels, which could end anywhere
    return found.is_global and not found.is_multicast


class _Unfit(Exception):
    """What a service did that we do not take."""


def _connect(url: SplitResult, services: Services, *, public: bool) -> http.client.HTTPConnection:
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if public and not all(is_public(str(address[0])) for *_, address in found):
        raise _Unfit("has an address that is not public")
    family, kind, protocol, _, address = found[0]
    plain = socket.socket(family, kind, protocol)
    try:
        plain.settimeout(services.timeout_s)
        plain.connect(address)
        if url.scheme == "https":
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    connection = http.client.HTTPConnection(host, port)
    connection.sock = plain
    connection.auto_open = 0  # never a second connection, whose address nobody looked at
    return connection


def _exchange(connection: http.client.HTTPConnection, url: SplitResult, query: bytes, max_bytes: int) -> Answer:
    headers = {
        "Host": url.netloc,
        "Accept": ", ".join(MEDIA_TYPES),
        "Accept-Encoding": "identity",
        "Content-Type": "application/sparql-query",
        "User-Agent": "oxus",
        "Connection": "close",
    }
    connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), query, headers)
    with connection.getresponse() as response:
        if 300 <= response.status < 400:
            raise _Unfit("redirects to another address, which is not followed")
        if response.status != 200:
            raise _Unfit(f"answered with status {response.status}")
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise _Unfit("compressed its answer, which it was not asked to")
        media_type = response.headers.get_content_type()
        if media_type not in MEDIA_TYPES:
            raise _Unfit(f"answered with {media_type[:80]}, which are no SPARQL results")
        body = bytearray()
        while piece := response.read(_PIECE_BYTES):
            body += piece
            if len(body) > max_bytes:
                raise _Unfit(f"answered with more than {max_bytes:,} bytes")
    return Answer(media_type, bytes(body))


def _check_rows(answer: Answer) -> None:
    """Read it all: the engine would come upon a fault in the middle of its own answer, and not keep SILENT about it."""
    try:
        results = ox.parse_query_results(answer.body, format=MEDIA_TYPES[answer.media_type])
        if isinstance(results, ox.QueryBoolean):
            raise _Unfit("answered with a boolean and no rows")
        for _ in results:
            pass
    except (SyntaxError, ValueError, OSError) as error:
        raise _Unfit(f"answered with what is no SPARQL results: {str(error)[:200]}") from error


def _cut(connection: socket.socket) -> None:
    """End whatever is being waited for: a time limit on each step would let a slow service go on for ever."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended by itself


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror or error)
    return type(error).__name__
