"""The languages of the pages: which there are, which one a reader gets, and at which addresses the others are.

An address that begins with a language (`/ru/queries`) is in that language; any other is in that of `lang`, else in the
one that Accept-Language likes best, else in English. What is said in a language is left to `wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

from babel import Locale
from flask import has_request_context, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from server.prefix import WSGIApplication

ENGLISH = "en"
CATALOGUES = Path(__file__).parent / "translations"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po")))
"""English stands in the templates; each catalogue is one more."""
PREFIXED = "oxus.language"
"""Under which name an environ holds the language that its address begins with."""
TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")
MOST_TAGS = 6
"""Of one Accept-Language; the others are not read."""
LONG_QUERY = 1500
"""Characters of a query string from which a page does not repeat it for each language."""
PLAIN = "/!$&'()*+,:;=@"
"""What stands in the path of an address as it is, beside letters and digits."""


class UnderLanguage:
    """A WSGI application whose addresses may all begin with a language, and which then writes addresses that do."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        language, bare = split(environ.get("PATH_INFO", ""))
        if language:
            environ[PREFIXED] = language
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{language}"
            environ["PATH_INFO"] = bare
        return self._application(environ, start_response)


@dataclass(frozen=True)
class Edition:
    """A page in one of the languages: the language, what it calls itself, and the path and address of the page.

    At its `default` address a reader gets the language that Accept-Language likes.
    """

    language: str
    name: str
    path: str
    address: str
    default: str


def split(path: str) -> tuple[str, str]:
    """The language that a path begins with, or nothing, and the path without it.

    >>> split("/en/queries"), split("/en"), split("/english"), split("/xx/queries")
    (('en', '/queries'), ('en', '/'), ('', '/english'), ('', '/xx/queries'))
    """
    first, slash, rest = path[1:].partition("/")
    return (first, "/" + rest) if first in LANGUAGES and path.startswith("/") else ("", path)


def current_language() -> str:
    """The language that this request is answered in; English if there is none."""
    if not has_request_context():
        return ENGLISH
    return chosen_language() or _liked(request.headers.get("Accept-Language"))


def chosen_language() -> str:
    """The language that the address says; empty if it is left to Accept-Language."""
    if not has_request_context():
        return ""
    prefixed: str = request.environ.get(PREFIXED, "")
    return prefixed or _asked(request.query_string)


@lru_cache(1024)
def simplified(accept_language: str) -> str:
    """An Accept-Language that means the same to us, and one of few: caches tell requests apart by it.

    >>> simplified("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7,*;q=0.1")
    'ru-ru, ru;q=0.9, en-us;q=0.8, en;q=0.7'
    """
    return ", ".join(tag if not rank else f"{tag};q=0.{9 - rank + 1}" for rank, tag in enumerate(tags(accept_language)))


def tags(accept_language: str | None) -> list[str]:
    """The tags of languages in the header, the one liked best first.

    >>> tags("en;q=0.3, RU-ru, tg;q=0, <script>")
    ['ru-ru', 'en']
    """
    few = ",".join((accept_language or "").split(",", MOST_TAGS)[:MOST_TAGS])
    found = sorted(parse_accept_header(few, Accept), key=lambda one: -one[1])
    return list(dict.fromkeys(tag.lower() for tag, quality in found if quality and TAG.fullmatch(tag)))


def editions(url: str) -> Iterator[Edition]:
    """This page in every language, at the public address of the server; none if it is too long to be repeated."""
    query = "&".join(each for each in _query_string().split("&") if unquote_plus(each.partition("=")[0]) != "lang")
    if len(query) > LONG_QUERY:
        return
    tail = quote(request.path.removeprefix("/"), PLAIN) + (f"?{quote(query, PLAIN + '%?~')}" if query else "")
    for language in LANGUAGES:
        path = f"{urlsplit(url).path}{language}/{tail}"
        yield Edition(language, name_of(language), path, f"{url}{language}/{tail}", url + tail)


@lru_cache
def name_of(language: str) -> str:
    """What a language calls itself.

    >>> name_of("en"), name_of("ru")
    ('English', 'Русский')
    """
    name = str(Locale.parse(language).get_display_name(language))
    return name[:1].upper() + name[1:]


def without_language(path: str) -> str:
    """A path that `url_for` made, without the language that the address of the request begins with."""
    if not (has_request_context() and (prefixed := request.environ.get(PREFIXED))):
        return path
    root: str = request.environ["SCRIPT_NAME"]
    return root.removesuffix(f"/{prefixed}") + path.removeprefix(root)


def _query_string() -> str:
    return request.query_string.decode("utf-8", "replace")


def _asked(query_string: bytes) -> str:
    if b"lang=" not in query_string:
        return ""
    try:
        values = parse_qs(query_string.decode("latin-1"), max_num_fields=1000).get("lang", [""])
    except ValueError:
        return ""
    return _of(values[0])


def _liked(accept_language: str | None) -> str:
    return next((language for tag in tags(accept_language) if (language := _of(tag))), ENGLISH)


def _of(tag: str) -> str:
    """The language of ours that a tag is of; empty if there is none."""
    language = tag.partition("-")[0].lower()
    return language if language in LANGUAGES else ""
