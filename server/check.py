"""`/check`: our own metadata examined as a harvester would, with what to do where something is amiss.

It asks this application, in this process: never the network. What it finds is kept as long as the dataset is served.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from flask import Blueprint, Response, current_app, request
from werkzeug.test import Client

from kg.errors import NotFoundError, ServiceBusyError
from server import arguments, bodies, pages
from server.exchange import KEY, Exchange, current_exchange
from server.harvest.checks import UNKNOWN, Finding, examine
from server.harvest.site import Reply, Site
from server.negotiation import HTML, Choice, Offer, choose
from server.service import BOUND, Service, current_service

blueprint = Blueprint("check", __name__)

JSON = Offer("json", "application/json")
OFFERS = (JSON, HTML)
CLIENT = "check"
"""Who asks: it has a share of its own, which bounds what examining costs, and takes none of whoever reads the page."""
MOST_S = 20.0
"""Seconds that the checks may take together."""
EXAMINING = threading.Lock()
"""Held by whoever examines: it costs a few seconds, so that one at a time is enough."""


class _UnsettledError(Exception):
    """Some of it could not be examined now: this is told once, and not kept."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


@blueprint.get("/check")
@blueprint.get("/check.<suffix>")
def show(suffix: str | None = None) -> Response:
    """What each check of our own metadata finds."""
    if suffix not in (None, JSON.name, HTML.name):
        raise NotFoundError(f"the checks cannot be had as .{suffix}", suggestions=[JSON.name, HTML.name])
    wanted = suffix or arguments.in_url(request).one("format")
    choice: Choice = choose(OFFERS, request.headers.get("Accept"), wanted)
    findings = findings_of(current_service())
    counts = Counter(finding.verdict for finding in findings)
    if choice.offer is HTML:
        response = pages.render("check.html", findings=findings, counts=counts)
    else:
        version = current_service().served.manifest.version
        response = bodies.of_json(
            {"version": version, "counts": counts, "checks": [asdict(finding) for finding in findings]}
        )
    response.vary.add("Accept")
    return response


def findings_of(service: Service) -> list[Finding]:
    """What the checks find of a version; examined when it is first asked for.

    Raises: ServiceBusyError while another is examining.
    """
    try:
        return service.kept("check", lambda: _examined(service))
    except _UnsettledError as error:
        current_exchange().momentary = True
        return error.findings


def _examined(service: Service) -> list[Finding]:
    if not EXAMINING.acquire(blocking=False):
        raise ServiceBusyError("the metadata are being examined at this moment", limit="check", retry_after_s=3)
    try:
        findings = examine(Site(service.settings.url, lambda path, headers: _asked(service, path, headers)), MOST_S)
    finally:
        EXAMINING.release()
    if any(finding.verdict == UNKNOWN for finding in findings):
        raise _UnsettledError(findings)
    return findings


def _asked(service: Service, path: str, headers: Mapping[str, str]) -> Reply:
    """What this application answers, of the version that is being examined."""
    outer = current_exchange()
    inner = Exchange(client=CLIENT, path=path, withdrawal=outer.withdrawal)
    client = Client(current_app.wsgi_app)
    with client.get(path, headers=dict(headers), environ_overrides={BOUND: service, KEY: inner}) as answer:
        found = {name.lower(): value for name, value in answer.headers.items()}
        reply = Reply(answer.status_code, found, answer.get_data())
    outer.worker_s += inner.worker_s
    return reply
