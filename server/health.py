"""`/healthz` says that the front is alive, `/readyz` that it can answer, and which version; `/metrics` how it fares."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from kg.errors import ServiceBusyError
from server.admission import check_token, observers
from server.service import current_service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as there is somebody to say so; asks nothing of the pool."""
    return _fresh(jsonify(status="alive"))


@blueprint.get("/readyz")
def ready() -> Response:
    """200 with the version if workers are there, else the 503 of what is amiss. Being busy is not being amiss.

    That they answer has been seen before the version became current (`server.publishing`).
    """
    service = current_service()
    status = service.pool.status()
    if not status.idle + status.busy:
        raise ServiceBusyError("the query workers are just being started", limit="pool", retry_after_s=1)
    manifest = service.served.manifest
    return _fresh(jsonify(status="ready", version=manifest.version, release=manifest.release, built=manifest.built))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Numbers for Prometheus; with the token, if one is set."""
    check_token()
    return observers().metrics.answer()


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
