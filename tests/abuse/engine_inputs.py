"""Queries that would never end, eat the memory or overflow the engine: products, paths, sorts, strings."""

from __future__ import annotations

from attack import BROWSER, Send, asks, family

JSON, CSV = "application/sparql-results+json", "text/csv"
PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
PAIR = "?a ?b ?c . ?d ?e ?f"
TRIPLE = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
COUNT = f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}"
SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
TIME, MEMORY, EITHER = '"limit": "timeout"', '"limit": "memory"', '"limit": "(timeout|memory|max_bytes)"'
ENGINE = '"limit": "(timeout|memory|engine)"'
LATE = (503,)


TWO_WALKS = "{ ?a (!<u:x>|^!<u:x>)* ?b . ?c (!<u:x>|^!<u:x>)* ?d }"
XSD = "http://www.w3.org/2001/XMLSchema#"
LAST_DAY = f'"9999-12-31T23:59:59Z"^^<{XSD}dateTime>'
LONG_TIME = f'"P99999999999Y"^^<{XSD}duration>'
PAST_BOTH_ENDS = "SUBSTR('abc', -9e307, 9e307) AS ?x) (SUBSTR('abc', 9223372036854775807, 9223372036854775807) AS ?y"


def doubled(step: str, times: int, start: str = '"aaaaaaaaaa"') -> str:
    """A query that lets a string grow `times` times by a step, in which `X` is the string so far."""
    binds = " ".join(f"BIND({step.replace('X', f'?x{n}')} AS ?x{n + 1})" for n in range(times))
    return f"SELECT (STRLEN(?x{times}) AS ?n) {{ BIND({start} AS ?x0) {binds} }}"


def grown(times: int) -> str:
    """A query whose answer is one triple term in another, so deep."""
    binds = " ".join(f"BIND(TRIPLE(<u:s>, <u:p>, ?x{n}) AS ?x{n + 1})" for n in range(times))
    return f"SELECT ?x{times} {{ BIND(1 AS ?x0) {binds} }}"


def soon(query: str, accept: str = "", method: str = "POST", path: str = "/sparql", **parameters: object) -> Send:
    """A query with a deadline of less than half a second: that it never ends shows soon enough."""
    return asks(query, accept, method, path, timeout="0.4", **parameters)


PRODUCTS = family(
    "cross products",
    ("count", soon(COUNT), LATE, TIME),
    ("count, by GET", soon(COUNT, method="GET"), LATE, TIME),
    ("count, as a page", asks(COUNT, BROWSER), LATE, "timeout"),
    ("count, HEAD", soon(COUNT, method="HEAD"), LATE),
    ("rows", soon(f"SELECT * {{ {TRIPLE} }}", CSV), LATE, EITHER),
    ("rows, as a page", asks(f"SELECT * {{ {TRIPLE} }}", BROWSER), (200,), "too large for a page"),
    ("a late match", soon(f"ASK {{ {PRODUCT} FILTER(CONCAT(STR(?a), STR(?l)) = 'x') }}"), LATE, TIME),
    ("CONSTRUCT", soon(f"CONSTRUCT {{ ?a <urn:p> ?f , ?i }} {{ {TRIPLE} }}", "text/turtle"), LATE, EITHER),
    ("DESCRIBE", soon(f"DESCRIBE ?a ?d {{ {TRIPLE} }}", "text/turtle"), LATE, EITHER),
    (
        "OPTIONAL",
        soon("SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }"),
        LATE,
        EITHER,
    ),
    ("MINUS", soon(f"SELECT (COUNT(*) AS ?n) {{ {PAIR} MINUS {{ ?g ?h ?i . ?j ?k ?a }} }}"), LATE, ENGINE),
    ("EXISTS", soon(f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER EXISTS {{ ?g ?h ?f . ?x ?y 'no' }} }}"), LATE, TIME),
    (
        "UNIONs",
        soon("SELECT (COUNT(*) AS ?n) { " + "{ { ?a ?b ?c } UNION { ?d ?e ?f } } " * 6 + "}"),
        LATE,
        TIME,
    ),
    (
        "VALUES times VALUES",
        soon(
            "SELECT (COUNT(*) AS ?n) { "
            + " ".join(f"VALUES ?v{k} {{ {' '.join(map(str, range(600)))} }}" for k in range(3))
            + " }"
        ),
        LATE,
        ENGINE,
    ),
    ("OFFSET beyond the end", soon(f"SELECT * {{ {PRODUCT} }} OFFSET 999999999999 LIMIT 1"), LATE, TIME),
    ("sub-selects", soon("SELECT (COUNT(*) AS ?n) { " + "{ SELECT * { ?s ?p ?o } } " * 40 + "}"), (200, 503)),
    ("a timeout next to nothing", asks(COUNT, timeout="1e-300"), LATE, TIME),
    ("a timeout without end", asks(COUNT, timeout="1e308"), LATE, TIME),
    ("a timeout that is no number", asks(COUNT, timeout="nan"), (400,), "timeout"),
    ("a timeout below zero", asks(COUNT, timeout="-1"), (400,), "timeout"),
    ("with citations", soon(f"SELECT * {{ {TRIPLE} }}", JSON, cite="true"), LATE, EITHER),
    ("explained", soon(f"SELECT * {{ {TRIPLE} }}", JSON, path="/explain"), LATE, EITHER),
)

