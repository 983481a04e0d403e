"""
Canaries: a marker in every place where a secret is typed, then everything is exercised, failures included.

No marker may be found afterwards in logs, answers, streams, MongoDB, Redis and its file, messages of the queue, or
arguments of processes. One marker that is no secret shows that the search finds what is there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from shared.kubernetes.masking import MASK
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.fake_api import Answer, FakeApi
from tests.support.person import Person
from tests.support.platform import Platform, running_platform
from tests.support.wait import eventually

CANARY = "canary-7f3a9c-"
OPEN = "open-7f3a9c-description"
PASSWORD = f"{CANARY}password"
SECRET = f"{CANARY}secret-value"
FOR_ONE_RUN = f"{CANARY}run-value"
TOKEN_OF_KUBECONFIG = f"{CANARY}kubeconfig-token"
TOKEN_OF_CLUSTER = f"{CANARY}cluster-token"
WRONG_PASSWORD = f"{CANARY}wrong-password"


def kubeconfig(server: str, user: dict[str, Any]) -> str:
    """A kubeconfig, as JSON, which is YAML too."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": user}],
        }
    )


class StrictApi(FakeApi):
    """An API server that may refuse every object of a kind, with the words it is given."""

    refusal: Answer | None = None
    refused = "secrets"

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        if self.refusal is None or handler.command != "PATCH" or f"/{self.refused}/" not in handler.path:
            super()._handle(handler)
            return
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        content = json.dumps(self.refusal.body).encode()
        handler.send_response(self.refusal.status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


@dataclass
class Seen:
    """Everything that came back over HTTP."""

    answers: list[str] = field(default_factory=list)

    def keep(self, answer: httpx.Response) -> None:
        answer.read()
        self.answers.append(f"{answer.request.method} {answer.request.url} {answer.headers} {answer.text}")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Platform]:
    with running_platform(
        tmp_path / "platform",
        runs={"node_seconds": 5, "total_seconds": 20},
        log={"format": "json", "level": "debug"},
    ) as platform:
        yield platform


@pytest.fixture
def fake() -> Iterator[StrictApi]:
    with StrictApi() as made:
        yield made


def sign_in_and_fail_to(platform: Platform, person: Person) -> list[str]:
    """Try every way to type a password wrong; returns the tokens that came."""
    person.sign_up(PASSWORD)
    email = f"{person.name}@example.com"
    for body in (
        {"email": email, "password": WRONG_PASSWORD},
        {"email": "nobody@example.com", "password": WRONG_PASSWORD},
        {"email": email, "password": [WRONG_PASSWORD]},
        {"email": email, "password": WRONG_PASSWORD, WRONG_PASSWORD: 1, "x": WRONG_PASSWORD},
        {"email": email, "password": WRONG_PASSWORD * 200},
        {"refresh_token": WRONG_PASSWORD},
    ):
        place = "refresh" if "refresh_token" in body else "login"
        person.send("POST", f"/auth/{place}", body)
    person.send("POST", "/auth/register", {"name": "x", "email": "x", "password": WRONG_PASSWORD})
    raw = httpx.post(
        f"{platform.url}/v1/api/auth/login",
        content=b'{"password": "' + WRONG_PASSWORD.encode() + b'"',
        headers={"Content-Type": "application/json"},
    )
    assert raw.status_code == 422
    assert WRONG_PASSWORD not in raw.text
    signed_in = httpx.post(f"{platform.url}/v1/api/auth/login", json={"email": email, "password": PASSWORD}).json()
    body = {"refresh_token": signed_in["refresh_token"]}
    refreshed = httpx.post(f"{platform.url}/v1/api/auth/refresh", json=body).json()
    forged = httpx.get(f"{platform.url}/v1/api/profile", headers={"Authorization": f"Bearer {TOKEN_OF_CLUSTER}"})
    assert forged.status_code == 401
    tokens = [person.token]
    for answer in (signed_in, refreshed):
        tokens += [answer["access_token"], answer["refresh_token"]]
    return tokens


