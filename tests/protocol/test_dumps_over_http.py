"""The dumps over HTTP: what the manifest says, in whole and in parts, at addresses that stay."""

from __future__ import annotations

import gzip
import hashlib
from urllib.parse import quote

from live_server import LiveServer, Reply


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


def test_a_text_is_sent_gzipped_to_who_asks(live_server: LiveServer):
    plain = live_server.get("/dump/latest/oxus.ttl")
    packed = live_server.get("/dump/latest/oxus.ttl", accept_encoding="br, zstd, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.body == live_server.get("/dump/latest/oxus.ttl.gz").body
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"] and "Accept-Encoding" in packed.headers["vary"]
    again = live_server.get("/dump/latest/oxus.ttl", accept_encoding="gzip", if_none_match=packed.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = live_server.ask("HEAD", "/dump/latest/oxus.ttl", {"Accept-Encoding": "gzip"})
    assert head.headers["content-length"] == str(len(packed.body))


def test_parts_are_of_the_text_as_it_is(live_server: LiveServer):
    path = "/dump/latest/oxus.ttl"
    plain, packed = live_server.get(path), live_server.get(path, accept_encoding="gzip")
    assert (plain.headers["accept-ranges"], packed.headers.get("accept-ranges")) == ("bytes", None)
    part = live_server.get(path, accept_encoding="gzip", range="bytes=0-99")
    assert (part.status, part.body, part.headers.get("content-encoding")) == (206, plain.body[:100], None)
    assert part.headers["etag"] == plain.headers["etag"]
    # Who has begun with the gzipped text cannot go on with parts of the other.
    whole = live_server.get(path, accept_encoding="gzip", range="bytes=100-", if_range=packed.headers["etag"])
    assert (whole.status, whole.body) == (200, plain.body)
    more = live_server.get(path, range="bytes=100-", if_range=plain.headers["etag"])
    assert (more.status, part.body + more.body) == (206, plain.body)
    assert live_server.get(path, accept_encoding="gzip, identity;q=0", range="bytes=0-9").status == 406


def test_what_is_packed_already_has_no_other_coding(live_server: LiveServer):
    for name in ("oxus.nq.gz", "statements.parquet"):
        reply = live_server.get(f"/dump/latest/{name}", accept_encoding="gzip")
        assert (reply.status, reply.headers.get("content-encoding")) == (200, None)
        refused = live_server.get(f"/dump/latest/{name}", accept_encoding="gzip, identity;q=0")
        assert (refused.status, refused.json()["offered"]) == (406, [{"coding": "identity"}])


def test_a_dump_that_has_not_changed_since_is_not_sent_again(live_server: LiveServer):
    version = live_server.get("/readyz").json()["version"]
    path = f"/dump/{quote(version)}/oxus.trig"
    date = live_server.get(path).headers["last-modified"]
    assert live_server.get(path, if_modified_since=date).status == 304
    assert live_server.get(path, if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
    # The tag counts before the date (RFC 9110, 13.2.2).
    assert live_server.get(path, if_modified_since=date, if_none_match='"another"').status == 200


def test_a_day_does_not_tell_which_version_is_the_latest(live_server: LiveServer):
    path = "/dump/latest/oxus.ttl"
    whole = live_server.get(path)
    date = whole.headers["last-modified"]
    assert date.endswith("00:00:00 GMT")
    for day in (date, "Wed, 01 Jan 2070 00:00:00 GMT"):
        assert live_server.get(path, if_modified_since=day).body == whole.body
    assert live_server.get(path, if_none_match=whole.headers["etag"]).status == 304
    for at in (path, f"/dump/{quote(whole.headers['oxus-version'])}/oxus.ttl"):
        assert live_server.get(at, range="bytes=0-9", if_range=date).body == whole.body
    assert live_server.get(path, if_unmodified_since="Mon, 01 Jan 2001 00:00:00 GMT").status == 412


def test_a_range_that_gets_no_part_gets_the_whole(live_server: LiveServer):
    path = "/dump/latest/oxus.ttl"
    whole = live_server.get(path)
    asked = {"range": "lines=0-9"}, {"range": "bytes=0-1,5-9"}, {"range": "bytes=0-9", "if_range": f"W/{etag(whole)}"}
    for headers in asked:
        reply = live_server.get(path, **headers)
        assert (reply.status, reply.body, etag(reply)) == (200, whole.body, etag(whole)), headers
        packed = live_server.get(path, accept_encoding="gzip", **headers)
        assert (packed.status, gzip.decompress(packed.body)) == (200, whole.body), headers
    head = live_server.ask("HEAD", path, {"Range": "bytes=0-9"})
    assert (head.status, head.headers["content-length"]) == (200, str(len(whole.body)))
    assert live_server.get(path, range="Bytes=0-9", if_range=etag(whole)).body == whole.body[:10]


def test_any_dump_is_there_for_if_match_of_a_star(live_server: LiveServer):
    for path in ("/dump/latest/oxus.ttl", "/llms.txt"):
        assert live_server.get(path, if_match="*").status == 200
        assert live_server.get(path, if_match='"another"').status == 412


def etag(reply: Reply) -> str:
    return reply.headers["etag"]
