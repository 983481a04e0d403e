from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.external import facts_of, flatten
from deploy.local.process import StartFailed


def config(**more: Any) -> dict[str, Any]:
    return {
        "current-context": "mine",
        "contexts": [
            {"name": "other", "context": {"cluster": "c2", "user": "u2"}},
            {"name": "mine", "context": {"cluster": "c1", "user": "u1", "namespace": "shop"}},
        ],
        "clusters": [
            {"name": "c1", "cluster": {"server": "https://127.0.0.1:1", "certificate-authority": "ca.crt"}},
            {"name": "c2", "cluster": {"server": "https://other"}},
        ],
        "users": [
            {"name": "u1", "user": {"client-certificate": "pki/me.crt", "client-key": "pki/me.key"}},
            {"name": "u2", "user": {"token": "not ours to take"}},
        ],
        **more,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pki").mkdir()
    for name in ("ca.crt", "pki/me.crt", "pki/me.key"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_only_the_current_context_stays_and_files_become_text(folder: Path) -> None:
    text, context = flatten(yaml.safe_dump(config()), folder)
    flat = yaml.safe_load(text)
    assert context == "mine"
    assert [len(flat[name]) for name in ("contexts", "clusters", "users")] == [1, 1, 1]
    assert "not ours" not in text
    user = flat["users"][0]["user"]
    assert base64.b64decode(user["client-key-data"]) == b"pki/me.key"
    assert base64.b64decode(flat["clusters"][0]["cluster"]["certificate-authority-data"]) == b"ca.crt"
    assert "client-key" not in user
    assert flat["contexts"][0]["context"]["namespace"] == "shop"


def test_a_token_in_a_file_becomes_a_token(folder: Path) -> None:
    (folder / "token").write_text("abc\n")
    text, _ = flatten(yaml.safe_dump(config(users=[{"name": "u1", "user": {"tokenFile": "token"}}])), folder)
    assert yaml.safe_load(text)["users"][0]["user"] == {"token": "abc"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no kubeconfig with a current context"),
        ("a: [", "no kubeconfig with a current context"),
        (yaml.safe_dump(config(users=[])), "has no user 'u1'"),
        (yaml.safe_dump(config(users=[{"name": "u1", "user": {"client-key": "gone"}}])), "gone, which cannot be read"),
    ],
)
def test_what_is_missing_in_a_kubeconfig_is_named(folder: Path, text: str, sentence: str) -> None:
    with pytest.raises(StartFailed, match=sentence):
        flatten(text, folder)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"cannot read .*none: No such file"):
        facts_of(tmp_path / "none", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_cluster_that_does_not_answer_is_named_with_its_context(tmp_path: Path) -> None:
    path = tmp_path / "config"
    clusters = [{"name": "c1", "cluster": {"server": "https://127.0.0.1:1", "insecure-skip-tls-verify": True}}]
    path.write_text(yaml.safe_dump(config(clusters=clusters, users=[{"name": "u1", "user": {"token": "t"}}])))
    with pytest.raises(StartFailed, match=r"context mine, https://127\.0\.0\.1:1: .*refused"):
        facts_of(path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