def connect_and_fail_to(person: Person, fake: StrictApi) -> str:
    """Connect clusters in every way, and wrongly; returns the one that was stored."""
    cluster_id = person.connect(kubeconfig(fake.url, {"token": TOKEN_OF_KUBECONFIG}), save_untested=True)
    token = {"auth_type": "token", "token": TOKEN_OF_CLUSTER}
    stored = {"name": "other", "server": "http://127.0.0.1:1", "save_untested": True, **token}
    other: str = person.call("POST", "/clusters", stored, status=201)["id"]
    executable = {"exec": {"command": "x", "env": [{"name": "a", "value": TOKEN_OF_KUBECONFIG}]}}
    for body in (
        {"name": "other", "server": "http://127.0.0.1:1", "save_untested": True, **token},
        {"name": "third", "server": "http://127.0.0.1:1", **token},
        {"name": "third", "server": f"ftp://{TOKEN_OF_CLUSTER}@x", **token},
        {"name": "Not Valid", "server": "http://127.0.0.1:1", **token},
        {"name": "third", "auth_type": "kubeconfig", "kubeconfig": f"{{{{ {TOKEN_OF_KUBECONFIG}"},
        {"name": "third", "auth_type": "kubeconfig", "kubeconfig": [TOKEN_OF_KUBECONFIG]},
        {"name": "third", "auth_type": "kubeconfig", "kubeconfig": kubeconfig(fake.url, executable)},
        {"name": "third", "auth_type": "kubeconfig", "kubeconfig": kubeconfig("x", {"token": TOKEN_OF_KUBECONFIG})},
        {"name": "third", "auth_type": "kubeconfig", "kubeconfig": TOKEN_OF_KUBECONFIG, "surprise": "x"},
    ):
        answer = person.send("POST", "/clusters", body)
        assert answer.status_code in {409, 422}, answer.text
        person.send("POST", "/clusters/test", body)
    for place in (cluster_id, other):
        person.call("POST", f"/clusters/{place}/refresh")
        person.get(f"/clusters/{place}")
    return cluster_id


SHOP = graph(
    web(),
    node("keys", "secret", name="keys", keys=["password"]),
    wire("keys", "web", "secret-env"),
)


def draw_and_run(platform: Platform, person: Person, fake: StrictApi, cluster_id: str) -> list[str]:
    """Write secret values, rightly and wrongly, look at everything, and run into every kind of end."""
    workflow_id = person.create("shop", SHOP, cluster_id=cluster_id, namespace="shop")
    place = f"/workflows/{workflow_id}"
    revision = person.get(place)["revision"]
    person.call("PUT", place, {"description": OPEN}, If_Match=f'"{revision}"')
    person.call("PUT", f"{place}/secrets/keys", {"values": {"password": SECRET}})
    for body in (
        {"values": {"unknown": SECRET}},
        {"values": {"password": [SECRET]}},
        {"values": {"password": SECRET * 100_000}},
        {"values": SECRET},
    ):
        assert person.send("PUT", f"{place}/secrets/keys", body).status_code in {413, 422}
    for path in ("/secrets/keys", "/manifests", "/manifests?format=yaml", "/export?format=yaml", "/status", ""):
        assert person.send("GET", f"{place}{path}").status_code == 200, path
    stream = person.follow_workflow(workflow_id)
    brought = {
        "trigger_data": {"secrets": {"keys": {"password": FOR_ONE_RUN}}, "env_vars": {"web": {"MODE": FOR_ONE_RUN}}}
    }
    ways: list[tuple[Answer | None, dict[str, Any] | None]] = [
        (None, None),
        (Answer(401, {"message": TOKEN_OF_KUBECONFIG}), brought),
        (repeating(FOR_ONE_RUN), brought),
        (repeating(SECRET), None),
        (repeating(FOR_ONE_RUN, kind="deployments"), brought),
    ]
    for refusal, wanted in ways:
        fake.refusal = refusal
        fake.refused = refusal.body["details"]["kind"] if refusal and "details" in refusal.body else "secrets"
        # the message waits in the queue while it is looked at
        platform.stop("worker")
        run_id = person.call("POST", f"{place}/run", wanted, status=202)["id"]
        assert queued(platform), "the message is there to be searched"
        assert not platform.search(CANARY), refusal
        platform.start("worker")
        run = person.follow(f"/runs/{run_id}/stream")
        wait_for_the_end(person, run_id)
        run.close()
    fake.refusal = None
    person.get(f"{place}/versions")
    stream.close()
    return [str(event) for event in stream.events]


