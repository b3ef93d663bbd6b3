"""`POST /reload`: has the build that stands there now served. Loading it is left to `publishing`."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from server.control import ask_to_reload
from server.service import current_service
from server.tokens import bears_token

CONTROL = "oxus.control"
"""Under which name the application knows the socket of whoever reloads."""

blueprint = Blueprint("reload", __name__)


@blueprint.post("/reload")
def reload() -> Response:
    """200 with the version once it is served, 409 with the reason if it cannot be; 404 where no token is set."""
    token = current_service().settings.token
    if not token or CONTROL not in current_app.extensions:
        raise NotFound()
    if not bears_token(request.headers.get("Authorization"), token):
        raise Unauthorized("this takes the operator's token", www_authenticate=WWWAuthenticate("bearer"))
    response = jsonify(ask_to_reload(current_app.extensions[CONTROL]))
    response.headers["Cache-Control"] = "no-store"
    return response
