from __future__ import annotations

from typing import Any

from shared.planning.diff import MASK, compare


def make(kind: str = "ConfigMap", metadata: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web", **(metadata or {})}, **content}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(change.path, change.old, change.new) for change in compare(old, new)]


def containers(*items: dict[str, Any]) -> dict[str, Any]:
    return make("Deployment", spec={"template": {"spec": {"containers": list(items)}}})


def test_what_only_the_server_writes_is_no_change() -> None:
    server = {"uid": "1", "resourceVersion": "5", "generation": 2, "managedFields": [{}], "creationTimestamp": "now"}
    quiet = {"annotations": {"kubeorch.io/version": "2", "deployment.kubernetes.io/revision": "3"}}
    assert changes(make(metadata={**server, **quiet}, status={"a": 1}), make()) == []


def test_a_change_names_its_path_and_both_values() -> None:
    assert changes(make(data={"A": "1", "B": "2"}), make(data={"A": "1", "B": "3", "C": "4"})) == [
        ("data.B", "2", "3"),
        ("data.C", None, "4"),
    ]


def test_named_things_are_compared_by_their_names() -> None:
    old = containers({"name": "web", "image": "nginx:1"}, {"name": "log", "image": "log:1"})
    new = containers({"name": "web", "image": "nginx:2"}, {"name": "log", "image": "log:1"})
    assert changes(old, new) == [("spec.template.spec.containers[web].image", "nginx:1", "nginx:2")]


def test_values_of_secrets_are_masked_but_their_change_is_told() -> None:
    found = changes(make("Secret", data={"token": "b2xk"}), make("Secret", data={"token": "bmV3"}))
    assert found == [("data.token", MASK, MASK)]
    # what is no value of a secret is told
    assert changes(make("Secret", type="Opaque"), make("Secret", type="tls")) == [("type", "Opaque", "tls")]


def test_a_config_map_with_the_same_words_is_not_masked() -> None:
    assert changes(make(data={"token": "old"}), make(data={"token": "new"})) == [("data.token", "old", "new")]


def test_the_order_of_changes_is_fixed() -> None:
    old, new = make(data={"b": "1", "a": "1"}, metadata={"labels": {"z": "1"}}), make(data={"a": "2", "b": "2"})
    assert changes(old, new) == sorted(changes(old, new), key=lambda change: change[0])


def test_annotations_that_people_made_are_compared() -> None:
    assert changes(make(metadata={"annotations": {"team": "shop"}}), make()) == [
        ("metadata.annotations", {"team": "shop"}, None)
    ]
