"""Queries that are too deep or too long for the engine or the guard: nesting, chains, lists, names."""

from __future__ import annotations

from attack import FORM, asks, family, gets, posts

ENGINE = '"limit": "(timeout|memory|engine)"'
LATE = (503,)
DEEP = 60
NESTING = family(
    "nesting",
    ("braces", asks("ASK " + "{" * DEEP + "}" * DEEP), (400,), '"limit": "depth"'),
    ("braces to overflow a stack", asks("ASK " + "{" * 20000 + "}" * 20000), (400,), '"limit": "depth"'),
    ("braces never closed", asks("ASK " + "{" * 60000), (400,), '"column"'),
    ("parentheses", asks("ASK { FILTER(" + "(" * DEEP + "1" + ")" * DEEP + ") }"), (400,), '"limit": "depth"'),
    (
        "parentheses of a projection",
        asks("SELECT (" + "(" * DEEP + "1" + ")" * DEEP + " AS ?x) {}"),
        (400,),
        '"limit": "depth"',
    ),
    ("OPTIONAL", asks("ASK { " + "OPTIONAL { ?s ?p ?o " * DEEP + "}" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("UNION", asks("ASK { " + "{ { ?s ?p ?o } UNION " * DEEP + "{}" + "}" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("sub-selects", asks("ASK { " + "{ SELECT * { " * DEEP + "}}" * DEEP + " }"), (400,), '"limit": "depth"'),
    (
        "NOT EXISTS",
        asks("ASK { " + "FILTER NOT EXISTS { ?s ?p ?o " * DEEP + "}" * DEEP + " }"),
        (400,),
        '"limit": "depth"',
    ),
    ("MINUS", asks("ASK { " + "?s ?p ?o MINUS { " * DEEP + "}" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("GRAPH", asks("ASK { " + "GRAPH ?g { " * DEEP + "}" * DEEP + " }"), (400,), '"limit": "depth"'),
    (
        "triple terms",
        asks("ASK { ?s ?p " + "<<( ?s ?p " * DEEP + "?o" + " )>>" * DEEP + " }"),
        (400,),
        '"limit": "depth"',
    ),
    (
        "reified triples",
        asks("ASK { " + "<< " * DEEP + "?s ?p ?o" + " >> ?p ?o" * DEEP + " }"),
        (400,),
        '"limit": "depth"',
    ),
    ("collections", asks("ASK { ?s ?p " + "( " * DEEP + " )" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("blank nodes", asks("ASK { ?s ?p " + "[ ?p " * DEEP + "?o" + " ]" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("annotations", asks("ASK { ?s ?p ?o " + "{| ?p ?o " * DEEP + "|}" * DEEP + " }"), (400,), '"limit": "depth"'),
    ("IF", asks("SELECT (" + "IF(true, " * DEEP + "1" + ", 2)" * DEEP + " AS ?x) {}"), (400,), '"limit": "depth"'),
    (
        "OPTIONAL at the limit",
        asks("SELECT (COUNT(*) AS ?n) { " + "OPTIONAL { ?s <u:p> ?o " * 48 + "}" * 48 + " }"),
        (200, 503),
        "",
    ),
    ("mixed brackets", asks("ASK { " + "[(" * 20000 + "}"), (400,), '"column"'),
)

LENGTH = family(
    "length",
    ("||", asks("ASK { FILTER(" + " || ".join(["true"] * 600) + ") }"), (400,), '"limit": "operators"'),
    (
        "&&, to overflow a stack",
        asks("ASK { FILTER(" + "&&".join(["1"] * 9000) + ") }"),
        (400,),
        '"limit": "operators"',
    ),
    ("+", asks("SELECT (" + "+".join(["1"] * 600) + " AS ?x) {}"), (400,), '"limit": "operators"'),
    ("!", asks("ASK { FILTER(" + "!" * 15000 + "true) }"), (400,), '"limit": "operators"'),
    ("-", asks("ASK { FILTER(1 " + "- 1 " * 600 + ") }"), (400,), '"limit": "operators"'),
    ("signed numbers", asks("SELECT (1" + "-1" * 9000 + " AS ?x) {}"), (400,), '"limit": "operators"'),
    ("UNIONs", asks("ASK { " + "{} UNION " * 600 + "{} }"), (400,), '"limit": "operators"'),
    ("VALUES", asks("ASK { VALUES ?x { " + "1 " * 2500 + "} }"), (400,), '"limit": "values"'),
    ("VALUES of pairs", asks("ASK { VALUES (?x ?y) { " + "(1 2) " * 2500 + "} }"), (400,), '"limit": "values"'),
    ("VALUES behind the query", asks("ASK {} VALUES ?x { " + "1 " * 15000 + "}"), (400,), '"limit": "values"'),
    (
        "IN",
        asks("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o IN (" + ",".join(map(str, range(9000))) + ")) }"),
        (200, 400, 503),
        "",
    ),
    ("arguments", asks("SELECT (CONCAT(" + ",".join(["'a'"] * 15000) + ") AS ?x) {}"), (200, 400, 503), ""),
    ("COALESCE", asks("SELECT (COALESCE(" + ",".join(["?u"] * 20000) + ") AS ?x) {}"), (200, 400, 503), ""),
    (
        "triple patterns",
        asks("ASK { " + "".join(f"?s{n} ?p ?s{n + 1} . " for n in range(120)) + "}"),
        (400,),
        '"limit": "patterns"',
    ),
    (
        "predicates of one subject",
        asks("ASK { ?s " + " ; ".join(f"?p{n} ?o{n}" for n in range(120)) + " }"),
        (400,),
        '"limit": "patterns"',
    ),
    (
        "objects of one predicate",
        asks("ASK { ?s ?p " + " , ".join(f"?o{n}" for n in range(120)) + " }"),
        (400,),
        '"limit": "patterns"',
    ),
    ("items of a collection", asks("ASK { ?s ?p ( " + "1 " * 500 + ") }"), (400,), '"limit": "patterns"'),
    (
        "patterns of a template",
        asks("CONSTRUCT { " + "?s ?p ?o . " * 2000 + "} { ?s ?p ?o }"),
        (400,),
        '"limit": "patterns"',
    ),
    (
        "a star at the limit",
        asks("SELECT (COUNT(*) AS ?n) { ?s " + " ; ".join(f"?p{n} ?o{n}" for n in range(99)) + " }"),
        LATE,
        ENGINE,
    ),
    ("BINDs", asks("SELECT * { " + " ".join(f"BIND({n} AS ?v{n})" for n in range(3000)) + " }"), (200, 400, 503), ""),
    ("FILTERs", asks("ASK { " + "FILTER(true) " * 4500 + "}"), (200, 400, 503), ""),
    ("empty groups", asks("ASK { " + "{} " * 20000 + "}"), (400,), '"limit": "tokens"'),
    ("MINUSes", asks("ASK { " + "MINUS {} " * 7000 + "}"), (200, 400, 503), ""),
    ("OPTIONALs", asks("ASK { " + "OPTIONAL {} " * 5000 + "}"), (200, 400, 503), ""),
    ("keys to sort by", asks("SELECT * { ?s ?p ?o } ORDER BY " + "?s " * 20000), (200, 400, 503), ""),
    (
        "keys to group by",
        asks("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY " + " ".join(f"(1 AS ?v{n})" for n in range(4000))),
        (200, 400, 503),
        "",
    ),
    ("columns", asks("SELECT " + " ".join(f"(1 AS ?v{n})" for n in range(4000)) + " {}"), (200, 400, 503), ""),
    ("prefixes", asks("PREFIX a: <urn:a> " * 3500 + "ASK {}"), (200, 400, 503), ""),
    ("FROM", asks("SELECT * " + "FROM <urn:a> " * 4500 + "{ ?s ?p ?o }"), (200, 400, 503), ""),
    ("a query of 66 kB", asks("ASK {} #" + "x" * 66000), (400,), '"limit": "bytes"'),
    ("a name of 60 kB", asks("ASK { ?s <urn:" + "x" * 60000 + "> ?o }"), (200,), "false"),
    ("a variable of 60 kB", asks("SELECT ?" + "x" * 30000 + " { ?" + "x" * 30000 + " ?p ?o } LIMIT 1"), (200,), ""),
    ("a word of 60 kB", asks("A" * 60000), (400,), "no word AAAA"),
    ("words with 490 dots in each", asks("ASK { " + ("a." * 495 + " ") * 60 + "}"), (400,), '"limit": "tokens"'),
    ("a name of dots", asks("PREFIX a: <u:> ASK { ?s ?p a:a" + ".a" * 29000 + " }"), (400,), ""),
    ("names of dots", asks("ASK {" + "a." * 29000 + ":a }"), (400,), ""),
    (
        "what could be SERVICE, 2,500 times in comments",
        asks("SELECT * {" + "#service<a:>{\n" * 2500 + "." * 28000 + "}"),
        (400,),
        "",
    ),
    (
        "what could be SERVICE, 1,000 times in strings",
        asks("ASK { FILTER(1 IN (" + "'service<a:>{'," * 1000 + ",".join("1" * 20000) + ")) }"),
        (200, 400, 503),
        "",
    ),
    ("comments behind service", asks("ASK { #" + "service#" * 7900 + "\n}"), (403,), "query-refused"),
    (
        "10,000 default graphs",
        posts("/sparql", FORM, "query=ASK+{}" + "&default-graph-uri=urn:a" * 10000),
        (400,),
        "parameters",
    ),
    (
        "900 default graphs",
        posts("/sparql", FORM, "query=SELECT+*+{?s+?p+?o}" + "&default-graph-uri=urn:a" * 900),
        (200,),
        "",
    ),
    ("900 named graphs in the address", gets("/sparql?query=ASK+{}" + "&named-graph-uri=urn:abc" * 900), (200,), ""),
)

INPUTS = [*NESTING, *LENGTH]
