"""The texts of the pages: all are asked for by `_`, and each catalogue has every one of them, finished."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from flask import Flask
from template_texts import untranslated

from kg.checks.translations import translation_findings
from kg.errors import SourceError
from kg.files.catalogues import read_catalogue
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.questions import read_questions
from kg.queries.translated import read_translations, translatable
from server import wording
from server.languages import CATALOGUES, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "server" / "templates").glob("*.html"))
NOT_YET: set[str] = set()
"""Templates that are being rewritten: their texts stand in them as they are."""
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def environment() -> object:
    app = Flask("server")
    wording.register(app.jinja_env)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app.jinja_env


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_shows_no_text_that_cannot_be_translated(path: Path, environment) -> None:
    found = list(untranslated(environment, path.read_text("utf-8")))
    assert found == [] or path.name in NOT_YET


BAD = {
    "a text": "<p>Hello there</p>",
    "a text behind a value": "<p>{{ count }} rows</p>",
    "one of two words": "<p>{{ count }} {{ 'row' if count == 1 else _('rows') }}</p>",
    "a name": '<nav aria-label="Pages"></nav>',
    "a name written by an expression": "<nav aria-label=\"{{ 'Pages' }}\"></nav>",
    "the word of a table": "<p>{{ {'txt': 'Plain text'}[name] }}</p>",
    "a default": "<h1>{{ title or 'No title' }}</h1>",
    "what a macro is given": "{{ reasons.list(why, 'Why there is nothing') }}",
    "in a block": "{% if x %}<p>{% for y in x %}Hello{% endfor %}</p>{% endif %}",
    "behind code": "<pre>SELECT</pre> of it",
}
GOOD = [
    "<p>{{ _('Hello there') }} {% trans %}Hello <b>there</b>{% endtrans %}</p>",
    "<p class=\"{{ 'wide' if x }}\">{{ ngettext('%(num)s row', '%(num)s rows', n) }}: {{ count }} · SPARQL</p>",
    "<pre><code>SELECT * WHERE</code></pre>",
    '<a href="{{ url_for("queries.show", slug="x") }}">{{ title }}</a>',
]


@pytest.mark.parametrize("source", BAD.values(), ids=BAD)
def test_what_cannot_be_translated_is_found(source: str, environment) -> None:
    assert list(untranslated(environment, source))


@pytest.mark.parametrize("source", GOOD)
def test_nothing_else_is_found(source: str, environment) -> None:
    assert list(untranslated(environment, source)) == []


@cache
def texts() -> frozenset[str | tuple[str, ...]]:
    """What is to be translated, as `make translations` finds it."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {each["pattern"]: {k: v for k, v in each.items() if k not in ("pattern", "method")} for each in mappings}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
    found = extract_from_dir(
        ROOT / "server", methods, options, keywords=keywords, directory_filter=lambda path: "node_modules" not in path
    )
    return frozenset(text for _, _, text, _, _ in found)


@cache
def catalogue(language: str) -> Catalog:
    return read_catalogue(CATALOGUES / f"{language}.po", f"{language}.po")


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    known = {message.id for message in catalogue(language) if message.id}
    assert known == texts(), "run make translations and translate what is new"
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_translation_is_finished_and_keeps_its_placeholders(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        one = message.id if isinstance(message.id, str) else message.id[1]
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert not message.fuzzy and all(forms), message.id
        assert len(forms) == (1 if isinstance(message.id, str) else catalogue(language).num_plurals), message.id
        for form in forms:
            left_out = set(PLACEHOLDER.findall(one)) - set(PLACEHOLDER.findall(form))
            assert set(PLACEHOLDER.findall(form)) <= set(PLACEHOLDER.findall(one)) and left_out <= {"num"}, message.id
            assert re.findall(r"</?\w+", one) == re.findall(r"</?\w+", form), message.id


def test_our_own_queries_and_questions_are_all_translated() -> None:
    project = Project(ROOT)
    said = set(translatable(read_queries(project).values(), read_questions(project)))
    for language in LANGUAGES[1:]:
        assert said - read_translations(project)[language].keys() == set()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('msgid "Accession"\nmsgstr "Присоединение"', "no header, tag or question says 'Accession'"),
        ('#, fuzzy\nmsgid "what is dated"\nmsgstr "что датировано"', "'what is dated' is marked as fuzzy"),
        ('msgid "its name"\nmsgid_plural "its names"\nmsgstr[0] "a"', "'its name' has plural forms"),
        ('msgid "its name"\nmsgstr "имя {it}"', "the translation of 'its name' has other placeholders"),
    ],
)
def test_a_translation_of_queries_that_is_wrong_is_found_in_its_line(
    mini_project: Project, entry: str, message: str
) -> None:
    path = mini_project.queries / "ru.po"
    line = path.read_text("utf-8").count("\n") + 2
    path.write_text(f"{path.read_text('utf-8')}\n{entry}\n", encoding="utf-8")
    (found,) = translation_findings(mini_project)
    assert (found.path, found.message) == ("queries/ru.po", message) and line <= found.line <= line + 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("xx.po", "", "there is no language 'xx'"),
        ("../ru_Cyrl_XX_.po", "", "there is no language"),
        ("de.po", 'msgid "a"\nnonsense\n', "is no gettext catalogue"),
        ("de.po", b'msgid "\xff"\nmsgstr ""\n', "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_catalogue_is_an_error(tmp_path: Path, name: str, text: str | bytes, message: str) -> None:
    path = tmp_path / Path(name).name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourceError, match=message):
        read_catalogue(path, path.name)
