"""Who asks, whether they may, and what is noted when their answer has gone out: where what watches requests meets.

Counting is left to `server.fairness`, `server.metrics` and `server.logs`; when an exchange has ended, to the gateway.
"""

from __future__ import annotations

import time

from flask import Flask, current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from server.exchange import Exchange, current_exchange
from server.fairness import BEARER, Kind, Shares, client_of
from server.logs import RequestLog
from server.metrics import Metrics, PoolCollector
from server.service import current_service
from server.settings import Settings
from server.tokens import bears_token

EXTENSION = "oxus.observers"
FREE = frozenset(
    {"static", "health.alive", "health.ready", "health.metrics", "home.problems", "dumps.download", "reload.reload"}
    | {"sparql.endpoint", "explain.free", "cite.free_now", "cite.show_free"}
)
"""What costs nothing, or is admitted by its view: a query of the client's own."""


class Observers:
    """What is kept of requests: shares, numbers, lines."""

    def __init__(self, settings: Settings) -> None:
        self.shares = Shares(settings)
        self.metrics = Metrics()
        self.log = RequestLog(settings)

    def on_done(self, exchange: Exchange) -> None:
        """An answer has gone out, or has failed: called once for each exchange."""
        self.metrics.count_exchange(exchange)
        self.log.log_exchange(exchange)


def register(app: Flask, settings: Settings) -> None:
    """An application gets observers, and each of its requests says first who sends it."""
    own = app.extensions[EXTENSION] = Observers(settings)
    own.metrics.registry.register(PoolCollector(_version, lambda: current_service().pool.status()))
    app.before_request(_identify)
    app.before_request(_admit)
    # When the answer is made, not when it has gone out: by then the workers are free, and nobody can leave uncharged.
    app.teardown_request(lambda _: own.shares.settle(current_exchange()))


def observers_of(app: Flask) -> Observers:
    """Those of an application."""
    found: Observers = app.extensions[EXTENSION]
    return found


def observers() -> Observers:
    """Those of the running application."""
    return observers_of(current_app)


def admit(kind: Kind) -> None:
    """Nothing, if whoever asks may begin a query.

    Raises: ClientLimitError.
    """
    observers().shares.admit(current_exchange(), kind)


def check_token() -> None:
    """Nothing, if whoever asks bears the token, or none is set.

    Raises: Unauthorized.
    """
    if current_service().settings.token and current_exchange().client != BEARER:
        raise _unauthorised("this is for who bears the token")


def _identify() -> None:
    """Note who asks, and for what.

    Another scheme than Bearer is not ours: a reverse proxy may ask for a password and pass it on.

    Raises: Unauthorized for a token that is not the one.
    """
    exchange, settings = current_exchange(), current_service().settings
    exchange.route = request.url_rule.rule if request.url_rule else ""
    exchange.version = _version()
    peer = exchange.client or request.remote_addr or ""
    exchange.client = client_of(peer, request.headers.get("X-Forwarded-For"), settings)
    authorization = request.headers.get("Authorization", "")
    if authorization.partition(" ")[0].lower() == "bearer":
        if not bears_token(authorization, settings.token):
            raise _unauthorised("this is not the token")
        exchange.client = BEARER


def _admit() -> None:
    """Whatever may cost time is charged; a client's own query is by the view that reads it."""
    exchange = current_exchange()
    exchange.cpu_began = time.thread_time()
    if request.url_rule is not None and request.endpoint not in FREE:
        admit("canned")


def _version() -> str:
    return current_service().served.manifest.version


def _unauthorised(reason: str) -> Unauthorized:
    return Unauthorized(reason, www_authenticate=WWWAuthenticate("bearer"))
