"""The settings table, the environment and what overrides what."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import kg
from server.listening import address_of
from server.settings import SETTINGS, SettingError, Settings, read_settings


def test_without_anything_given_every_setting_has_its_default():
    assert read_settings({}) == Settings()


def test_the_environment_overrides_the_default_and_what_is_given_overrides_both():
    environ = {"KG_PORT": "8100", "KG_TIMEOUT_S": "2.5", "KG_BUILD": "elsewhere"}
    settings = read_settings(environ, port=8200, host=None)
    assert (settings.port, settings.timeout_s, settings.build, settings.host) == (
        8200,
        2.5,
        Path("elsewhere"),
        "127.0.0.1",
    )


def test_an_empty_variable_counts_as_absent():
    assert read_settings({"KG_PORT": ""}).port == Settings().port


@pytest.mark.parametrize(("name", "value"), [("KG_PORT", "eighty"), ("KG_TIMEOUT_S", "soon"), ("KG_PORT", "80.5")])
def test_a_value_of_the_wrong_type_names_its_variable(name: str, value: str):
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_has_a_variable_an_option_and_a_sentence():
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.variable.startswith("KG_")
        assert setting.option.startswith("--")
        assert setting.help


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(), "http://127.0.0.1:8000/"),
        (Settings(host="::1", port=81), "http://[::1]:81/"),
        (Settings(public_url="https://example.org/graph"), "https://example.org/graph/"),
    ],
)
def test_the_public_address_comes_from_the_settings(settings: Settings, url: str):
    assert settings.url == url
    assert settings.endpoint == url + "sparql"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KG_WORKERS", "0"),
        ("KG_WORKERS", "-1"),
        ("KG_THREADS", "0"),
        ("KG_TIMEOUT_S", "-1"),
        ("KG_TIMEOUT_S", "nan"),
        ("KG_PORT", "99999"),
        ("KG_MAX_URL_KB", "0"),
        ("KG_PUBLIC_URL", "not a url"),
        ("KG_PUBLIC_URL", "http://example.org:99999/"),
        ("KG_PUBLIC_URL", "http://example.org:port/"),
        ("KG_PUBLIC_URL", "http://[::1/"),
        ("KG_PUBLIC_URL", "https:///graph"),
        ("KG_PUBLIC_URL", "https://example.org/?a=b"),
        ("KG_PUBLIC_URL", "https://example.org/#a"),
        ("KG_PUBLIC_URL", "https://me:secret@example.org/"),
        ("KG_PUBLIC_URL", "https://example.org/a b"),
        ("KG_PUBLIC_URL", "https://example.org/a//b"),
        ("KG_PUBLIC_URL", "https://example.org//a"),
        ("KG_PUBLIC_URL", "https://example.org/a/../b/"),
        ("KG_PUBLIC_URL", "https://example.org/./a"),
        ("KG_PUBLIC_URL", "https://example.org/a/%2e%2E"),
        ("KG_TIMEOUT_S", "1e300"),
        ("KG_TIMEOUT_S", "0.0001"),
        ("KG_MAX_STALL_S", "1e9"),
        ("KG_MAX_MEMORY_MB", "99999999999999"),
        ("KG_WORKERS", "1000001"),
        ("KG_STORE", "tape"),
    ],
)
def test_a_value_that_no_server_can_run_with_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=variable):
        read_settings({variable: value})


@pytest.mark.parametrize("host", ["no such host", "256.1.1.1", "[::1]", "a" * 70])
def test_a_host_that_is_none_is_refused_and_a_name_becomes_its_address(host: str) -> None:
    assert address_of("localhost") in ("127.0.0.1", "::1")
    with pytest.raises(SettingError, match="KG_HOST"):
        address_of(host)


def test_the_command_line_is_held_to_the_same() -> None:
    with pytest.raises(SettingError, match="KG_PORT"):
        read_settings({}, port=99999)


def test_a_secret_is_told_nowhere() -> None:
    value = "a-secret-of-enough-characters"
    assert read_settings({"KG_TOKEN": value}).token == value
    assert value not in repr(read_settings({"KG_TOKEN": value}))
    assert CliRunner().invoke(kg, ["serve", "--token", value]).exit_code == 2
    shown = CliRunner().invoke(kg, ["serve", "--help"], env={"KG_TOKEN": value}).output
    assert "--timeout-s" in shown and "--token" not in shown and value not in shown


@pytest.mark.parametrize(
    "value", ["brief", "with a space in the middle", "line\nbreak-in-the-token", "beyond-ascii-ä-ö-ü"]
)
def test_a_token_that_could_be_guessed_or_not_sent_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(SettingError, match="KG_TOKEN") as error:
        read_settings({"KG_TOKEN": value})
    assert value not in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value"), [("KG_LOG", "text"), ("KG_LOG_QUERIES", "2"), ("KG_TRUSTED_PROXIES", "-1")]
)
def test_a_value_that_is_no_choice_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=variable):
        read_settings({variable: value})
    assert read_settings({"KG_LOG": "off", "KG_LOG_QUERIES": "1", "KG_TRUSTED_PROXIES": "0"}).log == "off"
