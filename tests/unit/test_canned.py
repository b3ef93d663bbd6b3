"""The header grammar of canned queries: what is read, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import NotFoundError, QueryHeaderError
from kg.files.headers import read_query_text
from kg.namespaces import ID, ONTOLOGY
from kg.project import Project
from kg.queries.canned import find_query, parse_query, read_queries, read_query
from kg.queries.declarations import CannedQuery, Chart, Column, Expectation, QueryKind

GOOD = """\
#+ title: Things heavier than a bound
#+ description: One row per thing with a recorded mass above the bound, heaviest first.
#+ question: CQ-03, CQ-07
#+ tags: mass, heavy-things
#+ param: min_mass | decimal | Lower bound (kg)
#+ param: thing | iri(Thing) … | Things to look at | options: all-things
#+ column: thing | iri | the thing
#+ column: mass | decimal | recorded mass, kg
#+ chart: bar | thing, mass
#+ expect: rows >= 1

PREFIX id: <https://w3id.org/oxus/id/>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
SELECT ?thing ?mass WHERE {
  # VALUES ?min_mass { 7 } in a comment is no parameter
  VALUES ?min_mass { 1.5 }
  VALUES ?thing { id:stone id:feather }
  VALUES ?other { 1 2 }
  ?thing oxus:mass ?mass .
  FILTER(?mass >= ?min_mass && "VALUES ?min_mass { 1 }" != "")
} ORDER BY DESC(?mass) ?thing
"""


def parse(text: str) -> CannedQuery:
    return parse_query(text, "heavy-things", "queries/heavy-things.rq")


DATED = """\
#+ title: What is there on a day
#+ description: One row per thing.
#+ at: On the day
#+ column: thing | iri | the thing
#+ expect: rows >= 1

