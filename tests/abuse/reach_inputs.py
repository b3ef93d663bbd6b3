"""What would reach out of a query: SERVICE, LOAD and updates, and values that would become text of a canned query."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlencode

from attack import FORM, QUERY, Send, asks, family, gets, posts
from canary import DISGUISES

SELECT_CALL = "SELECT * { SERVICE <CANARY> { ?s ?p ?o } }"
NOT_DONE = "query-refused"
UPDATE = "application/sparql-update"
LOAD = "LOAD <CANARY>"
KINDS = "/queries/kinds.json?"

SERVICE = family(
    "SERVICE",
    *((name, asks(query.replace("CALL", "<CANARY>")), (403,), NOT_DONE) for name, query in DISGUISES.items()),
    ("to the IPv6 loopback", asks("ASK { SERVICE <CANARY6> { ?s ?p ?o } }"), (403,), NOT_DONE),
    ("by GET", asks(SELECT_CALL, method="GET"), (403,), NOT_DONE),
    ("as a direct POST", posts("/sparql", QUERY, SELECT_CALL), (403,), NOT_DONE),
    ("as a page", asks(SELECT_CALL, "text/html"), (403,), "SERVICE"),
    ("by HEAD", asks(SELECT_CALL, method="HEAD"), (403,)),
    ("explained", asks(SELECT_CALL, path="/explain"), (403,), NOT_DONE),
    ("with citations", asks(SELECT_CALL, cite="true"), (403,), NOT_DONE),
    ("in a view", asks(SELECT_CALL, rejected="true"), (403,), NOT_DONE),
    ("a variable for its address", asks("ASK { VALUES ?e { <CANARY> } SERVICE ?e { ?s ?p ?o } }"), (403,), NOT_DONE),
    ("in OPTIONAL", asks("ASK { ?s ?p ?o OPTIONAL { SERVICE SILENT <CANARY> { ?s ?x ?y } } }"), (403,), NOT_DONE),
    ("in UNION", asks("ASK { { ?s ?p ?o } UNION { SERVICE <CANARY> { ?s ?x ?y } } }"), (403,), NOT_DONE),
    ("in GRAPH", asks("ASK { GRAPH ?g { SERVICE <CANARY> { ?s ?x ?y } } }"), (403,), NOT_DONE),
    ("in SERVICE", asks("ASK { SERVICE <CANARY> { SERVICE <CANARY6> { ?s ?x ?y } } }"), (403,), NOT_DONE),
    ("after a byte order mark", posts("/sparql", QUERY, "\ufeff" + SELECT_CALL), (403,), NOT_DONE),
    ("relative to a BASE", asks("BASE <CANARY> ASK { SERVICE <x> { ?s ?p ?o } }"), (403,), NOT_DONE),
    ("spelt with escapes", asks(r"ASK { \u0053ERVICE <CANARY> { ?s ?p ?o } }"), (400,), "query-syntax"),
    ("spelt with a letter that folds to S", asks("ASK { \u017fERVICE <CANARY> { ?s ?p ?o } }"), (400,), "query-syntax"),
    (
        "spelt in full width",
        asks("ASK { \uff33\uff25\uff32\uff36\uff29\uff23\uff25 <CANARY> { ?s ?p ?o } }"),
        (400,),
        "query-syntax",
    ),
    ("behind a space of another script", asks("ASK { SERVICE\u00a0<CANARY> { ?s ?p ?o } }"), (400, 403), "query-"),
    ("behind a form feed", asks("ASK { SERVICE\f<CANARY> { ?s ?p ?o } }"), (400, 403), "query-"),
    ("FROM", asks("SELECT * FROM <CANARY> { ?s ?p ?o }"), (200,), '"bindings":\\[\\]'),
    ("FROM NAMED", asks("SELECT * FROM NAMED <CANARY> { GRAPH ?g { ?s ?p ?o } }"), (200,), '"bindings":\\[\\]'),
    ("a default graph", asks("ASK { ?s ?p ?o }", **{"default-graph-uri": "CANARY"}), (200,), "false"),
    (
        "a named graph of a file",
        asks("ASK { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": "file:///etc/passwd"}),
        (200,),
        "false",
    ),
    ("a function", asks("SELECT (<CANARY>(1) AS ?x) {}"), (400,), "there is no function"),
    ("a view's source", asks("ASK {}", source="CANARY"), (400,), '"parameter": "source"'),
    ("a JSON-LD context", posts("/sparql", "application/ld+json", '{"@context": "CANARY"}'), (415,)),
    ("a proxy's address", gets("/sparql?query=ASK+{}", X_Forwarded_Host="CANARY"), (200,), "true"),
)

UPDATES = family(
    "updates",
    ("update=, by GET", gets("/sparql?" + urlencode({"update": LOAD})), (403,), NOT_DONE),
    ("update=, by POST", posts("/sparql", FORM, urlencode({"update": LOAD})), (403,), NOT_DONE),
    ("update= beside a query", asks("ASK {}", update=LOAD), (403,), NOT_DONE),
    (
        "update= in the address of a POST",
        asks("ASK {}", path="/sparql?" + urlencode({"update": LOAD})),
        (403,),
        NOT_DONE,
    ),
    ("an empty update=", asks("ASK {}", update=""), (403,), NOT_DONE),
    ("update= at /explain", asks("ASK {}", path="/explain", update=LOAD), (403,), NOT_DONE),
    ("as its own type", posts("/sparql", UPDATE, LOAD), (403,), NOT_DONE),
    (
        "as its own type, in capitals",
        posts("/sparql", "Application/SPARQL-Update; charset=utf-8", LOAD),
        (403,),
        NOT_DONE,
    ),
    ("as the query", asks(LOAD), (403,), NOT_DONE),
    ("as the query, in another case", asks("lOaD SILENT <CANARY> INTO GRAPH <urn:g>"), (403,), NOT_DONE),
    ("behind a prologue", asks("PREFIX a: <urn:a> BASE <urn:b>\nDROP ALL"), (403,), NOT_DONE),
    ("behind a query", asks("ASK {} ; " + LOAD), (403,), NOT_DONE),
    ("behind a query and a comment", asks("ASK {} #\n;\nCLEAR ALL"), (403,), NOT_DONE),
    ("behind a comment ended by a return", asks("# harmless\rDELETE WHERE { ?s ?p ?o }"), (403,), NOT_DONE),
    ("INSERT in a group", asks("ASK { INSERT DATA { <urn:a> <urn:b> 1 } }"), (403,), NOT_DONE),
    ("WITH", asks("WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"), (403,), NOT_DONE),
    ("glued", asks("INSERTDATA{<urn:a><urn:b>1}"), (400, 403), "query-"),
    (
        "as multipart",
        posts(
            "/sparql",
            "multipart/form-data; boundary=b",
            f'--b\r\nContent-Disposition: form-data; name="update"\r\n\r\n{LOAD}\r\n--b--\r\n',
        ),
        (415,),
    ),
    ("as text", posts("/sparql", "text/plain", LOAD), (415,)),
    ("as no type", lambda target: target.ask("POST", "/sparql", {}, LOAD), (415,)),
    ("as two types", posts("/sparql", f"{QUERY}, {UPDATE}", LOAD), (415,)),
    ("PUT", gets("/sparql", "PUT"), (405,)),
    ("DELETE", gets("/sparql?graph=urn:a", "DELETE"), (405,)),
    ("PATCH", gets("/sparql", "PATCH"), (405,)),
    ("PUT by an override", gets("/sparql?query=ASK+{}&_method=PUT", X_HTTP_Method_Override="DELETE"), (200,), "true"),
    ("a POST to a canned query", posts("/queries/accessions", FORM, "party=id:vellmark"), (405,)),
    ("two queries", asks("ASK {}", path="/sparql?query=ASK+{}"), (400,), "query"),
    ("two queries in one form", posts("/sparql", FORM, "query=ASK+{}&query=DROP+ALL"), (400,), "given 2 times"),
)


def only(value: str) -> str:
    """What JSON has when a text came through as a single value and nothing else did."""
    written = re.escape(json.dumps(value, ensure_ascii=False))
    return rf'"bindings":\[\{{"text":\{{"type":"literal","value":{written}\}}\}}\]'


def kinds(**values: object) -> Send:
    """The canned query that has a parameter of each type."""
    return gets(KINDS + urlencode(values, doseq=True, quote_via=quote))


BREAKOUTS = {
    "a quote": 'a" } SERVICE <CANARY> { ?s ?p ?o } #',
    "three quotes": '""" } UNION { ?s ?p ?o }',
    "a brace": "} UNION { ?s ?p ?o } VALUES ?x {",
    "a backslash": '\\" } { \\',
    "an escape": "\\u0022 } UNION { ?s ?p ?o } #",
    "a line": "a\n} UNION { ?s ?p ?o } #\n",
    "UNDEF": "UNDEF",
    "a comment": "# }",
    "an IRI": "<urn:a> <urn:b>",
    "a typed literal": '"a"^^<urn:b>',
}
TYPED = {
    "whole": ("1 } UNION { ?s ?p ?o", "1 2", "UNDEF", "1e9", "9" * 40, "0x10", "\u0661", "1;DROP ALL", "--1"),
    "part": ("1.0) FILTER(true", "NaN", "INF", "1,5", "." * 99),
    "day": (
        "2002-02-30",
        '2002-01-01" } UNION {',
        "99999-01-01",
        "-001-01-01",
        "2002-01-01T00:00:00Z",
        "\u0662\u0660\u0660\u0662",
    ),
    "tongue": ('en" } {', "en_US", "e" * 9, "*"),
    "subject": ("topic:a> } UNION { <urn:a", "<CANARY>", "topic:../x", "topic:a b", "UNDEF"),
    "thing": (
        "urn:a> } UNION { ?s ?p ?o } #",
        "http://a/ b",
        "http://a/\\u003e",
        "<http://a/> <http://b/>",
        "javascript:alert(1)",
        "http://[",
        "id:a\n}",
        "id:{",
        'id:"',
        "_:b",
    ),
}

