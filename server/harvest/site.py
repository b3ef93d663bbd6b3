"""A site as a harvester sees it: what is fetched from it, read, and found wanting. The checks are left to others.

How it is fetched is the caller's: from a server over HTTP, from the application in this process, from a record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

import pyoxigraph as ox

from kg.namespaces import DCAT, RDF

TURTLE = "text/turtle"
PASSING = (429, 503)
"""What is answered by who could not answer now."""


@dataclass(frozen=True)
class Reply:
    """What came back; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """Its media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


Fetch = Callable[[str, Mapping[str, str]], Reply]
"""A path under the site's address, beginning with `/`, and headers; what a GET of it gives."""


class MetadataError(Exception):
    """Something that a harvester would stumble over, in words."""


class PassingError(Exception):
    """Something could not be examined now, and may be soon."""


@dataclass(frozen=True)
class Told:
    """The statements of a document, and the prefixes that it is written with."""

    store: ox.Store
    prefixes: Mapping[str, str]

    def values(self, subject: ox.NamedNode | ox.BlankNode | None, predicate: str) -> list[Any]:
        """The objects of a subject's property, or of everybody's."""
        found = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in found), key=str)

    def one(self, subject: ox.NamedNode | ox.BlankNode, predicate: str) -> Any:
        """The only object.

        Raises: MetadataError if there is none, or several.
        """
        found = self.values(subject, predicate)
        if len(found) != 1:
            raise MetadataError(f"{subject} has {len(found) or 'no'} {_local(predicate)}, and should have one")
        return found[0]

    def members(self, kind: str) -> list[Any]:
        """The things of a class."""
        found = self.store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(kind))
        return sorted((quad.subject for quad in found), key=str)


class Site:
    """What is fetched under one public address; the same is fetched once."""

    def __init__(self, url: str, fetch: Fetch) -> None:
        self.url = url
        self._fetch = fetch
        self._fetched: dict[tuple[str, tuple[tuple[str, str], ...]], Reply] = {}
        self._told: dict[str, Told] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """A GET, whatever it gives.

        Raises: PassingError if the server is too busy to say.
        """
        key = path, tuple(sorted((headers or {}).items()))
        if key not in self._fetched:
            reply = self._fetch(path, headers or {})
            if reply.status in PASSING:
                raise PassingError(f"{path} answered {reply.status}")
            self._fetched[key] = reply
        return self._fetched[key]

    def found(self, path: str, accept: str, headers: Mapping[str, str] | None = None) -> Reply:
        """A GET that must give 200 and this type.

        Raises: MetadataError.
        """
        reply = self.get(path, {"accept": accept, **(headers or {})})
        if reply.status != 200:
            raise MetadataError(f"{path} answers {reply.status}")
        if reply.type != accept:
            raise MetadataError(f"{path} was asked for {accept} and gives {reply.type or 'no type'}")
        return reply

    def told(self, path: str) -> Told:
        """The statements of a document in Turtle.

        Raises: MetadataError if it is not there or not Turtle.
        """
        if path not in self._told:
            self._told[path] = read(self.found(path, TURTLE).body, ox.RdfFormat.TURTLE, path)
        return self._told[path]

    def json(self, path: str) -> Any:
        """A JSON document.

        Raises: MetadataError.
        """
        try:
            return json.loads(self.found(path, "application/json").body)
        except ValueError:
            raise MetadataError(f"{path} is no JSON") from None

    def rows(self, query: str) -> Iterator[dict[str, str]]:
        """The rows of a query to the endpoint, each value as text.

        Raises: MetadataError.
        """
        kind = "application/sparql-results+json"
        reply = self.found("/sparql?" + urlencode({"query": query}), kind)
        for row in json.loads(reply.body)["results"]["bindings"]:
            yield {name: term["value"] for name, term in row.items()}

    def path_of(self, address: str) -> str:
        """The path of an address of this site.

        Raises: MetadataError if it is another's.
        """
        if not address.startswith(self.url):
            raise MetadataError(f"{address[:200]} is not under {self.url}")
        return "/" + address.removeprefix(self.url)

    def path_from(self, reference: str) -> str:
        """The path that a header of this site leads to.

        Raises: MetadataError if it leads to another.
        """
        return self.path_of(urljoin(self.url, reference))

    @property
    def endpoint(self) -> ox.NamedNode:
        """Where queries are asked."""
        return ox.NamedNode(self.url + "sparql")

    @property
    def description(self) -> Told:
        """What the dataset says of itself: VoID and DCAT."""
        return self.told("/.well-known/void")

    @property
    def dataset(self) -> ox.NamedNode:
        """The dataset that is described.

        Raises: MetadataError unless there is one with files.
        """
        described = self.description
        found = [each for each in described.members(DCAT + "Dataset") if described.values(each, DCAT + "distribution")]
        if len(found) != 1:
            raise MetadataError(f"the description has {len(found) or 'no'} dcat:Dataset with distributions, not one")
        dataset: ox.NamedNode = found[0]
        return dataset


def read(data: bytes, format: ox.RdfFormat, path: str) -> Told:
    """The statements of some bytes.

    Raises: MetadataError if they are not of the format.
    """
    store = ox.Store()
    parser = ox.parse(data, format=format)
    try:
        store.extend(parser)
    except SyntaxError as error:
        raise MetadataError(f"{path} is no {format.name}: {error}") from None
    return Told(store, dict(parser.prefixes))


def values_of(terms: list[Any]) -> list[str]:
    """What some terms say, as text."""
    return [str(term.value) for term in terms]


def _local(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]
