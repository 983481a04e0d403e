"""Clusters as the platform stores them, seen with all rights and with those of one namespace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.clock import now
from shared.clusters.clients import Clients
from shared.clusters.facts import ClusterFacts
from shared.clusters.models import Cluster
from shared.clusters.store import COLLECTION
from shared.crypto import KeyRing
from shared.ids import new_id
from shared.kubernetes.connection.credentials import Credentials, parse_kubeconfig
from shared.settings import ClusterSettings
from tests.fixtures.workflows.crds import DATABASE, PALETTE, crd
from tests.support.kube import Kube
from tests.support.wait import eventually

KEYRING = KeyRing({"k1": b"0" * 32})


def stored(credentials: Credentials, namespace: str) -> Cluster:
    """Return a cluster as the platform keeps it."""
    cluster_id, at = new_id(), now()
    return Cluster(
        id=cluster_id,
        name="prod",
        server=credentials.server,
        auth_type="kubeconfig",
        namespace=namespace,
        credentials=KEYRING.seal(
            credentials.model_dump_json().encode(), context=f"{COLLECTION}/{cluster_id}/credentials"
        ),
        owner_id=new_id(),
        created_at=at,
        updated_at=at,
    )


@pytest.fixture
def facts() -> Iterator[ClusterFacts]:
    opened = ClusterFacts(Clients(KEYRING, ClusterSettings()))
    yield opened
    opened.close()


@pytest.fixture
def admin(kube: Kube, namespace: str) -> Cluster:
    """The cluster with all rights."""
    return stored(parse_kubeconfig(kube.text), namespace)


@pytest.fixture
def as_account(kube: Kube, namespace: str) -> Callable[..., Cluster]:
    """See the cluster as a service account with these rules in the test's namespace."""

    def make(*rules: dict[str, Any]) -> Cluster:
        name = f"sa-{uuid.uuid4().hex[:8]}"
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name}}
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        }
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
        kube.apply(account, {**role, "rules": list(rules)}, binding, namespace=namespace)
        token = kube.run("create", "token", name, "-n", namespace).strip()
        whole = parse_kubeconfig(kube.text)
        return stored(Credentials(server=whole.server, ca_certificate=whole.ca_certificate, token=token), namespace)

    return make


@pytest.fixture
def group(kube: Kube) -> Iterator[str]:
    """An extension of this test alone."""
    with extension(kube) as name:
        yield name


@contextmanager
def extension(kube: Kube) -> Iterator[str]:
    """Bring an extension to the cluster: databases, palettes and regions (of the whole cluster) in a new group."""
    name = f"g{uuid.uuid4().hex[:8]}.example.com"
    made = [
        crd("Database", DATABASE, group=name),
        crd("Palette", PALETTE, group=name),
        crd("Region", DATABASE, group=name, scope="Cluster"),
    ]
    kube.apply(*made, namespace="default")
    names = [item["metadata"]["name"] for item in made]
    kube.run("wait", "--for=condition=Established", "--timeout=30s", *(f"crd/{item}" for item in names))

    def is_published() -> bool:
        return "databases" in kube.run("api-resources", f"--api-group={name}", check=False)

    try:
        eventually(is_published, timeout=30, what="discovery tells of the new kinds")
        yield name
    finally:
        kube.run("delete", "crd", *names, "--wait=false")
