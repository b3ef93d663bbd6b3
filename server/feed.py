"""`/feed`: the versions that were published and are kept, with what changed in each: Atom, a page, JSON.

Spec: https://www.rfc-editor.org/rfc/rfc4287 (Atom)
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from flask import Blueprint, Response, request

from kg.errors import QueryError, QueryTimeoutError
from kg.versions.archive import Edition
from kg.versions.summary import in_words
from server import arguments, bodies, pages
from server.differences import changes_between
from server.editions import editions, service_of
from server.exchange import current_exchange
from server.negotiation import HTML, Offer, choose
from server.service import current_service

blueprint = Blueprint("feed", __name__)

ATOM = "http://www.w3.org/2005/Atom"
FEED = Offer("atom", "application/atom+xml", ("application/xml", "text/xml"))
OFFERS = (FEED, HTML, Offer("json", "application/json"))


@dataclass(frozen=True)
class Entry:
    """One version: since when it is published (RFC 3339), of when its data are, which came before, what changed.

    `compared` says whether the one before is kept, so that what changed can be looked at.
    """

    version: str
    since: str
    built: str
    before: str = ""
    changes: Mapping[str, int] | None = None
    compared: bool = False

    @property
    def id(self) -> str:
        """An identifier that is the same wherever and whenever the version is served."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{current_service().dataset.value}?version={self.version}").urn

    @property
    def path(self) -> str:
        """Where it is told what changed, if the version before is kept."""
        return f"diff/{self.before}/{self.version}" if self.compared else ""

    @property
    def address(self) -> str:
        """Where a reader is led: to what changed, else to its place in the list."""
        if self.compared:
            return pages.address(self.path)
        return pages.address("feed", arguments={"format": "html"}, fragment=self.version)

    @property
    def summary(self) -> str:
        """What changed, in a sentence."""
        if not self.before:
            return f"Data of {self.built}. No version before it is known here."
        if self.changes is None:
            why = "could not be worked out in time" if self.compared else "was not noted while that was kept"
            return f"Data of {self.built}. What changed since {self.before} {why}."
        return f"Data of {self.built}. Since {self.before}: {in_words(self.changes)}."


@blueprint.get("/feed")
def show() -> Response:
    """The versions that are kept, the newest first, each with how much changed since the one before: an Atom feed."""
    choice = choose(OFFERS, request.headers.get("Accept"), arguments.in_url(request).one("format"))
    entries = _entries()
    if choice.offer is HTML:
        response = pages.render("feed.html", entries=entries, keep=current_service().settings.keep_versions)
    elif choice.offer is FEED:
        kind = choice.media_type if choice.media_type != FEED.media_type else f"{FEED.media_type}; charset=utf-8"
        response = bodies.of_text(_atom(entries), kind)
    else:
        told = [_described(each) for each in entries]
        response = bodies.of_json({"version": current_service().served.manifest.version, "versions": told})
    response.vary.add("Accept")
    return response


def _described(entry: Entry) -> dict[str, object]:
    return {
        "version": entry.version,
        "since": entry.since,
        "built": entry.built,
        "before": entry.before or None,
        "changes": entry.changes,
        "href": entry.address,
    }


def _entries() -> list[Entry]:
    """The versions; of what is served without being kept, that one."""
    every = editions()
    if not any(each.kept for each in every):
        manifest = current_service().served.manifest
        return [Entry(manifest.version, f"{manifest.built}T00:00:00Z", manifest.built)]
    until = time.monotonic() + current_service().settings.timeout_s
    return [_entry(before, each, until) for before, each in reversed([*pairwise([None, *every])]) if each and each.kept]


def _entry(before: Edition | None, edition: Edition, until: float) -> Entry:
    told = edition.version, _rfc3339(edition.since), edition.manifest.built
    if before is None:
        return Entry(*told)
    if not before.kept:
        return Entry(*told, before.version, edition.changes or None)
    return Entry(*told, before.version, _changes(before.version, edition.version, until), compared=True)


def _changes(old: str, new: str, until: float) -> dict[str, int] | None:
    """What changed, worked out once; all that is not yet may take as long as one query."""
    try:
        return current_service().kept(f"changes {old} {new}", lambda: _summary(old, new, until))
    except QueryError:
        current_exchange().momentary = True  # another time it may be
        return None


def _summary(old: str, new: str, until: float) -> dict[str, int]:
    left = until - time.monotonic()
    if left <= 0:
        raise QueryTimeoutError("the versions before it took all the time", limit="timeout")
    found: dict[str, int] = changes_between(service_of(old), service_of(new), summary_only=True, within_s=left)[
        "summary"
    ]
    return found


def _rfc3339(text: str) -> str:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _atom(entries: Sequence[Entry]) -> bytes:
    site = current_service().overview()
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        child = ElementTree.SubElement(parent, name, attributes)
        child.text = text or None
        return child

    add(root, "id", pages.address("feed"))
    add(root, "title", f"{site.title}: versions")
    add(root, "updated", max(each.since for each in entries))
    add(root, "link", rel="self", type=FEED.media_type, href=pages.address("feed"))
    add(root, "link", rel="alternate", type="text/html", href=pages.address("feed", arguments={"format": "html"}))
    add(add(root, "author"), "name", site.title)
    if site.licence:
        add(root, "rights", site.licence)
    for each in entries:
        entry = add(root, "entry")
        add(entry, "id", each.id)
        add(entry, "title", f"Version {each.version}")
        add(entry, "updated", each.since)
        add(entry, "link", rel="alternate", type="text/html", href=each.address)
        add(entry, "summary", each.summary)
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True))
