"""What stands in for the store of plugins in unit tests does as the store does."""

from __future__ import annotations

import pytest

from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.platform import Platform
from shared.plugins.models import OwnPlugin
from shared.plugins.store import PluginStore
from tests.support.fakes.plugins import FakePluginStore


@pytest.fixture(params=["real", "fake"])
def store(request: pytest.FixtureRequest, platform: Platform) -> PluginStore:
    return PluginStore(platform.db) if request.param == "real" else FakePluginStore()


def own(plugin_id: str) -> OwnPlugin:
    at = now()
    return OwnPlugin(id=plugin_id, definition='{"a.b":1}', created_by="root", created_at=at, updated_at=at)


def test_plugins_are_kept_by_id(store: PluginStore) -> None:
    for plugin_id in ("beta", "alpha"):
        store.insert(own(plugin_id))
    assert [plugin.id for plugin in store.list()] == ["alpha", "beta"]
    assert [plugin.id for plugin in store.list(["beta", "ghost"])] == ["beta"]
    assert store.list([]) == []
    assert store.count() == 2
    assert store.find("ghost") is None
    found = store.find("alpha")
    assert found is not None
    assert (found.definition, found.revision, found.created_by) == ('{"a.b":1}', 1, "root")
    with pytest.raises(Conflict) as caught:
        store.insert(own("alpha"))
    assert caught.value.code == "plugin-id-taken"


def test_a_change_needs_the_stored_revision(store: PluginStore) -> None:
    store.insert(own("alpha"))
    assert store.replace("alpha", "{}", revision=1).revision == 2
    with pytest.raises(Conflict) as caught:
        store.replace("alpha", "[]", revision=1)
    assert (caught.value.code, caught.value.details) == ("revision-conflict", {"revision": 2})
    found = store.find("alpha")
    assert found is not None
    assert found.definition == "{}"
    with pytest.raises(NotFound) as missing:
        store.replace("ghost", "{}", revision=1)
    assert missing.value.code == "plugin-not-found"


def test_choices_are_each_persons_and_go_with_the_plugin(store: PluginStore) -> None:
    store.insert(own("alpha"))
    store.enable("ada", "alpha")
    first = store.enabled("ada")
    store.enable("ada", "alpha")
    store.enable("bob", "alpha")
    store.enable("bob", "beta")
    assert store.enabled("ada") == first
    assert set(store.enabled("bob")) == {"alpha", "beta"}
    store.disable("bob", "beta")
    store.disable("bob", "beta")
    assert set(store.enabled("bob")) == {"alpha"}
    store.delete("alpha")
    assert (store.enabled("ada"), store.enabled("bob")) == ({}, {})
    with pytest.raises(NotFound):
        store.delete("alpha")
