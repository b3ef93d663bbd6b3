"""The headers of every answer, and pages that keep to what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from live_server import ROOT, LiveServer, running

PATHS = ["/", "/sparql?query=ASK%7B%7D", "/sparql?query=nonsense", "/queries/accessions.csv", "/nothing", "/healthz"]
PATHS += ["/static/oxus.css", "/dump/latest/manifest.json", "/metrics"]
EXPECTED = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "same-origin",
    "server": "oxus",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "access-control-allow-origin": "*",
}
# JSON-LD is data, which no browser runs.
INLINE = re.compile(r'<style|\sstyle=|\son[a-z]+=|javascript:|<script(?! type="application/ld\+json">)(?![^>]*\ssrc=)')


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_a_browser_may_do_with_it(live_server: LiveServer, path: str):
    headers = live_server.get(path).headers
    assert {name: headers.get(name) for name in EXPECTED} == EXPECTED
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy) and "*" not in str(policy)
    assert "permissions-policy" in headers
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    assert "strict-transport-security" not in headers


def test_browsers_are_kept_on_https_where_visitors_use_it(mini_build: Path, tmp_path: Path):
    with running(mini_build.parent, tmp_path / "log", "--public-url", "https://example.org/") as server:
        assert server.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_no_template_has_script_or_style_in_it():
    templates = sorted((ROOT / "server" / "templates").glob("*.html"))
    assert templates
    assert [(path.name, found[0]) for path in templates for found in INLINE.finditer(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "text", ['<p style="x">', "<a onclick='x'>", "<script>x</script>", "<style>", '<a href="javascript:x">']
)
def test_script_or_style_in_a_template_would_be_found(text: str):
    assert INLINE.search(text)
    assert not INLINE.search('<script src="/static/a.js" defer></script> <p class="on style">')
