from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import TemporaryError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.many import Applied, Apply
from shared.kubernetes.objects import ref_of
from shared.planning.dry_run import make_plan
from shared.planning.plan import Known, Step
from shared.planning.survey import LiveObjects, key_of, owned_hash
from shared.workflows.compile.manifests import compile_graph
from tests.fixtures.workflows.helpers import CONTEXT, graph, node
from tests.support.fake_api import Answer, FakeApi, Request, status
from tests.support.planning import entry

ITEMS = compile_graph(graph(*(node(f"c{number}", "configmap", data={"A": "1"}) for number in range(3))), CONTEXT).items


class Counting(ClusterClient):
    """Answers dry runs as for new objects, and counts them."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def apply(self, manifest: dict[str, Any], **_: object) -> dict[str, Any]:
        self.tried.append(manifest["metadata"]["name"])
        return {**manifest, "metadata": {**manifest["metadata"]}}

    def apply_many(self, applies: Sequence[Apply], done: Applied, **_: object) -> list[int]:
        for number, apply in enumerate(applies):
            done(number, self.apply(apply.manifest))
        return []


def live_of(manifest: dict[str, Any]) -> dict[str, Any]:
    fields = [{"manager": "kubeorch", "fieldsV1": {"f:data": {}}}]
    metadata = {**manifest["metadata"], "uid": f"uid-{manifest['metadata']['name']}", "managedFields": fields}
    return {**manifest, "metadata": metadata}


@pytest.fixture
def known() -> Known:
    """Everything is as the last run left it."""
    lives = [live_of(item.manifest) for item in ITEMS]
    entries = {}
    for item, live in zip(ITEMS, lives, strict=True):
        noted = entry("ConfigMap", live["metadata"]["name"], namespace=live["metadata"]["namespace"])
        update = {"digest": item.digest, "owned": owned_hash(live)}
        entries[key_of(ref_of(item.manifest))] = noted.model_copy(update=update)
    return Known(
        workflow_id=CONTEXT.workflow_id,
        live_objects=LiveObjects({key_of(ref_of(live)): live for live in lives}),
        owned=entries,
    )


def test_what_has_not_moved_is_neither_sent_nor_noted_again(known: Known) -> None:
    client = Counting()
    plan = make_plan(client, ITEMS, known, at_once=4)
    assert client.tried == []
    assert [(step.action, step.is_recorded) for step in plan.steps] == [("unchanged", True)] * 3


def test_only_what_has_moved_is_tried_and_the_order_stays(known: Known) -> None:
    client = Counting()
    second = key_of(ref_of(ITEMS[1].manifest))
    known.owned[second].digest = "another"  # what was compiled has changed
    plan = make_plan(client, ITEMS, known, at_once=4)
    assert client.tried == ["c1"]
    assert [step.item.node_id for step in plan.steps] == ["c0", "c1", "c2"]
    assert [step.is_recorded for step in plan.steps] == [True, False, True]


@pytest.mark.parametrize(
    ("kind", "is_tried", "expected"),
    [
        (("v1", "ConfigMap"), True, "Ignore"),
        (("v1", "ConfigMap"), False, "Strict"),
        (("cert-manager.io/v1", "Certificate"), True, "Strict"),
    ],
)
def test_fields_are_searched_once_where_their_definition_cannot_change(
    kind: tuple[str, str], expected: str, *, is_tried: bool
) -> None:
    manifest = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "x", "namespace": "shop"}}
    assert Step(ITEMS[0], manifest, "create", is_tried=is_tried).field_validation == expected


def test_what_passed_its_dry_run_says_so(known: Known) -> None:
    plan = make_plan(Counting(), ITEMS, replace(known, live_objects=LiveObjects({}), owned={}), at_once=1)
    assert [(step.action, step.is_tried) for step in plan.steps] == [("create", True)] * 3


def test_what_could_not_be_tried_is_searched_when_it_is_applied(known: Known) -> None:
    nothing = replace(known, live_objects=LiveObjects({}), owned={}, missing_namespaces=frozenset({CONTEXT.namespace}))
    plan = make_plan(Counting(), ITEMS, nothing, at_once=1)
    assert [step.field_validation for step in plan.steps] == ["Strict"] * 3


def test_what_the_cluster_did_not_answer_is_tried_once_more(known: Known) -> None:
    hiccups = [Answer(503, status(503, "etcd leader changed"))]

    def respond(request: Request) -> Answer:
        if request.path.endswith("c1") and hiccups:
            return hiccups.pop()
        return Answer(200, request.body)

    with FakeApi() as api:
        api.respond = respond
        client = ClusterClient(Credentials(server=api.url), timeout_seconds=2)
        plan = make_plan(client, ITEMS, replace(known, live_objects=LiveObjects({}), owned={}), at_once=1)
        client.close()
    assert [(step.item.node_id, step.action, step.is_tried) for step in plan.steps] == [
        ("c0", "create", True),
        ("c1", "create", True),
        ("c2", "create", True),
    ]
    asked = [request.path.rpartition("/")[2] for request in api.requests]
    assert sorted(asked) == ["c0", "c1", "c1", "c2"]


def test_of_a_cluster_that_stays_silent_there_is_no_plan(known: Known) -> None:
    with FakeApi() as api:
        api.always = Answer(503, status(503, "etcd leader changed"))
        client = ClusterClient(Credentials(server=api.url), timeout_seconds=2)
        with pytest.raises(TemporaryError, match="etcd leader changed"):
            make_plan(client, ITEMS, replace(known, live_objects=LiveObjects({}), owned={}), at_once=2)
        client.close()
