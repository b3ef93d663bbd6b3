"""The application: its parts put together. What they do is left to the blueprints."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import RequestHeaderFieldsTooLarge, RequestURITooLarge

from kg.pool.client import PoolClient
from server import (
    admission,
    binding,
    conflicts,
    dumps,
    errors,
    explain,
    headers,
    health,
    home,
    linked,
    openapi,
    pages,
    queries,
    reload,
    sparql,
    store,
)
from server.exchange import current_exchange
from server.prefix import UnderPrefix
from server.served import Served
from server.service import EXTENSION, Service, current_service
from server.settings import Settings

MAX_HEADER_BYTES = 16_000
"""What one header may have: reading an Accept of 400 kB holds everybody up for seconds."""


def create_app(settings: Settings, served: Served, pool: PoolClient, federating: PoolClient | None = None) -> Flask:
    """The WSGI application for one version of a dataset; its pools run, or will: until then it answers 503."""
    app = Flask(__name__)
    # Two slashes would be answered with a redirect to the host that the client named.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the order of our documents is the order they are read in
    # One byte more than may be: a chunked body is cut there without a word, and `arguments.body_of` sees it.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_kb * 1000 + 1
    app.extensions[EXTENSION] = Service(settings, served, pool, federating)
    app.wsgi_app = UnderPrefix(app.wsgi_app, settings.url)  # type: ignore[method-assign]
    app.after_request(_note_end)  # the first to be registered is the last to be called
    admission.register(app, settings)
    pages.register(app)
    headers.register(app)
    errors.register(app)
    app.before_request(_limit_address)
    app.before_request(_limit_headers)
    binding.register(app)
    for part in (home, sparql, store, queries, explain, conflicts, linked, dumps, openapi, health, reload):
        app.register_blueprint(part.blueprint)
    return app


def _note_end(response: Response) -> Response:
    """What a gateway in front of the application would note."""
    exchange, on_done = current_exchange(), admission.observers().on_done
    exchange.status, exchange.bytes = response.status_code, response.content_length or 0
    response.headers["X-Request-Id"] = exchange.id
    response.call_on_close(lambda: on_done(exchange))
    return response


def _limit_address() -> None:
    most = current_service().settings.max_url_kb * 1000
    length = len(request.environ.get("PATH_INFO", "")) + len(request.query_string)
    if length > most:
        raise RequestURITooLarge(f"the address has {length} bytes and may have {most}: send the query by POST")


def _limit_headers() -> None:
    for name, value in request.headers:
        if len(value) > MAX_HEADER_BYTES:
            message = f"the header {name[:40]} has {len(value)} bytes and may have {MAX_HEADER_BYTES}"
            raise RequestHeaderFieldsTooLarge(message)
