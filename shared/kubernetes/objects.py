"""References to objects and the kinds this product knows without asking a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from shared.errors import InvalidInput, shorten

Manifest = dict[str, Any]
"""An object as JSON, ready to apply or as it came."""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """The name of one object on a cluster; ``namespace`` is None for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        """``Deployment shop/web``, as people read it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class ApiResource:
    """A kind with its address: ``apps/v1``, ``Deployment``, ``deployments``."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def group(self) -> str:
        """API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """
        Return the URL path of the collection or of one object.

        :raises InvalidInput: a name would lead elsewhere
        """
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        scope = f"/namespaces/{_segment(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{_segment(name)}" if name else "")


def is_segment(name: str) -> bool:
    """
    Whether a name is one segment of a path, as API servers ask of every name.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
    """
    return name not in {".", ".."} and not {"/", "%"} & set(name)


def _segment(name: str) -> str:
    if not is_segment(name):
        msg = f"The name {shorten(name, 80)!r} cannot be an object's: it is . or .., or has / or % in it."
        raise InvalidInput(msg, code="name-invalid")
    return name if name.isalnum() and name.isascii() else quote(name, safe=":")


def ref_of(manifest: Mapping[str, Any]) -> ObjectRef:
    """Return the reference of a manifest's object."""
    metadata = manifest["metadata"]
    return ObjectRef(manifest["apiVersion"], manifest["kind"], metadata.get("namespace") or None, metadata["name"])


def _known(api_version: str, namespaced: str = "", cluster: str = "") -> list[ApiResource]:
    found = []
    for names, scoped in ((namespaced, True), (cluster, False)):
        for pair in names.split():
            kind, plural = pair.split(":")
            found.append(ApiResource(api_version, kind, plural, scoped))
    return found


BUILT_IN: dict[tuple[str, str], ApiResource] = {
    (resource.api_version, resource.kind): resource
    for resource in [
        *_known(
            "v1",
            "Pod:pods Service:services ConfigMap:configmaps Secret:secrets Event:events "
            "PersistentVolumeClaim:persistentvolumeclaims ServiceAccount:serviceaccounts "
            "ResourceQuota:resourcequotas LimitRange:limitranges Endpoints:endpoints",
            "Namespace:namespaces Node:nodes PersistentVolume:persistentvolumes",
        ),
        *_known(
            "apps/v1",
            "Deployment:deployments ReplicaSet:replicasets StatefulSet:statefulsets DaemonSet:daemonsets",
        ),
        *_known("batch/v1", "Job:jobs CronJob:cronjobs"),
        *_known(
            "networking.k8s.io/v1", "Ingress:ingresses NetworkPolicy:networkpolicies", "IngressClass:ingressclasses"
        ),
        *_known("autoscaling/v2", "HorizontalPodAutoscaler:horizontalpodautoscalers"),
        *_known("policy/v1", "PodDisruptionBudget:poddisruptionbudgets"),
        *_known("discovery.k8s.io/v1", "EndpointSlice:endpointslices"),
        *_known(
            "rbac.authorization.k8s.io/v1",
            "Role:roles RoleBinding:rolebindings",
            "ClusterRole:clusterroles ClusterRoleBinding:clusterrolebindings",
        ),
        *_known("storage.k8s.io/v1", "", "StorageClass:storageclasses"),
        *_known("apiextensions.k8s.io/v1", "", "CustomResourceDefinition:customresourcedefinitions"),
    ]
}
"""Kinds every cluster has; what is not here is asked for by discovery."""
