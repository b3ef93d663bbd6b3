"""Pages that are much work for the front, and many clients at once: slow, deaf, leaving."""

from __future__ import annotations

from attack import BROWSER, CLOSED, asks, family, gets
from crowds import leaving, never_reading, slow_bodies, slow_heads, together

LONG_IRIS = (
    "SELECT (IRI(CONCAT('http://x/', ?long, STR(?n))) AS ?iri) { "
    f"VALUES ?long {{ '{'a' * 20_000}' }} VALUES ?n {{ {' '.join(map(str, range(400)))} }} }}"
)
PAGES = family(
    "pages",
    (
        "a page of 14 MB of answer",
        asks("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } LIMIT 90000", BROWSER),
        (200, 503),
        "too large for a page|timeout",
    ),
    (
        "ten such pages at once",
        together(10, 1, asks("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } LIMIT 90000", BROWSER)),
        (200, 503),
        "",
        15.0,
        True,
    ),
    ("labels for 400 IRIs of 20 kB", asks(LONG_IRIS, BROWSER), (200,), "400 rows|too large for a page", 5.0),
    (
        "rows of 4,000 columns",
        asks("SELECT " + " ".join(f"?v{n}" for n in range(4000)) + " { ?v0 ?p ?v1 } LIMIT 400", BROWSER),
        (200, 503),
        "",
        6.0,
    ),
    (
        "a page of a graph",
        asks("CONSTRUCT { ?a <urn:p> ?d } { ?a ?b ?c . ?d ?e ?f } LIMIT 60000", BROWSER),
        (200, 503),
        "",
        6.0,
    ),
    (
        "every view",
        together(
            4,
            3,
            *(
                gets(f"/queries/accessions.json?reliability={grade}&rejected={rejected}")
                for grade in "abcd"
                for rejected in ("true", "false")
            ),
        ),
        (200, 503),
        "",
        20.0,
    ),
    ("a view that is none", asks("ASK {}", source="nothing"), (400,), "source"),
    ("all conflicts, often", together(5, 10, gets("/conflicts", accept=BROWSER)), (200,), "", 15.0),
    (
        "an answer of 16 MB and more",
        asks("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 2000000", "text/csv"),
        (503,),
        '"limit": "(max_bytes|timeout)"',
    ),
    ("a workbook of a timeline", gets("/queries/dated.xlsx"), (200,)),
)

CROWDS = family(
    "crowds",
    ("50 that send their headers slowly", slow_heads(50), (CLOSED, 408), "", 20.0, True),
    ("50 that send their bodies slowly", slow_bodies(50), (CLOSED, 408), "", 30.0, True),
    ("50 that never read", never_reading(50), (200,), "", 10.0, True),
    ("50 that leave", leaving(50), (200,), "", 15.0, True),
    (
        "40 queries that never end",
        together(40, 1, asks("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout="0.3")),
        (503,),
        "(timeout|queue)",
        15.0,
    ),
)

INPUTS = [*PAGES, *CROWDS]
