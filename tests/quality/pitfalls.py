"""The pitfalls of OOPS! and the tests of FOOPS! that a file shows by itself, one function each: its faults out.

OOPS! (oops.linkeddata.es) numbers its pitfalls, and the functions bear the numbers. What follows is not here, and why:

- P03, P09, P12, P14-P18, P23, P30, P31: a person must read the ontology; P35 and P34 are the DL profile's.
- P05, P13, P25, P26: there are no inverse properties (`ontology_rules.restraint`); paths use `^` instead.
- P08: every term has labels and a definition, P22: names follow one convention, P38 and P41: there is a header with a
  licence (`ontology_rules`, `labels`, `definitions`, `names`, `header`).
- P11 (a property without domain or range) is against the house: both only where the inference is wanted. Kept of it:
  a datatype property has a range.
- P36, P37, P39, P40: what the address answers is the server's. FOOPS! CN, URI, RDF, HTTP, FIND and VER2 likewise.

FOOPS! (w3id.org/foops) asks for metadata; what `ontology_rules.header` requires of it is not asked twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox
from ontology_rules import VANN, OntologyFile

from kg.namespaces import DCTERMS, ONTOLOGY, OWL, RDF, RDFS, SKOS, compact

_CLASS, _OBJECT, _DATATYPE = OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty"
_DISJOINT = ox.NamedNode(OWL + "disjointWith")
_MEMBERS = ox.NamedNode(OWL + "members")


def _of_kind(file: OntologyFile, *kinds: str) -> list[str]:
    return [iri for iri in file.terms if file.kind(iri) in kinds]


def _said(file: OntologyFile, iri: str, predicate: str) -> list[str]:
    return [term.value for term in file.terms[iri].get(predicate, []) if isinstance(term, (ox.NamedNode, ox.Literal))]


def _english(file: OntologyFile, iri: str, predicate: str) -> list[str]:
    terms = file.terms[iri].get(predicate, [])
    return [term.value for term in terms if isinstance(term, ox.Literal) and term.language == "en"]


def _disjoint(file: OntologyFile) -> set[str]:
    """The classes that are said to be disjoint with another, in pairs or in lists."""
    rest = {t.subject: t.object for t in file.triples if t.predicate.value == RDF + "rest"}
    first = {t.subject: t.object for t in file.triples if t.predicate.value == RDF + "first"}
    found = {term.value for t in file.triples if t.predicate == _DISJOINT for term in (t.subject, t.object)}
    for node in (t.object for t in file.triples if t.predicate == _MEMBERS):
        while node in first:
            found.add(first[node].value)
            node = rest[node]
    return found


def p02_synonyms_as_classes(file: OntologyFile) -> Iterator[str]:
    """Two terms of ours are not declared to be the same: one of them would do."""
    for triple in file.triples:
        if triple.predicate.value in {OWL + "equivalentClass", OWL + "equivalentProperty"}:
            if all(getattr(term, "value", "").startswith(ONTOLOGY) for term in (triple.subject, triple.object)):
                yield f"{compact(triple.subject.value)} and {compact(triple.object.value)} are the same"


def p04_unconnected_elements(file: OntologyFile) -> Iterator[str]:
    """A class is somebody's parent, child, domain or range, or disjoint with something."""
    joined = _disjoint(file)
    for triple in file.triples:
        if triple.predicate.value in {RDFS + "subClassOf", RDFS + "domain", RDFS + "range"}:
            joined |= {getattr(triple.subject, "value", ""), getattr(triple.object, "value", "")}
    yield from (f"{compact(iri)} is joined to nothing" for iri in _of_kind(file, _CLASS) if iri not in joined)


def p06_cycles(file: OntologyFile) -> Iterator[str]:
    """No class or property is below itself."""
    for predicate in (RDFS + "subClassOf", RDFS + "subPropertyOf"):
        for iri in file.terms:
            seen: set[str] = set()
            above = _said(file, iri, predicate)
            while above:
                parent = above.pop()
                if parent not in seen and parent in file.terms:
                    seen.add(parent)
                    above += _said(file, parent, predicate)
            if iri in seen:
                yield f"{compact(iri)} is below itself"


def p07_two_in_one(file: OntologyFile) -> Iterator[str]:
    """A class is one thing: its name does not join two."""
    for iri in _of_kind(file, _CLASS):
        if re.search(r"(And|Or)[A-Z]|\b(and|or)\b", " ".join([compact(iri), *_english(file, iri, RDFS + "label")])):
            yield f"{compact(iri)} is two things in one"


def p10_missing_disjointness(file: OntologyFile) -> Iterator[str]:
    """A class without a parent is disjoint with others, or nothing could ever contradict it."""
    disjoint = _disjoint(file)
    for iri in _of_kind(file, _CLASS):
        if not file.terms[iri].get(RDFS + "subClassOf") and iri not in disjoint:
            yield f"{compact(iri)} is disjoint with nothing"


def p11_missing_range(file: OntologyFile) -> Iterator[str]:
    """A datatype property has a range."""
    for iri in _of_kind(file, _DATATYPE):
        if not file.terms[iri].get(RDFS + "range"):
            yield f"{compact(iri)} has no range"


def p19_several_domains_or_ranges(file: OntologyFile) -> Iterator[str]:
    """A property has one domain and one range: of two, both would hold."""
    for iri in _of_kind(file, _OBJECT, _DATATYPE):
        for predicate in (RDFS + "domain", RDFS + "range"):
            if len(file.terms[iri].get(predicate, [])) > 1:
                yield f"{compact(iri)} has more than one {compact(predicate)}"


