"""
The whole platform as processes of its own: web, worker, watcher and beat over their own Redis and MongoDB.

Nothing in it is replaced: the commands are those of the Procfile, the ports are free ones on loopback. Used by tests
of several tiers and by ``bench/``, so it knows no test framework: ``with running_platform(folder) as platform:``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from pymongo.database import Database
from redis import Redis

from deploy.local import mongo as local_mongo
from deploy.local import ports
from deploy.local import redis as local_redis
from deploy.local.process import Program, launch, tail
from shared import schema
from shared.settings import Settings, setting_names
from shared.storage import connect
from shared.storage.leases import Leases
from shared.storage.schema import migrate
from tests.support import files
from tests.support.person import PASSWORD, Person
from tests.support.settings import make_settings
from tests.support.wait import eventually
from worker.alive import RECEIPT_PREFIX

Name = Literal["web", "worker", "watcher", "beat"]
NAMES: tuple[Name, ...] = ("web", "worker", "watcher", "beat")
ROOT = files.ROOT
START_SECONDS = 40.0
STOP_SECONDS: dict[Name, float] = {"web": 10, "worker": 20, "watcher": 15, "beat": 10}
TICK = "beat:tick"


def environment_of(settings: Settings) -> dict[str, str]:
    """Return settings as the variables of a process."""
    values: dict[str, str] = {}
    for name, _, _ in setting_names():
        value: Any = settings
        for part in name.lower().split("__"):
            value = getattr(value, part)
        if value is None or value == []:
            continue
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        values[f"KUBEORCH_{name}"] = ",".join(plain) if isinstance(plain, list) else str(plain)
    return values


def command_of(name: Name, index: int) -> list[str]:
    """Return what starts the n-th process of a kind, as the Procfile has it."""
    celery = [sys.executable, "-m", "celery"]
    worker = [*celery, "-A", "worker.celery_app", "worker", "-n", f"{name}{index}@%h", "-E"]
    commands: dict[Name, list[str]] = {
        "web": [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "web/gunicorn.conf.py"), "web.app:create_app()"],
        "worker": [*worker, "-P", "prefork", "-c", "4", "-Q", "runs,imports,default", "--max-tasks-per-child", "200"],
        "watcher": [*worker, "-P", "gevent", "-c", "200", "-Q", "watch,health,control"],
        "beat": [*celery, "-A", "beat.schedule", "beat", "-S", "beat.scheduler:Scheduler"],
    }
    return commands[name]


@dataclass
class Platform:
    """
    One installation that runs.

    :param directory: data and logs of everything
    """

    directory: Path
    settings: Settings
    redis: local_redis.Running
    mongo: local_mongo.Running
    _ports: list[ports.Port]
    _programs: dict[tuple[Name, int], Program] = field(default_factory=dict)
    _starts: int = 0

    # -- its life -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where web answers."""
        return f"http://127.0.0.1:{self.settings.web.port}"

    def launch(self, name: Name, index: int = 1) -> None:
        """Start a process and return at once."""
        if name in {"worker", "watcher"}:
            self._forget_receipts(name, index)
        if name == "beat":
            self._client.delete(TICK)
        self._starts += 1
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("KUBEORCH_")},
            **environment_of(self.settings),
            "KUBEORCH_PROCESS_INDEX": str(index),
            "PROMETHEUS_MULTIPROC_DIR": str(self._metrics_folder()),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        environment.pop("KUBECONFIG", None)
        self._programs[name, index] = launch(
            f"{name}{index}", command_of(name, index), log=self.log_of(name, index), env=environment
        )

    def start(self, name: Name, index: int = 1) -> None:
        """Start a process and wait until it does its work."""
        self.launch(name, index)
        self.wait_for(name, index)

    def wait_for(self, name: Name, index: int = 1) -> None:
        """Wait until a process that was launched does its work."""
        eventually(lambda: self._is_ready(name, index), timeout=START_SECONDS, every=0.05, what=f"{name}{index} works")

    def pid(self, name: Name, index: int = 1) -> int:
        """Return a process' id; its children are in its process group."""
        return self._programs[name, index].pid

    def kill(self, name: Name, index: int = 1) -> None:
        """End a process and its children at once, as a power cut would."""
        program = self._programs.pop((name, index))
        os.killpg(program.pid, signal.SIGKILL)
        program.popen.wait()

    def stop(self, name: Name, index: int = 1) -> None:
        """End a process in order; what does not end in time is killed."""
        program = self._programs.pop((name, index))
        program.stop(STOP_SECONDS[name])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)

    def signal(self, name: Name, number: signal.Signals, index: int = 1) -> None:
        """Send a signal to a process and its children, such as SIGSTOP."""
        os.killpg(self._programs[name, index].pid, number)

    def runs(self, name: Name, index: int = 1) -> bool:
        """Whether a process is there."""
        program = self._programs.get((name, index))
        return program is not None and program.failure() is None

    def restart_redis(self, *, away_seconds: float = 0.0) -> None:
        """Stop Redis, and start it again with its data on the same port."""
        self.redis.stop()
        # the length of the outage is what is tried
        time.sleep(away_seconds)
        self.redis = local_redis.start(self.directory / "redis", port=self.redis.port)

    def close(self) -> None:
        """End everything: beat first, so that nobody sends work to those who leave, stores last."""
        order = sorted(self._programs, key=lambda key: ("beat", "web", "watcher", "worker").index(key[0]))
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(lambda key: self.stop(*key), order))
        for store in (self.redis, self.mongo):
            store.stop()
        for port in self._ports:
            port.release()

    # -- what one can see of it ---------------------------------------------------------------------------------

    def log_of(self, name: Name, index: int = 1) -> Path:
        """Return a process' log, which outlives its restarts."""
        return self.directory / f"{name}{index}.log"

    def tails(self, lines: int = 25) -> str:
        """Return the ends of all logs, for messages."""
        logs = sorted(self.directory.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{tail(log, lines)}" for log in logs)

    def search(self, text: str) -> list[str]:
        """Return every place in MongoDB, Redis and the logs where a text stands in clear."""
        found = [str(log) for log in self.directory.glob("*.log") if text in log.read_text(errors="replace")]
        with self.database() as database:
            for name in database.list_collection_names():
                found += [f"{name}/{row['_id']}" for row in database[name].find() if text in str(row)]
        for number in (0, 1):
            with Redis.from_url(f"{self.redis.url.removesuffix('/0')}/{number}", socket_timeout=2) as client:
                found += [f"redis {number}: {key!r}" for key in client.scan_iter() if text in _dumped(client, key)]
        return found

    def log_lines(self, *, level: str | None = None) -> list[dict[str, Any]]:
        """Return the log lines of all processes, each with its file as ``file``; those that are no JSON as ``raw``."""
        found = []
        for log in sorted(self.directory.glob("*.log")):
            for text in log.read_text(errors="replace").splitlines():
                try:
                    line = json.loads(text)
                except ValueError:
                    line = {"raw": text, "level": "raw"}
                if level is None or line.get("level") == level:
                    found.append({"file": log.name, **line})
        return found

    def complaints(self) -> list[str]:
        """Return what is wrong by the logs: errors and tracebacks."""
        lines = self.log_lines()
        return [
            f"{line['file']}: {line.get('event') or line.get('raw')} {line.get('reason', '')}"
            for line in lines
            if line.get("level") in {"error", "critical"} or "Traceback" in str(line.get("raw", ""))
        ]

    @contextlib.contextmanager
    def database(self) -> Iterator[Database[dict[str, Any]]]:
        """Open the database, to look at what no request shows."""
        opened = connect(self.settings.mongo, app_name="test")
        yield opened
        opened.client.close()

    def lease_holder(self, name: str) -> str | None:
        """Return who holds a lease: process, host and pid."""
        with self._client as client:
            return Leases(client).holder(name)

    # -- people -------------------------------------------------------------------------------------------------

    def register(self, name: str) -> Person:
        """Make an account and sign in."""
        person = Person(self.url, name)
        person.sign_up(PASSWORD)
        return person

    # -- inside -------------------------------------------------------------------------------------------------

    @property
    def _client(self) -> Redis:
        return Redis.from_url(self.settings.redis.url.get_secret_value(), socket_timeout=2)

    def _forget_receipts(self, name: Name, index: int) -> None:
        with self._client as client:
            for key in client.scan_iter(match=f"{RECEIPT_PREFIX}{name}{index}@*"):
                client.delete(key)

    def _is_ready(self, name: Name, index: int) -> bool:
        program = self._programs[name, index]
        failure = program.failure()
        if failure is not None:
            raise RuntimeError(failure)
        if name == "web":
            return _answers(f"{self.url}/readyz")
        with self._client as client:
            if name == "beat":
                return bool(client.exists(TICK))
            return any(client.scan_iter(match=f"{RECEIPT_PREFIX}{name}{index}@*"))

    def _metrics_folder(self) -> Path:
        folder = self.directory / f"metrics-{self._starts}"
        folder.mkdir(exist_ok=True)
        return folder


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def start_platform(directory: Path, *, without: tuple[Name, ...] = (), **groups: Mapping[str, Any]) -> Platform:
    """
    Start an installation and wait until all of it works.

    :param directory: an empty folder
    :param without: processes that are not started
    :param groups: settings by group: ``runs={"node_seconds": 20}``
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        starting_redis = pool.submit(local_redis.start, directory / "redis")
        starting_mongo = pool.submit(local_mongo.start, directory / "mongo")
        redis_server, mongo_server = starting_redis.result(), starting_mongo.result()
    port = ports.reserve()
    address = redis_server.url.removesuffix("/0")
    web = {
        "port": port.number,
        "workers": 1,
        "streams_per_user": 5000,
        "base_url": f"http://127.0.0.1:{port.number}",
        "ui_directory": ROOT / "ui/dist",
    }
    overrides: dict[str, Any] = {
        "mongo": {"uri": mongo_server.uri},
        "broker": {"url": f"{address}/0"},
        "redis": {"url": f"{address}/1"},
        "log": {"format": "json"},
        **groups,
        "web": {**web, **groups.get("web", {})},
    }
    platform = Platform(directory, make_settings(**overrides), redis_server, mongo_server, [port])
    try:
        database = connect(platform.settings.mongo, app_name="test")
        migrate(database, schema.INDEXES)
        database.client.close()
        wanted = [name for name in NAMES if name not in without]
        for name in wanted:
            platform.launch(name)
        for name in wanted:
            platform.wait_for(name)
    except BaseException:
        print(platform.tails(), file=sys.stderr)  # noqa: T201 - whoever starts it must see why it did not start
        platform.close()
        raise
    return platform


@contextlib.contextmanager
def running_platform(
    directory: Path, *, without: tuple[Name, ...] = (), **groups: Mapping[str, Any]
) -> Iterator[Platform]:
    """Start an installation, and end it; the parameters are those of ``start_platform``."""
    platform = start_platform(directory, without=without, **groups)
    try:
        yield platform
    finally:
        platform.close()


def _dumped(client: Redis, key: bytes) -> str:
    """Return everything under a key of Redis, whatever its type."""
    commands = {
        b"string": ("GET", key),
        b"list": ("LRANGE", key, 0, -1),
        b"hash": ("HGETALL", key),
        b"set": ("SMEMBERS", key),
        b"zset": ("ZRANGE", key, 0, -1),
        b"stream": ("XRANGE", key, "-", "+"),
    }
    kind: Any = client.type(key)
    return str(client.execute_command(*commands[kind])) if kind in commands else ""  # type: ignore[no-untyped-call]
