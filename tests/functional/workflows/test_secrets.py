"""Values of secrets in MongoDB: sealed, written one by one, never given back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.errors import InvalidInput, NeedsReentry, NotFound
from shared.platform import Platform
from shared.workflows.models import Workflow
from shared.workflows.previews import Previews
from shared.workflows.secret_actions import WorkflowSecrets
from shared.workflows.secrets import SecretStore
from tests.fixtures.workflows.helpers import graph, node, web
from tests.functional.workflows.conftest import ANA, PERSON, save


@pytest.fixture
def with_secret(platform: Platform, workflow: Workflow) -> Workflow:
    return save(platform, workflow, graph(node("key", "secret", keys=["TOKEN", "tls.crt"]), web()))


def put(platform: Platform, workflow: Workflow, values: dict[str, str | None], node_id: str = "key") -> list[Any]:
    known = WorkflowSecrets.over(platform).put(ANA, workflow.id, node_id, values)
    return [(key.key, key.set) for key in known.keys]


def test_values_are_written_kept_and_removed_one_by_one(
    platform: Platform, with_secret: Workflow, secrets: SecretStore
) -> None:
    assert put(platform, with_secret, {"TOKEN": "one"}) == [("TOKEN", True), ("tls.crt", False)]
    assert put(platform, with_secret, {"tls.crt": "päm\n"}) == [("TOKEN", True), ("tls.crt", True)]
    before = secrets.current_versions(with_secret.id, ["key", "other"])
    assert put(platform, with_secret, {"TOKEN": None}) == [("TOKEN", False), ("tls.crt", True)]
    after = secrets.current_versions(with_secret.id, ["key"])
    assert secrets.read(with_secret.id, before).values == {"key": {"TOKEN": b"one", "tls.crt": "päm\n".encode()}}
    assert secrets.read(with_secret.id, after).values == {"key": {"tls.crt": "päm\n".encode()}}
    assert secrets.read(with_secret.id, after).versions == after


def test_nothing_of_a_value_is_stored_in_clear_or_given_back(
    platform: Platform, with_secret: Workflow, previews: Previews
) -> None:
    marker = "canary-6f1d0a"
    put(platform, with_secret, {"TOKEN": marker})
    everything = [str(row) for name in platform.db.list_collection_names() for row in platform.db[name].find()]
    assert everything
    assert not [row for row in everything if marker in row]
    preview = previews.manifests(ANA, with_secret.id)
    assert marker not in preview.model_dump_json()
    assert "•••" in preview.model_dump_json()


def test_only_keys_of_a_secret_node_can_be_written(platform: Platform, with_secret: Workflow) -> None:
    with pytest.raises(InvalidInput) as caught:
        put(platform, with_secret, {"TOKEN": "x", "OTHER": "y"})
    assert [field.path for field in caught.value.fields] == ["values.OTHER"]
    for node_id in ("web", "ghost"):
        with pytest.raises(NotFound):
            put(platform, with_secret, {"TOKEN": "x"}, node_id=node_id)
    with pytest.raises(InvalidInput):
        put(platform, with_secret, {"TOKEN": "x" * (1024 * 1024)})


def test_a_value_whose_key_is_gone_needs_re_entry(platform: Platform, with_secret: Workflow) -> None:
    from shared.crypto import KeyRing

    put(platform, with_secret, {"TOKEN": "x"})
    other = SecretStore(platform.db, KeyRing({"other": b"0" * 32}))
    known = other.keys(with_secret.id, "key", ["TOKEN"])
    assert (known.keys[0].set, known.keys[0].needs_reentry) == (True, True)
    with pytest.raises(NeedsReentry) as caught:
        other.read(with_secret.id, other.current_versions(with_secret.id, ["key"]))
    assert caught.value.details == {"node_id": "key", "key": "TOKEN"}


def test_values_moved_to_another_workflow_do_not_open(platform: Platform, with_secret: Workflow) -> None:
    put(platform, with_secret, {"TOKEN": "x"})
    platform.db["workflow_secrets"].update_many({}, {"$set": {"workflow_id": "another"}})
    store = SecretStore(platform.db, platform.keyring)
    with pytest.raises(NeedsReentry):
        store.read("another", store.current_versions("another", ["key"]))


def test_values_written_at_once_are_all_kept(platform: Platform, workflow: Workflow, secrets: SecretStore) -> None:
    def write(number: int) -> None:
        secrets.put(workflow.id, "key", {f"K{number}": str(number)}, by=PERSON)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(6)))
    found = secrets.read(workflow.id, secrets.current_versions(workflow.id, ["key"]))
    assert found.values["key"] == {f"K{number}": str(number).encode() for number in range(6)}
