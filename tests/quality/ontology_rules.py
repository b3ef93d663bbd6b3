"""How an ontology file of ours must read, one function a rule: a file in, its faults as sentences out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.namespaces import DCTERMS, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, SKOS, SOURCE, compact

IRI = ONTOLOGY.removesuffix("#")
VANN = "http://purl.org/vocab/vann/"

HEADER = (
    DCTERMS + "title",
    DCTERMS + "description",
    DCTERMS + "creator",
    DCTERMS + "created",
    DCTERMS + "modified",
    DCTERMS + "license",
    VANN + "preferredNamespacePrefix",
    VANN + "preferredNamespaceUri",
    OWL + "versionIRI",
    OWL + "versionInfo",
    OWL + "priorVersion",
    DCTERMS + "bibliographicCitation",
)
OPTIONAL_IN_HEADER = {OWL + "priorVersion"}  # the first version has none

BLOCK = (
    RDF + "type",
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    RDFS + "domain",
    RDFS + "range",
    RDFS + "label",
    SKOS + "definition",
    SKOS + "scopeNote",
    SKOS + "example",
    DCTERMS + "source",
    RDFS + "isDefinedBy",
)

SECTIONS = (
    (OWL + "AnnotationProperty", "Annotation properties"),
    (OWL + "Class", "Classes"),
    (OWL + "ObjectProperty", "Object properties"),
    (OWL + "DatatypeProperty", "Datatype properties"),
    ("", "Individuals"),
)

# The third person ("joins", "isPartOf"; not "address"), or a past form that is named here.
VERB = re.compile(r"[a-z]*[^s]s|began|ended")
NUMBERED = {"sha256"}  # the algorithm's name has the number


Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class OntologyFile:
    """The triples of a file in its order, and its text where layout is judged."""

    triples: Sequence[ox.Triple]
    text: str = ""

    @cached_property
    def blocks(self) -> list[tuple[str, list[ox.Triple]]]:
        """Each run of triples about one IRI; a subject that returns later has a second block."""
        blocks: list[tuple[str, list[ox.Triple]]] = []
        for triple in self.triples:
            if isinstance(triple.subject, ox.NamedNode):
                if not blocks or blocks[-1][0] != triple.subject.value:
                    blocks.append((triple.subject.value, []))
                blocks[-1][1].append(triple)
        return blocks

    @cached_property
    def terms(self) -> dict[str, dict[str, list[Term]]]:
        """The terms of our namespace that are declared here: what each predicate says of them."""
        terms: dict[str, dict[str, list[Term]]] = {}
        declared = {iri for iri, triples in self.blocks for t in triples if t.predicate.value == RDF + "type"}
        for iri, triples in self.blocks:
            if iri.startswith(ONTOLOGY) and iri in declared:
                for triple in triples:
                    terms.setdefault(iri, {}).setdefault(triple.predicate.value, []).append(triple.object)
        return terms

    def kind(self, iri: str) -> str:
        """The section that a term belongs to, "" for an individual."""
        types = {term.value for term in self.terms.get(iri, {}).get(RDF + "type", []) if isinstance(term, ox.NamedNode)}
        return next((section for section, _ in SECTIONS if section in types), "")


def read_ontology(text: str) -> OntologyFile:
    """A Turtle file as the rules read it."""
    return OntologyFile([quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)], text)


def _in_language(terms: Sequence[Term], language: str) -> list[str]:
    return [term.value for term in terms if isinstance(term, ox.Literal) and term.language == language]


def header(file: OntologyFile) -> Iterator[str]:
    """One owl:Ontology, with the header's triples, in their order, and a version that is real."""
    typed = (t.subject for t in file.triples if t.object == ox.NamedNode(OWL + "Ontology"))
    headers = [subject for subject in typed if isinstance(subject, ox.NamedNode)]
    if len(headers) != 1:
        yield f"{len(headers)} owl:Ontology in the file, not 1"
        return
    said: dict[str, list[Term]] = {}
    for triple in file.triples:
        if triple.subject == headers[0] and triple.predicate.value in HEADER:
            said.setdefault(triple.predicate.value, []).append(triple.object)
    if list(said) != sorted(said, key=HEADER.index):
        yield f"the header's order is {', '.join(map(compact, said))}"
    for predicate in HEADER:
        if predicate not in said and predicate not in OPTIONAL_IN_HEADER:
            yield f"the header has no {compact(predicate)}"
    for predicate in (DCTERMS + "creator", DCTERMS + "license", OWL + "versionIRI"):
        for term in said.get(predicate, []):
            if not isinstance(term, ox.NamedNode):
                yield f"{compact(predicate)} of the header is {term}, not an IRI"
    versions = [term.value for term in said.get(OWL + "versionInfo", []) if isinstance(term, ox.Literal)]
    for term in said.get(OWL + "versionIRI", []):
        if isinstance(term, ox.NamedNode) and [term.value] != [f"{headers[0].value}/{version}" for version in versions]:
            yield f"the version IRI is {term.value} and the version {', '.join(versions) or 'missing'}"
        if isinstance(term, ox.NamedNode) and not re.search(r"/\d+\.\d+\.\d+$", term.value):
            yield f"the version IRI {term.value} does not end in a version"


