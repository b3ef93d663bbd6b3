"""Which services a query may call, and what a call may take. Calling them is left to `remote`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import pyoxigraph as ox


@dataclass(frozen=True)
class Services:
    """The allow-list; `private` are services of one's own network, whose addresses need not be public."""

    public: tuple[str, ...] = ()
    private: tuple[str, ...] = ()

    timeout_s: float = 5.0
    """How long a call may take, within the query's own deadline. Half of that: a query may do more than call."""

    max_bytes: int = 10 << 20
    """How long an answer may be. It is held in memory; a million short rows are some 100 MB."""

    max_calls: int = 20
    """How many calls a query may make. Beside OPTIONAL or in EXISTS the engine calls once for each row."""

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """What was written by `dataclasses.asdict` and JSON."""
        return cls(**{**members, "public": tuple(members["public"]), "private": tuple(members["private"])})

    @property
    def iris(self) -> frozenset[str]:
        """Every service that may be called."""
        return frozenset(self.public + self.private)


def read_services(text: str) -> tuple[str, ...]:
    """The IRIs in a text, with spaces or commas between them.

    Raises: ValueError for what is no absolute http or https IRI, or has user, password or fragment.

    >>> read_services("https://example.org/sparql, http://example.com/query")
    ('https://example.org/sparql', 'http://example.com/query')
    """
    return tuple(_checked(text.replace(",", " ").split()))


def _checked(iris: Iterable[str]) -> Iterable[str]:
    for iri in iris:
        parts = urlsplit(iri)
        ox.NamedNode(iri)  # ValueError if it is none
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or set(iri) & set("#'\\"):
            raise ValueError(f"{iri!r} is no http or https address, or has a user or a fragment")
        _ = parts.port  # ValueError if it is none
        yield iri
