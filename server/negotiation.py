"""Which representation a client gets: `?format=` first, then `Accept`. What there is to offer is left to the callers.

Ranking (q-values, q=0, wildcards, specificity) is werkzeug's. Two things are ours: aliases of a type, and parameters
of a range, which werkzeug would compare to the letter: `charset` and `header` must be as we write, others are hints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

OURS = {"charset": frozenset({"utf-8", "utf8", "us-ascii", "*"}), "header": frozenset({"present"})}
"""Parameters that tell how a text is written, and the values that ours have."""
MOST_RANGES = 100
"""Of one Accept; those after them are not read. Browsers send ten."""
BARE_QUALITY = re.compile(r"\bq=\.(?=\d)", re.IGNORECASE)


class NothingAcceptableError(Exception):
    """The client takes nothing that we offer here; `offers` is what it could have had."""

    def __init__(self, message: str, offers: Sequence[Offer]) -> None:
        super().__init__(message)
        self.offers = tuple(offers)


@dataclass(frozen=True)
class Offer:
    """One representation: `name` is what `?format=` says, `also` other such names, `aliases` other media types."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media type and its aliases."""
        return (self.media_type, *self.aliases)


@dataclass(frozen=True)
class Choice:
    """The representation chosen and the media type to call it by: the one that the client named."""

    offer: Offer
    media_type: str


HTML = Offer("html", "text/html", ("application/xhtml+xml",))


def choose(offers: Sequence[Offer], accept: str | None, format_name: str | None = None) -> Choice:
    """The offer that suits the client best; of equals the first.

    Raises: NothingAcceptableError, with the offers.

    >>> json, csv = Offer("json", "application/json"), Offer("csv", "text/csv")
    >>> choose([json, csv], "text/csv;q=0.5, application/json;q=0.4, */*;q=0.1").offer.name
    'csv'
    >>> choose([json, csv], "text/csv", "json").offer.name
    'json'
    """
    if format_name:
        return _by_name(offers, format_name)
    ranges = _ranges(accept)
    if ranges is None:
        return Choice(offers[0], offers[0].media_type)
    # An alias counts only where it is named: a wildcard must not let in by its alias what q=0 shut out by its type.
    named = set(ranges.values())
    candidates = [
        (media_type, offer)
        for offer in offers
        for media_type in offer.media_types
        if media_type == offer.media_type or media_type in named
    ]
    best = ranges.best_match(media_type for media_type, _ in candidates)
    for media_type, offer in candidates:
        if media_type == best:
            # A browser that asks for XHTML reads HTML too; HTML sent as XHTML would not parse.
            return Choice(offer, offer.media_type if offer is HTML else media_type)
    raise NothingAcceptableError(f"none of {accept!r} is offered here", offers)


def _by_name(offers: Sequence[Offer], name: str) -> Choice:
    wanted = name.strip().lower()
    for offer in offers:
        if wanted == offer.name or wanted in offer.also:
            return Choice(offer, offer.media_type)
    for offer in offers:
        if wanted in offer.media_types:
            return Choice(offer, offer.media_type if offer is HTML else wanted)
    raise NothingAcceptableError(f"there is no format {name!r} here", offers)


def _ranges(accept: str | None) -> MIMEAccept | None:
    """The header's ranges without parameters, or None where there are none: anything goes (RFC 9110, 12.5.1)."""
    if accept is None or not accept.strip(", \t"):
        return None
    # werkzeug takes the square of a run of blanks to tell a type from its parameters.
    few = ",".join(" ".join(accept.split()).split(",", MOST_RANGES)[:MOST_RANGES])
    return MIMEAccept(list(_without_parameters(parse_accept_header(BARE_QUALITY.sub("q=0.", few), MIMEAccept))))


def _without_parameters(ranges: MIMEAccept) -> Iterable[tuple[str, float]]:
    for value, quality in ranges:
        media_type, parameters = parse_options_header(value)
        media_type = "*/*" if media_type == "*" else media_type  # as Java's URLConnection says it, with q=.2
        if all(parameters[name].lower() in ours for name, ours in OURS.items() if name in parameters):
            yield media_type.lower(), quality
