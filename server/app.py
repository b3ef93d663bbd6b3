"""The application: its parts put together. What they do is left to the blueprints."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestURITooLarge

from kg.pool.client import PoolClient
from server import (
    admission,
    binding,
    catalogue,
    check,
    citing,
    conflicts,
    crawling,
    differences,
    dumps,
    errors,
    explain,
    feed,
    headers,
    health,
    home,
    linked,
    llms,
    openapi,
    pages,
    pictures,
    queries,
    reload,
    search,
    sparql,
    store,
)
from server.compression import EVERY, NoSuchCodingError, wish_of
from server.languages import UnderLanguage
from server.prefix import UnderPrefix
from server.reading import report
from server.served import Served
from server.service import EXTENSION, Service, current_service
from server.settings import Settings
from server.spool import EXTENSION as SPOOL
from server.spool import Spool
from server.wsgi import REFUSED


def create_app(settings: Settings, served: Served, pool: PoolClient, federating: PoolClient | None = None) -> Flask:
    """The WSGI application for one version of a dataset; its pools run, or will: until then it answers 503."""
    app = Flask(__name__)
    # Two slashes would be answered with a redirect to the host that the client named.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the order of our documents is the order they are read in
    app.extensions[SPOOL] = Spool(settings.max_spool_mb << 20, settings.max_result_mb << 20)
    app.extensions[EXTENSION] = Service(settings, served, pool, federating)
    app.wsgi_app = UnderPrefix(UnderLanguage(app.wsgi_app), settings.url)  # type: ignore[method-assign]
    admission.register(app, settings)
    pages.register(app)
    pictures.register(app)
    headers.register(app)
    errors.register(app)
    app.before_request(_refuse)
    app.before_request(_limit_address)
    app.before_request(_check_codings)
    binding.register(app)
    data = (store, linked, dumps, catalogue, crawling, llms)
    lasting = (citing, differences, feed)
    asking = (home, search, sparql, queries, explain, conflicts, report)
    for part in (*asking, *lasting, *data, openapi, health, check, reload):
        app.register_blueprint(part.blueprint)
    return app


def _refuse() -> None:
    """Says what the gateway has found wrong with the request."""
    if refused := request.environ.get(REFUSED):
        raise refused


def _limit_address() -> None:
    most = current_service().settings.max_url_kb * 1000
    length = len(request.environ.get("PATH_INFO", "")) + len(request.query_string)
    if length > most:
        raise RequestURITooLarge(f"the address has {length} bytes and may have {most}: send the query by POST")


def _check_codings() -> None:
    if wish_of(request.headers.get("Accept-Encoding")).best() is None:
        raise NoSuchCodingError(f"the client takes no content coding that there is here: {', '.join(EVERY)}", EVERY)
