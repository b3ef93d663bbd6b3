"""A picture of an ontology for its README, in Mermaid: `python -m kg.files.diagram` draws it anew.

Nothing in it is by hand.

A box is a branch: a class that is no subclass, with its subclasses listed in it. An arrow leads from one box to another
where the domain and the range of object properties lie in them. A class without subclasses from which no property
leads (a date, a value of a list) has no box. What no arrow shows stands in a table below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import pyoxigraph as ox

from kg.errors import SourceError
from kg.files.turtle import read_rdf
from kg.namespaces import ONTOLOGY, OWL, RDF, RDFS
from kg.project import find_project

BEGIN, END = "<!-- drawn by python -m kg.files.diagram -->", "<!-- end of the drawing -->"

Said = defaultdict[str, list[str]]
"""For a term's local name, those of its objects."""


class Branches:
    """The classes and object properties of an ontology by their local names, and which class is whose branch."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        said: defaultdict[str, Said] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            begin, end = triple.subject, triple.object
            if isinstance(begin, ox.NamedNode) and isinstance(end, ox.NamedNode) and begin.value.startswith(ONTOLOGY):
                said[triple.predicate.value][begin.value.removeprefix(ONTOLOGY)].append(
                    end.value.removeprefix(ONTOLOGY)
                )
        kinds = said[RDF + "type"]
        classes = sorted(name for name in kinds if OWL + "Class" in kinds[name])
        self.properties = sorted(name for name in kinds if OWL + "ObjectProperty" in kinds[name])
        self.domains, self.ranges = said[RDFS + "domain"], said[RDFS + "range"]
        self.parents = {name: [one for one in said[RDFS + "subClassOf"][name] if one in classes] for name in classes}
        starting = {root for name in self.properties for root in self.roots(self.domains[name])}
        holding = {parent for parents in self.parents.values() for parent in parents}
        roots = [name for name in classes if not self.parents[name]]
        self.boxes = [name for name in roots if name in starting | holding]

    def roots(self, names: Iterable[str]) -> list[str]:
        """The branches to which classes belong; a class may belong to two."""
        found = {root for name in names for root in (self.roots(self.parents.get(name, [])) or [name])}
        return sorted(found)

    def below(self, parent: str, depth: int = 0) -> Iterator[str]:
        """Every class below one, those further down marked by a dash."""
        for name, parents in self.parents.items():
            if parent in parents:
                yield f"{'– ' * depth}{name}"
                yield from self.below(name, depth + 1)


def draw(triples: Iterable[ox.Triple]) -> str:
    """The picture of an ontology's branches and of what leads from one to another, as Markdown.

    >>> prologue = b"PREFIX o: <https://w3id.org/oxus/ontology#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
    >>> prologue += b"PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    >>> text = b"o:Ship a owl:Class . o:Tug a owl:Class ; rdfs:subClassOf o:Ship . o:Port a owl:Class . "
    >>> text += b"o:owns a owl:ObjectProperty ; rdfs:domain o:Port ; rdfs:range o:Ship ."
    >>> drawing = draw(quad.triple for quad in ox.parse(prologue + text, format=ox.RdfFormat.TURTLE))
    >>> print(drawing[drawing.index("classDiagram") :])
    classDiagram
      class Port
      class Ship {
        Tug
      }
      Port --> Ship : owns
    ```
    """
    branches = Branches(triples)
    lines = ["```mermaid", "---", "config:", "  class:", "    hideEmptyMembersBox: true", "---", "classDiagram"]
    for box in branches.boxes:
        below = [f"    {name}" for name in branches.below(box)]
        lines += [f"  class {box} {{", *below, "  }"] if below else [f"  class {box}"]
    arrows: Said = defaultdict(list)
    others: Said = defaultdict(list)
    for name in branches.properties:
        begins, ends = branches.roots(branches.domains[name]), branches.roots(branches.ranges[name])
        if not begins or not ends:
            others["from anything" if not begins else "to anything"].append(name)
        for begin, end in product(begins, ends):
            if begin != end and end in branches.boxes:
                arrows[f"  {begin} --> {end}"].append(name)
            else:
                others["within a branch" if begin == end else f"to `{end}`"].append(name)
    lines += [f"{arrow} : {'<br/>'.join(names)}" for arrow, names in sorted(arrows.items())]
    lines.append("```")
    if others:
        rows = (f"| {where} | {', '.join(f'`{name}`' for name in names)} |" for where, names in sorted(others.items()))
        lines += ["", "| leads | without an arrow |", "|---|---|", *rows]
    return "\n".join(lines)


def redraw(page: str, drawing: str) -> str:
    """A page with the drawing between its two markers.

    Raises: SourceError if the page does not have both, in their order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SourceError(f"a page with a drawing has a line {BEGIN} and, below it, a line {END}")
    return f"{before}{begin}\n\n{drawing}\n\n{end}{after}"


if __name__ == "__main__":
    project = find_project(Path.cwd())
    readme = project.ontology / "README.md"
    ontology = read_rdf(project.ontology / "oxus.ttl", "ontology/oxus.ttl")
    drawing = draw(quad.triple for quad in ontology.quads)
    readme.write_text(redraw(readme.read_text(encoding="utf-8"), drawing), encoding="utf-8")
