"""Manifest: objects of any kind, written as YAML by the person; parsed, never templated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared import yaml_text
from shared.kubernetes import labels
from shared.kubernetes.objects import BUILT_IN, is_segment
from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue, Remedy
from shared.workflows.kinds.fields.base import CompileContext, Hint, Json, Kind, Manifest, ObjectFields, Stage, Subject
from shared.workflows.kinds.fields.types import DnsLabel

MOST_DOCUMENTS = 100
_API_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*)?")
RBAC_GROUP = "rbac.authorization.k8s.io"
SERVER_FIELDS = frozenset(
    {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp"}
)
STAGES = {
    **dict.fromkeys(("Namespace", "CustomResourceDefinition"), Stage.NAMESPACES),
    **dict.fromkeys(
        (
            *("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Secret"),
            *("PersistentVolume", "PersistentVolumeClaim", "StorageClass", "NetworkPolicy", "ResourceQuota"),
            *("LimitRange", "PriorityClass", "IngressClass", "RuntimeClass", "Service"),
        ),
        Stage.FOUNDATION,
    ),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"), Stage.WORKLOADS),
}


def _checked(text: str) -> str:
    try:
        read(text)
    except yaml_text.InvalidYaml as error:
        raise PydanticCustomError("not-right", "{right}", {"right": str(error)}) from None
    return text


class ManifestFields(ObjectFields):
    """The fields of a manifest node."""

    name: Annotated[DnsLabel, Hint("general", "dns-name", help="Of the card; objects have the names of the YAML.")]
    manifest: Annotated[
        str,
        Field(min_length=1, max_length=512 * 1024),
        AfterValidator(_checked),
        Hint("manifest", "code", help="One or several documents. Values are taken as they stand."),
    ]
    cluster_scoped: Annotated[
        bool,
        Hint("manifest", advanced=True, help="Kinds the platform does not know belong to no namespace."),
    ] = False


@lru_cache(maxsize=512)
def read(text: str) -> tuple[Manifest, ...]:
    """
    Read the documents of a manifest; lists of objects are taken apart. The answer is shared: copy before changing.

    :raises InvalidYaml: it is no YAML, or a document is no object; names the line or the document
    """
    found: list[Manifest] = []
    for document in yaml_text.load_all(text):
        if document is None:
            continue
        if isinstance(document, dict) and document.get("kind") == "List" and isinstance(document.get("items"), list):
            found += document["items"]
        else:
            found.append(document)
    if not found:
        raise yaml_text.InvalidYaml("holds no object")
    if len(found) > MOST_DOCUMENTS:
        raise yaml_text.InvalidYaml(f"holds {len(found)} objects; at most {MOST_DOCUMENTS} are possible")
    for number, document in enumerate(found, 1):
        _check_object(document, number)
    return tuple(found)


def _check_object(document: object, number: int) -> None:
    if not isinstance(document, dict):
        raise yaml_text.InvalidYaml(f"document {number} is no object")
    for field in ("apiVersion", "kind"):
        if not isinstance(document.get(field), str) or not document[field]:
            raise yaml_text.InvalidYaml(f"document {number} has no {field}")
    if not _API_VERSION.fullmatch(document["apiVersion"]):
        raise yaml_text.InvalidYaml(f"the apiVersion of document {number} is not like v1 or apps/v1")
    metadata = document.get("metadata")
    _check_metadata(metadata if isinstance(metadata, dict) else {}, number)


def _check_metadata(metadata: Mapping[str, Any], number: int) -> None:
    name = metadata.get("name")
    if not isinstance(name, str) or not name or len(name) > 253:  # noqa: PLR2004 - Kubernetes' limit
        raise yaml_text.InvalidYaml(f"document {number} has no metadata.name")
    for field in ("labels", "annotations"):
        values = metadata.get(field)
        if values is not None and not (isinstance(values, dict) and all(isinstance(v, str) for v in values.values())):
            raise yaml_text.InvalidYaml(
                f"the {field} of document {number} are not texts by name; put numbers in quotes"
            )
    namespace = metadata.get("namespace", "")
    if not isinstance(namespace, str):
        raise yaml_text.InvalidYaml(f"the namespace of document {number} is no text")
    for field, value in (("name", name), ("namespace", namespace)):
        if not is_segment(value):
            raise yaml_text.InvalidYaml(f"the {field} of document {number} is . or .., or has / or % in it")


def is_cluster_scoped(document: Mapping[str, Any], *, otherwise: bool) -> bool:
    """Whether an object belongs to no namespace; ``otherwise`` for kinds that are not built in."""
    known = BUILT_IN.get((document["apiVersion"], document["kind"]))
    return not known.namespaced if known else otherwise


def stage_of(manifest: Mapping[str, Any]) -> Stage:
    """Return the stage in which an object is applied, by its kind."""
    return STAGES.get(manifest["kind"], Stage.FINISH)


def _manifests(subject: Subject[ManifestFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    return [_owned(document, subject, context) for document in read(subject.data.manifest)]


def _owned(document: Manifest, subject: Subject[ManifestFields], context: CompileContext) -> Manifest:
    """Return a copy with our labels, in the node's namespace, without the fields that only a server writes."""
    name = document["metadata"]["name"]
    ours = labels.object_labels(
        workflow_id=context.workflow_id, workflow_slug=context.workflow_slug, node_id=subject.id, name=name
    )
    metadata = {key: value for key, value in document["metadata"].items() if key not in SERVER_FIELDS}
    if is_cluster_scoped(document, otherwise=subject.data.cluster_scoped):
        metadata.pop("namespace", None)
    else:
        metadata["namespace"] = metadata.get("namespace") or subject.namespace
    metadata["labels"] = {**(metadata.get("labels") or {}), **subject.data.labels, **ours}
    annotations = {**(metadata.get("annotations") or {}), **subject.data.annotations}
    if context.version:
        annotations[labels.VERSION] = str(context.version)
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    owned = {key: value for key, value in document.items() if key not in {"metadata", "status"}}
    return _with_pod_labels({**owned, "metadata": metadata}, ours)


