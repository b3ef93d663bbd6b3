import gzip
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.accepted import accept
from kg.build.dataset import assemble, load_files, open_build
from kg.build.dumps import write_dumps
from kg.errors import BuildMissingError, SourceError, TurtleError
from kg.namespaces import ACCEPTED, ENTITIES, REFERENCE, SOURCE, SOURCES, TIME_GRAPH, oxus
from kg.project import Project

Amend = Callable[[str, str, str], int]
LINE = b'<http://e/a> <http://e/b> "c" .\n'


def passage(place: str) -> ox.NamedNode:
    return ox.NamedNode(f"{SOURCE}report-1/{place}")


def test_each_file_goes_into_its_graph(tiny_project: Project) -> None:
    assembled = assemble(tiny_project)
    names = [graph.value.rpartition("/")[2] for graph in assembled.graphs]
    assert names == [
        *("entities", "judgements", "ontology", "register", "sources", "time", "topics"),
        *("0-100", "20-60", "200-300"),
    ]
    assert len(assembled.graphs[ENTITIES]) == 6
    assert len(assembled.graphs[passage("0-100")]) == 4
    assert len(assembled.graphs[ox.NamedNode(REFERENCE + "register")]) == 1
    assert assembled.findings == ()


def test_the_place_of_a_passage_is_derived(tiny_project: Project) -> None:
    sources = assemble(tiny_project).graphs[SOURCES]
    inner = passage("20-60")
    assert ox.Triple(inner, oxus("begin"), ox.Literal(20)) in sources
    assert ox.Triple(inner, oxus("end"), ox.Literal(60)) in sources
    assert ox.Triple(inner, oxus("isPassageOf"), ox.NamedNode(SOURCE + "report-1")) in sources
    assert ox.Triple(inner, oxus("isNestedIn"), passage("0-100")) in sources
    assert sum(triple.predicate == oxus("isNestedIn") for triple in sources) == 1


def test_each_span_that_occurs_is_described_once(tiny_project: Project) -> None:
    time = assemble(tiny_project).graphs[TIME_GRAPH]
    assert {triple.object.value for triple in time if triple.predicate == oxus("edtf")} == {"2002-02", "2002-02~/.."}


def test_a_date_that_is_none_is_found_on_its_line(tiny_project: Project, amend: Amend) -> None:
    line = amend("data/passages/report-1.trig", "span:2002-02-approx--open", "span:2002-02-30")
    found = assemble(tiny_project).findings
    assert [(one.path, one.line, one.rule) for one in found] == [("data/passages/report-1.trig", line, "span")]


def test_a_graph_that_nothing_describes_is_found_and_left_out(tiny_project: Project, amend: Amend) -> None:
    line = amend("data/passages/report-1.trig", "report-1:200-300 {", "report-1:201-300 {")
    assembled = assemble(tiny_project)
    assert [(one.line, one.rule) for one in assembled.findings] == [(line, "graph-without-description")]
    assert passage("201-300") not in assembled.graphs


def test_a_reference_file_holds_only_its_own_graph(tiny_project: Project, amend: Amend) -> None:
    line = amend("data/reference/register.trig", "reference:register {", "graph:entities {")
    found = assemble(tiny_project).findings
    assert [(one.path, one.line) for one in found] == [("data/reference/register.trig", line)]


def test_a_missing_file_is_an_error(tiny_project: Project) -> None:
    (tiny_project.data / "entities.ttl").unlink()
    with pytest.raises(SourceError, match="data/entities.ttl: cannot be read"):
        assemble(tiny_project)


def test_a_build_opens_with_the_accepted_graph_under_its_name_too(tiny_project: Project, tmp_path: Path) -> None:
    assembled = assemble(tiny_project)
    dataset = accept(assembled, [])
    write_dumps(tmp_path, assembled, dataset)
    store = open_build(tmp_path)
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    named = {quad.triple for quad in store.quads_for_pattern(None, None, None, ACCEPTED)}
    assert default == named == dataset.accepted
    assert set(store) == set(dataset.store())


def test_files_of_every_format_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(LINE)
    (tmp_path / "b.nq").write_bytes(LINE.replace(b" .", b" <http://e/g> ."))
    (tmp_path / "c.nt.gz").write_bytes(gzip.compress(LINE.replace(b"/a", b"/z")))
    store = load_files(sorted(tmp_path.iterdir()))
    assert len(store) == 3
    assert list(store.named_graphs()) == [ox.NamedNode("http://e/g")]


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("a.ttl", b"\n<a", TurtleError, "a.ttl:2"),
        ("a.csv", LINE, SourceError, "does not end"),
        ("a.nq.gz", b"no gzip", SourceError, "cannot be read"),
        ("a.nq.gz", gzip.compress(LINE * 99, mtime=0)[:-9], SourceError, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_an_error(
    tmp_path: Path, name: str, content: bytes, error: type[SourceError], words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words):
        load_files([tmp_path / name])


def test_a_folder_without_a_build_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BuildMissingError, match="run kg build"):
        open_build(tmp_path)
