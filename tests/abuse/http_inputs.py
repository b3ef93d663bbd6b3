"""What is hostile before any query is read: addresses, headers, framing, encodings, bodies, negotiation."""

from __future__ import annotations

import gzip
import zlib
from urllib.parse import quote

from attack import BROWSER, CLOSED, FORM, QUERY, Send, asks, family, gets, head, posts, raw
from crowds import together

EVIL = "evil.invalid"
UNSEEN = rf"(?s)\A(?!.*{EVIL})"
"""Nothing of what a header says about hosts comes back."""
ASK = "/sparql?query=ASK+%7B%7D"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ALONE = r"(?s)\A(?!.*smuggled)"
BOMB = gzip.compress(b"ASK {} #" + b"\0" * 50_000_000)
OWN_SCRIPT = r' type="module" src="/static/built/[a-z]+\.js"></script>'
"""What may follow `<script` on a page of an error, and nothing else."""


def path(target: str) -> Send:
    """A path as it is: not what a client would make of it."""
    return raw(head(target))


TRAVERSALS = {
    "dots": "/dump/latest/../../../../etc/passwd",
    "encoded dots": "/dump/latest/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "encoded slashes": "/dump/latest/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "encoded twice": "/dump/latest/%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "overlong UTF-8": "/dump/latest/%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    "backslashes": "/dump/latest/..%5c..%5c..%5cetc%5cpasswd",
    "an absolute path": "/dump/latest//etc/passwd",
    "an absolute path, encoded": "/dump/latest/%2fetc%2fpasswd",
    "a null at the end": "/dump/latest/oxus.ttl%00.png",
    "a file of the build that is no dump": "/dump/latest/../current",
    "a version that is a path": "/dump/..%2f..%2f/manifest.json",
    "static": "/static/../../pyproject.toml",
    "static, encoded": "/static/%2e%2e/%2e%2e/pyproject.toml",
    "static, absolute": "/static//etc/passwd",
    "a query's file": "/queries/../../../../etc/passwd",
    "a query's file, encoded": "/queries/..%2f..%2fchecks%2fx",
    "a query's file with its ending": "/queries/accessions.rq",
    "a template": "/queries/%7B%7B7*7%7D%7D",
    "dots alone": "/..",
    "a drive": "/static/C:%5cwindows%5cwin.ini",
}
PATHS = family(
    "paths",
    *((name, path(target), (400, 404), r"(?s)\A(?!.*root:)(?!.*\b49\b)") for name, target in TRAVERSALS.items()),
    ("of 60 kB", path("/" + "a" * 60_000), (414,), "60001"),
    ("of 200 kB", path("/" + "a" * 200_000), (414,), "", 3.0, True),
    ("of ten thousand parts", path("/a" * 10_000), (404,)),
    ("a query of 40 kB in the address", asks("ASK {} #" + "x" * 40_000, method="GET"), (414,), "POST"),
    ("a null", raw(b"GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n"), (400,), "", 3.0, True),
    ("bytes that are no UTF-8", path("/queries/%ff%fe"), (400, 404)),
    ("bytes that are not even encoded", raw(b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"), (400,), "", 3.0, True),
    ("a lone surrogate", path("/queries/%ed%a0%80"), (400, 404)),
    ("a line break", path("/queries/a%0d%0aSet-Cookie:%20a=b"), (400, 404)),
    (
        "a script",
        raw(head("/%3Cscript%3Ealert(1)%3C/script%3E", f"Accept: {BROWSER}")),
        (404,),
        rf"(?s)\A(?!.*<script(?!{OWN_SCRIPT}))",
    ),
)

HOSTS = family(
    "hosts",
    ("another host", raw(head("/queries", host=EVIL)), (200,), UNSEEN),
    ("another host, as a page", raw(head("/sparql?format=html&query=ASK+%7B%7D", host=EVIL)), (200,), UNSEEN),
    ("another host, the home page", raw(head("/?format=html", f"Accept: {BROWSER}", host=EVIL)), (200,), UNSEEN),
    ("another host, a description", raw(head("/sparql", host=EVIL)), (200,), UNSEEN),
    ("another host, an error", raw(head("/nothing", host=EVIL)), (404,), UNSEEN),
    ("another host, a redirect", raw(head("/queries/accessions/ask?party=id:vellmark", host=EVIL)), (303,), UNSEEN),
    (
        "another host, a base",
        raw(head("/sparql?format=csv&query=" + quote("SELECT (IRI('x') AS ?x) {}"), host=EVIL)),
        (200,),
        UNSEEN,
    ),
    ("another host, slashes to merge", raw(head("/queries//accessions", host=EVIL)), (404,), UNSEEN),
    (
        "another host, a link made of parameters",
        raw(head("/sparql?format=html&_external=1&query=ASK+%7B%7D", host=EVIL)),
        (200,),
        UNSEEN,
    ),
    (
        "a proxy's host",
        raw(head("/queries", f"X-Forwarded-Host: {EVIL}", f"Forwarded: host={EVIL};for={EVIL}", f"X-Host: {EVIL}")),
        (200,),
        UNSEEN,
    ),
    (
        "a proxy's scheme",
        raw(
            head(
                "/queries",
                "X-Forwarded-Proto: javascript",
                "X-Forwarded-Prefix: /evil.invalid",
                "X-Script-Name: /evil.invalid",
            )
        ),
        (200,),
        UNSEEN + r"(?!.*javascript)",
    ),
    ("a proxy's path", raw(head("/healthz", "X-Original-URL: /queries", "X-Rewrite-URL: /queries")), (200,), "alive"),
    ("another's address", raw(head(ASK, "X-Forwarded-For: " + "127.0.0.1, " * 500)), (200,), "true"),
    ("the absolute form", raw(head(f"http://{EVIL}/queries", host=EVIL)), (200,), UNSEEN),
    ("two slashes", raw(head(f"//{EVIL}/queries", host=EVIL)), (400,)),
    ("two slashes before a query", raw(head(f"//{EVIL}/queries/accessions/ask?x=y", host=EVIL)), (400,)),
    ("slash and backslash", raw(head(f"/%5c{EVIL}/", host=EVIL)), (404,)),
    (
        "a redirect with a line break",
        raw(head(f"/queries/accessions/ask?party=%0d%0aLocation:%20http://{EVIL}", host="x")),
        (303,),
        r"(?s)\A(?!.*\nLocation)",
    ),
    (
        "a host that is markup",
        raw(head("/", f"Accept: {BROWSER}", host='"><script>alert(1)</script>')),
        (200, 400),
        r"(?s)\A(?!.*alert)",
    ),
    ("a host that is too long", raw(head("/healthz", host="a" * 5000)), (200, 400)),
    ("a host that is a path", raw(head("/healthz", host="..")), (200, 400)),
    ("no host", raw(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"), (200, 400)),
)

HEADERS = family(
    "headers",
    ("one of 100 kB", raw(head("/healthz", "X-A: " + "a" * 100_000)), (431,), "", 3.0, True),
    ("one of 500 kB", raw(head("/healthz", "X-A: " + "a" * 500_000)), (431,), "", 3.0, True),
    ("a thousand", raw(head("/healthz", *["X-A: b"] * 1000)), (431,), "", 3.0, True),
    ("a line break folded in", raw(head("/healthz", "X-A: b\r\n c: d")), (400,), "", 3.0, True),
    ("a null", raw(head("/healthz", "X-A: b\0c")), (400,), "", 3.0, True),
    ("bytes that are no text", raw(head("/queries", "Accept: \xff\xfe/\xfd")), (200, 406)),
    ("cookies", raw(head("/sparql?query=ASK+%7B%7D", "Cookie: " + "a=b; " * 10_000)), (431,), "", 3.0, True),
    ("300 kB of entity tags", raw(head(ASK, "If-None-Match: " + '"a", ' * 60_000)), (431,), "", 3.0, True),
    (
        "300 kB of spaces between entity tags",
        raw(head(ASK, 'If-None-Match: "a"' + " " * 300_000 + '"b"')),
        (431,),
        "",
        3.0,
        True,
    ),
    ("any entity tag", raw(head(ASK, "If-None-Match: *")), (200, 304)),
    ("an impossible date", raw(head("/dump/latest/oxus.ttl", "If-Modified-Since: " + "9" * 3000)), (200,)),
    ("preferences", raw(head(ASK, "Prefer: " + "wait=0, return=minimal, " * 400)), (200,), "true"),
    (
        "headers to allow",
        raw(
            head(
                "/sparql",
                "Origin: null",
                "Access-Control-Request-Method: GET",
                "Access-Control-Request-Headers: " + "x-a, " * 900,
                method="OPTIONS",
            )
        ),
        (204,),
    ),
    (
        "an upgrade",
        raw(head("/healthz", "Upgrade: websocket, h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")),
        (200, 400),
    ),
    ("an expectation", raw(POST + b"Expect: 200-maybe\r\nContent-Length: 6\r\n\r\nASK {}"), (200, 417)),
    ("a body with GET", raw(head("/healthz", "Content-Length: 5") + b"ASK {"), (200,)),
    ("a password", raw(head("/healthz", "Authorization: Basic " + "A" * 5000)), (200,)),
)

FRAMING = family(
    "framing",
    ("two lengths", raw(POST + b"Content-Length: 6\r\nContent-Length: 60\r\n\r\nASK {}"), (400,), ""),
    ("a length below zero", raw(POST + b"Content-Length: -1\r\n\r\nASK {}"), (400,)),
    ("a length with a sign", raw(POST + b"Content-Length: +6\r\n\r\nASK {}"), (400,)),
    ("a length past all bits", raw(POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\nASK {}"), (400,)),
    ("an enormous length", raw(POST + b"Content-Length: 9000000000000000000\r\n\r\nASK {}"), (413,)),
    (
        "a length and chunks",
        raw(
            POST.replace(b"Connection: close\r\n", b"")
            + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
            + SMUGGLED
        ),
        (200, 400),
        ALONE,
    ),
    (
        "a length and chunks that end early",
        raw(
            POST.replace(b"Connection: close\r\n", b"")
            + b"Content-Length: 80\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + SMUGGLED
        ),
        (400,),
        ALONE,
    ),
    (
        "an encoding of another name",
        raw(POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 6\r\n\r\nASK {}"),
        (400,),
    ),
    (
        "an encoding behind a space",
        raw(POST + b"Transfer-Encoding : chunked\r\nContent-Length: 6\r\n\r\nASK {}"),
        (400,),
    ),
    ("chunks of no number", raw(CHUNKED + b"zz\r\nASK {}\r\n0\r\n\r\n"), (400,)),
    ("a chunk past all bits", raw(CHUNKED + b"F" * 17 + b"\r\nASK {}\r\n0\r\n\r\n"), (400,)),
    ("a chunk with 20 kB to say of itself", raw(CHUNKED + b"6;" + b"a" * 20_000 + b"\r\nASK {}\r\n0\r\n\r\n"), (400,)),
    ("chunks that never end", raw(CHUNKED + b"1\r\n#\r\n" * 300_000), (413, 400), "", 15.0),
    (
        "chunks with two thousand trailers",
        raw(CHUNKED + b"6\r\nASK {}\r\n0\r\n" + b"X-A: b\r\n" * 2000 + b"\r\n"),
        (200, 400, 431),
    ),
    ("lines without a return", raw(b"GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n"), (200, 400)),
    ("HTTP/0.9", raw(b"GET /healthz\r\n\r\n"), (400,)),
    ("HTTP/2 without being asked", raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"), (CLOSED,)),
    ("HTTP/9", raw(b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n"), (400, 505)),
    ("TLS", raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100), (400, CLOSED)),
    ("noise", raw(bytes(range(256)) * 40 + b"\r\n\r\n"), (400, CLOSED)),
    ("a method that is markup", raw(head("/sparql", method="<SCRIPT>")), (400,)),
    bare=True,
)

METHODS = family(
    "methods",
    ("one that is unknown", raw(head("/sparql", method="FOO")), (405,)),
    ("one of 5 kB", raw(head("/sparql", method="A" * 5000)), (400, 405, 501), "", 3.0, True),
    (
        "TRACE",
        raw(head("/sparql", "X-Secret: canary-of-trace", method="TRACE")),
        (405,),
        r"(?s)\A(?!.*canary-of-trace)",
    ),
    ("CONNECT", raw(head(f"{EVIL}:80", method="CONNECT")), (400, 404, 405), UNSEEN, 3.0, True),
    ("OPTIONS *", raw(head("*", method="OPTIONS")), (204, 404)),
    ("500 OPTIONS", together(20, 25, lambda target: target.ask("OPTIONS", "/sparql", {})), (204,)),
    ("POST to health", posts("/healthz", FORM, "a=b"), (405,)),
    ("POST to a dump", posts("/dump/latest/oxus.ttl", FORM, "a=b"), (405,)),
)

ENCODINGS = family(
    "encodings",
    ("a query that is no UTF-8", posts("/sparql", QUERY, b"ASK { ?s ?p '\xff' }"), (400,), "UTF-8"),
    ("a form that is no UTF-8", posts("/sparql", FORM, b"query=ASK+%7B+%3Fs+%3Fp+'%ff'+%7D"), (400,), "UTF-8"),
    ("an address that is no UTF-8", gets("/sparql?query=ASK+%7B+%3Fs+%3Fp+'%ff'+%7D"), (400,), "UTF-8"),
    ("overlong UTF-8", posts("/sparql", QUERY, b"ASK { ?s ?p '\xc0\xaf' }"), (400,), "UTF-8"),
    ("UTF-16", posts("/sparql", QUERY, "ASK {}".encode("utf-16")), (400,), "UTF-8"),
    ("UTF-7 by name", posts("/sparql", QUERY + "; charset=utf-7", "ASK {}"), (415,), "utf-7"),
    ("a charset that runs code", posts("/sparql", QUERY + "; charset=../../rot13", "ASK {}"), (415,)),
    ("a null", posts("/sparql", QUERY, b"ASK {\0}"), (400,), "query-syntax"),
    ("a null in a string", asks("ASK { ?s ?p 'a\0b' }"), (400,), "U\\+0000"),
    ("a byte order mark", posts("/sparql", QUERY, "\ufeffASK {}"), (200,), "true"),
    ("two byte order marks", posts("/sparql", QUERY, "\ufeff\ufeffASK {}"), (400,), "query-syntax"),
    ("a lone surrogate", gets("/sparql?query=ASK+%7B+%3Fs+%3Fp+'%ed%a0%80'+%7D"), (400,), "UTF-8"),
    ("a lone surrogate by escape", asks(r"ASK { ?s ?p '\ud800' }"), (400,), "query-syntax"),
    ("a character past Unicode", asks(r"ASK { ?s ?p '\U00110000' }"), (400,), "query-syntax"),
    ("text that runs backwards", asks("ASK { ?s ?p '\u202e' } # \u202e"), (200,), "false"),
    ("60,000 combining marks", asks("ASK { ?s ?p 'a" + "\u0301" * 30_000 + "' }"), (200,), "false"),
    ("a percent sign alone", gets("/sparql?query=%"), (400,), "query-syntax"),
)

BODIES = family(
    "bodies",
    ("300 kB", posts("/sparql", QUERY, "#" * 300_000), (413,)),
    ("300 kB of form", posts("/sparql", FORM, "query=" + "x" * 300_000), (413,)),
    (
        "300 kB in chunks",
        raw(
            CHUNKED
            + b"186A0\r\n"
            + b"#" * 100_000
            + b"\r\n"
            + (b"186A0\r\n" + b"#" * 100_000 + b"\r\n") * 3
            + b"0\r\n\r\n"
        ),
        (413,),
    ),
    (
        "50 MB in chunks",
        raw(CHUNKED, *[b"F4240\r\n" + b"#" * 1_000_000 + b"\r\n"] * 50, b"0\r\n\r\n"),
        (413, CLOSED),
        "",
        5.0,
        True,
    ),
    ("a thousand and one fields", posts("/sparql", FORM, "query=ASK+%7B%7D" + "&a=b" * 1001), (400,), "parameters"),
    ("a gzip bomb", posts("/sparql", QUERY, BOMB, Content_Encoding="gzip"), (415,), "gzip|compressed"),
    ("a gzip bomb in a form", posts("/sparql", FORM, BOMB, Content_Encoding="gzip"), (415,), "gzip|compressed"),
    (
        "a deflate bomb",
        posts("/sparql", QUERY, zlib.compress(b"\0" * 20_000_000), Content_Encoding="deflate"),
        (415,),
        "deflate|compressed",
    ),
    (
        "a gzip bomb in a gzip bomb",
        posts("/sparql", QUERY, gzip.compress(BOMB), Content_Encoding="gzip, gzip"),
        (415,),
        "gzip|compressed",
    ),
    (
        "a body shorter than its length",
        raw(POST + b"Content-Length: 60\r\n\r\nASK {}", patience_s=20),
        (400, 408, CLOSED),
        "",
        20.0,
        True,
    ),
    (
        "multipart of a thousand parts",
        posts(
            "/sparql",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n" * 1000,
        ),
        (415,),
    ),
    ("no body", raw(POST + b"Content-Length: 0\r\n\r\n"), (400,), "query-syntax"),
)

RANGES = family(
    "ranges",
    ("ten thousand", raw(head("/dump/latest/oxus.ttl", "Range: bytes=" + "0-,5-6," * 10_000)), (431,), "", 3.0, True),
    ("past all bits", raw(head("/dump/latest/oxus.ttl", "Range: bytes=99999999999999999999999999-")), (416,)),
    ("from behind", raw(head("/dump/latest/oxus.ttl", "Range: bytes=-99999999999999999999999999")), (200, 206, 416)),
    ("backwards", raw(head("/dump/latest/oxus.ttl", "Range: bytes=9-1")), (200, 416)),
    ("of another unit", raw(head("/dump/latest/oxus.ttl", "Range: rows=0-1")), (200, 416)),
    ("with signs", raw(head("/dump/latest/oxus.ttl", "Range: bytes=+1-+2")), (200, 416)),
    ("in other digits", raw(head("/dump/latest/oxus.ttl", "Range: bytes=\xb2-\xb3")), (200, 416)),
    ("of a query's answer", raw(head(ASK, "Range: bytes=0-0,5-5,9999999-")), (200, 206, 416)),
    (
        "if it is still this",
        raw(head("/dump/latest/oxus.ttl", "Range: bytes=0-1", "If-Range: " + '"x",' * 900)),
        (200,),
    ),
)

ACCEPTS = family(
    "negotiation",
    ("ten thousand types", gets(ASK, accept="a/b," * 9_999 + "c/d"), (431,)),
    ("ten thousand types and one of ours", gets(ASK, accept="a/b;q=0.1," * 9_999 + "text/csv"), (431,)),
    ("a weight past all numbers", gets(ASK, accept="text/csv;q=" + "9" * 4000), (200, 406)),
    ("a weight that is no number", gets(ASK, accept="text/csv;q=nan, */*;q=-1"), (200, 406)),
    ("nothing at all", gets(ASK, accept="*/*;q=0"), (406,), "offered"),
    ("commas", gets(ASK, accept="," * 15_000), (200, 406)),
    ("quotes that never close", gets(ASK, accept='text/csv;a="' + '\\"' * 7_000), (200, 406)),
    ("blanks in a type", gets(ASK, accept="a/b" + " " * 15_900 + "c"), (406,), "offered"),
    ("300 kB of blanks in a type", raw(head(ASK, "Accept: a/b" + " " * 300_000 + "c")), (431,), "", 3.0, True),
    ("a format of 20 kB", gets(ASK + "&format=" + "x" * 20_000), (406,), "offered"),
    ("a format that is markup", gets(ASK + "&format=%3Cscript%3E", accept=BROWSER), (406,), r"(?s)\A(?!.*<script>)"),
    ("a thousand languages", gets("/queries/accessions.csv", accept_language="en-x-a," * 2_000), (200,)),
    ("a suffix of 20 kB", gets("/queries/accessions." + "x" * 20_000), (404,)),
    ("two formats", gets("/queries/accessions.csv?format=json"), (400,), "twice"),
    ("encodings to answer in", gets(ASK, accept_encoding="gzip;q=nan, " * 1_000), (200,)),
)

INPUTS = [*PATHS, *HOSTS, *HEADERS, *FRAMING, *METHODS, *ENCODINGS, *BODIES, *RANGES, *ACCEPTS]