INJECTION = family(
    "injection",
    *(
        (f"text: {name}", kinds(text=value), (200,), only(value).replace("CANARY", ".*"))
        for name, value in BREAKOUTS.items()
    ),
    ("text: a null", kinds(text="a\0b"), (400,), '"parameter": "text"'),
    ("text: a lone surrogate", gets(KINDS + "text=%ed%a0%80"), (400,), "UTF-8"),
    *(
        (f"{name}: {value[:24]!r}", kinds(**{name: value}), (400,), f'"parameter": "{name}"')
        for name, values in TYPED.items()
        for value in values
    ),
    ("a value twice", kinds(whole=["1", "2"]), (400,), '"parameter": "whole"'),
    ("an empty value", kinds(whole=""), (400,), '"parameter": "whole"'),
    ("two thousand values", kinds(things=[f"id:a{n}" for n in range(2000)]), (400, 414)),
    ("nine hundred values", kinds(things=[f"id:a{n}" for n in range(900)]), (200,), '"bindings"'),
    ("a name nearly right", kinds(wohle="1"), (400,), '"suggestions": \\["whole"'),
    ("a name that is code", kinds(**{"} UNION {": "1"}), (400,), "query-parameter"),
    ("a query instead", kinds(query=SELECT_CALL), (400,), "query-parameter"),
    (
        "of a pick list",
        gets("/queries/accessions.json?" + urlencode({"party": "id:vellmark> } UNION { <urn:a"})),
        (400,),
        '"parameter": "party"',
    ),
    ("at", gets("/queries/dated.json?at=" + quote('2002-01-01" } UNION { ?s ?p ?o } #')), (400,), '"parameter": "at"'),
    ("at, where there is none", gets("/queries/kinds.json?at=2002-01-01"), (400,), '"parameter": "at"'),
    ("at, given twice", gets("/queries/dated.json?at=2002-01-01&at=2003-01-01"), (400,), '"parameter": "at"'),
    ("page", gets("/queries/kinds.json?page=99999999999999999999"), (400,), '"parameter": "page"'),
    ("lang", gets("/queries/kinds.csv?lang=" + quote('en" } UNION {')), (400,), '"parameter": "lang"'),
    ("row", gets("/queries/kinds.json?cite=true&row=" + "9" * 30), (400,), '"parameter": "row"'),
    (
        "row, in other digits",
        gets("/queries/kinds.json?cite=true&row=" + quote("\u0661")),
        (400,),
        '"parameter": "row"',
    ),
    ("cite", gets("/queries/kinds.json?cite=" + "true" * 999), (400,), '"parameter": "cite"'),
    ("version", gets("/queries/kinds.json?version=../../etc/passwd"), (400,), '"parameter": "version"'),
    (
        "source",
        gets("/queries/kinds.json?source=" + quote("gazette> } UNION { <urn:a")),
        (400,),
        '"parameter": "source"',
    ),
    ("source, a long one", gets("/queries/kinds.json?source=" + "a" * 30000), (400,), '"parameter": "source"'),
    ("reliability", gets("/queries/kinds.json?reliability=" + quote('a" } {')), (400,), '"parameter": "reliability"'),
    ("rejected", gets("/queries/kinds.json?rejected=1"), (400,), '"parameter": "rejected"'),
    (
        "a filter of conflicts",
        gets("/conflicts.json?entity=" + quote("id:a> } UNION { <urn:a")),
        (400,),
        '"parameter": "entity"',
    ),
    ("a suffix", gets("/queries/kinds.json%0d%0aSet-Cookie:%20a=b"), (400,), "control characters"),
    (
        "the page's own parameters",
        asks(
            "ASK {}",
            "text/html",
            method="GET",
            endpoint="home.show",
            _external="1",
            _scheme="javascript",
            _anchor="x",
            _method="POST",
            slug="x",
            self="x",
        ),
        (200,),
        "Yes",
    ),
    (
        "the explaining page's own parameters",
        asks(
            "SELECT * {}",
            "text/html",
            method="GET",
            path="/explain",
            endpoint="home.show",
            _external="1",
            _scheme="javascript",
            _anchor="x",
            slug="x",
        ),
        (200,),
        "Explain",
    ),
)

INPUTS = [*SERVICE, *UPDATES, *INJECTION]
