"""Answers in content codings (RFC 9110, 8.4 and 12.5.3): the same once unpacked, each a representation of its own."""

from __future__ import annotations

import http.client
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from live_server import LiveServer, Reply, running

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: zlib.decompress(data, 31),
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj().decompress(data),
}
MANY = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500"
FEW = "SELECT ?s { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
OF_THE_REQUEST = ("date", "x-request-id")
AS_IT_IS = ("etag", "content-length", "content-encoding")
LONG_ROWS = 'SELECT * { GRAPH ?g { ?s ?p ?o } BIND("' + "long " * 60 + '" AS ?t) } ORDER BY ?g ?s ?p ?o LIMIT 9000'
"""Over a megabyte as it is, so that it goes through a file."""


def asked(server: LiveServer, query: str, coding: str | None, **headers: str) -> Reply:
    if coding is not None:
        headers["accept-encoding"] = coding
    return server.get(f"/sparql?query={quote(query)}", **headers)


def told(reply: Reply, *but: str) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in (*OF_THE_REQUEST, *but)}


@pytest.mark.parametrize("coding", UNPACK)
def test_a_coded_answer_is_the_same_once_unpacked(live_server: LiveServer, coding: str):
    plain, coded = asked(live_server, MANY, None), asked(live_server, MANY, coding)
    assert coded.headers["content-encoding"] == coding
    assert "content-encoding" not in plain.headers
    assert len(coded.body) < len(plain.body) / 4
    assert UNPACK[coding](coded.body) == plain.body
    assert told(coded, *AS_IT_IS) == told(plain, *AS_IT_IS)
    assert "Accept-Encoding" in plain.headers["vary"]


def test_each_coding_has_a_strong_tag_by_which_it_is_not_sent_again(live_server: LiveServer):
    replies = {coding: asked(live_server, MANY, coding) for coding in ("identity", *UNPACK)}
    tags = {coding: reply.headers["etag"] for coding, reply in replies.items()}
    assert len(set(tags.values())) == 4
    assert all(tag.startswith('"') for tag in tags.values())
    for token in ({}, {"authorization": "Basic eDp5"}):  # kept by the gateway; answered by the application
        for coding, tag in tags.items():
            again = asked(live_server, MANY, coding, if_none_match=tag, **token)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert "Accept-Encoding" in again.headers["vary"]
        assert asked(live_server, MANY, "br", if_none_match=tags["gzip"], **token).status == 200


@pytest.mark.parametrize("token", [{}, {"Authorization": "Basic eDp5"}], ids=["kept", "not-kept"])
def test_head_tells_of_the_coded_answer(live_server: LiveServer, token: dict[str, str]):
    for coding in UNPACK:
        headers = {"Accept-Encoding": coding, **token}
        path = f"/sparql?query={quote(MANY)}"
        got, head = live_server.ask("GET", path, headers), live_server.ask("HEAD", path, headers)
        assert head.body == b""
        assert told(head) == told(got)
        assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),  # browsers
        ("br, gzip, deflate", "br"),
        ("gzip,deflate", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=1.0, br;q=0.5, zstd;q=0.1", "gzip"),
        ("zstd;q=0, br;q=0, gzip", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0", None),
        ("deflate, compress", None),
        ("identity", None),
        ("", None),
        ("nonsense;;;=,", None),
        (None, None),
    ],
)
def test_the_client_says_which(live_server: LiveServer, accept_encoding: str | None, coding: str | None):
    reply = asked(live_server, MANY, accept_encoding)
    assert (reply.status, reply.headers.get("content-encoding")) == (200, coding)


def test_a_header_sent_twice_is_one_list(live_server: LiveServer):
    lines = ["GET /queries?format=json HTTP/1.1", "Host: x", "Accept-Encoding: br;q=0.5", "Accept-Encoding: gzip"]
    head = live_server.raw("\r\n".join([*lines, "Connection: close", "", ""]).encode()).partition(b"\r\n\r\n")[0]
    assert b"content-encoding: gzip" in head