SELECT ?thing WHERE {
  VALUES ?at { "2007-05-23T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> }
  ?thing <urn:since> ?since .
  FILTER(?since <= ?at)
} ORDER BY ?thing
"""


def test_a_query_that_depends_on_a_day_declares_it() -> None:
    query = parse(DATED)
    (day,) = query.params
    assert query.takes_at and not parse(GOOD).takes_at
    assert (day.name, day.type, day.label, day.optional) == ("at", "date", "On the day", False)
    values = DATED.replace('"2007-05-23T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>', "UNDEF")
    assert parse(values).params[0].optional


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#+ at: On the day\n", "", "no `at: label`"),
        ("VALUES ?at", "VALUES ?day", "no .VALUES"),
        ("#+ at: On the day", "#+ param: at | date | On the day", "the header no .at"),
        ("#+ at: On the day", "#+ at: On the day\n#+ at: On the other", "given twice"),
        ("2007-05-23T00:00:00Z", "2007-05-23T12:00:00Z", "not of type date"),
    ],
)
def test_a_day_is_declared_strictly(old: str, new: str, message: str) -> None:
    with pytest.raises(QueryHeaderError, match=message):
        parse(DATED.replace(old, new))


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def test_everything_in_a_header_is_read() -> None:
    query = parse(GOOD)
    assert (query.slug, query.form, query.question, query.tags) == (
        "heavy-things",
        QueryKind.SELECT,
        ("CQ-03", "CQ-07"),
        ("mass", "heavy-things"),
    )
    mass, thing = query.params
    assert (mass.name, mass.type, mass.label, mass.many, mass.optional) == (
        "min_mass",
        "decimal",
        "Lower bound (kg)",
        False,
        False,
    )
    assert mass.default is not None and mass.default[0].value == "1.5"
    assert (thing.iri_class, thing.many, thing.options) == (ONTOLOGY + "Thing", True, "all-things")
    assert thing.default is not None and [term.value for term in thing.default] == [ID + "stone", ID + "feather"]
    assert query.columns == (Column("thing", "iri", "the thing"), Column("mass", "decimal", "recorded mass, kg"))
    assert query.chart == Chart("bar", ("thing", "mass"))
    assert query.expect == Expectation(minimum=1)
    assert query.text == GOOD


def test_a_default_of_undef_makes_a_parameter_optional() -> None:
    query = parse(GOOD.replace("{ id:stone id:feather }", "{ UNDEF }"))
    assert query.params[1].optional and query.params[1].default is None


def test_ask_and_construct_need_neither_columns_nor_an_order() -> None:
    head = "#+ title: A title\n#+ description: What it says.\n#+ expect: "
    assert parse(head + "true\nASK { ?s ?p ?o }\n").expect.accepts(True)
    assert not parse(head + "true\nASK { ?s ?p ?o }\n").expect.accepts(False)
    construct = parse(head + "rows = 2\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }\n")
    assert construct.form is QueryKind.CONSTRUCT and construct.expect.accepts(2) and not construct.expect.accepts(3)


FAULTS: list[tuple[str, str, str, int | None]] = [
    # what is replaced, by what, what the error says, on which line (None: no line is known)
    ("#+ tags:", "#+ tag:", "unknown key 'tag'; did you mean tags?", 4),
    ("#+ tags:", "#+ endpoint:", "keys are title, description", 4),
    ("#+ title: Things heavier than a bound\n", "", "no title", 1),
    ("#+ expect: rows >= 1\n", "", "no expect", 1),
    ("#+ question: CQ-03, CQ-07\n#+ tags: mass, heavy-things\n", "#+ tags: a\n#+ question: CQ-1\n", "too late", 4),
    ("#+ tags: mass", "#+ tags: mass\n#+ tags: mass", "given twice", 5),
    ("#+ tags: mass, heavy-things", "#+ tags:", "written `#+ key: value`", 4),
    ("#+ tags: mass", "#+ tags: Mass", "lower-case words", 4),
    ("CQ-03,", "3,", "ids such as CQ-03", 3),
    ("\nPREFIX id:", "\n#+ tags: late\nPREFIX id:", "outside the header", 12),
    ("#+ param: min_mass", "#+ param: format", "reserved", 5),
    ("#+ param: min_mass", "#+ param: MinMass", "lower-case letters", 5),
    ("#+ param: min_mass", "#+ param: max_mass", "no `VALUES ?max_mass", 5),
    ("| decimal | Lower", "| number | Lower", "unknown type 'number'", 5),
    ("| decimal | Lower", "| decimal(Thing) | Lower", "unknown type", 5),
    ("| decimal | Lower bound (kg)", "| decimal", "name | type […] | label", 5),
    ("options: all-things", "values: all-things", "options: name-of-a-query", 6),
    ("iri(Thing)", "iri(none:Thing)", "unknown prefix none", 6),
    ("  VALUES ?other { 1 2 }", "  VALUES ?min_mass { 2 }", "has 2 times", 5),
    ("{ 1.5 }", "{ UNDEF 1.5 }", "one term or UNDEF", 5),
    ("{ 1.5 }", '{ "heavy" }', "is not of type decimal", 5),
    ("{ 1.5 }", "{ }", "one term or UNDEF, not 0", 5),
    ("{ id:stone id:feather }", "{ id:stone UNDEF }", "is not of type iri", 6),
    ("#+ column: mass | decimal", "#+ column: weight | decimal", "projects ?mass", 8),
    ("#+ column: mass | decimal | recorded mass, kg\n#+ chart: bar | thing, mass\n", "", "?mass is projected", 1),
    ("#+ column: mass | decimal", "#+ column: mass | float", "unknown type 'float'", 8),
    ("SELECT ?thing ?mass", "SELECT ?thing", "column mass is not projected", 8),
    ("bar | thing", "pie | thing", "unknown chart 'pie'", 9),
    ("bar | thing, mass", "bar | thing, weight", "'weight', which is no column", 9),
    ("rows >= 1", "some rows", "`rows >= n` or `rows = n`", 10),
    ("rows >= 1", "true", "`rows >= n` or `rows = n`", 10),
    (" ORDER BY DESC(?mass) ?thing", "", "needs an ORDER BY", None),
    ("oxus:mass ?mass .", "oxus:mass .", "not SPARQL", 19),
    ("oxus:mass", "unit:mass", "not SPARQL", 19),
]


@pytest.mark.parametrize(("old", "new", "message", "line"), FAULTS, ids=[fault[2] + fault[1][:12] for fault in FAULTS])
def test_a_fault_is_refused_with_file_and_line(old: str, new: str, message: str, line: int | None) -> None:
    assert old in GOOD
    with pytest.raises(QueryHeaderError) as caught:
        parse(GOOD.replace(old, new, 1))
    assert message in str(caught.value)
    assert caught.value.line == line
    assert str(caught.value).startswith("queries/heavy-things.rq:")


def test_an_order_inside_a_sub_select_does_not_count() -> None:
    text = GOOD.replace("SELECT ?thing ?mass WHERE {", "SELECT ?thing ?mass WHERE { { SELECT * {")
    with pytest.raises(QueryHeaderError, match="ORDER BY"):
        parse(text + " LIMIT 3 } }")


def test_describe_and_updates_are_no_canned_queries() -> None:
    head = "#+ title: A title\n#+ description: What it says.\n#+ expect: rows >= 1\n"
    with pytest.raises(QueryHeaderError, match="a SELECT, an ASK or a CONSTRUCT"):
        parse(head + "DESCRIBE <urn:construct>\n")
    with pytest.raises(QueryHeaderError, match="is an update"):
        parse(head + "CLEAR ALL\n")


def test_a_file_that_is_not_utf8_or_badly_named_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.rq"
    broken.write_bytes(GOOD.encode() + b"\xff")
    with pytest.raises(QueryHeaderError, match=r"broken\.rq: not UTF-8 at byte"):
        read_query(broken)
    with pytest.raises(QueryHeaderError, match="lower-case words"):
        parse_query(GOOD, "Heavy_Things", "Heavy_Things.rq")
    with pytest.raises(QueryHeaderError, match=r"absent\.rq"):
        read_query(tmp_path / "absent.rq")


def test_a_pick_list_must_be_a_query_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries/heavy-things.rq").write_text(GOOD, "utf-8")
    with pytest.raises(QueryHeaderError, match="no canned query all-things") as caught:
        read_queries(Project(tmp_path))
    assert caught.value.line == line_of(GOOD, "#+ param: thing")
    (tmp_path / "queries/all-things.rq").write_text(GOOD.replace(" | options: all-things", ""), "utf-8")
    assert list(read_queries(Project(tmp_path))) == ["all-things", "heavy-things"]
    text = GOOD.replace("options: all-things", "options: all-things min_mass=2.5")
    (tmp_path / "queries/heavy-things.rq").write_text(text, "utf-8")
    (thing,) = [each for each in read_queries(Project(tmp_path))["heavy-things"].params if each.name == "thing"]
    assert thing.options_with == (("min_mass", "2.5"),)
    (tmp_path / "queries/heavy-things.rq").write_text(text.replace("min_mass=2.5", "min_mass=heavy"), "utf-8")
    with pytest.raises(QueryHeaderError, match="options: min_mass: 'heavy' is not a decimal"):
        read_queries(Project(tmp_path))


def test_an_unknown_query_names_the_nearest() -> None:
    queries = {"heavy-things": parse(GOOD)}
    assert find_query(queries, "heavy-things").slug == "heavy-things"
    with pytest.raises(NotFoundError, match="did you mean heavy-things") as caught:
        find_query(queries, "heavy-thing")
    assert caught.value.suggestions == ("heavy-things",)
    with pytest.raises(NotFoundError):
        find_query(queries, "zzz")
    with pytest.raises(NotFoundError) as caught:
        find_query({"opinions": 1, "instrument-scope": 2}, "nonsense")
    assert "did you mean" not in caught.value.message, "half the letters are like any word's"


@pytest.mark.parametrize(
    ("where", "says"),
    [("{" * 3000 + "}" * 3000, "nested"), ("{ SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE")],
)
def test_a_query_file_is_guarded_as_a_visitors_query_is(tmp_path: Path, where: str, says: str) -> None:
    path = tmp_path / "deep.rq"
    header = "#+ title: T\n#+ description: D.\n#+ column: s | iri | s\n#+ expect: rows >= 0\n\n"
    path.write_text(f"{header}SELECT ?s WHERE {where} ORDER BY ?s\n", encoding="utf-8")
    with pytest.raises(QueryHeaderError, match=says):
        read_query(path)


@pytest.mark.parametrize(
    ("where", "says"),
    [("{" * 3000 + "}" * 3000, "nested"), ("{ SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE")],
)
def test_a_rule_or_check_is_guarded_too(tmp_path: Path, where: str, says: str) -> None:
    path = tmp_path / "deep.rq"
    path.write_text(f"SELECT ?focus WHERE {where}\n", encoding="utf-8")
    with pytest.raises(QueryHeaderError, match=says):
        read_query_text(path, "deep.rq")
