"""`kg add`: a text in, a registered document with marked proposals out, or an error and nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from kg.adding.registration import Details
from kg.adding.run import add_document
from kg.build.dataset import assemble
from kg.checks.run import file_findings
from kg.curation.corpus import Corpus
from kg.curation.curated import read_curated
from kg.curation.verify import verify
from kg.errors import CorpusError, SourceError
from kg.findings import Finding
from kg.project import Project

RunKg = Callable[..., Result]
REPORT = """\
PORT OSTRY, 3 May 2005

Vellmark yesterday paid for 12 boats. The envoy, Jon Merow, spoke of the Tidal League (TL) [ref. 4107].

TL ships are due in mid-2006.

Read more about the harbours of...
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A text that the invented project does not know."""
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def contents(project: Project) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}


def forget(project: Project, slug: str) -> None:
    """Take a document out of the project: its entry and its passages."""
    (project.data / "passages" / f"{slug}.trig").unlink()
    text = project.sources_file.read_text(encoding="utf-8")
    text, count = re.subn(rf"^source:{slug}\n(?:.+\n)+\n?", "", text, flags=re.MULTILINE)
    assert count == 1
    project.sources_file.write_text(text, encoding="utf-8")


def lines_of(project: Project, slug: str) -> list[str]:
    return (project.data / "passages" / f"{slug}.trig").read_text(encoding="utf-8").splitlines()


def leftovers(project: Project) -> list[Finding]:
    return [one for one in file_findings(assemble(project)) if one.rule == "not-yet-curated"]


# What is proposed


def test_a_forgotten_document_comes_back_with_its_passages(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    curated = {(one.begin, one.end) for one in read_curated(mini_project).stretches if "/gazette" in one.document}
    forget(mini_project, "gazette")
    result = run_kg(mini_project, "add", corpus / "gazette.txt")
    assert result.exit_code == 0, result.output
    now = read_curated(mini_project)
    places = {(one.begin, one.end) for one in now.stretches if "/gazette" in one.document}
    assert places <= curated | {(291, 396)}, "sentences are passages; what is nested in them is the curator's"
    assert [(one.begin, one.end) for one in now.boilerplate if "/gazette" in one.document] == [(517, 535)]
    assert verify(now, Corpus(corpus)).findings == ()
    lines = lines_of(mini_project, "gazette")
    assert "    # not yet curated: id:vellmark | 18-26, 114-122 “Vellmark” | exact" in lines
    assert "    # not yet curated: span:1994-06-14 | 55-67 “14 June 1994”" in lines
    assert "    # not yet curated: span:1998-approx | 241-251 “About 1998”" in lines


def test_names_dates_and_numbers_are_proposed_with_their_grounds(mini_project: Project, report: Path) -> None:
    add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    lines = lines_of(mini_project, "report")
    place = f"report:{REPORT.index('PORT')}-{REPORT.index('2005') + 4}"
    for words, line in {
        "PORT OSTRY": "id:port-ostry | {} “PORT OSTRY” | exact",
        "3 May 2005": "span:2005-05-03 | {} “3 May 2005” | perhaps the document's own: source:report oxus:isDatedBy",
        "yesterday": f"span:2005-05-02 | {{}} “yesterday” | told by “3 May 2005”: oxus:reliesOn {place}",
        "Jon Merow": "id:jon-merrow | {} “Jon Merow” | 95 % like “Jon Merrow”: spelt alike",
        "12": '"12" | {} “12” | a number',
        "4107": '"4107" | {} “4107” | a reference number of id:northern-light',
        "TL ships": "id:tidal-league | {} “TL” | 100 % like “Tidal League”: the text shortens it so",
        "mid-2006": "span:2006-07-approx | {} “mid-2006”",
    }.items():
        begin = REPORT.index(words)
        where = f"{begin}-{begin + len(words.removesuffix(' ships'))}"
        assert f"    # not yet curated: {line.format(where)}" in lines


def test_exact_names_stand_before_near_ones(mini_project: Project, report: Path) -> None:
    add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    graph = "\n".join(lines_of(mini_project, "report"))
    assert graph.index("id:tidal-league |") < graph.index("id:jon-merrow |") < graph.index('"4107" |')


def test_a_given_date_tells_yesterday(mini_project: Project, report: Path) -> None:
    add_document(mini_project, report, None, Details(date="2011-01-01"), date(2026, 1, 31))
    begin = REPORT.index("yesterday")
    line = f"span:2010-12-31 | {begin}-{begin + 9} “yesterday” | told by the document's date, 2011-01-01"
    assert f"    # not yet curated: {line}" in lines_of(mini_project, "report")
    assert "    oxus:isDatedBy span:2011-01-01 ;" in mini_project.sources_file.read_text(encoding="utf-8")


def test_a_text_that_breaks_off_is_taken_for_boilerplate(mini_project: Project, report: Path) -> None:
    add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    [boilerplate] = [one for one in read_curated(mini_project).boilerplate if one.document.endswith("/report")]
    assert REPORT[boilerplate.begin : boilerplate.end].startswith("Read more")
    assert "teaser" in boilerplate.reason


# The registration


def test_what_is_told_is_registered_and_the_rest_is_marked(mini_project: Project, report: Path, run_kg: RunKg) -> None:
    before = mini_project.sources_file.read_text(encoding="utf-8")
    told = ["--title", 'The "Report"', "--publisher", "id:northern-review", "--language", "en", "--reliability", "c"]
    result = run_kg(mini_project, "add", report, "--slug", "harbour-report", *told)
    assert result.exit_code == 0, result.output
    after = mini_project.sources_file.read_text(encoding="utf-8")
    entry = after[after.index("source:harbour-report\n") : after.index("source:review\n")]
    assert after.replace(entry, "") == before, "other entries stay as they are"
    assert 'dcterms:title "The \\"Report\\""@en ;' in entry
    assert "oxus:isPublishedBy id:northern-review ;" in entry
    assert f"oxus:length {len(REPORT)} ;" in entry
    assert [line.strip() for line in entry.splitlines() if "not yet curated" in line] == [
        '# not yet curated: oxus:address "…"^^xsd:anyURI ;'
    ], "its date is named in the text, and belongs in its passage"


def test_a_new_publisher_is_to_be_declared(mini_project: Project, report: Path, run_kg: RunKg) -> None:
    known = run_kg(mini_project, "add", report, "--publisher", "id:northern-review")
    assert known.exit_code == 0
    assert "declare" not in known.output
    forget(mini_project, "report")
    assert (
        "declare id:herald in data/entities.ttl"
        in run_kg(mini_project, "add", report, "--publisher", "id:herald").output
    )


def test_a_missing_prefix_is_added(mini_project: Project, report: Path) -> None:
    text = mini_project.sources_file.read_text(encoding="utf-8")
    text = re.sub(r"^@prefix (?:id|span):.*\n|^.*\b(?:id|span):.*\n", "", text, flags=re.MULTILINE)
    mini_project.sources_file.write_text(text, encoding="utf-8")
    add_document(mini_project, report, None, Details(date="2005-05-03", publisher="id:herald"), date(2026, 1, 31))
    assert "report" in {one.slug for one in read_curated(mini_project).documents.values()}


def test_the_command_says_what_to_do_next(mini_project: Project, report: Path, run_kg: RunKg) -> None:
    output = run_kg(mini_project, "add", report).output
    assert "report is registered in data/sources.ttl; proposed in data/passages/report.trig" in output
    assert "     4  passages\n     1  stretches that seem to state nothing\n" in output
    assert "     3  dates\n     2  numbers\n" in output
    for command in ("kg verify --corpus", f"kg coverage --corpus {report.parent} --document report", "kg check"):
        assert command in output


# What is left marked


def test_every_marked_line_is_found(mini_project: Project, report: Path) -> None:
    assert leftovers(mini_project) == []
    add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    found = {(str(one.path), one.line) for one in leftovers(mini_project)}
    for name in ("data/sources.ttl", "data/passages/report.trig"):
        text = (mini_project.root / name).read_text(encoding="utf-8")
        marked = {(name, at) for at, line in enumerate(text.splitlines(), 1) if "# not yet curated" in line}
        assert marked
        assert marked == {one for one in found if one[0] == name}


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("# Not Yet Curated: span:2002", True),
        ("id:holm oxus:p id:sound . ##not yet curated", True),
        ('id:holm oxus:content "# not yet curated: but said"@en .', False),
        ("# what is not yet curated is refused", False),
    ],
)
def test_only_comments_that_begin_with_the_mark_count(mini_project: Project, line: str, is_found: bool) -> None:
    with (mini_project.data / "judgements.ttl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert bool(leftovers(mini_project)) is is_found


# Bad input


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (None, [], "cannot be read: No such file"),
        (b"", [], "there are no words in it"),
        (b" \n\xc2\xa0...\n", [], "there are no words in it"),
        (b"Vellmark\nOstr\xff", [], "report.txt:2: byte 0xff is not UTF-8"),
        (b"One.", ["--slug", "Gazette 2"], "'Gazette 2' is no slug"),
        (b"One.", ["--slug", "../../outside"], "is no slug"),
        (b"One.", ["--slug", "gazette"], "gazette is another document's name (data/sources.ttl:"),
        (b"One.", ["--slug", "span"], "'span' is a prefix of every file"),
        (b"One.", ["--date", "5 May 2005"], "'5 May 2005' is not an EDTF date"),
        (b"One.", ["--publisher", "id:a . id:b"], "is not the name of an entity"),
        (b"One.", ["--address", "somewhere"], "is not an address"),
        (b"One.", ["--language", "English"], "is not a language tag"),
        (b"One.", ["--reliability", "z"], "no grade of reliability 'z', but a, b, c"),
        (b"One.", ["--title", " "], "--title is empty"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    mini_project: Project, tmp_path: Path, run_kg: RunKg, content: bytes | None, arguments: list[str], message: str
) -> None:
    path = tmp_path / "report.txt"
    if content is not None:
        path.write_bytes(content)
    before = contents(mini_project)
    result = run_kg(mini_project, "add", path, *arguments)
    assert isinstance(result.exception, SourceError)
    assert message in str(result.exception)
    assert contents(mini_project) == before


def test_a_folder_is_no_document(mini_project: Project, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        add_document(mini_project, tmp_path, "folder", Details(), date(2026, 1, 31))


def test_a_file_name_that_makes_no_slug_asks_for_one(mini_project: Project, tmp_path: Path) -> None:
    path = tmp_path / "003_3bd8.txt"
    path.write_text("One.", encoding="utf-8")
    with pytest.raises(SourceError, match="give one with --slug"):
        add_document(mini_project, path, None, Details(), date(2026, 1, 31))


def test_a_registered_text_is_refused_whatever_its_name(mini_project: Project, corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_bytes((corpus / "gazette.txt").read_bytes())
    with pytest.raises(CorpusError, match=r"registered already, as gazette \(data/sources.ttl:\d+\)"):
        add_document(mini_project, path, "other", Details(), date(2026, 1, 31))


def test_a_passage_file_is_never_overwritten(mini_project: Project, report: Path) -> None:
    path = mini_project.data / "passages" / "report.trig"
    path.write_text("# mine\n", encoding="utf-8")
    before = contents(mini_project)
    with pytest.raises(SourceError, match=r"data/passages/report.trig: it is there already"):
        add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    assert contents(mini_project) == before


def test_both_files_are_written_or_neither(
    mini_project: Project, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    before = contents(mini_project)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SourceError, match="No space left on device"):
        add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    assert contents(mini_project) == before


def test_what_changed_meanwhile_is_not_lost(
    mini_project: Project, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_and_propose(*_: object) -> str:
        with mini_project.sources_file.open("a", encoding="utf-8") as file:
            file.write("# another curator was here\n")
        return ""

    monkeypatch.setattr("kg.adding.run.passage_file", change_and_propose)
    with pytest.raises(SourceError, match="it has changed meanwhile"):
        add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    assert not (mini_project.data / "passages" / "report.trig").exists()


def test_entries_that_cannot_be_told_apart_are_left_alone(mini_project: Project, report: Path) -> None:
    with mini_project.sources_file.open("a", encoding="utf-8") as file:
        file.write('\n<urn:x> rdfs:comment """\nsource:z is only quoted here\n"""@en .\n')
    forget_review = mini_project.sources_file.read_text(encoding="utf-8").replace("source:review\n", "source:aa\n")
    mini_project.sources_file.write_text(forget_review, encoding="utf-8")
    before = contents(mini_project)
    with pytest.raises(SourceError, match="write its entry by hand"):
        add_document(mini_project, report, None, Details(), date(2026, 1, 31))
    assert contents(mini_project) == before
