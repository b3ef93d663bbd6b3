"""Finding the documents' texts by their hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.curation.corpus import Corpus, excerpt, first_words, last_words, sha256_of
from kg.errors import CorpusError


@dataclass(frozen=True)
class Registered:
    slug: str
    sha256: str


def test_a_text_is_found_by_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "other.txt").write_text("another text", encoding="utf-8")
    (tmp_path / "sub" / "no-ending").write_text("Порт Остри", encoding="utf-8")
    document = Registered("letter", sha256_of("Порт Остри"))
    assert document in Corpus(tmp_path)
    assert Corpus(tmp_path).text(document) == "Порт Остри"


def test_line_ends_are_kept_since_places_count_them(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(b"one\r\ntwo\r")
    assert Corpus(tmp_path).text(Registered("letter", sha256_of("one\r\ntwo\r"))) == "one\r\ntwo\r"


def test_a_missing_text_is_named_with_its_hash(tmp_path: Path) -> None:
    document = Registered("letter", "ab" * 32)
    assert document not in Corpus(tmp_path)
    with pytest.raises(CorpusError, match=r"letter \(SHA-256 (ab){32}\)"):
        Corpus(tmp_path).text(document)


def test_a_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    import hashlib

    content = "Türk".encode("latin-1")
    (tmp_path / "letter.txt").write_bytes(content)
    with pytest.raises(CorpusError, match=r"letter\.txt: the text of letter is not UTF-8"):
        Corpus(tmp_path).text(Registered("letter", hashlib.sha256(content).hexdigest()))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such folder"):
        Corpus(tmp_path / "nowhere")


def test_first_and_last_words_have_single_spaces() -> None:
    text = " one\ttwo\n\nthree  four five six "
    assert first_words(text) == "one two three four"
    assert last_words(text) == "three four five six"
    assert first_words("alone") == last_words("alone") == "alone"


@pytest.mark.parametrize("text", ["short", "word " * 40, "x" * 300])
def test_an_excerpt_fits(text: str) -> None:
    assert len(excerpt(text, 50)) <= 50
