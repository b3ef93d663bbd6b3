"""`kg verify`: passages against texts, and the mending of descriptions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kg.errors import SourceError
from kg.project import Project

RunKg = Callable[..., Result]

GOOD = "verified 3 documents, 19 passages, 3 boilerplate: 0 failures"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def passages(project: Project, slug: str) -> Path:
    return project.data / "passages" / f"{slug}.trig"


def hash_of(project: Project, slug: str, place: str) -> str:
    block = passages(project, slug).read_text(encoding="utf-8").split(f"\n{slug}:{place}\n")[1]
    return block.split('oxus:sha256 "')[1][:64]


def test_a_right_project_is_verified(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert (result.output, result.exit_code) == (f"{GOOD}\n", 0)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('oxus:firstWords "In 1996 the Sound"', 'oxus:firstWords "In 1997 the Sound"', "firstWords"),
        ('oxus:lastWords "Pilot School was founded."', 'oxus:lastWords "Pilot School was closed."', "lastWords"),
        ("a736d9ccb77b00d0", "0000000000000000", "sha256"),
    ],
)
def test_a_wrong_value_fails_and_fix_mends_that_line_alone(
    mini_project: Project, corpus: Path, run_kg: RunKg, old: str, new: str, rule: str
) -> None:
    file = passages(mini_project, "gazette")
    right = file.read_bytes()
    replace(file, old, new)
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert result.exit_code == 1
    finding, counts = result.output.splitlines()
    assert finding.startswith("data/passages/gazette.trig:")
    assert f"[{rule}] — run kg verify --fix" in finding
    assert counts == GOOD.replace("0 failures", "1 failures")

    result = run_kg(mini_project, "verify", "--corpus", corpus, "--fix")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == f"{GOOD}, 1 values mended"
    assert file.read_bytes() == right
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_fix_mends_what_a_curator_left_empty_of_sense(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    file = passages(mini_project, "gazette")
    right = file.read_bytes()
    replace(file, 'oxus:firstWords "In 1996 the Sound"', 'oxus:firstWords "?"')
    replace(file, 'oxus:lastWords "opened the \\"Beacon Programme\\"."', 'oxus:lastWords "?"')
    replace(file, "a736d9ccb77b00d0", "0000000000000000")
    assert run_kg(mini_project, "verify", "--corpus", corpus, "--fix").exit_code == 0
    assert file.read_bytes() == right


def test_fix_keeps_the_line_ends_of_the_file(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    file = passages(mini_project, "gazette")
    right = file.read_bytes().replace(b"\n", b"\r\n")
    file.write_bytes(right.replace(b"a736d9ccb77b00d0", b"0000000000000000"))
    assert run_kg(mini_project, "verify", "--corpus", corpus, "--fix").exit_code == 0
    assert file.read_bytes() == right


def test_a_moved_passage_is_told_its_place_and_left_alone(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    file = passages(mini_project, "gazette")
    replace(file, "gazette:241-290", "gazette:243-292")
    replace(mini_project.data / "judgements.ttl", "gazette:241-290", "gazette:243-292")
    before = file.read_bytes()
    result = run_kg(mini_project, "verify", "--corpus", corpus, "--fix")
    assert result.exit_code == 1
    assert "gazette:243-292 is not where its words are: they stand at gazette:241-290 [moved-passage]" in result.output
    assert file.read_bytes() == before


def test_a_passage_beyond_the_end_of_its_document_fails(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    file = passages(mini_project, "flyer")
    replace(file, "flyer:214-276", "flyer:214-9276")
    replace(mini_project.data / "judgements.ttl", "flyer:214-276", "flyer:214-9276")
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert result.exit_code == 1
    assert "they stand at flyer:214-276 [moved-passage]" in result.output
    replace(file, 'oxus:firstWords "The Vellmark Pilot School"', 'oxus:firstWords "Nowhere to be found"')
    result = run_kg(mini_project, "verify", "--corpus", corpus, "--fix")
    assert result.exit_code == 1
    assert "flyer:214-9276 ends after the document's last code point, 277 [out-of-range]" in result.output


def test_boilerplate_beyond_the_end_of_its_document_fails(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    replace(passages(mini_project, "gazette"), "gazette:517-535", "gazette:517-5350")
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert (result.exit_code, result.output.count("[out-of-range]")) == (1, 1)


def test_a_missing_value_fails_with_what_to_add(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    replace(passages(mini_project, "gazette"), '    oxus:firstWords "In 1996 the Sound" ;\n', "")
    result = run_kg(mini_project, "verify", "--corpus", corpus, "--fix")
    assert result.exit_code == 1
    assert 'has no oxus:firstWords [firstWords] — add oxus:firstWords "In 1996 the Sound"' in result.output


def test_a_changed_text_is_named_with_the_hash_that_is_registered(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    replace(corpus / "flyer.txt", "5,000 floats", "6,000 floats")
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert result.exit_code == 1
    finding, counts = result.output.splitlines()
    assert "no file here is the text of flyer (SHA-256 " in finding
    assert finding.startswith("data/sources.ttl:")
    assert counts.endswith("1 failures")


def test_a_wrong_length_fails_with_the_right_one(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    replace(mini_project.sources_file, "oxus:length 277 ;", "oxus:length 278 ;")
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert result.exit_code == 1
    assert "[document-length] — write oxus:length 277" in result.output


def test_a_passage_of_an_unregistered_document_fails(mini_project: Project, corpus: Path, run_kg: RunKg) -> None:
    replace(passages(mini_project, "flyer"), "/source/flyer/>", "/source/leaflet/>")
    result = run_kg(mini_project, "verify", "--corpus", corpus)
    assert result.exit_code == 1
    assert result.output.count("[unknown-document]") == 6


def test_a_value_on_another_line_than_its_property_is_left_to_the_curator(
    mini_project: Project, corpus: Path, run_kg: RunKg
) -> None:
    file = passages(mini_project, "gazette")
    replace(file, 'oxus:firstWords "In 1996 the Sound"', 'oxus:firstWords\n        "In 1997 the Sound"')
    before = file.read_bytes()
    result = run_kg(mini_project, "verify", "--corpus", corpus, "--fix")
    assert isinstance(result.exception, SourceError)
    assert str(result.exception).startswith("data/passages/gazette.trig:")
    assert 'write "In 1996 the Sound" by hand' in str(result.exception)
    assert file.read_bytes() == before


@pytest.mark.corpus
def test_our_passages_are_verified(real_project: Project, real_corpus: Path, run_kg: RunKg) -> None:
    result = run_kg(real_project, "verify", "--corpus", real_corpus)
    assert result.exit_code == 0, result.output
