from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from deploy.local import ports
from deploy.local import redis as local_redis
from tests.support.wait import eventually


def test_a_password_is_needed_and_shown_nowhere(tmp_path: Path) -> None:
    running = local_redis.start(tmp_path, password="hunter2-hunter2")
    try:
        with redis.Redis.from_url(running.url) as client:
            assert client.ping()
        stranger = redis.Redis(port=running.port)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stranger.close()
        for name in ("cmdline", "environ"):
            assert b"hunter2" not in Path(f"/proc/{running.pid}/{name}").read_bytes()
    finally:
        running.stop()
    assert "hunter2" not in "".join(path.read_text() for path in tmp_path.glob("*.*") if path.is_file())


def test_data_are_there_after_a_restart(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        running = local_redis.start(tmp_path)
        with redis.Redis.from_url(running.url) as client:
            assert client.get("seen") == expected
            client.set("seen", "1")
        running.stop()


def test_in_the_foreground_it_says_when_it_is_ready_and_ends_well(tmp_path: Path) -> None:
    port = ports.reserve()
    port.release()
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "deploy.local.redis", "--directory", str(tmp_path / "data")]
    words = [*command, "--port", str(port.number), "--ready-file", str(ready)]
    process = subprocess.Popen(words, env={**os.environ, "REDIS_PASSWORD": "hunter2"}, stdout=subprocess.DEVNULL)
    eventually(ready.exists)
    facts = json.loads(ready.read_text())
    assert facts["port"] == port.number
    with redis.Redis(port=port.number, password="hunter2") as client:
        assert client.ping()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not Path(f"/proc/{facts['pid']}").exists()
    assert ports.is_free(port.number)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    running = local_redis.start(tmp_path / "one")
    with pytest.raises(RuntimeError, match=f"port {running.port} .* is taken"):
        local_redis.start(tmp_path / "two", port=running.port)
    running.stop()
