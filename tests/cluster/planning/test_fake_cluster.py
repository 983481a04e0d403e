"""The cluster in memory that unit tests use answers as an API server does, as far as runs and plans ask."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shared.errors import ClusterRefused, KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import parse_kubeconfig
from shared.kubernetes.connection.many import Apply
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.planning import immutable
from shared.planning.survey import owned_hash
from tests.fixtures.workflows.crds import DATABASE, crd
from tests.support.fakes.cluster import FakeCluster
from tests.support.kube import Kube
from tests.support.wait import eventually

HOLD = "shop.example.com/hold"


class Place:
    """One namespace of a cluster."""

    def __init__(self, client: ClusterClient, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    def ref(self, name: str = "settings") -> ObjectRef:
        """Return what names a ConfigMap."""
        return ObjectRef("v1", "ConfigMap", self.namespace, name)

    def settings(self, name: str = "settings", *, labels: dict[str, str] | None = None, **content: Any) -> Manifest:
        """Return a ConfigMap as it is applied."""
        metadata = {"name": name, "namespace": self.namespace, "labels": labels or {"app": "shop"}}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **content}

    def workload(self, image: str = "nginx:1", **spec: Any) -> Manifest:
        """Return a Deployment as it is applied; it has no pods."""
        labels = {"app": "web"}
        pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
        whole = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod, **spec}
        metadata = {"name": "web", "namespace": self.namespace}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": whole}

    def live(self, name: str = "settings") -> Manifest:
        """Return a ConfigMap that is there."""
        found = self.client.get(self.ref(name))
        assert found is not None
        return found

    def refusal(self, manifest: Manifest, **how: Any) -> ClusterRefused:
        """Return why a manifest is not applied."""
        with pytest.raises(ClusterRefused) as caught:
            self.client.apply(manifest, **how)
        return caught.value


@pytest.fixture(params=["real", "fake"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "fake":
        return Place(FakeCluster("shop"), "shop")
    return Place(request.getfixturevalue("client"), request.getfixturevalue("namespace"))


def test_what_is_applied_is_there_with_its_uid_and_version(place: Place) -> None:
    assert place.client.get(place.ref()) is None
    made = place.client.apply(place.settings(data={"A": "1"}))
    live = place.live()
    assert (live["data"], live["apiVersion"], live["kind"]) == ({"A": "1"}, "v1", "ConfigMap")
    for field in ("uid", "resourceVersion", "creationTimestamp"):
        assert made["metadata"][field] == live["metadata"][field] != ""


def test_the_same_again_changes_nothing(place: Place) -> None:
    first = place.client.apply(place.settings(data={"A": "1"}))
    again = place.client.apply(place.settings(data={"A": "1"}))
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert owned_hash(again) == owned_hash(first) != ""


def test_a_dry_run_changes_nothing_and_names_no_version_of_what_is_new(place: Place) -> None:
    tried = place.client.apply(place.settings(data={"A": "1"}), dry_run=True)
    assert (tried["data"], tried["metadata"].get("resourceVersion")) == ({"A": "1"}, None)
    assert place.client.get(place.ref()) is None
    place.client.apply(place.settings(data={"A": "1"}))
    tried = place.client.apply(place.settings(data={"A": "2"}), dry_run=True)
    assert tried["data"] == {"A": "2"}
    assert tried["metadata"]["resourceVersion"] == place.live()["metadata"]["resourceVersion"]
    assert place.live()["data"] == {"A": "1"}


def test_what_is_left_out_goes_and_what_others_manage_stays(place: Place) -> None:
    place.client.apply(place.settings(data={"A": "1", "B": "2"}))
    place.client.apply(place.settings(data={"C": "3"}), field_manager="somebody")
    place.client.apply(place.settings(data={"A": "1"}))
    assert place.live()["data"] == {"A": "1", "C": "3"}


def test_a_field_of_somebody_else_is_named_and_taken_only_by_force(place: Place) -> None:
    place.client.apply(place.settings(data={"A": "theirs", "B": "same"}), field_manager="somebody")
    error = place.refusal(place.settings(data={"A": "ours", "B": "same"}))
    causes: Any = error.details["causes"]
    assert error.code == "cluster-conflict"
    assert [(cause["field"], cause["message"].startswith('conflict with "somebody"')) for cause in causes] == [
        (".data.A", True)
    ]
    assert place.live()["data"]["A"] == "theirs"
    place.client.apply(place.settings(data={"A": "ours", "B": "same"}), force=True)
    assert place.live()["data"]["A"] == "ours"
    assert place.refusal(place.settings(data={"A": "theirs"}), field_manager="somebody").code == "cluster-conflict"


def test_a_field_of_a_named_item_is_spoken_of_by_its_name(place: Place) -> None:
    place.client.apply(place.workload("nginx:1"), field_manager="somebody")
    error = place.refusal(place.workload("nginx:2"))
    causes: Any = error.details["causes"]
    assert [cause["field"] for cause in causes] == ['.spec.template.spec.containers[name="web"].image']


def test_a_field_that_somebody_else_takes_over_changes_the_hash_of_ours(place: Place) -> None:
    before = place.client.apply(place.workload())
    scaled = place.workload() | {"spec": {"replicas": 1}}
    after = place.client.apply(scaled, field_manager="somebody", force=True)
    assert owned_hash(after) != owned_hash(before)
    assert after["spec"]["replicas"] == 1
    managers = {entry["manager"] for entry in after["metadata"]["managedFields"] if not entry.get("subresource")}
    assert managers >= {"kubeorch", "somebody"}


def test_a_change_of_what_is_wanted_is_a_new_generation(place: Place) -> None:
    first = place.client.apply(place.workload("nginx:1"))
    second = place.client.apply(place.workload("nginx:2"))
    assert (first["metadata"]["generation"], second["metadata"]["generation"]) == (1, 2)


def test_what_cannot_be_changed_is_named_by_its_field(place: Place) -> None:
    place.client.apply(place.settings(data={"A": "1"}, immutable=True))
    error = place.refusal(place.settings(data={"A": "2"}, immutable=True))
    assert (error.code, immutable.fields_of(error)) == ("cluster-invalid", ("data",))
    assert place.refusal(place.settings(data={"A": "2"}, immutable=True), dry_run=True).code == "cluster-invalid"


def test_lists_choose_by_label_and_do_not_say_what_built_in_objects_are(place: Place) -> None:
    place.client.apply(place.settings("one", labels={"app": "shop", "part": "a"}))
    place.client.apply(place.settings("two", labels={"app": "shop"}))

    def names(selector: str) -> list[str]:
        items, version = place.client.list("v1", "ConfigMap", namespace=place.namespace, label_selector=selector)
        assert version != ""
        assert not any({"apiVersion", "kind"} & item.keys() for item in items)
        return [item["metadata"]["name"] for item in items]

    assert [names(text) for text in ("app=shop", "app=shop,part=a", "part", "app=other")] == [
        ["one", "two"],
        ["one"],
        ["one"],
        [],
    ]


def test_an_object_is_deleted_by_its_uid_alone(place: Place) -> None:
    uid = place.client.apply(place.settings())["metadata"]["uid"]
    with pytest.raises(ClusterRefused) as caught:
        place.client.delete(place.ref(), uid=str(uuid.uuid4()))
    assert caught.value.code == "cluster-conflict"
    assert place.client.delete(place.ref(), uid=uid, propagation="Background")
    assert place.client.get(place.ref()) is None
    assert not place.client.delete(place.ref())


def test_a_finalizer_holds_what_is_deleted(place: Place) -> None:
    held = place.settings()
    held["metadata"]["finalizers"] = [HOLD]
    place.client.apply(held)
    assert place.client.delete(place.ref(), propagation="Background")
    live = place.live()
    assert live["metadata"]["deletionTimestamp"] != ""
    assert live["metadata"]["finalizers"] == [HOLD]
    if isinstance(place.client, FakeCluster):
        return
    place.client.apply(place.settings())


def test_a_namespace_that_is_missing_is_said(place: Place) -> None:
    nowhere = Place(place.client, "nowhere")
    error = nowhere.refusal(nowhere.settings())
    assert (error.code, "nowhere" in error.message) == ("cluster-not-found", True)
    assert nowhere.client.list("v1", "ConfigMap", namespace="nowhere")[0] == []
    assert nowhere.client.get(nowhere.ref()) is None


def test_a_kind_is_unknown_until_its_definition_is_there(place: Place) -> None:
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    definition = crd("Database", DATABASE, group=group)
    metadata = {"name": "db", "namespace": place.namespace}
    spec = {"engine": "postgres", "storage": "1Gi", "noBackup": {}}
    database = {"apiVersion": f"{group}/v1", "kind": "Database", "metadata": metadata, "spec": spec}
    for ask in (
        lambda: place.client.list(f"{group}/v1", "Database", namespace=place.namespace),
        lambda: place.client.apply(database),
        lambda: place.client.resource_for(f"{group}/v1", "Database"),
    ):
        with pytest.raises(NotFound) as caught:
            ask()
        assert caught.value.code == "kind-unknown"
    place.client.apply(definition)
    try:
        eventually(lambda: applied(place, database), timeout=60, what="the kind is served")
        [item] = place.client.list(f"{group}/v1", "Database", namespace=place.namespace)[0]
        assert (item["kind"], item["spec"]["engine"]) == ("Database", "postgres")
    finally:
        name = ObjectRef("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, f"databases.{group}")
        place.client.delete(name, propagation="Background")


def applied(place: Place, manifest: Manifest) -> bool:
    """Whether a manifest could be applied, once its kind is served."""
    try:
        place.client.apply(manifest)
    except NotFound:
        return False
    except ClusterRefused as error:
        # where the group is known already, its kinds are not found for a moment
        if error.code == "cluster-not-found":
            return False
        raise
    return True


def test_many_are_applied_in_one_go_and_each_is_told(place: Place) -> None:
    place.client.apply(place.settings("taken", data={"A": "theirs"}), field_manager="somebody")
    wanted = [place.settings("one"), place.settings("taken", data={"A": "ours"}), place.settings("two")]
    begun: list[int] = []
    told: dict[int, str] = {}

    def take(number: int, outcome: Manifest | KubeOrchError) -> None:
        told[number] = outcome.code if isinstance(outcome, KubeOrchError) else outcome["metadata"]["name"]

    applies = [Apply(manifest) for manifest in wanted]
    left = place.client.apply_many(applies, take, at_once=2, go_on=lambda: begun.append(1))
    assert (list(left), len(begun)) == ([], 3)
    assert told == {0: "one", 1: "cluster-conflict", 2: "two"}
    again = place.client.apply_many([Apply(place.settings("three"), dry_run=True)], take, at_once=2, go_on=lambda: None)
    assert list(again) == []
    assert place.client.get(place.ref("three")) is None


def test_whoever_may_everything_is_told_so(place: Place) -> None:
    resource = place.client.resource_for("v1", "ConfigMap")
    assert place.client.can_i("delete", resource, place.namespace)[0] is True


@pytest.fixture(params=["real", "fake"])
def little(request: pytest.FixtureRequest) -> Place:
    """Credentials that may only look at ConfigMaps and change those that are there."""
    if request.param == "fake":
        cluster = FakeCluster("shop")
        cluster.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there", "namespace": "shop"}})
        denied = {(verb, "secrets") for verb in ("get", "list", "patch", "create", "delete")}
        cluster.denied = {("create", "configmaps"), ("delete", "configmaps"), *denied}
        return Place(cluster, "shop")
    kube: Kube = request.getfixturevalue("kube")
    namespace: str = request.getfixturevalue("namespace")
    return Place(limited(kube, namespace), namespace)


def limited(kube: Kube, namespace: str) -> ClusterClient:
    """Return a client with few rights in a namespace."""
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "patch"]}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "few"}, "rules": rules}
    there = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there"}}
    kube.apply(
        role, there, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "few"}}, namespace=namespace
    )
    kube.run("create", "rolebinding", "few", "--role=few", f"--serviceaccount={namespace}:few", "-n", namespace)
    token = kube.run("create", "token", "few", "-n", namespace).strip()
    whole = parse_kubeconfig(kube.text)
    return ClusterClient(whole.model_copy(update={"token": token, "client_certificate": None, "client_key": None}))


def test_what_may_not_be_done_is_refused_as_such(little: Place) -> None:
    little.client.apply(little.settings("there", data={"A": "1"}))
    assert little.refusal(little.settings("new")).code == "cluster-forbidden"
    secret = ObjectRef("v1", "Secret", little.namespace, "key")
    for ask in (
        lambda: little.client.delete(little.ref("there")),
        lambda: little.client.get(secret),
        lambda: little.client.list("v1", "Secret", namespace=little.namespace),
    ):
        with pytest.raises(ClusterRefused) as caught:
            ask()
        assert caught.value.code == "cluster-forbidden"
    resource = little.client.resource_for("v1", "ConfigMap")
    answers = {verb: little.client.can_i(verb, resource, little.namespace)[0] for verb in ("patch", "create", "delete")}
    assert answers == {"patch": True, "create": False, "delete": False}
    little.client.close()


def test_events_are_listed_by_what_they_are_about(place: Place) -> None:
    def about(uid: str, name: str) -> None:
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": place.namespace},
            "involvedObject": {"kind": "ConfigMap", "namespace": place.namespace, "uid": uid},
            "reason": "Seen",
        }
        place.client.apply(event)

    about("one", "first")
    about("two", "second")
    found, _ = place.client.list(
        "v1", "Event", namespace=place.namespace, field_selector="involvedObject.uid=one", most=50
    )
    assert [item["metadata"]["name"] for item in found] == ["first"]


def test_metadata_alone_says_which_keys_there_are_and_no_values(place: Place) -> None:
    place.client.apply(place.settings(data={"A": "very secret"}))
    found = place.client.get_metadata(place.ref())
    assert found is not None
    assert set(found) == {"apiVersion", "kind", "metadata"}
    assert "f:A" in str(found["metadata"]["managedFields"])
    assert "very secret" not in str(found)
    assert place.client.get_metadata(place.ref("other")) is None
