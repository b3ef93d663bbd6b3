"""`kg coverage`: each rule of what passages must account for, with an input that breaks it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kg.curation.corpus import sha256_of
from kg.project import Project

RunKg = Callable[..., Result]

COUNTS = (
    "covered {documents} documents by {passages} passages and {boilerplate} boilerplate: "
    "{uncovered} uncovered stretches, {unaccounted} names, numbers and dates unaccounted for, {others} other failures"
)
GOOD = COUNTS.format(documents=3, passages=19, boilerplate=3, uncovered=0, unaccounted=0, others=0)

PREFIXES = """\
@prefix id: <https://w3id.org/oxus/id/> .
@prefix oxus: <https://w3id.org/oxus/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix span: <https://w3id.org/oxus/time/> .
@prefix note: <https://w3id.org/oxus/source/note/> .
"""


@pytest.fixture
def findings(tmp_path: Path, run_kg: RunKg) -> Callable[..., list[str]]:
    """The findings on one invented text that is a passage as a whole, with this graph and description."""

    def findings(
        text: str, graph: str = "id:a oxus:aim id:b .", described: str = "", labels: str = "", more: str = ""
    ) -> list[str]:
        (tmp_path / "ontology").mkdir()
        (tmp_path / "corpus").mkdir()
        passages = tmp_path / "data" / "passages"
        passages.mkdir(parents=True)
        (tmp_path / "corpus" / "note.txt").write_text(text, encoding="utf-8")
        (tmp_path / "data" / "sources.ttl").write_text(
            PREFIXES + "<https://w3id.org/oxus/source/note> a oxus:Document ; "
            f'oxus:sha256 "{hashlib.sha256(text.encode()).hexdigest()}" ; oxus:length {len(text)} .',
            encoding="utf-8",
        )
        (tmp_path / "data" / "entities.ttl").write_text(PREFIXES + labels, encoding="utf-8")
        place = f"note:0-{len(text)}"
        (passages / "note.trig").write_text(
            f'{PREFIXES}\n{place} a oxus:Passage ; {described} oxus:sha256 "{sha256_of(text)}" .\n'
            f"{place} {{ {graph} }}\n{more}",
            encoding="utf-8",
        )
        result = run_kg(Project(tmp_path), "coverage", "--corpus", tmp_path / "corpus")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        found = [line for line in result.output.splitlines() if line.startswith("data/")]
        assert result.exit_code == (1 if found else 0)
        return found

    return findings


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def without(path: Path, line: str) -> None:
    replace(path, line + "\n", "")


# Stretches


def test_a_project_without_gaps_passes(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "coverage", "--corpus", corpus)
    assert result.output.splitlines()[-1] == GOOD
    assert result.exit_code == 0


def test_a_stretch_that_nothing_covers_is_shown_with_its_place(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    file = mini_project.data / "passages" / "gazette.trig"
    whole = file.read_text(encoding="utf-8")
    head, block = whole.split("\n# 459-512", 1)
    file.write_text(head + "\n# 517" + block.split("\n# 517", 1)[1], encoding="utf-8")
    result = run_kg(mini_project, "coverage", "--corpus", corpus)
    assert result.exit_code == 1
    finding = result.output.splitlines()[-2]
    shown = '"A second pilot school is reportedly planned for 2007."'
    assert f"nothing covers gazette:459-512 {shown} [uncovered] — describe it" in finding
    assert result.output.splitlines()[-1] == COUNTS.format(
        documents=3, passages=18, boilerplate=3, uncovered=1, unaccounted=0, others=0
    )


def test_each_paragraph_of_a_document_without_passages_is_shown(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    (mini_project.data / "passages" / "flyer.trig").unlink()
    result = run_kg(mini_project, "coverage", "--corpus", corpus)
    shown = [line for line in result.output.splitlines() if "[uncovered]" in line]
    assert len(shown) == 5
    assert all(line.startswith("data/passages/flyer.trig:1: error: nothing covers flyer:") for line in shown)


def test_one_document_can_be_chosen(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    (mini_project.data / "passages" / "flyer.trig").unlink()
    result = run_kg(mini_project, "coverage", "--corpus", corpus, "--document", "review")
    assert (result.exit_code, "covered 1 documents by 5 passages" in result.output) == (0, True)
    result = run_kg(mini_project, "coverage", "--corpus", corpus, "--document", "revue")
    assert result.exit_code == 1
    assert "no document revue" in str(result.exception)


def test_a_document_without_its_text_fails(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    (corpus / "flyer.txt").unlink()
    result = run_kg(mini_project, "coverage", "--corpus", corpus)
    assert result.exit_code == 1
    assert "no file here is the text of flyer (SHA-256 " in result.output
    assert result.output.splitlines()[-1].endswith("1 other failures")


# Density


def test_the_ten_passages_that_say_least_are_listed(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    lines = run_kg(mini_project, "coverage", "--corpus", corpus).output.splitlines()
    assert lines[0] == "Triples per 100 characters of own text, the lowest 10 of 19 passages:"
    rows = [line.split() for line in lines[1:11]]
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    assert rows[0][:5] == ["3.23", "2", "in", "62", "flyer:214-276"]
    every = run_kg(mini_project, "coverage", "--corpus", corpus, "--all").output.splitlines()
    assert every[0].endswith("the lowest 19 of 19 passages:")


def test_density_leaves_out_what_nested_passages_hold(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    output = run_kg(mini_project, "coverage", "--corpus", corpus, "--all").output
    own = next(line for line in output.splitlines() if "review:43-96" in line)
    assert own.split()[1:4] == ["3", "in", "38"]
    assert own.endswith("that Welmark joined the Sound Compact.")


# Names


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("gazette", '        skos:altLabel "Republic of Vellmark"@en .', "Republic"),
        ("gazette", '        skos:altLabel "SC"@en .', "SC"),
        ("review", '        skos:altLabel "Welmark"@en .', "Welmark"),
        ("flyer", "        oxus:isParticipationOf id:ostrany ;", "Ostrany"),
    ],
)
def test_a_name_without_its_alias_or_node_fails(
    mini_project: Project, corpus: Path, run_kg: RunKg, file: str, line: str, words: str
) -> None:
    path = mini_project.data / "passages" / f"{file}.trig"
    if line.endswith(" ."):
        text = path.read_text(encoding="utf-8")
        subject = text[: text.index(line)].rstrip().rpartition("\n")[2]
        replace(path, line, "        oxus:aim id:nothing .") if subject else without(path, line)
    else:
        without(path, line)
    result = run_kg(mini_project, "coverage", "--corpus", corpus)
    assert result.exit_code == 1
    assert f'names "{words}", and no label, alias or literal here does, at ' in result.output
    assert f'give it the skos:altLabel, or state oxus:omission "{words}: why"@en' in result.output


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We met Jaap de Hoop Scheffer.", ["Jaap de Hoop Scheffer"]),
        ("The Euro-Atlantic Council and the WHO met at Lyons.", ["Euro-Atlantic Council", "WHO", "Lyons"]),
        ("They left M. S. Osimi’s house. Nobody knows why.", ["M. S. Osimi"]),
        ("It was the “Silk Highway” project of Port-Louis.", ["Silk Highway", "Port-Louis"]),
        ("On Monday they left. However, it rained.", []),
        ("Pilots came. The pilots left.", []),
        ("Training began. They trained on.", []),
        ("ASSESSING WATER\n\nThey met in it.", ["ASSESSING WATER"]),
        ("We met the Ministry of Trade of Lydia. Lydia left.", ["Ministry of Trade of Lydia", "Lydia"]),
        ("it rains in the Alps, the Alps and the Alps", ["Alps"]),
    ],
)
def test_what_is_taken_for_a_name(findings: Callable[..., list[str]], text: str, names: list[str]) -> None:
    found = [line.split('names "')[1].split('", and')[0] for line in findings(text)]
    assert found == names


def test_a_sentence_may_begin_with_a_name(findings: Callable[..., list[str]]) -> None:
    assert findings("Lydia came.") != []


def test_a_word_of_a_description_is_ordinary(findings: Callable[..., list[str]]) -> None:
    assert findings("Local pilots came.", labels='id:c rdfs:label "A local school"@en .') == []


def test_the_same_words_are_told_once_with_how_often(findings: Callable[..., list[str]]) -> None:
    (found,) = findings("it rains in the Alps, the Alps and the Alps")
    assert "at 16-20 (3 times) [unaccounted-name]" in found


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("we met Kazakh and Kazakhstani pilots", "Kazakhstan"),
        ("a Central Asian state", "Central Asia"),
        ("the German navy and Germans", "Germany"),
        ("the SILK HIGHWAY", "Silk Highway"),
        ("in Port-Louis and Port Louis", "Port Louis"),
    ],
)
def test_labels_stand_for_their_forms(findings: Callable[..., list[str]], text: str, label: str) -> None:
    assert findings(text, labels=f'id:a rdfs:label "{label}"@en .') == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("the French navy", "France"),
        ("we met Robert Simpson", "Robert Simmons"),
        ("we met Robert Simpson", "Robert"),
        ("a Central Asian state", "Asian Development Bank"),
        ("in Austria", "Australia"),
    ],
)
def test_labels_stand_for_nothing_else(findings: Callable[..., list[str]], text: str, label: str) -> None:
    assert findings(text, labels=f'id:a rdfs:label "{label}"@en .') != []


def test_a_label_counts_only_where_its_node_is_used(findings: Callable[..., list[str]]) -> None:
    assert findings("in Austria", labels='id:c rdfs:label "Austria"@en .') != []


def test_an_alias_given_in_another_language_counts(findings: Callable[..., list[str]]) -> None:
    assert findings("at Düşanbe", labels='id:b skos:altLabel "Düşanbe"@tr .') == []


def test_a_literal_counts_for_the_words_that_it_holds(findings: Callable[..., list[str]]) -> None:
    assert findings("the Treaty of Lyons", graph='id:a oxus:content "Says the Treaty of Lyons holds."@en .') == []


def test_a_literal_that_holds_the_words_apart_does_not_count(findings: Callable[..., list[str]]) -> None:
    assert findings("the Treaty of Lyons", graph='id:a oxus:content "The Treaty was made at Lyons."@en .') != []


def test_a_node_of_a_passage_that_is_relied_on_counts(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    flyer = mini_project.data / "passages" / "flyer.trig"
    replace(flyer, "oxus:isParticipationOf id:tidal-league ;", "oxus:aim id:nothing ;")
    assert run_kg(mini_project, "coverage", "--corpus", corpus).exit_code == 1
    replace(
        flyer,
        "flyer:134-212\n    a oxus:Passage ;",
        "flyer:134-212\n    a oxus:Passage ;\n    oxus:reliesOn gazette:344-395 ;",
    )
    assert run_kg(mini_project, "coverage", "--corpus", corpus).exit_code == 0


def test_a_nested_passages_words_are_its_own_and_its_nodes_its_parents(findings: Callable[..., list[str]]) -> None:
    nested = f'note:14-19 a oxus:Passage ; oxus:sha256 "{"0" * 64}" .\nnote:14-19 {{ id:c oxus:aim id:d . }}\n'
    labels = 'id:a rdfs:label "Lydia"@en . id:c rdfs:label "Anna"@en .'
    assert findings("we met Anna, (Lydia) and Lydia", labels=labels, more=nested) == []


def test_a_nested_passage_is_told_of_its_own_words(findings: Callable[..., list[str]]) -> None:
    nested = f'note:14-19 a oxus:Passage ; oxus:sha256 "{"0" * 64}" .\nnote:14-19 {{ id:c oxus:aim id:d . }}\n'
    (found,) = findings("we met Anna, (Lydia) and anna", labels='id:c rdfs:label "Anna"@en .', more=nested)
    assert 'note:14-19 names "Lydia"' in found


# Dates


@pytest.mark.parametrize(
    ("text", "span", "is_met"),
    [
        ("on 20 February 2002", "2002-02-20", True),
        ("on February 20th, 2002", "2002-02-20", True),
        ("on 20.02.2002", "2002-02-20", True),
        ("on 2002-02-20", "2002-02-20", True),
        ("on 20 February 2002", "2002-02", False),
        ("on 20 February 2002", "2002-02-21", False),
        ("in February 2002", "2002-02-approx", True),
        ("in February, 2002", "2002-03", False),
        ("in February of 2002", "2002-02-20", True),
        ("in 2002", "2002-02-20", True),
        ("since 2002", "2002--open", True),
        ("in 2014-2016", "2014--2016", True),
        ("in 2014–16", "2014--2016", True),
        ("in 2014-2016", "2014", False),
        ("in 2015", "2014--2016", False),
        ("on 17-18 May 2012", "2012-05-17--2012-05-18", True),
        ("on 17-18 May 2012", "2012-05-17", False),
        ("on 9 DECEMBER 2015", "2015-12-09", True),
        ("in the 1990s", "199X", True),
        ("in the 1990s", "2001", False),
        ("on 9 May it rained", "2004-05-09", True),
        ("in mid-May it rained", "2004-06", False),
    ],
)
def test_a_date_needs_a_span_that_is_no_less_precise(
    findings: Callable[..., list[str]], text: str, span: str, is_met: bool
) -> None:
    found = findings(text, graph=f"id:a oxus:hasDate span:{span} .")
    assert [line.split("[")[1].split("]")[0] for line in found] == ([] if is_met else ["unaccounted-date"])


def test_may_and_march_are_verbs_in_small_letters(findings: Callable[..., list[str]]) -> None:
    assert findings("they may march in may") == []


# Numbers


@pytest.mark.parametrize(
    ("text", "triple", "is_met"),
    [
        ("with 5,000 floats", "oxus:count 5000", True),
        ("with 5,000 floats", "oxus:count 5001", False),
        ("with 5,000 floats", 'oxus:aim "use 5,000 floats"@en', True),
        ("with 5,000 floats", 'oxus:aim "use 5000 floats"@en', True),
        ("[ref. 983945]", 'oxus:referenceNumber "983945"', True),
        ("[ref. 983945]", 'oxus:referenceNumber "983946"', False),
        ("for 1.50 crowns", "oxus:count 1.5", True),
        ("for 2000 crowns", "oxus:count 2000", True),
        ("at 12:30 sharp", 'oxus:aim "12:30"', True),
        ("at 12:30 sharp", "oxus:count 12", False),
        ("in the 19th century", "oxus:count 1", True),
        ("1. to pay", "oxus:count 7", True),
        ("we pay 1. then 2) again", "oxus:count 1", False),
    ],
)
def test_a_number_needs_a_literal(findings: Callable[..., list[str]], text: str, triple: str, is_met: bool) -> None:
    found = findings(text, graph=f"id:a {triple} .")
    assert [line for line in found if "[unaccounted-" not in line] == []
    assert (found == []) == is_met


# Exceptions


def test_an_omission_excepts_its_words(findings: Callable[..., list[str]]) -> None:
    omission = 'oxus:omission "Allies: a way of speaking"@en, "12:30: the hour is not curated"@en ;'
    assert findings("our Allies met at 12:30, Allies all", described=omission) == []


def test_an_omission_of_other_words_is_drift(findings: Callable[..., list[str]]) -> None:
    (found,) = findings("we met", described='oxus:omission "Allies: a way of speaking"@en ;')
    assert 'omits "Allies", which its own words do not say' in found
    assert "[stale-omission]" in found


@pytest.mark.parametrize("omission", ["Allies", "Allies: ", ": a way of speaking"])
def test_an_omission_says_words_and_why(findings: Callable[..., list[str]], omission: str) -> None:
    found = findings("our Allies", described=f'oxus:omission "{omission}"@en ;')
    assert any("[omission-without-reason]" in line or "[stale-omission]" in line for line in found)


def test_words_that_are_recorded_by_another_meaning_are_accounted_for(findings: Callable[..., list[str]]) -> None:
    assert findings("in Tatarstan", described='oxus:wordingSlip "Tatarstan" ;') == []


def test_a_wording_slip_of_other_words_is_drift(findings: Callable[..., list[str]]) -> None:
    (found,) = findings("we met", described='oxus:wordingSlip "Tatarstan" ;')
    assert "[stale-slip]" in found


@pytest.mark.corpus
def test_our_documents_are_covered(real_project: Project, real_corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(real_project, "coverage", "--corpus", real_corpus)
    assert result.exit_code == 0, result.output