PATHS = family(
    "property paths",
    (
        "all that is connected, twice",
        soon("SELECT (COUNT(*) AS ?n) " + TWO_WALKS),
        LATE,
        TIME,
    ),
    (
        "all that is connected, with citations",
        soon("SELECT * { ?a (!<u:x>|^!<u:x>)* ?b }", JSON, cite="true"),
        LATE,
        EITHER,
    ),
    (
        "stars in stars",
        soon(f"SELECT (COUNT(*) AS ?n) {{ ?x {'(' * 45}{SUBCLASS}{')*' * 45} ?y . {PRODUCT} }}"),
        LATE,
        ENGINE,
    ),
    ("stars in stars, too deep", soon(f"ASK {{ ?a {'(' * 60}<u:p>{')*' * 60} ?b }}"), (400,), '"limit": "depth"'),
    (
        "a cycle",
        soon(f"SELECT (COUNT(*) AS ?n) {{ ?a ({SUBCLASS}|^{SUBCLASS})* ?b . ?b (!<u:x>)* ?c . ?c (^!<u:x>)* ?d }}"),
        LATE,
        TIME,
    ),
    ("a long sequence", soon("ASK { ?a " + "/".join(["<u:p>"] * 60) + " ?b }"), (400,), '"limit": "path_steps"'),
    ("many alternatives", soon("ASK { ?a " + "|".join(["<u:p>"] * 60) + " ?b }"), (400,), '"limit": "path_steps"'),
    ("many inverses", soon("ASK { ?a " + "^" * 60 + "<u:p> ?b }"), (400,), "path_steps|line"),
    ("a wide negation", soon("ASK { ?a !(" + "|".join(["<u:p>"] * 60) + ") ?b }"), (400,), '"limit": "path_steps"'),
    ("a path of counted steps", soon("ASK { ?a <u:p>{1,100000} ?b }"), (400,), '"line"'),
)