def test_what_is_short_stays_as_it_is_but_for_who_does_not_take_that(live_server: LiveServer):
    assert "content-encoding" not in asked(live_server, FEW, "gzip").headers
    coded = asked(live_server, FEW, "gzip, identity;q=0")
    assert coded.headers["content-encoding"] == "gzip"
    assert UNPACK["gzip"](coded.body) == asked(live_server, FEW, "gzip").body


def test_who_takes_nothing_that_there_is_gets_a_problem_whoever_reads_it(live_server: LiveServer):
    for accept in ("*/*", "text/html"):
        reply = asked(live_server, FEW, "identity;q=0", accept=accept)
        assert reply.status == 406
        assert all(coding in reply.text for coding in (*UNPACK, "identity"))


@pytest.mark.parametrize(
    "path",
    ["/", "/queries", "/queries/accessions.html", "/sparql", "/store?default", "/openapi.json", "/static/oxus.css"],
)
def test_whatever_is_text_is_coded(live_server: LiveServer, path: str):
    plain, coded = live_server.get(path), live_server.get(path, accept_encoding="br")
    assert coded.headers["content-encoding"] == "br"
    assert brotli.decompress(coded.body) == plain.body


def test_what_is_packed_already_is_not_packed_again(live_server: LiveServer):
    reply = live_server.get("/queries/accessions.xlsx", accept_encoding="gzip")
    assert (reply.status, "content-encoding" in reply.headers) == (200, False)
    forced = live_server.get("/queries/accessions.xlsx", accept_encoding="gzip, identity;q=0")
    assert UNPACK["gzip"](forced.body) == reply.body


def test_errors_are_sent_as_they_are_and_pages_of_errors_coded(live_server: LiveServer):
    assert "content-encoding" not in live_server.get("/nothing", accept_encoding="gzip").headers
    page = live_server.get("/nothing", accept_encoding="gzip", accept="text/html")
    assert page.status == 404
    assert b"<h1" in UNPACK["gzip"](page.body)


@pytest.fixture(scope="module")
def large(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose answers may be large, and whose readers may not stall."""
    log = tmp_path_factory.mktemp("large") / "log"
    shares = ("--client-seconds", 6000, "--max-stall-s", 0.5)
    with running(mini_build.parent, log, "--timeout-s", 8, "--max-result-mb", 64, *shares) as server:
        yield server


@pytest.mark.parametrize("coding", UNPACK)
def test_a_long_answer_is_coded_as_it_comes(large: LiveServer, coding: str):
    plain, coded = asked(large, LONG_ROWS, "identity"), asked(large, LONG_ROWS, coding)
    assert len(plain.body) > 2_000_000
    assert UNPACK[coding](coded.body) == plain.body
    assert len(coded.body) == int(coded.headers["content-length"])


def test_an_answer_too_large_is_refused_by_what_it_is_unpacked(live_server: LiveServer):
    reply = asked(live_server, LONG_ROWS.replace("9000", "90000").replace("long ", "very long " * 9), "gzip")
    assert (reply.status, reply.json()["type"].rpartition("#")[2]) == (503, "result-too-large")
    assert "content-encoding" not in reply.headers


def test_a_reader_that_stalls_gets_no_whole_answer(large: LiveServer):
    """A coded answer that breaks off is short of its promised length; its coding, too, has no end."""
    random = "SELECT ?s ?x { ?s ?p ?o BIND(CONCAT(SHA512(CONCAT(STR(?s), STR(?p), STR(?o))), SHA512(STR(?o))) AS ?x) }"
    with closing(http.client.HTTPConnection("127.0.0.1", large.port, timeout=20)) as connection:
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.request("GET", f"/sparql?query={quote(random)}", headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        assert (response.status, response.getheader("content-encoding")) == (200, "gzip")
        unpacking, received = zlib.decompressobj(31), 0
        time.sleep(1.5)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            while data := response.read(4096):
                received += len(data)
                unpacking.decompress(data)
        assert not unpacking.eof
        assert received < int(response.getheader("content-length") or 0)
