"""What a search finds in a small world: in which order, why, of which kinds; and what texts of ill will do to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tantivy

from kg.errors import QueryParameterError, SourceError
from kg.search.asking import MOST_LETTERS, MOST_WORDS, Wanted, labels_of, search
from kg.search.index import open_index, write_index
from kg.search.process import IndexWriting
from kg.search.reading import MOST_NAMES, read_things

WORLD = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix id: <https://w3id.org/oxus/id/> .
@prefix graph: <https://w3id.org/oxus/graph/> .
@prefix note: <https://w3id.org/oxus/source/note/> .
@prefix oxus: <https://w3id.org/oxus/ontology#> .

oxus:Port a owl:Class ; rdfs:label "port"@en ; skos:definition "A place where ships lie."@en .
id:merrow a oxus:Port ; rdfs:label "Merrow"@en , "Мерроу"@ru .
id:old-town a oxus:Town ; rdfs:label "Old Town"@en ; skos:altLabel "Merrow"@en .
id:road a oxus:Road ; rdfs:label "Merrowgate Road"@en .
id:near a oxus:Road ; rdfs:label "Mirrow"@en .
id:told a oxus:Event ; rdfs:label "A storm"@en ; dcterms:description "It came upon Merrow in the night."@en .
id:holm a oxus:Person ; rdfs:label "Р. Холмов"@ru ; skos:altLabel "Harbourmaster"@en .
id:anna a oxus:Person ; rdfs:label "Anna Holm"@en .
note:0-9 { id:old-town skos:altLabel "Merrow"@en . }
note:9-20 { id:old-town skos:altLabel "Tidal Town"@en . }
graph:entities { id:merrow a oxus:Port . }
"""


