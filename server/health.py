"""`/healthz` says that the front is alive, `/readyz` that it can answer, and which version; `/metrics` how it fares."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from kg.engine.guard import QueryForm
from server.admission import check_token, observers
from server.service import Question, current_service

blueprint = Blueprint("health", __name__)

TRIVIAL = Question("ASK {}", QueryForm.ASK, timeout_s=2.0)


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as there is somebody to say so; asks nothing of the pool."""
    return _fresh(jsonify(status="alive"))


@blueprint.get("/readyz")
def ready() -> Response:
    """200 with the version once the pool answers a query, else the 503 of what kept it from answering."""
    service = current_service()
    service.results(TRIVIAL)
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
