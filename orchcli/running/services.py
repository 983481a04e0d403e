"""
The services of the platform: one table that start, stop, status and logs read.

A guard compares it with the Procfiles and with ``shared/queues.py``; nothing of the server is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from orchcli.errors import NotFound

Group = Literal["infra", "once", "backend", "tools"]
LOCAL_PROCFILE = "deploy/local/Procfile"
PROCFILE = "Procfile"


@dataclass(frozen=True, slots=True)
class RedisPing:
    """Ready when PING is answered with PONG."""


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """Ready when the service has written its file below ``.kubeorch/run``."""

    name: str


@dataclass(frozen=True, slots=True)
class Consumes:
    """Ready when the module, run as a program, ends with 0: it was seen at work since this start."""

    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Ready when each path has answered with its status, one after the other."""

    paths: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """Ready when it has ended with 0."""


Gate = RedisPing | ReadyFile | Consumes | Answers | Ends


@dataclass(frozen=True, slots=True)
class Port:
    """The port of a service, on loopback."""

    default: int
    setting: str
    """The variable that chooses another one."""


@dataclass(frozen=True, slots=True)
class Service:
    """One line of the table."""

    name: str
    group: Group
    gate: Gate
    grace: float
    """Seconds between SIGTERM and SIGKILL."""
    after: tuple[str, ...] = ()
    """What must be ready before it starts; it also stops before them."""
    port: Port | None = None
    aliases: tuple[str, ...] = ()
    procfile: str = PROCFILE
    required: bool = True
    """Whether the platform is of no use without it."""
    ready_seconds: float = 60.0
    queues: tuple[str, ...] = field(default=())


SERVICES: tuple[Service, ...] = (
    Service("redis", "infra", RedisPing(), 10, port=Port(16379, "ORCHCLI_REDIS_PORT"), procfile=LOCAL_PROCFILE),
    Service(
        "mongo",
        "infra",
        ReadyFile("mongo.json"),
        15,
        port=Port(17017, "ORCHCLI_MONGO_PORT"),
        aliases=("mongodb",),
        procfile=LOCAL_PROCFILE,
    ),
    Service(
        "kube",
        "infra",
        ReadyFile("kube.json"),
        45,
        port=Port(16443, "ORCHCLI_KUBE_PORT"),
        procfile=LOCAL_PROCFILE,
        required=False,
        ready_seconds=3600,  # its programs may have to be built; it has limits of its own for each part
    ),
    Service("release", "once", Ends(), 10, after=("redis", "mongo")),
    Service(
        "worker",
        "backend",
        Consumes(("python", "-m", "worker.alive", "worker")),
        60,
        after=("release",),
        queues=("runs", "imports", "default"),
    ),
    Service(
        "worker-builds",
        "backend",
        Consumes(("python", "-m", "worker.alive", "builds")),
        60,
        after=("release",),
        queues=("builds",),
    ),
    Service(
        "watcher",
        "backend",
        Consumes(("python", "-m", "worker.alive", "watcher")),
        15,
        after=("release",),
        queues=("watch", "health", "control"),
    ),
    Service(
        "web",
        "backend",
        Answers((("/healthz", 200), ("/readyz", 200))),
        10,
        after=("worker", "worker-builds", "watcher"),
        port=Port(3000, "KUBEORCH_WEB__PORT"),
    ),
    Service("beat", "backend", Consumes(("python", "-m", "beat.alive")), 5, after=("web",)),
    Service(
        "flower",
        "tools",
        Answers((("/flower/", 401),)),
        5,
        after=("beat",),
        port=Port(5555, "ORCHCLI_FLOWER_PORT"),
        required=False,
    ),
)

ALIASES: dict[str, tuple[str, ...]] = {
    "all": tuple(service.name for service in SERVICES),
    "infra": tuple(service.name for service in SERVICES if service.group == "infra"),
    "backend": tuple(service.name for service in SERVICES if service.group == "backend"),
    "core": tuple(service.name for service in SERVICES if service.group == "backend"),
    **{alias: (service.name,) for service in SERVICES for alias in service.aliases},
}


def resolve(words: tuple[str, ...]) -> list[str]:
    """
    Return the names that words of a command line mean, in start order; all of them for no word.

    :raises NotFound: a word is neither a service nor a group
    """
    known = {service.name for service in SERVICES}
    wanted: set[str] = set()
    for word in words or ("all",):
        if word in known:
            wanted.add(word)
        elif word in ALIASES:
            wanted.update(ALIASES[word])
        else:
            names = ", ".join(service.name for service in SERVICES)
            raise NotFound(f'no service "{word}"', f"the services are {names}; groups are infra, backend, all")
    return [service.name for service in SERVICES if service.name in wanted]


def by_name(name: str) -> Service:
    """Return one line of the table."""
    return next(service for service in SERVICES if service.name == name)
