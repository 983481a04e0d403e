"""Connections to a real API server, one by one and many at once: who gets in, whom we trust, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.cluster.certificates import Authority
from shared.errors import ClusterRefused, ClusterUnreachable, InvalidInput, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials, parse_kubeconfig
from shared.kubernetes.connection.many import Apply
from shared.kubernetes.objects import BUILT_IN, ObjectRef
from tests.support.kube import Kube

Connect = Callable[..., ClusterClient]
NOBODY = {"client_certificate": None, "client_key": None, "token": None}


@pytest.fixture
def connect(kube: Kube) -> Iterator[Connect]:
    """Connects with the administrator's credentials, but for what a test says."""
    whole, opened = parse_kubeconfig(kube.text), []

    def make(**more: object) -> ClusterClient:
        opened.append(ClusterClient(Credentials.model_validate({**whole.model_dump(), **more})))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


def configmap(namespace: str, number: int = 0, **data: str) -> dict[str, Any]:
    metadata = {"name": f"c{number}", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"a": "b"}}


def apply_at_once(client: ClusterClient, *manifests: dict[str, Any]) -> tuple[list[Any], list[int]]:
    told: dict[int, Any] = {}
    applies = [Apply(manifest, dry_run=True) for manifest in manifests]
    left = client.apply_many(applies, told.__setitem__, at_once=4, go_on=lambda: None)
    return [told[number] for number in sorted(told)], list(left)


def test_objects_go_and_come(connect: Connect, namespace: str) -> None:
    client, ref = connect(), ObjectRef("v1", "ConfigMap", namespace, "c0")
    assert client.version()["gitVersion"].startswith("v1.")
    assert client.ready() > 0
    assert client.get(ref) is None
    assert client.apply(configmap(namespace))["data"] == {"a": "b"}
    metadata = client.get_metadata(ref)
    assert metadata is not None
    assert "data" not in metadata
    items, version = client.list("v1", "ConfigMap", namespace=namespace, field_selector="metadata.name=c0")
    assert [item["metadata"]["uid"] for item in items] == [metadata["metadata"]["uid"]]
    events = client.watch("v1", "ConfigMap", resource_version=version, timeout_seconds=30, namespace=namespace)
    assert next(events) == {"type": "OPEN"}
    assert client.delete(ref)
    gone = next(event["object"] for event in events if event["type"] == "DELETED")
    assert gone["metadata"]["name"] == "c0"
    assert not client.delete(ref)
    assert client.create(configmap(namespace))["data"] == {"a": "b"}
    with pytest.raises(KubeOrchError, match="already exists"):
        client.create(configmap(namespace))
    assert client.can_i("get", BUILT_IN["v1", "Pod"], namespace)[0]
    assert client.rules(namespace)["resourceRules"]
    assert client.resource_for("coordination.k8s.io/v1", "Lease").plural == "leases"


def test_a_large_object_comes_back_whole_both_ways(connect: Connect, namespace: str) -> None:
    client, large = connect(), configmap(namespace, long="ü" * 400_000)
    assert client.apply(large)["data"] == large["data"]
    [answer], left = apply_at_once(client, large)
    assert (answer["data"], left) == (large["data"], [])
    found = client.get(ObjectRef("v1", "ConfigMap", namespace, "c0"))
    assert found is not None
    assert found["data"] == large["data"]


def test_a_refusal_says_the_same_both_ways(connect: Connect, namespace: str) -> None:
    client, wrong = connect(), {**configmap(namespace), "date": {"a": "b"}}
    with pytest.raises(ClusterRefused) as refused:
        client.apply(wrong, dry_run=True)
    [told], left = apply_at_once(client, wrong)
    assert left == []
    assert (told.code, told.message) == (refused.value.code, refused.value.message)


def test_a_token_is_enough(kube: Kube, connect: Connect, namespace: str) -> None:
    kube.run("create", "serviceaccount", "ada", "-n", namespace)
    token = kube.run("create", "token", "ada", "-n", namespace).strip()
    client = connect(**{**NOBODY, "token": token})
    for refused in (apply_at_once(client, configmap(namespace))[0][0], refusal_of(client, namespace)):
        assert refused.code == "cluster-forbidden"
        assert f"system:serviceaccount:{namespace}:ada" in refused.message


@pytest.mark.parametrize("who", [NOBODY, {**NOBODY, "token": "nobody's"}], ids=["nobody", "a token of nobody"])
def test_without_credentials_nobody_gets_in(connect: Connect, namespace: str, who: dict[str, object]) -> None:
    client = connect(**who)
    codes = {"cluster-unauthorized", "cluster-forbidden"}
    assert refusal_of(client, namespace).code in codes
    [told], left = apply_at_once(client, configmap(namespace))
    assert (told.code in codes, left) == (True, [])


def refusal_of(client: ClusterClient, namespace: str) -> ClusterRefused:
    with pytest.raises(ClusterRefused) as refused:
        client.apply(configmap(namespace), dry_run=True)
    return refused.value


def test_nobody_else_is_trusted(connect: Connect, namespace: str, tmp_path: Path) -> None:
    foreign = Authority(tmp_path).certificate.read_text()
    for changed in ({"ca_certificate": foreign}, {"ca_certificate": None}, {"tls_server_name": "shop.example"}):
        client = connect(**changed)
        with pytest.raises(ClusterUnreachable) as unreachable:
            client.version()
        assert unreachable.value.details == {"reason": "tls"}
        assert apply_at_once(client, configmap(namespace)) == ([], [0])


def test_another_name_of_the_certificate_will_do(connect: Connect, namespace: str) -> None:
    client = connect(tls_server_name="kubernetes.default.svc")
    assert client.version()
    assert apply_at_once(client, configmap(namespace))[1] == []


# urllib3 says so, rightly
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_what_is_switched_off_is_not_verified(connect: Connect, namespace: str, tmp_path: Path) -> None:
    foreign = Authority(tmp_path).certificate.read_text()
    client = connect(ca_certificate=foreign, tls_server_name="shop.example", insecure_skip_tls_verify=True)
    assert client.version()
    assert apply_at_once(client, configmap(namespace))[1] == []


def test_a_key_that_does_not_fit_is_said(connect: Connect, tmp_path: Path) -> None:
    foreign = Authority(tmp_path)
    with pytest.raises(InvalidInput, match="does not fit the client certificate"):
        connect(client_key=foreign.key.read_text())
