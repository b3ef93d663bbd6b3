"""Values for a canned query's parameters: strings in, RDF terms out, bound without touching the query's structure.

The header's grammar is in `canned`. A value never becomes text of the query: it is checked, made into a term, and
the term's own serialisation replaces what stands between the braces of `VALUES ?name { … }`.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Mapping, Sequence

import pyoxigraph as ox

from kg.errors import QueryParameterError
from kg.namespaces import DCTERMS, ID, PREFIXES, RDFS, SKOS, SOURCE, TOPIC, XSD, compact
from kg.queries.declarations import CannedQuery, Parameter
from kg.queries.text import mask, values_blocks

Term = ox.NamedNode | ox.Literal

_DATE_TIME = ox.NamedNode(XSD + "dateTime")
_STRING = ox.NamedNode(XSD + "string")
_INTEGER = ox.NamedNode(XSD + "integer")
_DECIMAL = ox.NamedNode(XSD + "decimal")
FEW = 12
"""How long a pick list may be to be told in a message."""
_SLUG = re.compile(r"[^\s/:<>\"{}|^`\\]+")
_RIGHT: dict[str, str] = {
    "iri": "a name such as id:some-thing, some-thing, or a full IRI",
    "topic": "a topic such as topic:some-topic, some-topic, or its full IRI",
    "string": "text",
    "language": "a language tag such as en or tg-Cyrl",
    "integer": "a whole number such as 12",
    "decimal": "a number such as 2.5",
    "date": "a date as YYYY, YYYY-MM or YYYY-MM-DD",
    "day": "a day as YYYY-MM-DD",
}


def bind(query: CannedQuery, values: Mapping[str, Sequence[str]]) -> str:
    """The query's text with the values given, and with its defaults where none is.

    Raises: QueryParameterError if a name is unknown, or a value is empty, of the wrong type, or one too many.
    """
    declared = {parameter.name: parameter for parameter in query.params}
    for name in values:
        if name not in declared:
            raise _unknown(name, list(declared))
    masked, text = mask(query.text), query.text
    blocks = []
    for name, given in values.items():
        terms = [read_value(declared[name], value) for value in given]
        if len(terms) > 1 and not declared[name].many:
            raise QueryParameterError(f"{name} takes one value, not {len(terms)}", parameter=name)
        if terms:
            blocks.append((*values_blocks(masked, name)[0], " ".join(map(str, terms))))
    for begin, end, replacement in sorted(blocks, reverse=True):
        text = f"{text[:begin]} {replacement} {text[end:]}"
    return text


def read_value(parameter: Parameter, value: str) -> Term:
    """The term that a string stands for.

    Raises: QueryParameterError if it is empty or not of the parameter's type.
    """
    if not value.strip():
        raise _wrong(parameter, f"{parameter.name} is empty")
    try:
        return _READERS[parameter.type](parameter, value if parameter.type == "string" else value.strip())
    except ValueError:
        raise _wrong(parameter, f"{parameter.name}: {value[:80]!r} is not a {parameter.type}") from None


def write_value(term: Term) -> str:
    """The shortest string that `read_value` makes this default or picked term from.

    >>> write_value(ox.NamedNode(ID + "some-thing"))
    'id:some-thing'
    >>> write_value(ox.Literal("2002-01-01T00:00:00Z", datatype=_DATE_TIME))
    '2002-01-01'
    """
    if isinstance(term, ox.Literal):
        return term.value[:10] if term.datatype == _DATE_TIME else term.value
    name = compact(term.value)
    return term.value if name.startswith("<") else name


def read_default(parameter: Parameter, prologue: str, content: str) -> tuple[Term, ...] | None:
    """The default that stands between the braces of a parameter's VALUES; None for `UNDEF`.

    Raises: ValueError saying what is wrong with it.
    """
    try:
        answer = ox.Store().query(f"{prologue}\nSELECT ?x {{ VALUES ?x {{ {content} }} }}")
    except SyntaxError:
        raise ValueError("the default is not a list of terms") from None
    assert isinstance(answer, ox.QuerySolutions)
    terms = [solution["x"] for solution in answer]
    if terms == [None]:
        return None
    if not parameter.many and len(terms) != 1:
        hint = f"for several values write `{parameter.type} …`"
        raise ValueError(f"the default must be one term or UNDEF, not {len(terms)}; {hint}")
    found: list[Term] = []
    for term in terms:
        if not isinstance(term, ox.NamedNode | ox.Literal) or not _fits(parameter, term):
            raise ValueError(f"the default {term or 'UNDEF'} is not of type {parameter.type}")
        found.append(term)
    return tuple(found)


def pick_list(parameter: Parameter, queries: Mapping[str, CannedQuery]) -> str | None:
    """A query for the values that a parameter takes: the one that its `options` name, else the members of its class.

    None where anything of its type will do.

    Shape: ?value a/rdfs:subClassOf* <class>, rdfs:label|skos:prefLabel|dcterms:title ?label; by label, then IRI
    """
    if parameter.options is not None and parameter.options in queries:
        return bind(queries[parameter.options], {name: [value] for name, value in parameter.options_with})
    iri_class = SKOS + "Concept" if parameter.type == "topic" else parameter.iri_class
    if iri_class is None:
        return None
    return f"""SELECT ?value (MIN(?name) AS ?label) WHERE {{
      ?value a/<{RDFS}subClassOf>* {ox.NamedNode(iri_class)} .
      OPTIONAL {{ ?value <{RDFS}label>|<{SKOS}prefLabel>|<{DCTERMS}title> ?name FILTER(LANG(?name) = "en") }}
    }} GROUP BY ?value ORDER BY ?label ?value"""


def refuse_unknown(parameter: Parameter, term: Term, known: Mapping[str, str]) -> None:
    """Refuses a term that is not in a pick list (IRI → label), naming those whose IRI or label is nearest, and all of a
    list that has no more than `FEW`.

    Raises: QueryParameterError.
    """
    if isinstance(term, ox.Literal) or term.value in known:
        return
    names = {label.lower(): iri for iri, label in known.items() if label}
    names |= {iri.rpartition("/")[2].lower(): iri for iri in known}
    slug = term.value.rpartition("/")[2].lower()
    near = difflib.get_close_matches(slug, names, n=6, cutoff=0.5)
    suggestions = list(dict.fromkeys(write_value(ox.NamedNode(names[name])) for name in near))[:3]
    hint = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
    if len(known) <= FEW:
        others = [name for iri in known if (name := write_value(ox.NamedNode(iri))) not in suggestions]
        suggestions += others
        if others:
            hint += f"{' It' if hint else '; it'} takes {', '.join(suggestions)}"
    raise QueryParameterError(
        f"{parameter.name}: {write_value(term)} is not among the {len(known)} values to choose from{hint}",
        parameter=parameter.name,
        suggestions=suggestions,
    )


def _unknown(name: str, declared: list[str]) -> QueryParameterError:
    near = difflib.get_close_matches(name, declared, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        hint = f"the query takes {', '.join(declared)}" if declared else "the query takes none"
    return QueryParameterError(f"unknown parameter {name[:80]!r}; {hint}", parameter=name, suggestions=near or declared)


def _wrong(parameter: Parameter, message: str) -> QueryParameterError:
    right = _RIGHT["day" if parameter.name == "at" else parameter.type]
    return QueryParameterError(f"{message}; it takes {right}", parameter=parameter.name, suggestions=[right])


def _iri(parameter: Parameter, value: str) -> ox.NamedNode:
    if value.startswith("<") and value.endswith(">"):
        return ox.NamedNode(value[1:-1])
    if "://" in value or value.startswith("urn:"):
        return ox.NamedNode(value)
    prefix, colon, local = value.partition(":")
    if not colon:
        prefix, local = "", value
    if not _SLUG.fullmatch(local):
        raise ValueError(value)
    if not colon:
        return ox.NamedNode(_home(parameter) + local)
    if prefix in PREFIXES:
        return ox.NamedNode(PREFIXES[prefix] + local)
    if re.fullmatch(r"[0-9]+-[0-9]+", local) and _SLUG.fullmatch(prefix):
        return ox.NamedNode(f"{SOURCE}{prefix}/{local}")
    raise ValueError(value)


def _home(parameter: Parameter) -> str:
    """Where a bare slug belongs: beside the default's IRI, else where the type says."""
    if parameter.type == "topic":
        return TOPIC
    default = parameter.default[0] if parameter.default else None
    return re.sub(r"[^/#]*$", "", default.value) if isinstance(default, ox.NamedNode) else ID


