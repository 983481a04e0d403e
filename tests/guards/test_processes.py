"""Procfile, docker-compose.yml, orchcli/running/services.py and shared/queues.py say the same of every process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
import yaml

from orchcli.running.services import SERVICES
from shared.queues import QueueName, TaskName, queue_of
from shared.settings import setting_names
from tests.support.files import COMPOSE_FILE, LOCAL_PROCFILE, PROCFILE, ROOT, queues, read_procfile, words
from tests.support.settings import KEYRING

COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))["services"]
PROCESSES = read_procfile(PROCFILE)
STORES = {"redis", "mongo"}

APPLICATIONS = """
import gc
import json
from celery import signals
from beat.schedule import app as beat
from worker.celery_app import app as worker
worker.loader.import_default_modules()
entries = {name: [one["task"], one["options"]["queue"]] for name, one in beat.conf.beat_schedule.items()}
tasks = sorted(name for name in worker.tasks if not name.startswith("celery."))
signals.celeryd_after_setup.send(sender="worker", instance=None, conf=worker.conf)
print(json.dumps({"entries": entries, "tasks": tasks, "set_aside": gc.get_freeze_count()}))
"""


@cache
def applications() -> dict[str, Any]:
    """Beat's table and the worker's tasks, from a process of their own: both read settings when imported."""
    secrets = {"KUBEORCH_SECRET_KEY": "s" * 32, "KUBEORCH_JWT__SECRET": "j" * 32, "KUBEORCH_KEYRING": KEYRING}
    command = [sys.executable, "-c", APPLICATIONS]
    ended = subprocess.run(command, env=secrets, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_the_procfile_has_the_processes_of_the_service_table() -> None:
    assert list(PROCESSES) != []
    assert set(PROCESSES) == {one.name for one in SERVICES if one.procfile == "Procfile"}
    assert set(read_procfile(LOCAL_PROCFILE)) == {one.name for one in SERVICES if one.procfile != "Procfile"}


def test_compose_has_the_processes_of_the_procfile() -> None:
    assert set(COMPOSE) - STORES == set(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_compose_runs_the_command_of_the_procfile(name: str) -> None:
    # inside a container Flower listens on the container's own address; the port is published on loopback only
    here = [word.replace("--address=127.0.0.1", "--address=0.0.0.0") for word in words(PROCESSES[name])]
    assert words(COMPOSE[name]["command"]) == here


def test_every_queue_is_consumed_by_one_process() -> None:
    consumed = [queue for command in PROCESSES.values() for queue in queues(words(command))]
    assert sorted(consumed) == sorted(QueueName)


def test_the_service_table_knows_the_queues() -> None:
    for service in SERVICES:
        consumed = queues(words(PROCESSES.get(service.name, "")))
        assert list(service.queues) == consumed, service.name


def test_containers_get_the_same_time_to_end() -> None:
    for service in SERVICES:
        if service.name in COMPOSE and service.name != "release":
            seconds = int(COMPOSE[service.name]["stop_grace_period"].removesuffix("s"))
            assert seconds >= service.grace, service.name


def test_every_named_task_exists_and_no_other() -> None:
    assert applications()["tasks"] == sorted(TaskName)


def test_a_worker_sets_aside_what_it_has_loaded_before_it_forks() -> None:
    assert applications()["set_aside"] > 0


def test_every_beat_entry_names_a_task_and_its_queue() -> None:
    entries = applications()["entries"]
    assert entries
    for name, (task, queue) in entries.items():
        assert queue == queue_of(TaskName(task)).value, name


def test_every_process_listens_on_loopback() -> None:
    assert [default for name, _, default in setting_names() if name == "WEB__HOST"] == ["127.0.0.1"]
    for name, command in {**PROCESSES, **read_procfile(LOCAL_PROCFILE)}.items():
        for address in re.findall(r"--(?:address|host|bind)[= ](\S+)", command):
            assert address == "127.0.0.1", name
        assert "--port" not in command or "--address=127.0.0.1" in command or "deploy.local." in command, name


def test_ports_are_the_same_everywhere() -> None:
    defaults = {name: default for name, _, default in setting_names()}
    ports = {one.name: one.port.default for one in SERVICES if one.port}
    assert ports["web"] == defaults["WEB__PORT"]
    assert f":{ports['redis']}/" in defaults["REDIS__URL"].get_secret_value()
    assert f":{ports['redis']}/" in defaults["BROKER__URL"].get_secret_value()
    assert f":{ports['mongo']}/" in defaults["MONGO__URI"].get_secret_value()
    for name, command in {**PROCESSES, **read_procfile(LOCAL_PROCFILE)}.items():
        for port in re.findall(r"--port[= ](\d+)", " ".join(words(command))):
            assert int(port) == ports[name], name
    for name in ("web", "flower"):
        assert COMPOSE[name]["ports"] == [f"127.0.0.1:${{{name.upper()}_PORT:-{ports[name]}}}:{ports[name]}"]
