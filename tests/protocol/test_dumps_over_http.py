"""The dumps over HTTP: what the manifest says, in whole and in parts, at addresses that stay."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from live_server import LiveServer


def test_a_dump_is_what_the_manifest_says(live_server: LiveServer):
    manifest = live_server.get("/dump/latest/manifest.json").json()
    for name, entry in manifest["files"].items():
        reply = live_server.get(f"/dump/latest/{name}")
        assert (len(reply.body), hashlib.sha256(reply.body).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert reply.headers["content-type"] == entry["type"]
        assert reply.headers["etag"] == f'"{entry["sha256"]}"'
        assert reply.headers["last-modified"].endswith("00:00:00 GMT")


def test_a_dump_can_be_had_in_parts(live_server: LiveServer):
    whole = live_server.get("/dump/latest/oxus.ttl")
    part = live_server.get("/dump/latest/oxus.ttl", range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    last = live_server.get("/dump/latest/oxus.ttl", range="bytes=-5")
    assert last.body == whole.body[-5:]
    assert live_server.get("/dump/latest/oxus.ttl", range="bytes=999999999-").status == 416
    other = live_server.get("/dump/latest/oxus.ttl", range="bytes=0-1", if_range='"another"')
    assert (other.status, len(other.body)) == (200, len(whole.body))


def test_a_version_has_an_address_that_stays(live_server: LiveServer):
    version = live_server.get("/readyz").json()["version"]
    kept = live_server.get(f"/dump/{quote(version)}/oxus.ttl")
    assert "immutable" in kept.headers["cache-control"]
    assert live_server.get(f"/dump/{version}/oxus.ttl").body == kept.body
    assert "immutable" not in live_server.get("/dump/latest/oxus.ttl").headers["cache-control"]


def test_an_unknown_dump_lists_those_there_are(live_server: LiveServer):
    assert "oxus.ttl" in live_server.get("/dump/latest/nothing").json()["suggestions"]