def repeating(value: str, *, kind: str = "secrets") -> Answer:
    """An API server that repeats in its refusal what it was sent, as an admission webhook may."""
    coded = base64.b64encode(value.encode()).decode()
    message = f'Secret "keys" is invalid: data[password]: Invalid value: "{value}", {coded}'
    causes = [{"field": "data[password]", "message": f'Invalid value: "{value}"'}]
    return Answer(422, {"kind": "Status", "code": 422, "message": message, "details": {"kind": kind, "causes": causes}})


def wait_for_the_end(person: Person, run_id: str) -> None:
    eventually(lambda: ended(person, run_id), timeout=60, what="the end of the run")


def ended(person: Person, run_id: str) -> str:
    status: str = person.get(f"/runs/{run_id}")["status"]
    return status if status in {"completed", "failed", "cancelled", "planned"} else ""


def queued(platform: Platform) -> list[bytes]:
    with redis.Redis.from_url(platform.settings.broker.url.get_secret_value()) as client:
        found: list[bytes] = client.lrange("runs", 0, -1)
        return found


def forms(marker: str) -> list[str]:
    """A marker as it is, and as Secrets and basic authentication write it."""
    return [marker, base64.b64encode(marker.encode()).decode().rstrip("=")]


@pytest.mark.timeout(170)
def test_no_secret_is_found_anywhere(installation: Platform, fake: StrictApi) -> None:
    platform, seen = installation, Seen()
    person = Person(platform.url, "ada")
    tokens = sign_in_and_fail_to(platform, person)
    person._client.event_hooks["response"] = [seen.keep]

    cluster_id = connect_and_fail_to(person, fake)
    seen.answers += draw_and_run(platform, person, fake, cluster_id)
    person.close()

    assert any(request.body and SECRET in json.dumps(request.body) for request in fake.requests) or any(
        base64.b64encode(SECRET.encode()).decode() in json.dumps(request.body) for request in fake.requests
    ), "the secret has reached the cluster, so it was there to be lost"
    assert platform.search(OPEN), "what is no secret is found"
    assert any(OPEN in answer for answer in seen.answers)
    assert any("Invalid value" in answer and json.dumps(MASK)[1:-1] in answer for answer in seen.answers), (
        "the cluster's refusal has reached the run"
    )
    aof = b"".join(path.read_bytes() for path in (platform.directory / "redis").rglob("*.aof"))
    assert b"workflow:" in aof
    found: list[str] = []
    secrets = [PASSWORD, WRONG_PASSWORD, SECRET, FOR_ONE_RUN, TOKEN_OF_KUBECONFIG, TOKEN_OF_CLUSTER]
    for marker in [form for secret in secrets for form in forms(secret)] + tokens:
        found += [f"{marker[:40]} in {place}" for place in platform.search(marker)]
        found += [f"{marker[:40]} in answer {answer[:300]}" for answer in seen.answers if marker in answer]
        if marker.encode() in aof:
            found.append(f"{marker[:40]} in Redis' file")
        found += [f"{marker[:40]} in arguments of {pid}" for pid in arguments_with(marker)]
    for value in (platform.settings.keyring, platform.settings.secret_key, platform.settings.jwt.secret):
        found += [f"a key of the platform in {place}" for place in platform.search(value.get_secret_value())]
        found += [f"a key of the platform in arguments of {pid}" for pid in arguments_with(value.get_secret_value())]
    assert not found, "\n".join(item[:420] for item in found)


def arguments_with(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in path.read_bytes().decode(errors="replace"):
                found.append(path.parent.name)
        except OSError:
            # it has ended meanwhile
            continue
    return found
