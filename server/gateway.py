"""What granian hands each request to (RSGI): it stands before the Flask application and spares it what it can.

It reads the body, answers from the cache, has the rest evaluated (`server.flights`) and sends it. What an answer says
is the application's, how it is sent is `server.outlet`'s.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping

from flask import Flask
from werkzeug.exceptions import BadRequest, HTTPException, RequestHeaderFieldsTooLarge
from werkzeug.http import parse_etags, remove_entity_headers

from server.arguments import FORM, MAX_HEADER_BYTES, QUERY
from server.binding import bind
from server.cache import Cache, Kept, key_of_address, key_of_post
from server.compression import simplified
from server.doorman import Doorman
from server.exchange import Exchange
from server.fairness import ClientLimitError, client_of, counted_as
from server.flights import LEFT, Flights
from server.intake import Chunks, drain, read_body
from server.languages import simplified as simplified_languages
from server.languages import split
from server.outlet import send
from server.rsgi import Proto, Scope
from server.service import Service
from server.settings import Settings
from server.spool import FileBody
from server.wsgi import Answer, Asked, joined

log = logging.getLogger(__name__)

ASKED_IN_BODY = frozenset({"/sparql", "/explain"})
QUERY_TYPES = frozenset({FORM, QUERY})
FOR_ONE = frozenset(
    {"authorization", "range", "if-range", "if-match", "if-modified-since", "if-unmodified-since", "cookie"}
)
"""With one of these the application answers, and for this client alone."""

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNFIT = re.compile("^//|[\x00-\x1f\x7f\ufffd]")


class Gateway:
    """The server's front door; `on_done` is told of every exchange when its answer has gone out, or has not."""

    def __init__(self, app: Flask, settings: Settings, on_done: Callable[[Exchange], object] | None = None) -> None:
        self._app = app
        self._settings = settings
        self._on_done = on_done or (lambda exchange: None)
        self._cache = Cache(settings.cache_mb << 20)
        self._flights = Flights(app, settings, self._cache)
        self._doorman = Doorman(settings)
        self._under_way: Counter[str] = Counter()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon(self._doorman.watch, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._flights.close()

    async def __rsgi__(self, scope: Scope, proto: Proto) -> None:
        headers = joined(scope.headers.items())
        if len(headers.get("accept-encoding", "")) <= MAX_HEADER_BYTES:
            headers["accept-encoding"] = simplified(headers.get("accept-encoding"))
        if "accept-language" in headers and len(headers["accept-language"]) <= MAX_HEADER_BYTES:
            headers["accept-language"] = simplified_languages(headers["accept-language"])
        peer = scope.client.rpartition(":")[0].strip("[]")
        client = client_of(peer, headers.get("x-forwarded-for"), self._settings)
        exchange = Exchange(client=client, method=scope.method, path=scope.path)
        given_id = headers.get("x-request-id")
        if given_id and _SANE_ID.fullmatch(given_id):
            exchange.id = given_id
        service = bind(self._app)
        counted = counted_as(client)
        crowded = self._under_way[counted] >= self._settings.client_requests
        self._under_way[counted] += 1
        answered = self._refuse if crowded else self._serve
        try:
            with self._doorman.asked(scope.client):
                await answered(scope, headers, proto, exchange, service)
        except Exception:  # the last resort: logged whole, and the client hears of it
            log.exception("%s %s failed", exchange.method, exchange.path)
            exchange.status, exchange.verdict = 500, "fault"
            proto.response_bytes(500, [("content-type", "text/plain"), ("x-request-id", exchange.id)], b"")
        finally:
            service.uses.end()
            self._under_way[counted] -= 1
            if not self._under_way[counted]:
                del self._under_way[counted]
            self._on_done(exchange)

    async def _refuse(
        self, scope: Scope, headers: Mapping[str, str], proto: Proto, exchange: Exchange, service: Service
    ) -> None:
        """Before the body is read: slow bodies hold connections, and there is an end to those."""
        most = self._settings.client_requests
        message = f"{most} requests of yours are under way, the most: try again when some of them have been answered"
        refusal = ClientLimitError(message, limit="client_requests", retry_after_s=1)
        asked = Asked(exchange.method, exchange.path, scope.query_string, _short(headers), refused=refusal)
        answer = await self._flights.answer(asked, service, None, proto, exchange)
        if answer is not None:
            closing = Answer(answer.status, [*answer.headers, ("connection", "close")], answer.body)
            await self._send(proto, exchange, closing, None)

    async def _serve(
        self, scope: Scope, headers: Mapping[str, str], proto: Proto, exchange: Exchange, service: Service
    ) -> None:
        exchange.version = version = service.served.manifest.version
        # A header too long is refused, and taken apart by nobody.
        is_long = any(len(value) > MAX_HEADER_BYTES for value in headers.values())
        # So is an address: no key is made of it.
        is_long |= len(exchange.path) + len(scope.query_string) > self._settings.max_url_kb * 1000
        shareable = not is_long and FOR_ONE.isdisjoint(headers.keys())
        key = None
        if shareable and exchange.method in ("GET", "HEAD"):
            key = key_of_address(exchange.path, scope.query_string)
            if kept := self._cache.find(version, key, headers):
                return await self._send_kept(kept, headers, proto, exchange)
        chunks = Chunks(proto)
        asked = await self._read(scope, headers, chunks, exchange)
        if asked.refused:
            key = None
        elif shareable and exchange.method in ("POST", "QUERY") and split(exchange.path)[1] in ASKED_IN_BODY:
            content_type = headers.get("content-type") or ""
            if content_type.partition(";")[0].strip().lower() in QUERY_TYPES:
                key = key_of_post(exchange.path, scope.query_string, content_type, asked.body)
                if kept := self._cache.find(version, key, headers):
                    return await self._send_kept(kept, headers, proto, exchange)
        answer = await self._flights.answer(asked, service, key, proto, exchange)
        if answer is None:
            exchange.status, exchange.verdict = LEFT, "client-left"
            return
        try:
            await self._send(proto, exchange, answer, None if key is None else _wanted(exchange.method, headers))
        finally:
            if isinstance(answer.body, FileBody):
                answer.body.close()
        if asked.refused:
            await drain(chunks)

    async def _read(self, scope: Scope, headers: Mapping[str, str], chunks: Chunks, exchange: Exchange) -> Asked:
        settings = self._settings
        body, refused = b"", None
        try:
            if _UNFIT.search(exchange.path):
                raise BadRequest("the address begins with //, is not UTF-8, or has control characters in it")
            for name, value in headers.items():
                if len(value) > MAX_HEADER_BYTES:
                    message = f"the header {name[:40]} has {len(value)} bytes and may have {MAX_HEADER_BYTES}"
                    raise RequestHeaderFieldsTooLarge(message)
            body = await read_body(chunks, headers, settings.max_body_kb * 1000, settings.max_body_s)
        except HTTPException as error:
            refused = error
        return Asked(exchange.method, exchange.path, scope.query_string, _short(headers), body, refused)

    async def _send_kept(self, kept: Kept, headers: Mapping[str, str], proto: Proto, exchange: Exchange) -> None:
        exchange.cache, exchange.route, exchange.rows = "hit", kept.route, kept.rows
        wanted = _wanted(exchange.method, headers)
        if wanted and _has(wanted, kept.etag):
            exchange.status = 304
            proto.response_bytes(304, [*kept.unchanged, ("x-request-id", exchange.id)], b"")
        else:
            await self._send(proto, exchange, Answer(200, kept.headers, kept.body), None)

    async def _send(self, proto: Proto, exchange: Exchange, answer: Answer, if_none_match: str | None) -> None:
        status, body, headers = answer.status, answer.body, [*answer.headers, ("x-request-id", exchange.id)]
        if if_none_match and status == 200 and _has(if_none_match, answer.header("etag")):
            status, body = 304, b""
            remove_entity_headers(headers)
        elif exchange.method == "HEAD":
            body = b""
        if status in (408, 413):
            headers.append(("connection", "close"))
        exchange.status = status
        exchange.bytes = await send(proto, status, headers, body, self._settings.max_stall_s)
        if exchange.bytes < len(body):
            exchange.verdict = "client-left"


def _short(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers but those that are too long: nobody is to take those apart, not even to word the refusal."""
    return {name: value for name, value in headers.items() if len(value) <= MAX_HEADER_BYTES}


def _wanted(method: str, headers: Mapping[str, str]) -> str | None:
    """The If-None-Match of a request that may be answered with 304 (RFC 9110, 13.1.2); QUERY is to be like GET."""
    return headers.get("if-none-match") if method in ("GET", "HEAD", "QUERY") else None


def _has(if_none_match: str, etag: str) -> bool:
    """Whether a client has the answer already."""
    return if_none_match == etag or bool(etag) and parse_etags(if_none_match).contains_weak(etag.strip('"'))
