"""`/healthz` says that the front is alive, `/readyz` that it can answer, and which version; `/metrics` how it fares."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache

from flask import Blueprint, Response, jsonify

from kg.backend.connection import RESULTS, Backend, Connection
from kg.errors import QueryLimitError, ServiceBusyError
from server.admission import check_token, observers
from server.service import current_service

blueprint = Blueprint("health", __name__)

ASKED_EVERY_S = 1.0
WITHIN_S = 2.0
"""How long a store may take to be there: who asks whether the server is ready waits no longer himself."""


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as there is somebody to say so; asks nothing of the pool."""
    return _fresh(jsonify(status="alive"))


@blueprint.get("/readyz")
def ready() -> Response:
    """200 with the version if workers are there, else the 503 of what is amiss. Being busy is not being amiss.

    That they answer has been seen before the version became current (`server.publishing`); of another store that
    answers for them it is seen anew.
    """
    service = current_service()
    status = service.pool.status()
    if not status.idle + status.busy:
        raise ServiceBusyError("the query workers are just being started", limit="pool", retry_after_s=1)
    manifest = service.served.manifest
    backend = service.settings.backend_of(manifest.version)
    if backend is not None and (fault := _fault_of(backend, int(time.monotonic() / ASKED_EVERY_S))) is not None:
        raise fault
    return _fresh(jsonify(status="ready", version=manifest.version, release=manifest.release, built=manifest.built))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Numbers for Prometheus; with the token, if one is set."""
    check_token()
    return observers().metrics.answer()


@lru_cache(maxsize=1)
def _fault_of(backend: Backend, moment: int) -> QueryLimitError | None:
    """Why a store does not answer the least of queries; asked once for all who ask in a moment."""
    connection = Connection(replace(backend, connect_s=WITHIN_S, read_s=WITHIN_S))
    try:
        connection.ask("ASK { ?s ?p ?o }", RESULTS).read()
    except QueryLimitError as error:
        return error
    finally:
        connection.close()
    return None


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
