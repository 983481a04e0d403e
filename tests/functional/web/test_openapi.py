"""The API against its own description: invented requests, signed in and not, on real stores."""

from __future__ import annotations

import re
import socket
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from shared.clock import now
from shared.ids import new_id
from shared.runs.models import Run, Trigger
from tests.functional.web.conftest import Person
from web.services import services_of
from web.tokens import issue

LONGEST_ID = 64
ENDLESS = r"/stream$"
"""Addresses whose answer does not end; test_streams.py reads them."""

Call = Callable[[Any], None]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented addresses of clusters lead nowhere: only loopback has names."""
    ask = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **more: Any) -> Any:
        if host in {"127.0.0.1", "localhost", "::1"}:
            return ask(host, *rest, **more)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", answer)


ONE_IS_A_LIST = {"DELETE /v1/api/workflows/{workflow_id}"}
"""A query with one value is a list of one; the tool takes it for a text that is no list."""

CLUSTER = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
NODES = [{"id": "keys", "type": "secret", "data": {"name": "keys", "keys": ["a"]}}]


class World:
    """Things that exist, made again when a request has deleted them."""

    def __init__(self, app: OpenAPI, owner: Person) -> None:
        self.app = app
        self.found = services_of(app)
        self.owner = owner
        self.ids = {"node_id": "keys", "number": "1"}

    def token(self) -> str:
        """Return a token of a session of its own: some requests end theirs."""
        found = self.found
        opened = found.sessions.start(self.owner.id, address="", agent="")
        self.ids["session_id"] = opened.session.id
        with self.app.app_context():
            self.owner.token = issue(opened.session, opened.access_until)
        return self.owner.token

    def mend(self) -> int:
        """Make what is missing; returns the workflow's revision."""
        db, found = self.found.platform.db, self.found
        if found.stores.clusters.find(self.ids.get("cluster_id", "")) is None:
            db["clusters"].delete_many({})
            self.ids["cluster_id"] = self.owner.call("POST", "/clusters", json=CLUSTER).get_json()["id"]
        workflow = found.stores.workflows.find(self.ids.get("workflow_id", ""))
        if workflow is None or not workflow.nodes or workflow.cluster_id != self.ids["cluster_id"]:
            body = {"name": "shop", "cluster_id": self.ids["cluster_id"], "nodes": NODES}
            made = self.owner.call("POST", "/workflows", json=body).get_json()
            self.ids["workflow_id"] = made["id"]
            self.owner.call("POST", f"/workflows/{made['id']}/versions", json={"name": "first"})
        # the last run has ended, so that the next may start; a queued one is there to be cancelled
        db["workflow_runs"].update_many({}, {"$set": {"status": "completed"}, "$unset": {"active": ""}})
        db["workflows"].update_many({}, {"$set": {"active_run_id": None}})
        run = Run(
            id=new_id(),
            workflow_id=new_id(),
            owner_id=self.owner.id,
            cluster_id=self.ids["cluster_id"],
            namespace="default",
            version=1,
            triggered_by=Trigger(user_id=self.owner.id),
            created_at=now(),
        )
        found.stores.runs.insert(run)
        self.ids["run_id"] = run.id
        return found.stores.workflows.get(self.ids["workflow_id"]).revision


@pytest.fixture
def signed_in(app: OpenAPI, ada: Person, nowhere: None) -> Call:
    """Send a request as the administrator, mostly about things that exist and with the right revision."""
    world = World(app, ada)

    def call(case: Any) -> None:
        token, revision = world.token(), world.mend()
        for name, value in dict(case.path_parameters or {}).items():
            real = world.ids.get(name)
            if real and isinstance(value, str) and len(value) <= LONGEST_ID and zlib.crc32(value.encode()) % 8:
                case.path_parameters[name] = real
        if any(header.name == "If-Match" for header in case.operation.headers) and zlib.crc32(token.encode()) % 4:
            case.headers["If-Match"] = f'"{revision}"'
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        assert response.status_code != 500, response.text
        # what is wrong in a way no schema can say (a name that is taken, no cluster) is refused too, and a cluster
        # that does not answer is 503, which is declared
        excluded = [positive_data_acceptance, ignored_auth, not_a_server_error]
        if response.status_code == 413 or case.operation.label in ONE_IS_A_LIST:
            excluded.append(negative_data_rejection)
        case.validate_response(response, excluded_checks=excluded)

    return call


@pytest.fixture
def anonymous(app: OpenAPI, nowhere: None) -> Call:
    def call(case: Any) -> None:
        case.headers.pop("Authorization", None)
        case.call_and_validate(excluded_checks=[positive_data_acceptance, unsupported_method])

    return call


@pytest.fixture
def description(app: OpenAPI) -> Any:
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", app)


def try_all(description: Any, call: Call, mode: GenerationMode, *, examples: int) -> None:
    """Send invented requests of one kind to every address and name all that was wrong, not only the first."""
    wrong: list[str] = []
    sent = 0

    def counted(case: Any) -> None:
        nonlocal sent
        sent += 1
        call(case)

    for result in description.get_all_operations():
        operation = result.ok()
        if operation.method.upper() == "GET" and re.search(ENDLESS, operation.path):
            continue
        try:
            _try_one(operation, mode, counted, examples)
        except Unsatisfiable:
            # nothing can be wrong about a request without parameters
            continue
        except (AssertionError, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label} ({mode.value}): {_sentences(error)}")
    assert sent > 10 * examples
    assert not wrong, "\n\n".join(wrong)


def _try_one(operation: Any, mode: GenerationMode, call: Call, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        call(case)

    each()


def _sentences(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(_sentences(item) for item in error.exceptions)
    return str(error)


MODES = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)


@MODES
@pytest.mark.timeout(170)
def test_an_administrator_gets_what_the_description_says(
    description: Any, signed_in: Call, mode: GenerationMode
) -> None:
    try_all(description, signed_in, mode, examples=24)


@MODES
@pytest.mark.timeout(170)
def test_nobody_gets_what_the_description_says(description: Any, anonymous: Call, mode: GenerationMode) -> None:
    try_all(description, anonymous, mode, examples=10)