def labels(file: OntologyFile) -> Iterator[str]:
    """Each term has exactly one label in English and one in Russian."""
    for iri, said in file.terms.items():
        for language in ("en", "ru"):
            found = _in_language(said.get(RDFS + "label", []), language)
            if len(found) != 1:
                yield f"{compact(iri)} has {len(found)} labels @{language}, not 1"


def definitions(file: OntologyFile) -> Iterator[str]:
    """Each term has one English definition: one sentence that begins with an article and is not circular."""
    for iri, said in file.terms.items():
        found = _in_language(said.get(SKOS + "definition", []), "en")
        if len(found) != 1 or len(said.get(SKOS + "definition", [])) != 1:
            yield f"{compact(iri)} has {len(said.get(SKOS + 'definition', []))} definitions, not 1 in English"
            continue
        if not re.match(r"(A|An|The) \S", found[0]):
            yield f'{compact(iri)}: its definition does not begin with "A", "An" or "The"'
        if not found[0].endswith(".") or found[0].endswith(".."):
            yield f"{compact(iri)}: its definition does not end in a full stop"
        if re.search(r"\.\s", found[0]):
            yield f"{compact(iri)}: its definition is more than one sentence"
        for label in _in_language(said.get(RDFS + "label", []), "en"):
            if file.kind(iri) == OWL + "Class" and re.search(rf"\b{re.escape(label)}s?\b", found[0], re.IGNORECASE):
                yield f'{compact(iri)}: its definition is circular, it says "{label}"'


def genus(file: OntologyFile) -> Iterator[str]:
    """A class with a superclass is defined as one of it: "An event that …"."""
    for iri, said in file.terms.items():
        parents = [term.value for term in said.get(RDFS + "subClassOf", []) if isinstance(term, ox.NamedNode)]
        named = [file.terms[parent].get(RDFS + "label", []) for parent in parents if parent in file.terms]
        genera = [label for labels in named for label in _in_language(labels, "en")]
        beginning = re.compile(rf"(A|An|The) ({'|'.join(map(re.escape, genera))})\b", re.IGNORECASE)
        for definition in _in_language(said.get(SKOS + "definition", []), "en"):
            if genera and not beginning.match(definition):
                yield f'{compact(iri)}: its definition does not begin with "A {genera[0]}"'


def examples(file: OntologyFile) -> Iterator[str]:
    """Each class and property has an example that names something by its IRI or prefixed name."""
    for iri, said in file.terms.items():
        found = [term.value for term in said.get(SKOS + "example", []) if isinstance(term, ox.Literal)]
        if file.kind(iri) and not found:
            yield f"{compact(iri)} has no example"
        elif file.kind(iri) and not any(named_in(example) for example in found):
            yield f"{compact(iri)}: no example of it names anything in data/"


def named_in(example: str) -> list[str]:
    """The things that an example names, as IRIs: `id:x` and the like, passages, and `<…>`.

    >>> named_in("The page (mfa-2021:0-16) of id:tajikistan: see <https://example.org/>.")
    ['https://w3id.org/oxus/source/mfa-2021/0-16', 'https://w3id.org/oxus/id/tajikistan', 'https://example.org/']
    """
    iris = []
    for iri, prefix, local in re.findall(r"<(https?://[^>]+)>|(?<![\w-])([a-z][a-z0-9-]*):([\w-]+)", example):
        if iri or prefix in PREFIXES:
            iris.append(iri or PREFIXES[prefix] + local)
        elif re.fullmatch(r"\d+-\d+", local):
            iris.append(f"{SOURCE}{prefix}/{local}")
    return iris


