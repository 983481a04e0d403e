from __future__ import annotations

from shared.kubernetes.objects import ObjectRef
from shared.owned.models import OwnedObject, owned_id
from tests.support.planning import entry


def test_an_entry_names_its_object() -> None:
    assert entry("ConfigMap", "settings").ref == ObjectRef("v1", "ConfigMap", "shop", "settings")
    assert entry("ClusterRole", "reader", namespace=None).ref.namespace is None


def test_the_same_object_of_the_same_workflow_has_one_id() -> None:
    place = ("w1", "c1", "ConfigMap", "shop", "settings")
    assert owned_id(*place) == owned_id(*place)
    others = [
        ("w2", "c1", "ConfigMap", "shop", "settings"),
        ("w1", "c2", "ConfigMap", "shop", "settings"),
        ("w1", "c1", "Secret", "shop", "settings"),
        ("w1", "c1", "ConfigMap", "other", "settings"),
        ("w1", "c1", "ConfigMap", None, "settings"),
        ("w1", "c1", "ConfigMap", "shop", "other"),
    ]
    assert len({owned_id(*place), *(owned_id(*other) for other in others)}) == len(others) + 1


def test_an_entry_comes_back_from_the_database_as_it_was() -> None:
    noted = entry("ConfigMap", "settings", run_env=["MODE"])
    assert OwnedObject.from_mongo(noted.to_mongo()) == noted
