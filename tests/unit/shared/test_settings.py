from __future__ import annotations

import base64
from pathlib import Path

import pytest

from shared.settings import load_settings, setting_names, unknown_names

COMPLETE = {
    "KUBEORCH_SECRET_KEY": "s" * 32,
    "KUBEORCH_JWT__SECRET": "j" * 32,
    "KUBEORCH_KEYRING": "k:" + base64.b64encode(bytes(32)).decode(),
}


def test_defaults_are_complete_but_for_the_three_secrets() -> None:
    required = {name for name, _, default in setting_names() if default is ...}
    assert required == {"SECRET_KEY", "KEYRING", "JWT__SECRET"}
    assert load_settings(COMPLETE).web.port == 3000


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, text, _ in setting_names() if len(text) < 10] == []


def test_lists_are_comma_separated() -> None:
    settings = load_settings({**COMPLETE, "KUBEORCH_WEB__CORS_ORIGINS": "http://a.test, http://b.test,"})
    assert settings.web.cors_origins == ["http://a.test", "http://b.test"]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("KUBEORCH_MONGO_URI", "KUBEORCH_MONGO__URI"),
        ("KUBEORCH_WEB__PROT", "KUBEORCH_WEB__PORT"),
        ("KUBEORCH_ZZZZZZ", None),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_real_one(name: str, near: str | None) -> None:
    assert unknown_names({name: "x", "PATH": "/bin"}) == {name: near}


def test_an_unknown_name_stops_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load_settings({**COMPLETE, "KUBEORCH_MONGO_URI": "mongodb://elsewhere"})
    printed = capsys.readouterr().err
    assert "did you mean KUBEORCH_MONGO__URI?" in printed
    assert "elsewhere" not in printed


def test_every_mistake_is_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load_settings({"KUBEORCH_WEB__PORT": "70000", "KUBEORCH_SECRET_KEY": "short"})
    printed = capsys.readouterr().err
    for name in ("KUBEORCH_WEB__PORT", "KUBEORCH_SECRET_KEY", "KUBEORCH_KEYRING", "KUBEORCH_JWT__SECRET"):
        assert name in printed


def test_a_short_secret_is_refused_under_its_own_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load_settings({**COMPLETE, "KUBEORCH_JWT__SECRET": "j" * 31})
    assert capsys.readouterr().err.startswith("settings: KUBEORCH_JWT__SECRET: must have at least 32 bytes")


def test_equal_secrets_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load_settings({**COMPLETE, "KUBEORCH_JWT__SECRET": "s" * 32})
    assert capsys.readouterr().err.startswith("settings: KUBEORCH_JWT__SECRET and KUBEORCH_SECRET_KEY must differ")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file-" + "x" * 30 + "\n")
    variables = {key: value for key, value in COMPLETE.items() if key != "KUBEORCH_SECRET_KEY"}
    settings = load_settings({**variables, "KUBEORCH_SECRET_KEY_FILE": str(file)})
    assert settings.secret_key.get_secret_value().startswith("from-a-file-")
    assert not settings.secret_key.get_secret_value().endswith("\n")


def test_secrets_do_not_show_in_the_representation() -> None:
    settings = load_settings({**COMPLETE, "KUBEORCH_MONGO__URI": "mongodb://u:hunter2@h/db?replicaSet=rs0"})
    assert "hunter2" not in repr(settings)
    assert "s" * 32 not in repr(settings)
