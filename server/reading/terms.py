"""Terms as addresses and forms have them, and as RDF has them: from N-Triples or a prefixed name and back."""

from __future__ import annotations

import pyoxigraph as ox

from kg.errors import QueryParameterError
from kg.namespaces import PREFIXES, RDF, SOURCE, XSD
from server.cells import Term

TRIPLE = "<urn:s> <urn:p> {} ."


def written(term: Term) -> str:
    """A term as N-Triples writes it; nothing for a blank node or a triple, which no address can name.

    >>> written({"type": "literal", "value": 'a "b"', "xml:lang": "en"})
    '"a \\\\"b\\\\""@en'
    """
    found = as_rdf(term)
    return "" if found is None else str(found)


def as_rdf(term: Term) -> ox.NamedNode | ox.Literal | None:
    """A term of an answer in JSON as RDF; None for a blank node or a triple."""
    value = term["value"]
    if term["type"] == "uri":
        return ox.NamedNode(value)
    if term["type"] != "literal" and term["type"] != "typed-literal":
        return None
    if "xml:lang" in term:
        return ox.Literal(value, language=term["xml:lang"])
    return ox.Literal(value, datatype=ox.NamedNode(term.get("datatype", XSD + "string")))


def read_iri(name: str, text: str) -> ox.NamedNode:
    """The IRI that somebody gave, whole, in angle brackets, or with a prefix of ours.

    Raises: QueryParameterError.
    """
    inner = text.strip().removeprefix("<").removesuffix(">")
    prefix, colon, local = inner.partition(":")
    if inner == "a":
        inner = RDF + "type"
    elif colon and not local.startswith("//") and prefix in PREFIXES:
        inner = PREFIXES[prefix] + local
    elif colon and not local.startswith("//") and local[:1].isdigit() and prefix.replace("-", "").isalnum():
        inner = f"{SOURCE}{prefix}/{local}"
    try:
        return ox.NamedNode(inner)
    except ValueError:
        message = f"{name} is {text[:80]!r}, which is no IRI: give it whole, or with a prefix as in id:some-thing"
        raise QueryParameterError(message, parameter=name) from None


def read_term(name: str, text: str) -> ox.NamedNode | ox.Literal:
    """The IRI or literal that somebody gave; a literal as N-Triples writes it.

    Raises: QueryParameterError.
    """
    if not text.strip().startswith('"'):
        return read_iri(name, text)
    try:
        (quad,) = ox.parse(TRIPLE.format(text.strip()), format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError):
        message = f'{name} is {text[:80]!r}, which is no term: write a literal as N-Triples does, "text"@en'
        raise QueryParameterError(message, parameter=name) from None
    found = quad.object
    assert isinstance(found, ox.NamedNode | ox.Literal)  # it begins with a quotation mark
    return found