def p20_misused_annotations(file: OntologyFile) -> Iterator[str]:
    """A definition is not the label again, a label is no sentence, and a note says something new."""
    for iri in file.terms:
        labels = [label.lower() for label in _english(file, iri, RDFS + "label")]
        definitions = [text.lower().rstrip(".") for text in _english(file, iri, SKOS + "definition")]
        notes = [text.lower().rstrip(".") for text in _english(file, iri, SKOS + "scopeNote")]
        if set(labels) & set(definitions) or set(notes) & {*labels, *definitions}:
            yield f"{compact(iri)} says the same twice"
        if any(len(label) > 40 or label.endswith(".") for label in labels):
            yield f"{compact(iri)} has a sentence for a label"


def p21_miscellaneous_class(file: OntologyFile) -> Iterator[str]:
    """No class is for what fits nowhere."""
    for iri in _of_kind(file, _CLASS):
        if re.search(
            r"(?i)\b(other|misc|miscellaneous|unknown|various|rest)", " ".join(_english(file, iri, RDFS + "label"))
        ):
            yield f"{compact(iri)} is for what fits nowhere"


def p24_recursive_definition(file: OntologyFile) -> Iterator[str]:
    """No term is its own domain, range, parent or disjoint with itself."""
    for triple in file.triples:
        if triple.subject == triple.object:
            yield f"{triple.subject} is defined by itself"


def p27_equivalent_properties(file: OntologyFile) -> Iterator[str]:
    """Two properties with the same domain, range and parent are not defined in the same words."""
    seen: dict[tuple[str, ...], str] = {}
    for iri in _of_kind(file, _OBJECT, _DATATYPE):
        key = tuple(_english(file, iri, SKOS + "definition"))
        if key and key in seen:
            yield f"{compact(iri)} and {compact(seen[key])} have one definition"
        seen[key] = iri


def p28_p29_wrong_symmetry_or_transitivity(file: OntologyFile) -> Iterator[str]:
    """What is symmetric or transitive leads from a class to the same class."""
    for iri in _of_kind(file, _OBJECT):
        kinds = set(_said(file, iri, RDF + "type")) & {OWL + "SymmetricProperty", OWL + "TransitiveProperty"}
        ends = [_said(file, iri, predicate) for predicate in (RDFS + "domain", RDFS + "range")]
        if kinds and ends[0] != ends[1]:
            yield f"{compact(iri)} is {', '.join(map(compact, sorted(kinds)))} and its ends differ"


def p32_shared_labels(file: OntologyFile) -> Iterator[str]:
    """No two classes, and no two properties, have one label in one language."""
    for kinds in ((_CLASS,), (_OBJECT, _DATATYPE)):
        bearers: dict[str, str] = {}
        for iri in _of_kind(file, *kinds):
            for label in file.terms[iri].get(RDFS + "label", []):
                if bearers.setdefault(str(label).lower(), iri) != iri:
                    yield f"{compact(iri)} and {compact(bearers[str(label).lower()])} are both called {label}"


def p33_chain_of_one(file: OntologyFile) -> Iterator[str]:
    """A property chain has two links or more."""
    ends = {t.subject for t in file.triples if t.predicate.value == RDF + "rest" and t.object.value == RDF + "nil"}
    for triple in file.triples:
        if triple.predicate.value == OWL + "propertyChainAxiom" and triple.object in ends:
            yield f"{compact(triple.subject.value)} has a chain of one"


def p40_hijacked_names(file: OntologyFile) -> Iterator[str]:
    """Of an outside term nothing is said but what it is."""
    for iri, triples in file.blocks:
        if not iri.startswith(ONTOLOGY.removesuffix("#")):
            for triple in triples:
                if triple.predicate.value != RDF + "type":
                    yield f"{compact(iri)} is not ours to describe: {compact(triple.predicate.value)}"


def foops_persistent_address(file: OntologyFile) -> Iterator[str]:
    """PURL1, VER1: the ontology's IRI is under w3id.org, its version has another; namespace as in the terms."""
    said = {
        triple.predicate.value: triple.object.value
        for triple in file.triples
        if triple.subject == ox.NamedNode(ONTOLOGY.removesuffix("#")) and not isinstance(triple.object, ox.BlankNode)
    }
    if not ONTOLOGY.startswith("https://w3id.org/") or RDF + "type" not in said:
        yield "the ontology has no persistent IRI"
    if said.get(OWL + "versionIRI", "") in {"", ONTOLOGY.removesuffix("#")}:
        yield "the version has no IRI of its own"
    if said.get(VANN + "preferredNamespaceUri") != ONTOLOGY:
        yield "the namespace is not the one that the terms have"


def foops_dates(file: OntologyFile) -> Iterator[str]:
    """OM2, OM5: created and modified are days, in this order."""
    days = {
        triple.predicate.value: triple.object.value
        for triple in file.triples
        if triple.predicate.value in {DCTERMS + "created", DCTERMS + "modified"}
        and isinstance(triple.object, ox.Literal)
    }
    if not all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day in days.values()) or len(days) != 2:
        yield f"the dates are {days}"
    elif days[DCTERMS + "created"] > days[DCTERMS + "modified"]:
        yield "modified before it was created"


def foops_reuse(file: OntologyFile) -> Iterator[str]:
    """VOC1: the metadata are given in known vocabularies, none invented here."""
    for iri, triples in file.blocks:
        if iri == ONTOLOGY.removesuffix("#"):
            yield from (
                f"{compact(t.predicate.value)} is ours" for t in triples if t.predicate.value.startswith(ONTOLOGY)
            )


PITFALLS = tuple(
    rule for name, rule in sorted(globals().items()) if callable(rule) and re.match(r"p\d\d_|foops_", name)
)
