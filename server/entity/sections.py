"""The facts of a thing in sections: by what stands at the other end, as the ontology classes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.namespaces import ONTOLOGY, ONTOLOGY_GRAPH, OWL, RDF, RDFS, oxus
from server.service import Service
from server.wording import gettext, marked

ROOTS = f"""
SELECT ?class ?root WHERE {{
  GRAPH {ONTOLOGY_GRAPH} {{
    ?class a <{OWL}Class> . ?class <{RDFS}subClassOf>* ?root . ?root a <{OWL}Class> .
    FILTER NOT EXISTS {{ ?root <{RDFS}subClassOf> ?above . FILTER (STRSTARTS(STR(?above), "{ONTOLOGY}")) }}
    FILTER (STRSTARTS(STR(?class), "{ONTOLOGY}") && STRSTARTS(STR(?root), "{ONTOLOGY}"))
  }}
}} ORDER BY ?class ?root"""
ENDS = f"""
SELECT ?property ?out ?in WHERE {{
  GRAPH {ONTOLOGY_GRAPH} {{
    ?property a <{OWL}ObjectProperty> .
    OPTIONAL {{ ?property <{RDFS}range> ?out FILTER (isIRI(?out)) }}
    OPTIONAL {{ ?property <{RDFS}domain> ?in FILTER (isIRI(?in)) }}
  }}
}} ORDER BY ?property ?out ?in"""
DECLARED = f"""
SELECT ?thing ?class WHERE {{
  VALUES ?thing {{ %s }}
  ?thing <{RDF}type> ?class .
  GRAPH {ONTOLOGY_GRAPH} {{ ?class a <{OWL}Class> }}
}} ORDER BY ?thing ?class"""
AT_ONCE = 400
SPAN, CODE, RELATOR = (oxus(name).value for name in ("Span", "Code", "Relator"))
DETAILS = marked("Details")
LITERAL = ""
"""The section of texts and numbers, which codes share."""


@dataclass(frozen=True)
class Classes:
    """What the ontology tells of classes: the topmost ones above each; what each property leads to and comes from."""

    roots: Mapping[str, tuple[str, ...]]
    out: Mapping[str, str]
    back: Mapping[str, str]


def classes_of(service: Service) -> Classes:
    """The classes of the ontology that is served; those of other vocabularies above them do not count."""
    roots: dict[str, list[str]] = {}
    for row in service.rows(ROOTS):
        roots.setdefault(row["class"]["value"], []).append(row["root"]["value"])
    out: dict[str, str] = {}
    back: dict[str, str] = {}
    for row in service.rows(ENDS):
        if "out" in row:
            out.setdefault(row["property"]["value"], row["out"]["value"])
        if "in" in row:
            back.setdefault(row["property"]["value"], row["in"]["value"])
    return Classes({name: tuple(found) for name, found in roots.items()}, out, back)


def declared(service: Service, iris: Iterable[str], known: Classes) -> dict[str, tuple[str, ...]]:
    """The classes of each thing, the most special first."""
    wanted = list(dict.fromkeys(iris))
    found: dict[str, list[str]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        values = " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE])
        for row in service.rows(DECLARED % values):
            found.setdefault(row["thing"]["value"], []).append(row["class"]["value"])
    return {iri: tuple(sorted(classes, key=lambda name: name in known.out)) for iri, classes in found.items()}


def section_of(known: Classes, predicate: str, forward: bool, end_classes: Sequence[str], is_thing: bool) -> str:
    """The class that a fact is told under; `LITERAL` for texts, numbers and codes."""
    if not is_thing:
        return LITERAL
    expected = (known.out if forward else known.back).get(predicate)
    candidates = [expected, *end_classes] if expected else list(end_classes)
    for name in candidates:
        for root in known.roots.get(name, ()):
            if root == CODE:
                return LITERAL
            if root != RELATOR:
                return root
    # What ties two things is told by its own name: an accession, a membership.
    special = [name for name in end_classes if name != RELATOR and RELATOR in known.roots.get(name, ())]
    return special[0] if special else LITERAL


def ordered(sizes: Mapping[str, int]) -> list[str]:
    """The sections of a page: when, then the largest first, details last."""
    return sorted(sizes, key=lambda name: (name == LITERAL, name != SPAN, -sizes[name], name))


def heading(section: str, labels: Mapping[str, str]) -> str:
    """What a section is called: as its class is, in the reader's language."""
    name = gettext(DETAILS) if section == LITERAL else labels.get(section, section.rpartition("#")[2])
    return name[:1].upper() + name[1:]