def defined_by(file: OntologyFile) -> Iterator[str]:
    """Each term says which ontology defines it."""
    for iri, said in file.terms.items():
        if said.get(RDFS + "isDefinedBy") != [ox.NamedNode(IRI)]:
            yield f"{compact(iri)} is not rdfs:isDefinedBy <{IRI}> (once)"


def names(file: OntologyFile) -> Iterator[str]:
    """Classes UpperCamel, individuals lower-kebab; object properties begin with a verb, datatype properties do not."""
    for iri in file.terms:
        local, kind = iri.removeprefix(ONTOLOGY), file.kind(iri)
        first = re.match(r"[a-z]*", local)[0]  # type: ignore[index]  # it matches the empty string at worst
        if kind == OWL + "Class":
            if not re.fullmatch(r"[A-Z][a-zA-Z]*", local):
                yield f"{compact(iri)}: a class is named in UpperCamel"
        elif kind == "":
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", local):
                yield f"{compact(iri)}: an individual is named in lower-kebab"
        elif not re.fullmatch(r"[a-z][a-zA-Z]*", local) and local not in NUMBERED:
            yield f"{compact(iri)}: a property is named in lowerCamel, without numbers"
        elif kind == OWL + "ObjectProperty" and not VERB.fullmatch(first):
            yield f"{compact(iri)}: an object property begins with a verb, and '{first}' does not look like one"
        elif kind == OWL + "DatatypeProperty" and VERB.fullmatch(first):
            yield f"{compact(iri)}: a datatype property is a noun, and '{first}' looks like a verb"


def order(file: OntologyFile) -> Iterator[str]:
    """Sections in their order, terms alphabetical in each, a block's predicates in theirs, one declaration a term."""
    declared: list[tuple[int, str]] = []
    sections = [section for section, _ in SECTIONS]
    for iri, triples in file.blocks:
        typed = [t.object for t in triples if t.predicate.value == RDF + "type"]
        types = [term.value for term in typed if isinstance(term, ox.NamedNode)]
        if not types or OWL + "Ontology" in types:
            continue
        kind = next((sections.index(section) for section in sections if section in types), len(sections) - 1)
        declared.append((kind, compact(iri)))
        known = [BLOCK.index(t.predicate.value) for t in triples if t.predicate.value in BLOCK]
        if known != sorted(known):
            yield f"{compact(iri)}: its predicates are not in the order of the block"
    for (kind, iri), (next_kind, next_iri) in zip(declared, declared[1:], strict=False):
        if next_kind < kind:
            yield f"{next_iri} stands in the section {SECTIONS[kind][1]}"
        elif next_kind == kind and _alphabetical(next_iri) <= _alphabetical(iri):
            yield f"{next_iri} stands after {iri}"
    banners = [banner for _, banner in SECTIONS if re.search(rf"^#{{20,}}\n# {banner}", file.text, re.MULTILINE)]
    if file.text and banners != [banner for _, banner in SECTIONS]:
        yield f"the banners are {', '.join(banners)}"


def _alphabetical(name: str) -> tuple[str, str]:
    # Our terms come first, whatever the prefix; then outside terms, by prefix.
    prefix, _, local = name.partition(":")
    return ("" if prefix == "oxus" else prefix, local.lower())


def restraint(file: OntologyFile) -> Iterator[str]:
    """No imports and no inverse properties; xsd:date and its kin, on which the reasoner fails, are not used."""
    for triple in file.triples:
        if triple.predicate.value in {OWL + "imports", OWL + "inverseOf"}:
            yield f"{triple.subject} uses {compact(triple.predicate.value)}"
        datatype = triple.object.datatype.value if isinstance(triple.object, ox.Literal) else str(triple.object)
        if re.search(r"XMLSchema#(date|time|gYear|gYearMonth)>?$", datatype):
            yield f"{triple.subject} uses a date type outside OWL 2 DL in {compact(triple.predicate.value)}"


RULES = (header, labels, definitions, genus, examples, defined_by, names, order, restraint)
OF_ALIGNMENTS = (header, order, restraint)
"""The rules of a file that says how our terms relate to others and declares none of ours."""
