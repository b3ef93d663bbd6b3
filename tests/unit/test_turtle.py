from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import TurtleError
from kg.files.turtle import read_rdf

TRIG = """@prefix p: <http://p/> .
# p:a { is a comment }
p:a
    a p:Thing ;
    p:says "}{ p:x {" ,
        "second" ;
    p:long \"\"\"one
p:b
three\"\"\" .

p:a {
    p:s
        p:p p:o ;
        p:q [ p:r 1 ] .
}
<http://p/empty>
{
}
GRAPH p:g-1 { p:s p:p p:o }
"""


def write(tmp_path: Path, content: str | bytes, name: str = "file.trig") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode("http://p/" + name)


def test_every_triple_has_its_own_line(tmp_path: Path) -> None:
    parsed = read_rdf(write(tmp_path, TRIG))
    lines = {str(quad.object): line for quad, line in zip(parsed.quads, parsed.lines, strict=True)}
    assert lines['"}{ p:x {"'] == 5
    assert lines['"second"'] == 6
    assert lines['"one\\np:b\\nthree"'] == 9
    assert parsed.line_of(ox.Triple(node("s"), node("p"), node("o"))) == 13
    assert parsed.line_of(ox.Quad(node("s"), node("p"), node("o"), node("g-1"))) == 19


def test_a_subject_stands_where_its_block_begins(tmp_path: Path) -> None:
    parsed = read_rdf(write(tmp_path, TRIG))
    assert parsed.line_of(node("a")) == 3
    assert parsed.line_of(node("s")) == 12


def test_a_name_that_begins_another_name_is_not_taken_for_it(tmp_path: Path) -> None:
    parsed = read_rdf(write(tmp_path, "@prefix p: <http://p/> .\np:1-20\n  p:p 1 .\np:1-2\n  p:p 1 .\n"))
    assert (parsed.line_of(node("1-20")), parsed.line_of(node("1-2"))) == (2, 4)


def test_graphs_are_found_where_they_open_even_if_empty(tmp_path: Path) -> None:
    parsed = read_rdf(write(tmp_path, TRIG))
    assert parsed.graph_lines == {"http://p/a": 11, "http://p/empty": 16, "http://p/g-1": 19}


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    parsed = read_rdf(write(tmp_path, b"\xef\xbb\xbf@prefix p: <http://p/> .\r\np:a\r\n  p:b 1 .\r\n"))
    assert parsed.lines == (3,)
    assert parsed.line_of(node("a")) == 2


def test_what_the_file_does_not_hold_is_on_line_one(tmp_path: Path) -> None:
    assert read_rdf(write(tmp_path, TRIG)).line_of(node("nowhere")) == 1


def test_blank_nodes_are_named_by_file_and_order(tmp_path: Path) -> None:
    path = write(tmp_path, TRIG)
    first, second = read_rdf(path, "data/a.trig"), read_rdf(path, "data/a.trig")
    assert first.quads == second.quads
    assert {quad.subject for quad in first.quads if isinstance(quad.subject, ox.BlankNode)} == {
        ox.BlankNode("data-a-1")
    }


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("@prefix p: <http://p/> .\np:a p:b p:c\np:d p:e p:f .", 3, "dot is expected"),
        ("\n\nids:a ids:b 1 .", 3, "prefix ids: has not been declared"),
        ("@prefix p: <http://p/> .\np:a p:b 1 .\n\np:a p:b", 4, "Unexpected end"),
        (b"@prefix p: <http://p/> .\n# caf\xe9\n", 2, "0xe9 is not UTF-8"),
        ("<http://p/a b> <http://p/b> 1 .", 1, "IRI"),
    ],
)
def test_a_broken_file_is_an_error_with_its_line(tmp_path: Path, content: str | bytes, line: int, words: str) -> None:
    with pytest.raises(TurtleError) as caught:
        read_rdf(write(tmp_path, content), "data/file.trig")
    assert (caught.value.path, caught.value.line) == ("data/file.trig", line)
    assert words in caught.value.message
    assert "line" not in caught.value.message


def test_a_missing_file_and_an_unknown_ending_are_errors(tmp_path: Path) -> None:
    with pytest.raises(TurtleError, match="cannot be read: No such file"):
        read_rdf(tmp_path / "none.ttl")
    with pytest.raises(TurtleError, match=r"'\.csv' is not the ending of an RDF file"):
        read_rdf(write(tmp_path, "", "file.csv"))
