from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import fakeredis
import pytest

from tests.support.files import ROOT
from worker.alive import RECEIPT_PREFIX, SLOTS_PREFIX, Signs, ask, is_consuming, main

NOW = 10_000.0


@pytest.mark.parametrize(
    ("seen", "alive", "why"),
    [
        (Signs("w", None), False, "has not received anything yet"),
        (Signs("w", NOW - 5), True, "received something 5 s ago"),
        (Signs("w", NOW - 91), False, "received nothing for 91 s"),
        # all slots hold jobs, so no probe can arrive
        (
            Signs("w", NOW - 600, NOW - 10, 2, (NOW - 20, NOW - 59)),
            True,
            "all 2 slots hold jobs that are at work",
        ),
        # one of them hangs
        (
            Signs("w", NOW - 600, NOW - 10, 2, (NOW - 20, NOW - 61)),
            False,
            "1 of its 2 jobs gave no sign for 60 s",
        ),
        # a slot is free, so a probe should have arrived
        (Signs("w", NOW - 600, NOW - 10, 2, (NOW - 20,)), False, "received nothing for 600 s"),
        # the worker itself has stopped telling
        (Signs("w", NOW - 600, NOW - 61, 1, (NOW - 1,)), False, "received nothing for 600 s"),
        (Signs("w", NOW - 600, NOW - 10, 0, ()), False, "received nothing for 600 s"),
    ],
)
def test_alive_is_who_consumes_or_works_with_all_slots(seen: Signs, *, alive: bool, why: str) -> None:
    assert is_consuming(seen, NOW) == (alive, why)


def test_what_was_before_the_start_does_not_count() -> None:
    assert is_consuming(Signs("w", NOW - 5), NOW, after=NOW - 4) == (False, "has not received anything yet")
    assert is_consuming(Signs("w", NOW - 3), NOW, after=NOW - 4)[0]
    assert not is_consuming(Signs("w", None, NOW - 5, 1, (NOW - 5,)), NOW, after=NOW - 4)[0]


@pytest.fixture
def client() -> Any:
    return fakeredis.FakeRedis()


def test_one_of_several_is_enough_and_other_kinds_do_not_count(client: Any) -> None:
    now = time.time()
    client.set(f"{RECEIPT_PREFIX}worker1@a", str(now - 500))
    client.set(f"{RECEIPT_PREFIX}watcher1@a", str(now))
    assert ask(client, "worker", 0.0) == (False, "worker1@a received nothing for 500 s")
    client.set(f"{RECEIPT_PREFIX}worker2@b", str(now))
    assert ask(client, "worker", 0.0)[0]
    assert ask(client, "builds", 0.0) == (False, "has not received anything yet")


def test_slots_are_read_as_the_worker_records_them(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from worker import probe

    now = time.time()
    monkeypatch.setattr(probe, "_redis", lambda _pid: client)
    client.set(f"{RECEIPT_PREFIX}worker1@a", str(now - 500))
    client.set(f"{probe.HEARTBEAT_PREFIX}a", str(now))
    probe._record_slots("worker1@a", 2, ["a", "b"])
    assert ask(client, "worker", 0.0) == (False, "worker1@a 1 of its 2 jobs gave no sign for 60 s")
    client.set(f"{probe.HEARTBEAT_PREFIX}b", str(now))
    probe._record_slots("worker1@a", 2, ["a", "b"])
    assert ask(client, "worker", 0.0) == (True, "worker1@a all 2 slots hold jobs that are at work")
    assert json.loads(client.get(f"{SLOTS_PREFIX}worker1@a"))["slots"] == 2


def test_a_job_has_heartbeats_while_it_runs_and_none_afterwards(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.wait import eventually
    from worker import probe

    monkeypatch.setattr(probe, "_redis", lambda _pid: client)
    monkeypatch.setattr(probe, "HEARTBEAT_SECONDS", 0.05)
    probe._begin_heartbeats(task_id="a")
    first = float(eventually(lambda: client.get(f"{probe.HEARTBEAT_PREFIX}a")))
    eventually(lambda: float(client.get(f"{probe.HEARTBEAT_PREFIX}a") or 0) > first)
    probe._end_heartbeats(task_id="a")
    assert "a" not in probe._running
    probe._end_heartbeats(task_id="a")


@pytest.mark.parametrize("module", ["worker.alive", "beat.alive"])
def test_asking_imports_neither_celery_nor_mongodb(module: str) -> None:
    code = f"import sys, {module}\nprint(sorted({{'celery', 'kombu', 'pymongo', 'flask'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_without_redis_it_is_not_alive_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.settings import make_settings

    settings = make_settings(redis={"url": "redis://127.0.0.1:1/0"})
    monkeypatch.setattr("shared.processes.alive.load_settings", lambda: settings)
    assert main(["worker"]) == 1
    assert "Redis does not answer" in capsys.readouterr().out