def _topic(parameter: Parameter, value: str) -> ox.NamedNode:
    term = _iri(parameter, value)
    if not term.value.startswith(TOPIC):
        raise ValueError(value)
    return term


def _string(_: Parameter, value: str) -> ox.Literal:
    if any((ord(char) < 32 and char not in "\t\n\r") or ord(char) == 127 for char in value):
        raise ValueError(value)
    return ox.Literal(value)


def _language(_: Parameter, value: str) -> ox.Literal:
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", value):
        raise ValueError(value)
    return ox.Literal(value.lower())


def _integer(_: Parameter, value: str) -> ox.Literal:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):  # the engine's integers have 64 bits
        raise ValueError(value)
    return ox.Literal(value, datatype=_INTEGER)


def _decimal(_: Parameter, value: str) -> ox.Literal:
    if not re.fullmatch(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", value):
        raise ValueError(value)
    return ox.Literal(value, datatype=_DECIMAL)


def _date(parameter: Parameter, value: str) -> ox.Literal:
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", value)
    if not match or (parameter.name == "at" and not match[3]):
        raise ValueError(value)
    year, month, day = (int(part) if part else 1 for part in match.groups())
    return ox.Literal(f"{datetime.date(year, month, day).isoformat()}T00:00:00Z", datatype=_DATE_TIME)


_READERS: dict[str, Callable[[Parameter, str], Term]] = {
    "iri": _iri,
    "topic": _topic,
    "string": _string,
    "language": _language,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
}


def _fits(parameter: Parameter, term: Term) -> bool:
    if isinstance(term, ox.NamedNode):
        return parameter.type == "iri" or (parameter.type == "topic" and term.value.startswith(TOPIC))
    if parameter.type == "date":
        return term.datatype == _DATE_TIME and term.value.endswith("T00:00:00Z")
    datatypes = {"string": (_STRING,), "language": (_STRING,), "integer": (_INTEGER,), "decimal": (_DECIMAL, _INTEGER)}
    return term.datatype in datatypes.get(parameter.type, ()) and term.language is None
