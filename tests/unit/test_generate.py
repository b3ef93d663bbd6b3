"""`kg generate`: the same seed gives the same bytes, the size is the one asked for, and the graph is as a build's."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
from leaving_out import leave_out

from kg.build.rules import infer, read_rules
from kg.checks.shapes import to_rdflib
from kg.errors import SourceError
from kg.generating.run import generate
from kg.namespaces import DCTERMS, ENTITIES, ID, INFERRED, JUDGEMENTS, ONTOLOGY, RDF, SOURCE, SOURCES, TIME_GRAPH, oxus
from kg.project import Project

ROOT = Path(__file__).resolve().parents[2]
SIZE = 20_000
TYPE = ox.NamedNode(RDF + "type")

Graphs = Mapping[object, set[ox.Triple]]


def kg(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "server.cli", "generate", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def generated(real_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("generated") / "graph.nq"
    generate(real_project, SIZE, 7, path)
    return path


@pytest.fixture(scope="module")
def graphs(generated: Path) -> Graphs:
    found: defaultdict[object, set[ox.Triple]] = defaultdict(set)
    for quad in ox.parse(path=str(generated), format=ox.RdfFormat.N_QUADS):
        found[quad.graph_name].add(quad.triple)
    return found


@pytest.fixture(scope="module")
def default(graphs: Graphs) -> set[ox.Triple]:
    return graphs[ox.DefaultGraph()]


def passages(graphs: Graphs) -> dict[object, set[ox.Triple]]:
    return {name: triples for name, triples in graphs.items() if str(name).startswith(f"<{SOURCE}")}


# The file


def test_the_same_seed_gives_the_same_bytes_packed_or_not(
    generated: Path, real_project: Project, tmp_path: Path
) -> None:
    for name in ("again.nq", "first.nq.gz", "second.nq.gz"):
        generate(real_project, SIZE, 7, tmp_path / name)
    assert (tmp_path / "again.nq").read_bytes() == generated.read_bytes()
    assert (tmp_path / "first.nq.gz").read_bytes() == (tmp_path / "second.nq.gz").read_bytes()
    assert gzip.decompress((tmp_path / "first.nq.gz").read_bytes()) == generated.read_bytes()


def test_another_process_writes_the_same_to_standard_output(generated: Path) -> None:
    done = kg("--triples", SIZE, "--seed", 7, "--out", "-")
    assert done.returncode == 0, done.stderr
    assert done.stdout == generated.read_bytes()


def test_another_seed_gives_another_graph(generated: Path, real_project: Project, tmp_path: Path) -> None:
    generate(real_project, SIZE, 8, tmp_path / "other.nq")
    ours, others = ({*path.read_text().splitlines()} for path in (generated, tmp_path / "other.nq"))
    assert len(ours & others) < 0.6 * len(ours)


@pytest.mark.parametrize("size", [14_000, 30_000])
def test_it_has_the_statements_asked_for_within_a_hundredth(size: int, real_project: Project, tmp_path: Path) -> None:
    told = generate(real_project, size, 3, tmp_path / "graph.nq")
    lines = (tmp_path / "graph.nq").read_text().splitlines()
    assert len(lines) == len(set(lines)) == told
    assert abs(told - size) <= size / 100


def test_memory_does_not_grow_with_the_graph(tmp_path: Path) -> None:
    peaks = []
    for size in (20_000, 400_000):
        code = (
            "import resource, sys; from pathlib import Path; from kg.generating.run import generate;"
            "from kg.project import Project;"
            f"generate(Project(Path('.')), {size}, 1, Path({str(tmp_path / 'graph.nq')!r}));"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=120)
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 8, peaks


# What is refused


@pytest.mark.parametrize(("size", "says"), [(0, "range"), (-5, "range"), ("many", "integer"), (100, "too few")])
def test_a_size_that_cannot_be_is_refused(size: object, says: str, tmp_path: Path) -> None:
    done = kg("--triples", size, "--out", tmp_path / "graph.nq")
    assert done.returncode in (1, 2) and says in done.stderr.decode()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing/graph.nq", "."])
def test_a_file_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    done = kg("--triples", SIZE, "--out", tmp_path / name)
    assert done.returncode == 1 and b"cannot be written" in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_no_half_file(real_project: Project, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        leave_out("there is no /dev/full here")
    with pytest.raises(SourceError, match="No space left"):
        generate(real_project, SIZE, 1, Path("/dev/full"))
    (tmp_path / "graph.nq").write_text("old")
    code = (
        "import resource; from pathlib import Path; from kg.generating.run import generate;"
        "from kg.project import Project; import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        f"generate(Project(Path('.')), 20_000, 1, Path({str(tmp_path / 'graph.nq')!r}))"
    )
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, timeout=60)
    assert b"cannot be written: File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["graph.nq"] and (tmp_path / "graph.nq").read_text() == "old"


def test_a_project_without_patterns_says_so(tiny_project: Project, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no ontology/synthetic\.trig"):
        generate(tiny_project, SIZE, 1, tmp_path / "graph.nq")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("some:State oxus:borders some:State-2 .", "without a new: or this: node"),
        ("new:a a oxus:Meeting ; oxus:takesPlaceIn some:Person .", "takes some/Person for a"),
        ("new:a a oxus:Meeting ; oxus:takesPlaceIn some:Settlement .", "nothing left to pick"),
    ],
)
def test_a_pattern_that_is_wrong_is_refused(
    pattern: str, says: str, real_project: Project, mini_project: Project, tmp_path: Path
) -> None:
    path = mini_project.ontology / "synthetic.trig"
    text = (real_project.ontology / "synthetic.trig").read_text(encoding="utf-8")
    first = text.index("pattern:states pattern:first")
    path.write_text(f"{text[:first]}pattern:wrong pattern:first 1 .\npattern:wrong {{ {pattern} }}\n{text[first:]}")
    with pytest.raises(SourceError, match=says):
        generate(mini_project, SIZE, 1, tmp_path / "graph.nq")


# The graph


def test_the_default_graph_is_what_no_judgement_rejects(graphs: Graphs, default: set[ox.Triple]) -> None:
    rejected = {triple.object for triple in graphs[JUDGEMENTS] if triple.predicate == oxus("rejects")}
    named = {name: triples for name, triples in graphs.items() if name != ox.DefaultGraph()}
    assert rejected and rejected <= named.keys()
    assert default == set().union(*(triples for name, triples in named.items() if name not in rejected))
    assert any(not triples <= default for name, triples in named.items() if name in rejected)


def test_what_is_inferred_follows_and_only_places_of_places_are_missing(graphs: Graphs, real_project: Project) -> None:
    rejected = {triple.object for triple in graphs[JUDGEMENTS] if triple.predicate == oxus("rejects")}
    inferred = {str(name)[1:-1] for name in graphs if str(name).startswith(f"<{INFERRED}")}
    ours = set().union(*(graphs[ox.NamedNode(name)] for name in inferred))
    left_out = {ox.DefaultGraph(), *rejected, *map(ox.NamedNode, inferred)}
    rules = infer(
        set().union(*(triples for name, triples in graphs.items() if name not in left_out)), read_rules(real_project)
    )
    theirs = set().union(*rules.values())
    assert ours <= theirs
    missing = {slug: found - ours for slug, found in rules.items() if found - ours}
    assert missing.keys() <= {"chain", "subproperty", "transitive"}
    assert sum(map(len, missing.values())) < 0.15 * len(theirs)


def test_it_uses_only_what_the_ontology_declares(graphs: Graphs, default: set[ox.Triple]) -> None:
    ours = {triple.subject for triple in default if str(triple.subject).startswith(f"<{ONTOLOGY}")}
    used = {
        term for triple in default for term in (triple.predicate, triple.object) if str(term).startswith(f"<{ONTOLOGY}")
    }
    assert used and used <= ours
    outside = {triple.predicate.value for stated in passages(graphs).values() for triple in stated}
    assert {iri for iri in outside if not iri.startswith(ONTOLOGY)} <= {
        f"{DCTERMS}title",
        "http://www.w3.org/2004/02/skos/core#altLabel",
    }


def test_every_class_and_nearly_every_property_of_the_ontology_is_in_use(default: set[ox.Triple]) -> None:
    terms = defaultdict(set)
    for triple in default:
        if triple.predicate == TYPE and str(triple.subject).startswith(f"<{ONTOLOGY}"):
            terms[str(triple.object).rpartition("#")[2][:-1]].add(triple.subject)
    assert terms["Class"] <= {triple.object for triple in default if triple.predicate == TYPE}
    properties = terms["ObjectProperty"] | terms["DatatypeProperty"]
    unused = properties - {triple.predicate for triple in default}
    assert len(unused) < 0.2 * len(properties), sorted(map(str, unused))


def test_every_passage_is_described_and_every_graph_of_a_passage_is_one(graphs: Graphs) -> None:
    described = {triple.subject for triple in graphs[SOURCES] if triple.object == oxus("Passage")}
    assert described == passages(graphs).keys()
    places = defaultdict(list)
    for passage in described:
        document, begin, end = re.fullmatch(r"<(.*)/([0-9]+)-([0-9]+)>", str(passage)).groups()  # type: ignore[union-attr]
        places[document].append((int(begin), int(end)))
    for stretches in places.values():
        for begin, end in stretches:
            assert begin < end
            assert not [1 for b, e in stretches if b < begin < e < end], "two passages overlap in part"
    assert any(triple.predicate == oxus("isNestedIn") for triple in graphs[SOURCES])


def test_every_node_that_a_passage_names_is_declared(graphs: Graphs) -> None:
    declared = {triple.subject for triple in graphs[ENTITIES] if triple.predicate == TYPE}
    spans = {triple.subject for triple in graphs[TIME_GRAPH]}
    for stated in passages(graphs).values():
        for triple in stated:
            for term in (triple.subject, triple.object):
                if str(term).startswith(f"<{ID}"):
                    assert term in declared
                if "/oxus/time/" in str(term) and isinstance(term, ox.NamedNode):
                    assert term in spans


def test_a_few_actors_are_in_most_of_it_and_most_in_little(graphs: Graphs) -> None:
    uses = Counter(
        triple.object
        for stated in passages(graphs).values()
        for triple in stated
        if triple.predicate == oxus("isParticipationOf")
    )
    ranked = [count for _, count in uses.most_common()]
    assert sum(ranked[: len(ranked) // 5]) > 0.4 * sum(ranked)
    assert ranked[len(ranked) // 2] <= ranked[0] / 4


def test_the_shapes_find_nothing_wrong(default: set[ox.Triple], real_project: Project) -> None:
    import pyshacl

    shapes = (
        quad.triple for quad in ox.parse(path=str(real_project.ontology / "shapes.ttl"), format=ox.RdfFormat.TURTLE)
    )
    conforms, _, told = pyshacl.validate(to_rdflib(default), shacl_graph=to_rdflib(shapes), inference="none")
    assert conforms, told


def test_the_data_rules_find_nothing_wrong(generated: Path, real_project: Project) -> None:
    store = ox.Store()
    store.bulk_load(path=str(generated), format=ox.RdfFormat.N_QUADS)
    for path in real_project.check_files():
        answer = store.query(path.read_text(encoding="utf-8"))
        assert isinstance(answer, ox.QuerySolutions)
        assert [str(row) for row in answer] == [], path.name