SORTS = family(
    "memory",
    ("ORDER BY", asks(f"SELECT * {{ {PAIR} }} ORDER BY ?c ?f"), LATE, EITHER),
    ("ORDER BY with LIMIT", asks(f"SELECT * {{ {PAIR} }} ORDER BY ?c ?f LIMIT 1"), LATE, EITHER),
    ("ORDER BY something new each", asks(f"SELECT * {{ {PAIR} }} ORDER BY RAND()"), LATE, EITHER),
    ("GROUP_CONCAT", asks(f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?x) {{ {PAIR} }}"), LATE, EITHER),
    ("DISTINCT", asks(f"SELECT DISTINCT ?a ?c ?d ?f {{ {PAIR} }}"), LATE, EITHER),
    ("COUNT DISTINCT", asks(f"SELECT (COUNT(DISTINCT CONCAT(STR(?c), STR(?f))) AS ?n) {{ {PAIR} }}"), LATE, EITHER),
    ("GROUP BY", asks(f"SELECT ?c ?f (COUNT(*) AS ?n) {{ {PAIR} }} GROUP BY ?a ?c ?d ?f"), LATE, EITHER),
    ("citations of many rows", asks(f"SELECT * {{ {PAIR} }} LIMIT 30000", JSON, cite="true"), LATE, EITHER),
    (
        "citations of many rows, as a graph",
        asks(f"SELECT * {{ {PAIR} }} LIMIT 30000", "text/turtle", cite="true"),
        LATE,
        EITHER,
    ),
    (
        "citations of many rows, as a workbook",
        asks(f"SELECT * {{ {PAIR} }} LIMIT 30000", cite="true", format="xlsx"),
        LATE,
        EITHER,
    ),
    (
        "explaining row 900,000,000",
        asks(f"SELECT * {{ {TRIPLE} }}", JSON, path="/explain", row=900000000),
        LATE,
        EITHER,
    ),
    (
        "UUIDs without end",
        asks(f"SELECT DISTINCT (CONCAT(STR(UUID()), SHA512(STR(?f))) AS ?x) {{ {PAIR} }}"),
        LATE,
        EITHER,
    ),
    (
        "a CONSTRUCT of new nodes",
        asks(f"CONSTRUCT {{ [] <urn:p> ?f }} {{ {PAIR} }}", "application/ld+json"),
        LATE,
        EITHER,
    ),
)

STRINGS = family(
    "strings",
    ("CONCAT doubles", asks(doubled("CONCAT(X, X)", 40)), LATE, ENGINE),
    ("CONCAT grows tenfold", asks(doubled(f"CONCAT({', '.join('X' * 10)})", 12)), LATE, ENGINE),
    ("REPLACE grows tenfold", asks(doubled('REPLACE(X, "a", "aaaaaaaaaa")', 12)), LATE, ENGINE),
    ("REPLACE with groups", asks(doubled('REPLACE(X, "(a+)", "$1$1$1$1")', 20)), LATE, ENGINE),
    ("ENCODE_FOR_URI grows", asks(doubled("ENCODE_FOR_URI(CONCAT(X, X))", 40, '"é"')), LATE, ENGINE),
    ("IRIs grow", asks(doubled("IRI(CONCAT(STR(X), STR(X)))", 40, "<u:a>")), LATE, ENGINE),
    ("triple terms double", asks(doubled("STR(CONCAT(X, STR(X)))", 40)), LATE, ENGINE),
    ("hashes of a long string", asks(doubled("CONCAT(X, X)", 22).replace("STRLEN", "SHA512")), (200, 503)),
    ("a regex that backtracks", asks('ASK { FILTER REGEX("' + "a" * 30000 + '!", "^(a+)+$") }'), (200,), "false"),
    (
        "a regex that backtracks, by references",
        asks('ASK { FILTER REGEX("' + "a" * 30000 + '", "(a*)*\\\\1b") }'),
        (200,),
        "false",
    ),
    (
        "a regex of a million steps",
        asks('ASK { FILTER REGEX("' + "a" * 30000 + '", "(((a{1,99}){1,99}){1,99}){1,99}b") }'),
        (200,),
        "false",
    ),
    (
        "a regex of many alternatives",
        asks('ASK { FILTER REGEX("a", "' + "|".join(f"(a{n}.*)*b" for n in range(5000)) + '") }'),
        (200,),
        "false",
    ),
    (
        "a regex of nested groups",
        asks('ASK { FILTER REGEX("a", "' + "(" * 20000 + ")" * 20000 + '") }'),
        (200,),
        "false",
    ),
    (
        "a regex from each pair",
        asks(f"SELECT (COUNT(*) AS ?n) {{ {PAIR} FILTER REGEX(STR(?c), CONCAT('(.*', STR(?f), ')*')) }}"),
        LATE,
        TIME,
    ),
    ("a language of a megabyte", asks(doubled("CONCAT(X, X)", 16).replace("STRLEN(", "STRLANG('a', ")), (200,)),
    (
        "a date past all years",
        asks(f"SELECT ({LAST_DAY} + {LONG_TIME} AS ?x) {{}}"),
        (200,),
    ),
    (
        "a number past all bits",
        asks("SELECT (9223372036854775807 * 9223372036854775807 AS ?x) (1e308 * 1e308 AS ?y) (0 / 0 AS ?z) {}"),
        (200,),
    ),
    (
        "a substring past both ends",
        asks(f"SELECT ({PAST_BOTH_ENDS}) {{}}"),
        (200,),
    ),
    ("a triple term in 300 others", asks(grown(300), CSV), (400,), "operators"),
    ("a triple term in 300 others, as JSON", asks(grown(300), JSON), (400,), "operators"),
    ("a triple term in 300 others, as a page", asks(grown(300), BROWSER), (400,), "operators"),
    ("a triple term in 300 others, with citations", asks(grown(300), JSON, cite="true"), (400,), "operators"),
)

INPUTS = [*PRODUCTS, *PATHS, *SORTS, *STRINGS]
