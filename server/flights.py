"""Evaluations under way: who asks the same at the same time shares one, and it stops when nobody waits for it.

What is asked is read, and what is answered is sent, by the gateway.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask

from server.cache import Cache
from server.exchange import Exchange
from server.rsgi import Proto
from server.service import BOUND, Service
from server.settings import Settings
from server.spool import FileBody
from server.wsgi import Answer, Asked, Environ, environ_of, run

LEFT = 499
"""The status, for the log, of a request whose client did not wait; nothing was sent."""
TELLS_APART = ("accept", "accept-charset", "accept-encoding", "accept-language", "prefer")
"""Only who sends the same in these shares an evaluation under way: what the answer varies by is not known yet."""
QUICK = ("/healthz", "/readyz", "/metrics", "/static/")
"""How paths begin whose answers ask no worker anything. Each has threads of its own: it waits for nobody's query, and
`/healthz` not even for a pool that tells `/readyz` nothing."""
QUICK_THREADS = 2
CLIENTS_OWN = frozenset({401, 403, 429})
"""Refusals that are meant for one client."""


@dataclass(eq=False)
class Flight:
    """One evaluation, and how many wait for it."""

    exchange: Exchange
    work: Future[Answer]
    landing: asyncio.Future[Answer]
    waiting: int = 0


class Flights:
    """The evaluations of an application. Its methods are called on the event loop only; the work is done by threads."""

    def __init__(self, app: Flask, settings: Settings, cache: Cache) -> None:
        self._app = app
        self._url = settings.url
        self._cache = cache
        self._flights: dict[object, Flight] = {}
        self._threads = ThreadPoolExecutor(settings.threads, "request")
        self._quick = {path: ThreadPoolExecutor(QUICK_THREADS, "quick") for path in QUICK}
        self._prefix = urlsplit(settings.url).path.rstrip("/")

    def close(self) -> None:
        """No more work is begun."""
        for threads in (self._threads, *self._quick.values()):
            threads.shutdown(wait=False, cancel_futures=True)

    async def answer(
        self, asked: Asked, service: Service, key: str | None, proto: Proto, exchange: Exchange
    ) -> Answer | None:
        """The answer; None if the client did not wait for it. With a key it may be shared, and is kept."""
        shared = None if key is None else (exchange.version, key, *(asked.headers.get(name) for name in TELLS_APART))
        while True:
            flight = self._flights.get(shared)
            leads = flight is None
            if flight is None:
                flight = self._start(asked, service, shared, key, exchange)
            exchange.cache = "joined" if not leads else "none" if key is None else "miss"
            answer = await self._awaited(flight, leads, proto)
            if answer is None or leads:
                return answer
            if answer.status not in CLIENTS_OWN and not flight.exchange.momentary:
                exchange.route, exchange.rows = flight.exchange.route, flight.exchange.rows
                exchange.verdict = flight.exchange.verdict
                return answer
            if isinstance(answer.body, FileBody):
                answer.body.close()
            if flight.exchange.momentary:
                shared = None

    def _start(self, asked: Asked, service: Service, shared: object, key: str | None, exchange: Exchange) -> Flight:
        environ = environ_of(asked, exchange, self._url) | {BOUND: service}
        if key is not None:
            # What is kept and shared is the whole answer. HEAD and If-None-Match are seen to when it is sent.
            environ.pop("HTTP_IF_NONE_MATCH", None)
            if asked.method == "HEAD":
                environ["REQUEST_METHOD"] = "GET"
        work = self._threads_for(asked.path).submit(self._run, environ, exchange)
        flight = Flight(exchange, work, asyncio.wrap_future(work))
        if shared is not None:
            self._flights[shared] = flight
        flight.landing.add_done_callback(lambda _: self._landed(flight, shared, key, asked))
        return flight

    def _threads_for(self, path: str) -> ThreadPoolExecutor:
        for start, threads in self._quick.items():
            if path.startswith((start, self._prefix + start)):
                return threads
        return self._threads

    def _run(self, environ: Environ, exchange: Exchange) -> Answer:
        if exchange.gone:
            return Answer(LEFT, [], b"")
        return run(self._app, environ)

    def _landed(self, flight: Flight, shared: object, key: str | None, asked: Asked) -> None:
        """Runs before anybody who waits is told."""
        self._forget(flight, shared)
        if flight.landing.cancelled() or flight.landing.exception():
            return
        answer = flight.landing.result()
        if isinstance(answer.body, FileBody):
            answer.body.shares += flight.waiting
            answer.body.close()
        exchange = flight.exchange
        if key is not None and answer.status == 200 and exchange.may_be_kept:
            self._cache.keep(key, asked.headers, answer, exchange.route, exchange.rows)

    def _forget(self, flight: Flight, shared: object) -> None:
        if self._flights.get(shared) is flight:
            del self._flights[shared]

    async def _awaited(self, flight: Flight, leads: bool, proto: Proto) -> Answer | None:
        """The answer, of whose file the caller has a share; None if the client has left.

        Who leads stays until the end in any case: the exchange is not over before.
        """
        flight.waiting += 1
        gone = asyncio.ensure_future(proto.client_disconnect())
        try:
            await asyncio.wait((flight.landing, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            flight.waiting -= 1
        if flight.landing.done():
            return None if flight.landing.cancelled() else flight.landing.result()
        if not flight.waiting:
            for shared in [name for name, each in self._flights.items() if each is flight]:
                self._forget(flight, shared)
            flight.exchange.leave()
            flight.work.cancel()
        if leads:
            await asyncio.wait((flight.landing,))
            flight.landing.cancelled() or flight.landing.exception()
        return None