def _with_pod_labels(document: Manifest, ours: Mapping[str, str]) -> Manifest:
    """Put our labels on the pods of a workload as well, so that their state is seen."""
    spec = document.get("spec")
    if not isinstance(spec, dict):
        return document
    if isinstance(spec.get("jobTemplate"), dict):
        return {**document, "spec": {**spec, "jobTemplate": _with_pod_labels(spec["jobTemplate"], ours)}}
    template = spec.get("template")
    if (
        document.get("kind") in {None, *STAGES}
        and isinstance(template, dict)
        and isinstance(template.get("spec"), dict)
    ):
        metadata = template.get("metadata") if isinstance(template.get("metadata"), dict) else {}
        assert metadata is not None
        marked = {**metadata, "labels": {**(metadata.get("labels") or {}), **ours}}
        return {**document, "spec": {**spec, "template": {**template, "metadata": marked}}}
    return document


def _checks(subject: Subject[ManifestFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired
    for number, document in enumerate(read(subject.data.manifest), 1):
        what = f"{document['kind']} {document['metadata']['name']} (document {number})"
        if document["kind"] == "Secret" and document["apiVersion"] == "v1" and _has_values(document):
            yield subject.error(
                "secret-in-manifest",
                f"{what} holds values that everybody who sees the workflow could read; use a Secret node.",
                "/manifest",
                remedy=Remedy(text="Add a Secret", action="add-node", node_type="secret"),
            )
        if not context.privileged:
            for reason in privileges(document, otherwise=subject.data.cluster_scoped):
                yield subject.error(
                    "needs-cluster-admin",
                    f"{what} {reason}; that is for people who administer the cluster.",
                    "/manifest",
                )


def _has_values(document: Mapping[str, Any]) -> bool:
    return bool(document.get("data") or document.get("stringData"))


def privileges(document: Manifest, *, otherwise: bool) -> Iterator[str]:
    """Yield the powers of an object that only people who administer a cluster may give, each in words."""
    if is_cluster_scoped(document, otherwise=otherwise):
        yield "belongs to the whole cluster"
    if document["apiVersion"].startswith(f"{RBAC_GROUP}/"):
        yield "gives permissions"
    for pod in pod_specs(document):
        for field, words in (
            ("hostNetwork", "host networking"),
            ("hostPID", "host processes"),
            ("hostIPC", "host IPC"),
        ):
            if pod.get(field):
                yield f"uses {words}"
        if any(isinstance(volume, dict) and "hostPath" in volume for volume in _items(pod, "volumes")):
            yield "mounts a folder of the machine"
        for group in ("containers", "initContainers", "ephemeralContainers"):
            for container in _items(pod, group):
                security = container.get("securityContext") if isinstance(container, dict) else None
                if isinstance(security, dict) and security.get("privileged"):
                    yield "runs a privileged container"


def pod_specs(document: Mapping[str, Any]) -> Iterator[Json]:
    """Yield the pod specs of a workload or pod."""
    spec = document.get("spec")
    if not isinstance(spec, dict):
        return
    if document.get("kind") == "Pod":
        yield spec
    for inner in ("template", "jobTemplate"):
        if isinstance(spec.get(inner), dict):
            found = spec[inner].get("spec")
            if inner == "template" and isinstance(found, dict):
                yield found
            elif inner == "jobTemplate":
                yield from pod_specs(spec[inner])


def _items(values: Mapping[str, Any], name: str) -> list[Any]:
    found = values.get(name)
    return found if isinstance(found, list) else []


def _also(subject: Subject[ManifestFields], wired: Wired) -> Iterator[tuple[str, str | None, str]]:
    del wired
    for document in read(subject.data.manifest):
        metadata = document["metadata"]
        is_wide = is_cluster_scoped(document, otherwise=subject.data.cluster_scoped)
        yield _known_by(document), None if is_wide else metadata.get("namespace") or subject.namespace, metadata["name"]


def _known_by(document: Mapping[str, Any]) -> str:
    """Return the kind, with its group where the kind alone could be another extension's."""
    group, _, _ = document["apiVersion"].rpartition("/")
    return (
        str(document["kind"])
        if (document["apiVersion"], document["kind"]) in BUILT_IN
        else f"{document['kind']}.{group}"
    )


MANIFEST = Kind(
    type="manifest",
    api_version="v1",
    kind="",
    title="Manifest",
    description="Objects of any kind, written as YAML.",
    category="advanced",
    icon="file-code",
    keywords=("yaml", "raw", "any", "custom", "kubectl"),
    model=ManifestFields,
    manifests=_manifests,
    checks=_checks,
    also_makes=_also,
    stage=Stage.FINISH,
    stage_of=stage_of,
    name_pattern="manifest-{n}",
)
