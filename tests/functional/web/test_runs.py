"""Starting runs over HTTP: once per key, one at a time, and stored when the queue is away."""

from __future__ import annotations

import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from celery.signals import before_task_publish
from flask_openapi3.openapi import OpenAPI

from shared.errors import StorageUnavailable
from shared.platform import Platform
from tests.functional.web.conftest import Person
from tests.support.files import ROOT


@pytest.fixture
def workflow(ada: Person) -> dict[str, Any]:
    """A workflow with a cluster, ready to run."""
    body = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    cluster = ada.call("POST", "/clusters", json=body).get_json()
    answer = ada.call("POST", "/workflows", json={"name": "shop", "cluster_id": cluster["id"]})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.get_json()
    return found


def run(person: Person, workflow: dict[str, Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return person.call("POST", f"/workflows/{workflow['id']}/run", headers=headers)


def test_a_run_is_accepted_with_its_address(ada: Person, workflow: dict[str, Any], platform: Platform) -> None:
    answer = run(ada, workflow)
    assert answer.status_code == 202
    found = answer.get_json()
    assert answer.headers["Location"] == f"/v1/api/runs/{found['id']}"
    assert (
        ada.client.get(answer.headers["Location"], headers={"Authorization": f"Bearer {ada.token}"}).get_json()[
            "status"
        ]
        == "queued"
    )
    assert platform.queue.lengths()["runs"] == 1


def test_a_second_run_is_told_the_first_ones_id(ada: Person, workflow: dict[str, Any]) -> None:
    first = run(ada, workflow).get_json()
    second = run(ada, workflow)
    assert (second.status_code, second.get_json()["code"]) == (409, "run-active")
    assert second.get_json()["run_id"] == first["id"]


def test_the_same_key_gives_the_same_run_and_another_key_another(
    ada: Person, workflow: dict[str, Any], platform: Platform
) -> None:
    first, again = run(ada, workflow, "k1"), run(ada, workflow, "k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.get_json()["id"] == again.get_json()["id"]
    assert platform.queue.lengths()["runs"] == 1
    assert run(ada, workflow, "k2").status_code == 409
    assert ada.call("POST", f"/runs/{first.get_json()['id']}/cancel").get_json()["status"] == "cancelled"
    assert run(ada, workflow, "k1").get_json()["status"] == "cancelled"
    other = run(ada, workflow, "k2")
    assert other.status_code == 202
    assert other.get_json()["id"] != first.get_json()["id"]


def test_the_same_request_many_times_at_once_starts_one_run(
    app: OpenAPI, ada: Person, workflow: dict[str, Any], platform: Platform
) -> None:
    def send(_: int) -> tuple[int, str]:
        answer = app.test_client().post(
            f"/v1/api/workflows/{workflow['id']}/run",
            headers={"Authorization": f"Bearer {ada.token}", "Idempotency-Key": "once"},
        )
        return answer.status_code, answer.get_json().get("id")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(16)))
    assert len(answers) == 1, answers
    assert answers.pop()[0] == 202
    assert platform.db["workflow_runs"].count_documents({}) == 1
    assert platform.queue.lengths()["runs"] == 1


def test_keys_of_different_people_do_not_meet(ada: Person, bob: Person, workflow: dict[str, Any]) -> None:
    assert run(ada, workflow, "k").status_code == 202
    assert run(bob, workflow, "k").status_code == 404


def test_a_key_that_is_none_is_refused(ada: Person, workflow: dict[str, Any]) -> None:
    answer = run(ada, workflow, "not a key")
    assert answer.status_code == 422
    assert [item["path"] for item in answer.get_json()["fields"]] == ["Idempotency-Key"]


def test_a_key_whose_run_could_not_start_may_be_used_again(ada: Person) -> None:
    workflow = ada.call("POST", "/workflows", json={"name": "later"}).get_json()
    assert run(ada, workflow, "k").get_json()["code"] == "no-cluster"
    body = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    cluster = ada.call("POST", "/clusters", json=body).get_json()
    ada.call("PUT", f"/workflows/{workflow['id']}", json={"cluster_id": cluster["id"]}, headers={"If-Match": '"1"'})
    assert run(ada, workflow, "k").status_code == 202


def test_what_is_stored_is_accepted_when_the_queue_is_away(
    ada: Person, workflow: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr("shared.broker.TaskQueue.enqueue", away)
    assert run(ada, workflow).status_code == 202
    body = {"name": "other", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    assert ada.call("POST", "/clusters", json=body).status_code == 201


def test_the_way_from_the_view_to_the_queue_is_short(ada: Person, workflow: dict[str, Any]) -> None:
    """Whoever follows a request reads few files: at most eight of ours call each other until the run is sent."""
    ways: list[list[str]] = []

    def look(**_message: object) -> None:
        files = [Path(frame.filename).resolve() for frame in traceback.extract_stack()]
        ours = [path.relative_to(ROOT).as_posix() for path in files if path.is_relative_to(ROOT)]
        ways.append([name for name in ours if name.startswith(("web/", "shared/"))])

    before_task_publish.connect(look)
    try:
        assert run(ada, workflow, "k1").status_code == 202
    finally:
        before_task_publish.disconnect(look)
    way = ways[0][ways[0].index("web/api/runs.py") :]
    assert way[-1] == "shared/broker.py"
    assert len(set(way)) <= 8, way
