"""The Link header of a document (RFC 8288): what it is about, its own address, and the others that tell the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from werkzeug.urls import iri_to_uri

TURTLE = "text/turtle"


def link_header(
    formats: Mapping[str, str], page: str = "", about: str = "", own: str = "", classes: Iterable[str] = ()
) -> str:
    """The header's value.

    `formats` has the addresses of the documents by media type, `page` that of the page, unless it is the page that is
    sent; a document has `about`, the IRI of what it describes, and its `own` address; `classes` are what that thing is.

    >>> print(link_header({TURTLE: "/a.ttl"}, about="urn:a").replace(", ", "\\n"))
    </a.ttl>; rel="alternate"; type="text/turtle"
    </a.ttl>; rel="describedby"; type="text/turtle"
    <urn:a>; rel="describes"
    """
    documents = {**formats, "text/html": page} if page else formats
    found = [f'<{address}>; rel="alternate"; type="{media_type}"' for media_type, address in documents.items()]
    found.append(f'<{formats[TURTLE]}>; rel="describedby"; type="{TURTLE}"')
    found += [f'<{iri_to_uri(about)}>; rel="describes"'] if about else []
    found += [f'<{own}>; rel="canonical"'] if own else []
    return ", ".join([*found, *(f'<{iri_to_uri(each)}>; rel="type"' for each in classes)])
