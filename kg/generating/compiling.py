"""From the ontology's files and the patterns beside them to a recipe; the rules run once, over every pattern's slots.

So nothing is inferred while a graph is written. What the rules would infer from two patterns together (the state of a
meeting whose town another pattern placed there) is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.build.rules import infer, read_rules
from kg.errors import SourceError
from kg.files.spans import describe_span
from kg.files.turtle import read_rdf
from kg.generating.recipe import NEW, PASSAGE, PATTERN, SOME, THIS, WHEN, Pattern, Recipe, Rival, Text
from kg.generating.slots import (
    FIELD,
    as_lines,
    as_text,
    class_of,
    delocalised,
    ends,
    localised,
    pattern_of,
    slot_of,
    text_slot,
    value_of,
)
from kg.namespaces import (
    DCTERMS,
    ENTITIES,
    INFERRED,
    ONTOLOGY_GRAPH,
    RDF,
    RDFS,
    SKOS,
    SOURCES,
    TIME,
    TOPICS,
    oxus,
)
from kg.project import Project

PATTERNS_FILE = "synthetic.trig"
_TYPE, _LABEL = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "label")
_DESCRIPTION = ox.NamedNode(DCTERMS + "description")
_SAMPLE = TIME + "1001-approx--2002"

Inferred = tuple[ox.Triple, str]


def read_recipe(project: Project) -> Recipe:
    """The recipe of a project.

    Raises: SourceError if there are no patterns or one is wrong, TurtleError if a file does not parse.
    """
    return _Compiler(project).recipe()


class _Compiler:
    """The steps from files to a recipe, over what they share."""

    def __init__(self, project: Project) -> None:
        self.shown = f"ontology/{PATTERNS_FILE}"
        path = project.ontology / PATTERNS_FILE
        if not path.exists():
            raise SourceError(f"no {self.shown} in the project: what a generated graph is made of stands there")
        self.rules = read_rules(project)
        self.base: dict[ox.Triple, ox.NamedNode] = {}
        self.settings: defaultdict[str, dict[str, ox.NamedNode | ox.Literal]] = defaultdict(dict)
        self.triples: defaultdict[str, list[tuple[ox.Triple, ox.NamedNode | None]]] = defaultdict(list)
        for name, graph in (("oxus", ONTOLOGY_GRAPH), ("alignments", ONTOLOGY_GRAPH), ("topics", TOPICS)):
            file = project.ontology / f"{name}.ttl"
            for quad in read_rdf(file, project.relative(file)).quads:
                self.base.setdefault(quad.triple, graph)
        self._sort_quads(list(read_rdf(path, self.shown).quads))
        self._label_new_nodes()
        self.supers = self._superclasses()

    def _sort_quads(self, quads: list[ox.Quad]) -> None:
        for quad in quads:
            if isinstance(quad.graph_name, ox.DefaultGraph):
                name = slot_of(quad.subject)
                if name is None:
                    self.base.setdefault(quad.triple, SOURCES)
                elif isinstance(quad.object, ox.NamedNode | ox.Literal):
                    self.settings[name][quad.predicate.value.removeprefix(PATTERN)] = quad.object
        for quad in quads:
            name = slot_of(quad.graph_name)
            if name is not None:
                home = self.settings[name].get("isStatedIn")
                main = slot_of(self.settings[name].get("accompanies")) or name
                self.triples[main].append((quad.triple, home if isinstance(home, ox.NamedNode) else None))

    def _label_new_nodes(self) -> None:
        """What a passage introduces is declared among the entities, with a label and a description."""
        for triples in self.triples.values():
            declared = [t.subject for t, home in triples if t.predicate == _TYPE and home is None]
            for subject in declared:
                for predicate, field in ((_LABEL, "{label}"), (_DESCRIPTION, "{description}")):
                    triples.append((ox.Triple(subject, predicate, ox.Literal(field, language="en")), None))

    def _superclasses(self) -> dict[str, set[str]]:
        direct: defaultdict[str, set[str]] = defaultdict(set)
        for triple in self.base:
            if triple.predicate.value == RDFS + "subClassOf" and isinstance(triple.object, ox.NamedNode):
                direct[value_of(triple.subject)].add(triple.object.value)
        found: dict[str, set[str]] = {}
        for name in sorted({*direct, *(one for above in direct.values() for one in above)}):
            reached, todo = {name}, [name]
            while todo:
                new = direct.get(todo.pop(), set()) - reached
                reached |= new
                todo += new
            found[name] = reached
        return found

    def recipe(self) -> Recipe:
        """All of it."""
        sample = describe_span(_SAMPLE)
        inferred = infer([*self.base, *self._samples(), *sample], self.rules)
        preamble = list(self.base.items())
        of_patterns: defaultdict[str, list[Inferred]] = defaultdict(list)
        of_spans: list[Inferred] = []
        for slug, triples in inferred.items():
            for triple in sorted(triples, key=str):
                pattern = pattern_of(triple)
                if pattern is not None:
                    of_patterns[pattern].append((triple, slug))
                elif value_of(triple.subject) == _SAMPLE:
                    of_spans.append((triple, slug))
                else:
                    preamble.append((triple, ox.NamedNode(INFERRED + slug)))
        members, lists = self._members("type"), self._members("inScheme")
        below: defaultdict[str, set[str]] = defaultdict(set)
        for name, above in self.supers.items():
            for one in above:
                below[one].add(name)
        return Recipe(
            patterns={name: self._pattern(name, of_patterns[name]) for name in self.triples},
            preamble="".join(f"{triple} {graph} .\n{triple} .\n" for triple, graph in preamble),
            span_inferences=_span_inferences(sample, of_spans),
            members=members,
            lists=lists,
            labels={
                value_of(t.subject): t.object.value
                for t in self.base
                if t.predicate == _LABEL and isinstance(t.object, ox.Literal) and t.object.language == "en"
            },
            subclasses={name: frozenset(found) for name, found in below.items()},
        )

    def _members(self, local: str) -> dict[str, tuple[str, ...]]:
        """What is of each class, or in each list, in the ontology's own files."""
        iri = (RDF if local == "type" else SKOS) + local
        found: defaultdict[str, list[str]] = defaultdict(list)
        for triple in self.base:
            if triple.predicate.value == iri and isinstance(triple.object, ox.NamedNode):
                found[triple.object.value].append(value_of(triple.subject))
        return {name: tuple(sorted(of_it)) for name, of_it in found.items()}

    def _samples(self) -> Iterator[ox.Triple]:
        """Each pattern's triples, its slots named after it so that what is inferred can be told apart."""
        year = 1100
        for name, triples in self.triples.items():
            slots: dict[str, None] = {}
            for triple, _ in triples:
                yield ox.Triple(*(localised(term, name) for term in triple))
                slots |= dict.fromkeys(filter(None, map(slot_of, triple)))
            for slot in slots:
                node = ox.NamedNode(f"{PATTERN}{name}/{slot}")
                if slot.startswith(SOME):
                    yield ox.Triple(node, _TYPE, ox.NamedNode(class_of(slot)))
                elif slot.startswith(WHEN):
                    year += 1
                    for told in describe_span(f"{TIME}{year}"):
                        yield ox.Triple(node, told.predicate, told.object)

    def _pattern(self, name: str, inferred: list[Inferred]) -> Pattern:
        settings, triples = self.settings[name], self.triples[name]
        new = {slot_of(t.subject) or "": value_of(t.object) for t, _ in triples if t.predicate == _TYPE}
        typed = set(new)
        new = {slot: of for slot, of in new.items() if slot.startswith(NEW)}
        texts: dict[str, Text] = {}
        for triple, _ in triples:
            if isinstance(triple.object, ox.Literal) and FIELD.search(triple.object.value):
                suffix = str(triple.object).rpartition('"')[2]
                texts[text_slot(triple)] = Text(slot_of(triple.subject) or "", triple.object.value, suffix)
        lines: list[str] = []
        stated: list[ox.Triple] = []
        for triple, home in triples:
            declares = triple.predicate in (_TYPE, _LABEL, _DESCRIPTION) and slot_of(triple.subject) in new
            if not any((slot_of(term) or "").startswith((NEW, THIS)) for term in triple):
                raise SourceError(f"pattern:{name} has a triple without a new: or this: node: {triple}", self.shown)
            graph = str(home or (ENTITIES if declares else f"%({PASSAGE})s"))
            lines.append(as_lines(triple, texts, graph))
            if home is None and not declares:
                stated.append(triple)
        kept = list(self._kept(name, inferred, typed))
        lines += [as_lines(triple, texts, str(ox.NamedNode(INFERRED + slug))) for triple, slug in kept]
        slots = dict.fromkeys(
            slot for triple, _ in triples for slot in map(slot_of, triple) if slot and slot not in new
        )
        if any(home is None for _, home in triples):
            slots[PASSAGE] = None
        repeatable = [t for t in stated if not any((slot_of(term) or "").startswith(THIS) for term in t)]
        most = settings.get("most")
        return Pattern(
            name=name,
            weight=float(_text(settings.get("weight"), "0")),
            first=int(_text(settings.get("first"), "0")),
            most=int(_text(most, "0")) if most is not None else None,
            kind=_text(settings.get("kind"), oxus("stated").value),
            new=new,
            slots=tuple(slots),
            texts=texts,
            text="".join(lines),
            stated=tuple(as_text(triple, texts) for triple in repeatable),
            rivals=tuple(self._rivals(triples, repeatable, kept, texts)),
            gist=next(((s, t.predicate.value, o) for t in repeatable for s, o in [ends(t)] if s and o), None),
        )

    def _kept(self, name: str, inferred: list[Inferred], typed: set[str]) -> Iterator[Inferred]:
        """What is inferred anew: not what a node is that was there before, which is written where it is introduced."""
        for triple, slug in inferred:
            triple = ox.Triple(*(delocalised(term, name) for term in triple))
            slot = slot_of(triple.subject) or ""
            if triple.predicate == _TYPE and slot not in typed:
                known = self.supers.get(class_of(slot), set()) if slot.startswith(SOME) else None
                if known is not None and value_of(triple.object) not in known:
                    message = (
                        f"pattern:{name} takes {slot} for a <{value_of(triple.object)}>, which not all of them are"
                    )
                    raise SourceError(message, self.shown)
            elif any((slot_of(term) or "").startswith((NEW, THIS)) for term in triple):
                yield triple, slug

    def _rivals(
        self,
        triples: list[tuple[ox.Triple, ox.NamedNode | None]],
        repeatable: list[ox.Triple],
        kept: list[Inferred],
        texts: Mapping[str, Text],
    ) -> Iterator[Rival]:
        uses = Counter(slot for triple, _ in triples for slot in map(slot_of, triple))
        negating = {rule.slug for rule in self.rules if rule.negates}
        for triple in repeatable:
            subject, slot = slot_of(triple.subject), slot_of(triple.object)
            if subject and slot and subject.startswith(NEW) and slot.startswith((SOME, WHEN)) and uses[slot] == 1:
                follows = [(one, slug) for one, slug in kept if slot in map(slot_of, one)]
                lines = [(as_lines(one, texts, str(ox.NamedNode(INFERRED + slug))), slug) for one, slug in follows]
                yield Rival(
                    triple=as_text(triple, texts),
                    slot=slot,
                    subject=subject,
                    predicate=triple.predicate.value,
                    inferred="".join(line for line, _ in lines),
                    inferred_beside="".join(line for line, slug in lines if slug not in negating),
                )


def _span_inferences(sample: list[ox.Triple], inferred: list[Inferred]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for triple, slug in inferred:
        is_type = triple.predicate == _TYPE
        of = next(told for told in sample if (told.predicate == _TYPE if is_type else told.object == triple.object))
        entry = (str(triple.predicate), str(triple.object) if is_type else "", str(ox.NamedNode(INFERRED + slug)))
        found[of.predicate.value].append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


def _text(term: ox.NamedNode | ox.Literal | None, default: str) -> str:
    return default if term is None else term.value
