"""The READMEs of ontology/ and data/ tell the truth: queries have the answers shown, examples stand in the data.

The comparisons are also shown to find what is wrong. The README of the project is compared in `test_docs.py`.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from itertools import pairwise
from pathlib import Path

import click
import pyoxigraph as ox
import pytest

import kg
from kg.errors import SourceError
from kg.files.diagram import draw, redraw
from kg.files.spans import Day, read_span, span_iri
from kg.files.turtle import ParsedFile, read_rdf
from kg.namespaces import ID, ONTOLOGY, PREFIXES, RDF, SOURCE, compact, oxus
from kg.project import Project
from server.cli import kg as commands

ROOT = Path(__file__).parents[2]
PROJECT = Project(ROOT)
ONTOLOGY_README = (ROOT / "ontology" / "README.md").read_text(encoding="utf-8")
DATA_README = (ROOT / "data" / "README.md").read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[str]:
    """The code blocks of some languages, without the indent that they have inside a list."""
    found = re.findall(rf"^( *)```(?:{'|'.join(languages)})\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def rows(table: str) -> list[list[str]]:
    """The rows of a Markdown table, its head first, without the marks of code."""
    lines = [re.sub(r"^\||\|$", "", line).split("|") for line in table.strip().splitlines()]
    return [[cell.strip().strip("`") for cell in line] for at, line in enumerate(lines) if at != 1]


def table_after(page: str, head: str) -> list[list[str]]:
    """The rows of the table that has this head, the head left out."""
    found = re.search(rf"^{re.escape(head)}\n(?:\|.*\n?)+", page, re.MULTILINE)
    assert found, f"no table {head}"
    return rows(found[0])[1:]


def worked_queries(page: str) -> list[tuple[str, list[list[str]]]]:
    """Each query of a page with the answer below it."""
    found = re.findall(r"^```sparql\n(.*?)^```\n\n((?:\|[^\n]*\n)+)?", page, re.MULTILINE | re.DOTALL)
    return [(query, rows(answer) if answer else []) for query, answer in found]


def answer_of(store: ox.Store, query: str) -> list[list[str]]:
    """The rows of an answer as the pages show them, its variables first."""
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions), query
    head = [variable.value for variable in answer.variables]
    return [head, *([_shown(solution[name]) for name in head] for solution in answer)]


def _shown(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return compact(term.value)
    return term.value if isinstance(term, ox.Literal) else ""


def triples_of(text: str) -> set[ox.Quad]:
    """The statements of an example, with every prefix that the data uses."""
    slugs = [path.stem for path in PROJECT.data.glob("passages/*.trig")]
    prefixes = {**PREFIXES, **{slug: f"{SOURCE}{slug}/" for slug in slugs}}
    prologue = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in prefixes.items())
    return set(ox.parse((prologue + text).encode(), format=ox.RdfFormat.TRIG))


def data_files() -> list[Path]:
    return sorted(path for path in PROJECT.data.rglob("*") if path.suffix in {".ttl", ".trig"})


def span_row(edtf: str) -> list[str]:
    """What the table of spans says of a date, from its third column on."""
    span = read_span(edtf)
    return [
        compact(span_iri(edtf)),
        _days(span.earliest_begin, span.latest_begin),
        _days(span.earliest_end, span.latest_end),
    ]


def _days(first: Day, last: Day) -> str:
    days = ["-".join((f"{day[0]:04}", f"{day[1]:02}", f"{day[2]:02}")) for day in (first, last)]
    return days[0] if first == last else " to ".join(days)


# The ontology's


def test_the_diagram_is_the_one_that_the_ontology_gives() -> None:
    ontology = read_rdf(PROJECT.ontology / "oxus.ttl", "ontology/oxus.ttl")
    drawn = redraw(ONTOLOGY_README, draw(quad.triple for quad in ontology.quads))
    assert drawn == ONTOLOGY_README, "run .venv/bin/python -m kg.files.diagram"


def test_another_ontology_gives_another_diagram() -> None:
    text = (PROJECT.ontology / "oxus.ttl").read_bytes()
    for old in (b"rdfs:subClassOf oxus:Event", b"rdfs:range oxus:Place"):
        quads = ox.parse(text.replace(old, b"rdfs:seeAlso oxus:Span", 1), format=ox.RdfFormat.TURTLE)
        assert redraw(ONTOLOGY_README, draw(quad.triple for quad in quads)) != ONTOLOGY_README


def test_a_page_without_markers_is_not_drawn_on() -> None:
    with pytest.raises(SourceError, match="end of the drawing"):
        redraw("# A page\n<!-- drawn by python -m kg.files.diagram -->\n", "x")


@pytest.mark.parametrize(("query", "shown"), worked_queries(ONTOLOGY_README))
def test_a_query_has_the_answer_that_the_page_shows(query: str, shown: list[list[str]], real_build: Path) -> None:
    found = answer_of(kg.open_build(real_build), query)
    assert len(found) > 1, query
    assert not shown or found == shown, query


def test_every_pattern_has_a_worked_query() -> None:
    patterns = ONTOLOGY_README.partition("\n## The patterns\n")[2].partition("\n## ")[0].split("\n### ")[1:]
    assert len(patterns) >= 9
    assert [pattern.splitlines()[0] for pattern in patterns if not worked_queries(pattern)] == []
    assert len(blocks(ONTOLOGY_README, "sparql")) == len([1 for _, shown in worked_queries(ONTOLOGY_README) if shown])


def test_a_wrong_answer_is_found() -> None:
    store = ox.Store()
    store.add(ox.Quad(oxus("a"), oxus("begin"), ox.Literal(1)))
    page = "```sparql\nSELECT ?a ?n ?x { ?a ?p ?n }\n```\n\n| a | n | x |\n|---|---|---|\n| `oxus:a` | 2 | |\n"
    ((query, shown),) = worked_queries(page)
    assert answer_of(store, query) == [["a", "n", "x"], ["oxus:a", "1", ""]]
    assert shown == [["a", "n", "x"], ["oxus:a", "2", ""]]


def test_names_in_the_style_guide_are_terms_and_bad_ones_are_not() -> None:
    text = (PROJECT.ontology / "oxus.ttl").read_bytes()
    terms = {
        quad.subject.value for quad in ox.parse(text, format=ox.RdfFormat.TURTLE) if hasattr(quad.subject, "value")
    }
    guide = table_after(ONTOLOGY_README, "| what | rule | like this | not this |")
    for _, _, good, bad in guide:
        assert {name for name in _terms_in(good) if name not in terms} == set()
        assert {name for name in _terms_in(bad) if name in terms} == set()
    assert len(guide) >= 5


def _terms_in(text: str) -> list[str]:
    return [ONTOLOGY + name for name in re.findall(r"oxus:([\w-]+)", text)]


def test_every_term_that_a_page_names_is_declared() -> None:
    text = (PROJECT.ontology / "oxus.ttl").read_text(encoding="utf-8")
    counterexamples = {"Partnership_Documents", "OpenQuestion", "hasPart", "hasReferenceNumber", "member", "runBy"}
    for page in (ONTOLOGY_README, DATA_README):
        named = set(re.findall(r"(?<![\w-])oxus:([A-Za-z][\w-]*)", page)) - counterexamples
        assert {name for name in named if not re.search(rf"^oxus:{name}$", text, re.MULTILINE)} == set()


# The data's


@pytest.mark.parametrize("example", blocks(DATA_README, "turtle", "trig"), ids=lambda text: text.split()[1])
def test_an_example_stands_in_the_data(example: str) -> None:
    known = {quad for path in data_files() for quad in ox.parse(path=path)}
    missing = {quad for quad in triples_of(example) if quad not in known}
    assert not missing


def test_an_example_that_is_not_in_the_data_is_found() -> None:
    (quad,) = triples_of("mfa-2021:0-16 { id:a oxus:hasDate span:2002 }")
    assert quad not in {quad for path in data_files() for quad in ox.parse(path=path)}


def test_the_table_of_spans_is_what_the_code_makes_of_them() -> None:
    table = table_after(DATA_README, "| the text says | EDTF | write | begins | ends |")
    assert len(table) >= 10
    for _, edtf, *shown in table:
        assert shown == span_row(edtf)


def test_the_parts_of_a_passage_and_the_kinds_are_all_there() -> None:
    for kind in ("stated", "hedged", "opinion", "recommendation", "wrong-claim", "wording-slip", "identity"):
        assert f"`oxus:{kind}`" in DATA_README
    shapes = (PROJECT.ontology / "shapes.ttl").read_text(encoding="utf-8")
    of_judgements = re.search(r"sh:in \((( oxus:[\w-]+)+ )\) ;\n\s*sh:message \"a judgement needs one", shapes)
    assert of_judgements
    rows_of_kinds = table_after(DATA_README, "| case | kind | the verdict |")
    assert {row[1] for row in rows_of_kinds} == set(of_judgements[1].split())


NAMED_BY_KIND = {"Participation", "Tenure", "Recommendation", "Denial", "Judgement"}


def order_faults(parsed: ParsedFile) -> list[str]:
    """What the rules on order, names and lines forbid in a file."""
    faults = [f"line {line}: two statements" for line, count in Counter(parsed.lines).items() if count > 1]
    typed = [quad for quad in parsed.quads if quad.predicate.value == RDF + "type"]
    subjects = [compact(quad.subject.value) for quad in typed if isinstance(quad.subject, ox.NamedNode)]
    entities = [name for name in subjects if name.startswith("id:")]
    faults += [f"{second} stands after {first}" for first, second in pairwise(entities) if second <= first]
    faults += [f"{name} is no slug" for name in entities if not re.fullmatch(r"id:[a-z0-9]+(-[a-z0-9]+)*", name)]
    for quad, name in zip(typed, subjects, strict=True):
        kind = compact(str(getattr(quad.object, "value", ""))).removeprefix("oxus:")
        if kind in NAMED_BY_KIND and not name.startswith(f"id:{kind.lower()}-"):
            faults.append(f"{name} does not begin with {kind.lower()}")
    places = [tuple(map(int, name.partition(":")[2].split("-"))) for name in subjects if re.search(r":\d+-\d+$", name)]
    read = sorted(places, key=lambda place: (place[0], -place[1]))
    return faults + ([] if places == read else ["passages are not in reading order"])


@pytest.mark.parametrize("path", data_files(), ids=lambda path: path.name)
def test_a_file_keeps_the_rules_on_order_names_and_lines(path: Path) -> None:
    assert order_faults(read_rdf(path, path.name)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id:b a oxus:State .\nid:a a oxus:State .", "id:a stands after id:b"),
        ("id:A a oxus:State .", "id:A is no slug"),
        ("id:a a oxus:Tenure .", "id:a does not begin with tenure"),
        ("id:a a oxus:State ; oxus:borders id:b .", "line 3: two statements"),
        ("x:9-12 a oxus:Passage .\nx:9-13 a oxus:Passage .", "passages are not in reading order"),
    ],
)
def test_a_file_that_breaks_a_rule_is_found(text: str, fault: str, tmp_path: Path) -> None:
    prologue = f"@prefix id: <{ID}> . @prefix oxus: <{ONTOLOGY}> .\n@prefix x: <{SOURCE}x/> .\n"
    (tmp_path / "a.ttl").write_text(prologue + text, encoding="utf-8")
    assert order_faults(read_rdf(tmp_path / "a.ttl", "a.ttl")) == [fault]


@pytest.mark.parametrize("page", [ONTOLOGY_README, DATA_README], ids=["ontology", "data"])
def test_a_command_that_a_page_gives_has_these_options(page: str) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    lines += re.findall(r"`(kg \w[^`]*)`", page)
    context = click.Context(commands)
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[0] != "kg":
            continue
        command = commands.get_command(context, words[1])
        assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[2:] if word.startswith("-") and word != "-"} - known == set(), line


@pytest.mark.parametrize("folder", ["ontology", "data"])
def test_the_links_of_a_page_lead_somewhere(folder: str) -> None:
    page = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", page)
    assert links
    for link in links:
        path, _, heading = link.partition("#")
        target = ROOT / folder / path
        assert target.exists(), link
        if heading:
            text = (target / "README.md" if target.is_dir() else target).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            assert heading in {title.lower().replace(" ", "-") for title in headings}, link


@pytest.mark.parametrize("folder", ["ontology", "data"])
def test_the_files_of_a_folder_are_in_its_table(folder: str) -> None:
    page = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    named = {row[0] for row in table_after(page, "| file | holds |")}
    for path in (path for path in (ROOT / folder).rglob("*") if path.suffix in {".ttl", ".trig", ".rq"}):
        name = path.relative_to(ROOT / folder).as_posix()
        assert any(re.fullmatch(re.sub(r"<\w+>|\*", "[^/]+", one.replace(".", r"\.")), name) for one in named), name
