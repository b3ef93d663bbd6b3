"""`kg locate`: words in, the block that describes their place out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kg.curation.corpus import sha256_of
from kg.project import Project

RunKg = Callable[..., Result]


def test_the_block_can_be_pasted_and_verified(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    text = (corpus / "flyer.txt").read_text(encoding="utf-8")
    file = mini_project.data / "passages" / "flyer.trig"
    result = run_kg(mini_project, "locate", "flyer", "It has 3", "boats.", "--corpus", corpus)
    assert result.exit_code == 0, result.output
    begin = text.index("It has 3 boats.")
    place = f"{begin}-{begin + 15}"
    assert result.stdout == (
        f"# {place}: “It has 3 boats.”\n"
        f"flyer:{place}\n"
        "    a oxus:Passage ;\n"
        "    oxus:hasKind oxus:stated ;\n"
        '    oxus:gist ""@en ;\n'
        f'    oxus:sha256 "{sha256_of("It has 3 boats.")}" ;\n'
        '    oxus:firstWords "It has 3 boats." ;\n'
        '    oxus:lastWords "It has 3 boats." .\n'
        f"flyer:{place} {{\n"
        "}\n"
    )
    assert result.stderr == "note: it will be nested in flyer:214-276\n"
    with file.open("a", encoding="utf-8") as passages:
        passages.write("\n" + result.stdout)
    assert "20 passages" in run_kg(mini_project, "verify", "--corpus", corpus).output


def test_white_space_and_quotation_marks_need_not_agree(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "locate", "gazette", "signed   the", "“Beacon\nProgramme”", "--corpus", corpus)
    assert result.exit_code == 0, result.output
    assert 'oxus:lastWords "opened the \\"Beacon Programme\\"" .' in result.stdout
    curly = run_kg(mini_project, "locate", "review", "Compact's secretary", "--corpus", corpus)
    assert 'oxus:firstWords "Compact’s secretary"' in curly.stdout


def test_without_last_words_the_first_words_are_the_passage(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "locate", "gazette", "Port Ostry", "--corpus", corpus)
    assert 'oxus:lastWords "Port Ostry"' in result.stdout


def test_several_places_are_listed_with_context_and_nth_chooses(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    result = run_kg(mini_project, "locate", "gazette", "Vellmark", "--corpus", corpus)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = str(result.exception).splitlines()
    assert lines[0] == "gazette has 4 such stretches: give more words, or choose one of"
    assert lines[2] == "  --nth 2  114-122: …r Minister of the Republic of [Vellmark] signed the Accession Paper in…"
    second = run_kg(mini_project, "locate", "gazette", "Vellmark", "--corpus", corpus, "--nth", 2)
    assert "gazette:114-122 {" in second.stdout
    fifth = run_kg(mini_project, "locate", "gazette", "Vellmark", "--corpus", corpus, "--nth", 5)
    assert fifth.exit_code == 1
    assert "has 4 such stretches, so there is no --nth 5" in str(fifth.exception)


def test_the_nearest_last_words_end_the_passage_and_later_ones_are_told(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    result = run_kg(mini_project, "locate", "gazette", "In 1996 the", "Vellmark", "--corpus", corpus)
    assert 'oxus:lastWords "Compact (SC) and Vellmark"' in result.stdout
    assert "note: the last words also end at 264" in result.stderr


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("joined the Sound Pact", "", 'gazette has no "joined the Sound Pact"; nearest is 27-51: 03.05.2005'),
        ("xyzzy quux", "", 'gazette has no "xyzzy quux"'),
        ("In 1996", "by moonlight", 'gazette has no "by moonlight"'),
        ("In 2001", "14 June 1994", '"14 June 1994" stands only before "In 2001"'),
    ],
)
def test_absent_words_are_told_with_the_nearest(
    mini_project: Project, corpus: Path, run_kg: RunKg, first: str, last: str, message: str
) -> None:
    result = run_kg(mini_project, "locate", "gazette", first, last, "--corpus", corpus)
    assert result.exit_code == 1
    assert message in str(result.exception)


def test_an_unknown_document_is_told_with_those_there_are(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "locate", "gazete", "In 1996", "--corpus", corpus)
    assert result.exit_code == 1
    assert "no document gazete in data/sources.ttl; there are flyer, gazette, review" in str(result.exception)


def test_a_stretch_that_states_nothing_gets_its_own_block(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "locate", "gazette", "banner_small.png", "--corpus", corpus, "--boilerplate")
    assert 'a oxus:Boilerplate ;\n    oxus:reason ""@en .' in result.stdout
    assert "it overlaps the boilerplate gazette:517-535" in result.stderr


def test_a_stretch_that_partly_overlaps_a_passage_is_told(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "locate", "gazette", "Port Ostry.", "In 1996", "--corpus", corpus)
    assert "it partly overlaps gazette:18-164 (data/passages/gazette.trig:" in result.stderr


@pytest.mark.corpus
def test_our_first_passage_is_located(real_project: Project, real_corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(
        real_project, "locate", "mfa-2021", "The beginning of practical", "Peace program.", "--corpus", real_corpus
    )
    assert result.stdout.startswith("# 450-783: “The beginning of practical")
