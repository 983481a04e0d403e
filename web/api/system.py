"""Health, readiness, version and the API's own description."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from gevent import Timeout, joinall, killall, spawn
from pydantic import BaseModel, ConfigDict

from shared.access import Verb, require
from shared.log import get_logger
from shared.storage.schema import level, target_level
from web.api.answers import problems, public_problems
from web.api.common import SIGNED_IN
from web.auth import public
from web.services import Services, actor, dump, services

log = get_logger(__name__)

CHECK_SECONDS = 1.0
CACHE_SECONDS = 2.0
READINESS = "kubeorch-readiness"

api = APIBlueprint("system", __name__, abp_tags=[Tag(name="system")])


class Health(BaseModel):
    """This process answers."""

    status: str


class Dependency(BaseModel):
    """Something this process needs."""

    name: str
    required: bool
    ok: bool
    latency_ms: float


class Readiness(BaseModel):
    """Whether this process can do its work."""

    status: str
    version: str
    checks: list[Dependency]


class About(BaseModel):
    """What answers here."""

    name: str
    version: str
    links: dict[str, str]


class Description(BaseModel):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


class SystemStatus(BaseModel):
    """The platform's insides, for administrators."""

    readiness: Readiness
    queues: dict[str, int]
    listeners: int


@api.get("/healthz", responses={200: Health, **public_problems()}, summary="This process answers")
@public
def healthz() -> dict[str, Any]:
    """Answer; nothing else is touched."""
    return dump(Health(status="ok"))


@api.get("/readyz", responses={**public_problems(), 200: Readiness, 503: Readiness}, summary="Its dependencies answer")
@public
def readyz() -> Response:
    """Ask every dependency at once, each for a second at most."""
    found = _readiness(services())
    response = jsonify(dump(found))
    response.status_code = 200 if found.status == "ready" else 503
    return response


def _readiness(found: Services) -> Readiness:
    """Return this process' last look at its dependencies, two seconds old at most."""
    known = current_app.extensions.get(READINESS)
    if known is not None and time.monotonic() - known[0] < CACHE_SECONDS:
        answer: Readiness = known[1]
        return answer
    tasks = _dependencies(found)
    jobs = [spawn(_check_dependency, name, ask) for name, ask in tasks]
    joinall(jobs, timeout=CHECK_SECONDS * 2)
    killall(jobs, block=False)
    checks = [
        job.value
        if isinstance(job.value, Dependency)
        else Dependency(name=name, required=True, ok=False, latency_ms=CHECK_SECONDS * 1000)
        for job, (name, _) in zip(jobs, tasks, strict=True)
    ]
    ready = all(check.ok for check in checks if check.required)
    answer = Readiness(
        status="ready" if ready else "unready", version=str(current_app.config.get("VERSION", "")), checks=checks
    )
    current_app.extensions[READINESS] = (time.monotonic(), answer)
    return answer


def _dependencies(found: Services) -> list[tuple[str, Callable[[], bool]]]:
    return [
        ("mongodb", lambda: bool(found.platform.db.client.admin.command("ping")["ok"])),
        ("redis", lambda: bool(found.platform.redis.ping())),
        ("broker", lambda: bool(found.platform.queue.lengths())),
        ("schema", lambda: level(found.platform.db) == target_level()),
        ("keyring", lambda: bool(found.platform.keyring.ids)),
    ]


def _check_dependency(name: str, ask: Callable[[], bool]) -> Dependency:
    began = time.perf_counter()
    try:
        with Timeout(CHECK_SECONDS):
            ok = ask()
    except (Exception, Timeout):  # noqa: BLE001 - whatever a dependency does, the answer is that it is not ready
        log.warning("check_failed", check=name)
        ok = False
    return Dependency(name=name, required=True, ok=ok, latency_ms=round((time.perf_counter() - began) * 1000, 1))


@api.get("/v1", responses={200: About, **public_problems()}, summary="What answers here")
@public
def about() -> dict[str, Any]:
    """Name, version and where to go on."""
    links = {"openapi": "/v1/openapi.json", "methods": "/v1/api/auth/methods", "health": "/readyz"}
    return dump(About(name="KubeOrch", version=str(current_app.config.get("VERSION", "")), links=links))


@api.get("/v1/openapi.json", responses={200: Description, **public_problems()}, summary="This description")
@public
def openapi() -> dict[str, Any]:
    """Return the API's description."""
    document: dict[str, Any] = current_app.api_doc  # type: ignore[attr-defined]
    return document


@api.get("/v1/api/version", security=SIGNED_IN, responses={200: About, **problems()}, summary="The running version")
def version() -> dict[str, Any]:
    """Return the version; the interface reloads itself when it changes."""
    require(actor(), Verb.SEE, None)
    described: dict[str, Any] = about()
    return described


@api.get("/v1/api/system/status", security=SIGNED_IN, responses={200: SystemStatus, **problems(403)}, summary="Insides")
def status() -> dict[str, Any]:
    """Return queues and streams; administrators only."""
    require(actor(), Verb.ADMINISTER, None, what="platform")
    found = services()
    queues = found.platform.queue.lengths()
    return dump(SystemStatus(readiness=_readiness(found), queues=queues, listeners=found.hub.listeners))
