"""The words of passages stand on pages if KG_CORPUS has them and hashes prove them, and nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from live_server import LiveServer

from kg.curation.corpus import Corpus, sha256_of
from server.settings import SettingError, read_settings
from server.words import Registered, Words

CITED = "/queries/accessions?cite=true"
SAID = "Vellmark joined the Sound Compact on 14 June 1994, when the Harbour Minister of the Republic of Vellmark signed"
DOCUMENT = "https://w3id.org/oxus/source/report"


def quoted(page: str) -> list[tuple[str, str]]:
    """The language and text of each quotation."""
    return re.findall(r'<blockquote class="words" lang="(\w+)"><p>(.*?)</p></blockquote>', page, re.S)


def test_a_footnote_quotes_the_words_in_the_documents_language(live_server: LiveServer):
    page = live_server.get(CITED + "&format=html").text
    assert any(language == "en" and words.startswith(SAID) for language, words in quoted(page))


def test_words_are_in_no_data_and_no_dump(live_server: LiveServer):
    addresses = [f"{CITED}&format={name}" for name in ("json", "csv", "ttl")]
    addresses += ["/data/source/gazette/18-164.ttl", "/dump/latest/oxus.trig", "/store?default", "/conflicts.json"]
    for address in addresses:
        reply = live_server.get(address)
        assert reply.status == 200
        assert "when the Harbour Minister" not in reply.text


def test_an_altered_text_is_told_in_the_log_and_not_shown(live_server: LiveServer):
    log = live_server.log.read_text("utf-8")
    told = [json.loads(line)["message"] for line in log.splitlines() if "server.words" in line]
    assert len(told) == 1
    assert "the text of review (SHA-256" in told[0]
    shown = [words for _, words in quoted(live_server.get("/page/id/jon-merrow").text)]
    assert any("Jon Merrow" in words for words in shown)  # as the gazette says
    assert not any("a former pilot" in words for words in shown)  # as the review does


def written(folder: Path, text: str) -> Words:
    (folder / "any-name.txt").write_text(text, "utf-8")
    return Words(Corpus(folder), {DOCUMENT: Registered("report", sha256_of(text))})


def test_only_the_stretch_that_the_hash_is_of_is_shown(tmp_path: Path):
    words = written(tmp_path, "A tide. A secret.")
    assert words.of(f"{DOCUMENT}/0-7", sha256_of("A tide.")) == "A tide."
    for passage in (f"{DOCUMENT}/0-17", f"{DOCUMENT}/8-99", f"{DOCUMENT}/7-0", f"{DOCUMENT}-2/0-7", DOCUMENT, "urn:x"):
        assert words.of(passage, sha256_of("A tide.")) == ""


def test_a_text_altered_after_the_start_is_not_shown(tmp_path: Path):
    words = written(tmp_path, "A tide. A secret.")
    assert not Words(Corpus(tmp_path), {}).text(DOCUMENT)
    corpus = Corpus(tmp_path)
    document = Registered("report", sha256_of("A tide. A secret."))
    assert document in corpus
    (tmp_path / "any-name.txt").write_text("Another tide.", "utf-8")
    assert Words(corpus, {DOCUMENT: document}).text(DOCUMENT) == ""
    assert words.missing() == [document]


def test_a_corpus_that_is_no_folder_is_told_at_the_start(tmp_path: Path):
    with pytest.raises(SettingError, match="KG_CORPUS"):
        read_settings({"KG_CORPUS": str(tmp_path / "nothing")})
