"""The headers of every answer: the version served, CORS for scripts of any site, what a browser may do with a page."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from server.arguments import QUERY_TYPES
from server.service import current_service

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    # What answers is our business: the HTTP server would put its own name here.
    "Server": "oxus",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Nothing inline and nothing from elsewhere; but what is published here may be used by pages of any site."""
ONE_YEAR_S = 31536000
EXPOSED = (
    "Accept-Post, Accept-Query, Allow, Content-Disposition, Content-Range, ETag, Link, Oxus-Version, Retry-After, "
    "X-Request-Id"
)
ALLOWED = "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, If-Range, Prefer, Range"


def register(app: Flask) -> None:
    """Adds them to every answer of the application, errors included, and answers OPTIONS."""
    app.before_request(_answer_options)
    app.after_request(_add)


def _answer_options() -> Response | None:
    """204 with Allow for OPTIONS on any address that exists; the preflight of CORS is one of them."""
    if request.method != "OPTIONS" or request.routing_exception is not None:
        return None
    response = current_app.make_default_options_response()
    response.status_code = 204
    response.headers.pop("Content-Type", None)
    asked = request.headers.get("Access-Control-Request-Headers")
    response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
    # Clients send headers of their own; refusing those would protect nothing, since no credentials are taken.
    response.headers["Access-Control-Allow-Headers"] = asked or ALLOWED
    response.headers["Access-Control-Max-Age"] = "86400"
    if asked:
        response.vary.add("Access-Control-Request-Headers")
    return response


def _add(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    # An answer from an earlier version has said so already.
    response.headers.setdefault("Oxus-Version", current_service().served.manifest.version)
    if request.url_rule and "QUERY" in (request.url_rule.methods or ()):
        response.headers["Accept-Query"] = QUERY_TYPES
    if current_service().settings.url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}"
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response