def indexed(text: str, folder: Path) -> tantivy.Index:
    (folder / "world.trig").write_text(text, encoding="utf-8")
    return write_index(read_things([folder / "world.trig"]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tantivy.Index:
    return indexed(WORLD, tmp_path_factory.mktemp("world"))


def slugs(index: tantivy.Index, text: str, **wanted: object) -> list[str]:
    return [hit.iri.rpartition("/")[2] for hit in search(index, Wanted(text, **wanted)).hits]  # type: ignore[arg-type]


def ways(index: tantivy.Index, text: str, iri: str) -> list[str]:
    (hit,) = [each for each in search(index, Wanted(text)).hits if each.iri.endswith(iri)]
    return [match.way for reason in hit.reasons for match in reason.matches]


def test_a_label_comes_before_an_alias_a_beginning_and_a_description(world: tantivy.Index) -> None:
    assert slugs(world, "Merrow") == ["merrow", "old-town", "road", "told"]


def test_what_is_nearly_the_same_comes_only_where_little_else_does_and_says_so(world: tantivy.Index) -> None:
    assert "near" not in slugs(world, "Merrow")
    found = search(world, Wanted("Merroz"))
    assert found.nearly and found.hits[0].iri.endswith("merrow")
    assert [match.distance for reason in found.hits[0].reasons for match in reason.matches] == [1]
    assert not search(world, Wanted("Merrow")).nearly


@pytest.mark.parametrize(
    ("text", "iri", "way"),
    [
        ("merrow", "id/merrow", "written"),
        ("мэрроу", "id/merrow", "transliterated"),
        ("Холмов", "id/holm", "written"),
        ("Kholmov", "id/holm", "transliterated"),
        ("Kholmova", "id/holm", "stem"),
        ("Harbo", "id/holm", "beginning"),
        ("Harbormaster", "id/holm", "nearly"),
    ],
)
def test_a_result_says_through_what_it_was_found(world: tantivy.Index, text: str, iri: str, way: str) -> None:
    assert ways(world, text, iri) == [way]


def test_a_result_says_which_name_answered_and_where_that_stands(world: tantivy.Index) -> None:
    (hit,) = search(world, Wanted("Merrow", of_class="https://w3id.org/oxus/ontology#Town")).hits
    (reason,) = hit.reasons
    assert (reason.name.text, reason.name.source) == ("Merrow", "alias")
    assert reason.name.graphs == ["https://w3id.org/oxus/source/note/0-9"] and reason.name.accepted


def test_a_name_that_no_accepted_reading_gives_is_found_and_marked(world: tantivy.Index) -> None:
    (hit,) = search(world, Wanted("tidal")).hits
    assert not hit.reasons[0].name.accepted


def test_words_may_stand_in_several_names_of_a_thing(world: tantivy.Index) -> None:
    assert slugs(world, "old merrow") == ["old-town"]
    (hit,) = search(world, Wanted("old merrow")).hits
    assert [reason.name.text for reason in hit.reasons] == ["Merrow", "Old Town"]


def test_if_nothing_answers_all_the_words_some_do_and_it_is_said(world: tantivy.Index) -> None:
    found = search(world, Wanted("Anna Zzyzxq"))
    assert found.partly and found.hits[0].iri.endswith("anna") and found.hits[0].missing == ("Zzyzxq",)
    nothing = search(world, Wanted("Qqwwxx Zzyzxq"))
    assert (nothing.total, nothing.partly) == (0, False)


def test_kinds_and_classes_are_counted_and_narrow(world: tantivy.Index) -> None:
    found = search(world, Wanted("port"))
    assert found.kinds == {"class": 1}
    found = search(world, Wanted("merrow"))
    assert found.kinds == {"thing": 4} and found.classes["https://w3id.org/oxus/ontology#Port"] == 1
    narrowed = search(world, Wanted("merrow", of_class="https://w3id.org/oxus/ontology#Port"))
    assert narrowed.total == 1 and narrowed.classes == found.classes
    assert search(world, Wanted("merrow", kind="topic")).hits == ()


def test_pages_are_parts_of_one_order(world: tantivy.Index) -> None:
    whole = slugs(world, "merrow")
    assert [slugs(world, "merrow", first=first, most=1)[0] for first in range(4)] == whole
    assert slugs(world, "merrow", first=4, most=1) == []


def test_while_somebody_types_the_last_word_is_a_beginning_and_descriptions_wait(world: tantivy.Index) -> None:
    assert slugs(world, "mer", open_ended=True)[0] == "merrow"
    assert slugs(world, "m", open_ended=True)[0] == "merrow"
    assert slugs(world, "old t", open_ended=True) == ["old-town"]
    assert slugs(world, "night", open_ended=True) == []


def test_an_iri_or_its_short_form_finds_its_thing(world: tantivy.Index) -> None:
    for text in ("id:merrow", "https://w3id.org/oxus/id/merrow", "<https://w3id.org/oxus/id/merrow>"):
        assert slugs(world, text)[0] == "merrow"


@pytest.mark.parametrize(
    "text",
    [
        'label_plain:"merrow"',
        "merrow AND NOT x",
        "*",
        "mer*",
        "merrow~2",
        "[a TO z]",
        "\x00\x1f",
        "(((",
        "\\",
        "'",
        "+-&|",
    ],
)
def test_signs_of_a_query_language_are_only_signs(world: tantivy.Index, text: str) -> None:
    found = search(world, Wanted(text))
    asked = [word for word in found.words if word.casefold() in ("merrow", "mer")]
    assert bool(found.hits) == bool(asked) or found.partly


@pytest.mark.parametrize("text", ["x" * (MOST_LETTERS + 1), " ".join("ab" for _ in range(MOST_WORDS + 1))])
def test_a_search_that_is_too_long_is_refused_with_the_limit(world: tantivy.Index, text: str) -> None:
    with pytest.raises(QueryParameterError, match=f"may have {MOST_LETTERS}|may have {MOST_WORDS}"):
        search(world, Wanted(text))


def test_a_thing_with_very_many_names_is_found_by_the_first(tmp_path: Path) -> None:
    names = "".join(
        f'<urn:a> <http://www.w3.org/2004/02/skos/core#altLabel> "alias{number:05}" .\n' for number in range(300)
    )
    index = indexed(names + '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "the name" .', tmp_path)
    assert slugs(index, "the name") == ["urn:a"]
    assert slugs(index, f"alias{MOST_NAMES - 2:05}") == ["urn:a"]


def test_what_something_is_called_is_told_of_the_very_iri(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    index = indexed(f'<urn:x:A> {label} "upper" . <urn:x:a> {label} "lower" .', tmp_path)
    assert labels_of(index, ["urn:x:a", "urn:x:A", "urn:x:b"]) == {"urn:x:a": "lower", "urn:x:A": "upper"}


def test_an_index_is_written_by_another_process_and_opened_by_ours(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text('<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "Merrow" .')
    (tmp_path / "b.ttl").write_text("this is not Turtle")
    writing = IndexWriting.start([tmp_path / "a.ttl"], tmp_path / "index", tmp_path)
    failing = IndexWriting.start([tmp_path / "b.ttl"], tmp_path / "other", tmp_path)
    writing.wait()
    assert slugs(open_index(tmp_path / "index"), "merrow") == ["urn:a"]
    with pytest.raises(SourceError, match="b.ttl"):
        failing.wait()
    with pytest.raises(SourceError, match="no search index"):
        open_index(tmp_path / "nothing")
