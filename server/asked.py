"""What a citation asks: a canned query with its parameters or a query of somebody's own, and the address that says it.

An address is `/cite/<version>/<sign>/` before the path and parameters of the answer itself. Nothing of it is kept
here. The sign is eight digits that are a hash of the version and the question, so that an address that was altered is
told from one that cannot be answered any more, and then 32 that begin the hash of the answer (`kg.versions.canonical`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response

from kg.build.views import VIEW_PARAMETERS
from kg.engine.momentary import is_momentary
from kg.errors import CitationError, QueryComplexityError
from server import pages
from server.arguments import Arguments
from server.editions import keeps_versions
from server.service import current_service

COMPRESSED = "z"
"""The parameter of a query that is long: deflated (RFC 1950) and in base64url (RFC 4648, 5) without padding."""
LONG = 1000
"""Characters from which a query is compressed."""
MOST_IN_HEADER = 3000
"""Characters of an address in a Link header: servers and proxies take 4 or 8 kB for all headers together."""
FREE = ("query", "default-graph-uri", "named-graph-uri", "cite", *VIEW_PARAMETERS)
"""What of a request to /sparql is part of its question."""
NOT_ASKED = ("format", "timeout", "version", "page", "row", "against", "explain-empty")
"""What of a request to a canned query is not."""

_SIGN = re.compile(r"([0-9a-f]{8})-([0-9a-f]{32})")


@dataclass(frozen=True)
class Asked:
    """A question: the slug of a canned query or nothing, and the parameters by name."""

    slug: str
    arguments: Mapping[str, Sequence[str]]

    @property
    def path(self) -> str:
        """The path of the answer itself."""
        return f"queries/{self.slug}" if self.slug else "sparql"

    @property
    def cites(self) -> bool:
        """Whether citations are part of the answer."""
        return "true" in self.arguments.get("cite", ())

    def given(self, **more: str | None) -> Arguments:
        """The parameters as a request has them."""
        own = {name: list(values) for name, values in self.arguments.items()}
        return Arguments(own | {name: [value] for name, value in more.items() if value is not None})

    def check(self, version: str) -> str:
        """Eight digits that are a hash of the question and of the version that it is asked of.

        >>> Asked("", {"query": ["ASK {}"]}).check("1+0")
        '9988bc55'
        """
        text = "\n".join((version, self.path, urlencode(self.arguments, doseq=True)))
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def sign(self, version: str, sha256: str) -> str:
        """What stands in the address for question and answer."""
        return f"{self.check(version)}-{sha256[:32]}"

    def address(self, version: str, sign: str = "") -> str:
        """The permanent address; without a sign the one that leads to it."""
        return pages.address("/".join(filter(None, ("cite", version, sign, self.path))), arguments=self.written())

    def written(self) -> dict[str, Sequence[str]]:
        """The parameters as the address has them: a long query is compressed."""
        query = "".join(self.arguments.get("query", ()))
        if self.slug or len(query) < LONG:
            return dict(self.arguments)
        others = {name: values for name, values in self.arguments.items() if name != "query"}
        return {COMPRESSED: [compress(query)], **others}


def canned(slug: str, given: Arguments) -> Asked:
    """What a request asks of a canned query; defaults that are left out stay left out."""
    return Asked(slug, _sorted(given.without(*NOT_ASKED)))


def free(query: str, given: Arguments) -> Asked:
    """What a request to /sparql asks."""
    return Asked("", _sorted({"query": [query], **{name: given.all(name) for name in FREE[1:] if name in given}}))


def query_in(given: Arguments, most_bytes: int) -> str:
    """The text of a query of somebody's own, compressed or not.

    Raises: CitationError; QueryComplexityError if it is longer than it may be.
    """
    plain, packed = given.one("query"), given.one(COMPRESSED)
    if (plain is None) == (packed is None):
        raise CitationError(f"a query is cited by one of the parameters query and {COMPRESSED}")
    return plain if packed is None else decompress(packed, most_bytes)  # type: ignore[return-value]  # one is None


def compress(query: str) -> str:
    """A query as `z` has it.

    >>> decompress(compress("ASK {}"), 100)
    'ASK {}'
    """
    return base64.urlsafe_b64encode(zlib.compress(query.encode(), 9)).decode().rstrip("=")


def decompress(text: str, most_bytes: int) -> str:
    """The query in `z`; no more of it is unpacked than a query may have.

    Raises: CitationError; QueryComplexityError.
    """
    unpacking = zlib.decompressobj()
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        query = unpacking.decompress(packed, most_bytes + 1)
        if len(query) > most_bytes:
            raise QueryComplexityError(f"the query is longer than {most_bytes:,} bytes", limit="bytes")
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("it breaks off")
        return query.decode()
    except (binascii.Error, zlib.error, ValueError) as error:
        raise CitationError(f"{COMPRESSED} is not a compressed query: {error}") from None


def read_sign(sign: str) -> tuple[str, str]:
    """The two hashes in a sign, of the question and of the answer.

    Raises: CitationError.
    """
    found = _SIGN.fullmatch(sign)
    if found is None:
        message = "is not the hash of a citation, which is eight hexadecimal digits, a hyphen and 32 more"
        raise CitationError(f"{sign[:80]!r} {message}")
    return found[1], found[2]


def link(response: Response, asked: Asked, query: str) -> None:
    """Nothing; the answer says by which address to cite it (RFC 8574), if it can be cited and the address is short."""
    address = cite_as(asked, query)
    if address and len(address) <= MOST_IN_HEADER:
        response.headers.add("Link", f'<{address}>; rel="cite-as"')


def cite_as(asked: Asked, query: str) -> str:
    """The address to cite an answer by, which leads to the permanent one; empty if it cannot be cited."""
    service = current_service()
    if not keeps_versions(service) or is_momentary(query):
        return ""
    return asked.address(service.served.manifest.version)


def _sorted(arguments: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """By name; `cite=false` is as good as none."""
    kept = {name: list(values) for name, values in arguments.items() if values}
    if kept.get("cite") == ["false"]:
        del kept["cite"]
    return {name: kept[name] for name in sorted(kept)}
