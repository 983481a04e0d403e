"""The objects that pods need by name: ConfigMaps, Secrets, their keys, accounts, volume claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.diagnostics import read
from shared.diagnostics.models import About, Check
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest

REFERENCES = About("references", "What it refers to exists")
VOLUMES = About("volumes", "Volumes are there")
_NODE_TYPES = {
    "ConfigMap": "configmap",
    "Secret": "secret",
    "ServiceAccount": "serviceaccount",
    "PersistentVolumeClaim": "persistentvolumeclaim",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """
    Something a pod needs.

    :param key: of a ConfigMap or Secret; empty: the whole
    :param field: where it is named
    """

    kind: str
    name: str
    key: str = ""
    field: str = ""


def pod_spec(item: Manifest | None) -> Mapping[str, Any]:
    """Return the pod's spec inside a workload."""
    if read.text(item, "kind") == "CronJob":
        return read.mapping(item, "spec", "jobTemplate", "spec", "template", "spec")
    return read.mapping(item, "spec", "template", "spec")


def references_of(spec: Mapping[str, Any]) -> list[Reference]:
    """Return everything that a pod cannot start without."""
    found: list[Reference] = []
    for group in ("initContainers", "containers"):
        for container in read.maps(spec, group):
            place = f"spec.{group}[{read.text(container, 'name')}]"
            found += _of_container(container, place)
    for volume in read.maps(spec, "volumes"):
        found += _of_volume(volume, f"spec.volumes[{read.text(volume, 'name')}]")
    account = read.text(spec, "serviceAccountName")
    if account:
        found.append(Reference("ServiceAccount", account, field="spec.serviceAccountName"))
    found += [
        Reference("Secret", read.text(item, "name"), field="spec.imagePullSecrets")
        for item in read.maps(spec, "imagePullSecrets")
    ]
    return list(dict.fromkeys(item for item in found if item.name))


def _of_container(container: Mapping[str, Any], place: str) -> Iterator[Reference]:
    for variable in read.maps(container, "env"):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            found = read.mapping(variable, "valueFrom", field)
            if found and found.get("optional") is not True:
                where = f"{place}.env[{read.text(variable, 'name')}]"
                yield Reference(kind, read.text(found, "name"), read.text(found, "key"), where)
    for source in read.maps(container, "envFrom"):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            found = read.mapping(source, field)
            if found and found.get("optional") is not True:
                yield Reference(kind, read.text(found, "name"), field=f"{place}.envFrom")


def _of_volume(volume: Mapping[str, Any], place: str) -> Iterator[Reference]:
    for source in [volume, *read.maps(volume, "projected", "sources")]:
        for field, key, kind in (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")):
            found = read.mapping(source, field)
            if not found or found.get("optional") is True:
                continue
            called = read.text(found, key) or read.text(found, "name")
            keys = [read.text(item, "key") for item in read.maps(found, "items")] or [""]
            yield from (Reference(kind, called, wanted, place) for wanted in keys)
    claim = read.text(volume, "persistentVolumeClaim", "claimName")
    if claim:
        yield Reference("PersistentVolumeClaim", claim, field=place)


def keys_of(item: Manifest) -> set[str] | None:
    """
    Return the keys of a ConfigMap or Secret; None when they are not known.

    Of a secret only the metadata is read: its managed fields name the keys, without the values.
    """
    if read.text(item, "kind") == "ConfigMap":
        return {*read.mapping(item, "data"), *read.mapping(item, "binaryData")}
    names = [
        name.removeprefix("f:")
        for entry in read.maps(item, "metadata", "managedFields")
        for name in read.mapping(entry, "fieldsV1", "f:data")
        if name != "."
    ]
    return set(names) or None


def references(scene: Scene) -> Iterator[Check]:
    """Check that the objects exist which the pods name."""
    wanted = [item for item in references_of(pod_spec(scene.main)) if item.kind != "PersistentVolumeClaim"]
    if not wanted:
        return
    lost = [(item, why) for item in wanted if (why := _lacks(scene, item))]
    unconfigured = _kubelet_words(scene)
    if lost or unconfigured:
        first = lost[0][0] if lost else None
        details = [f"{item.kind} {item.name} {why}" for item, why in lost] or unconfigured
        evidence = [f"{item.kind} {item.name} {why}, but {item.field} names it" for item, why in lost]
        yield REFERENCES.fail(
            f"The pods need what is not there: {'; '.join(dict.fromkeys(details))}.",
            _remedy(scene, first) if first else "Make what the kubelet names, or correct its name on the node.",
            [*evidence, *unconfigured],
        )
        return
    unseen = sorted({item.kind for item in wanted} & set(scene.unseen))
    if unseen:
        yield REFERENCES.skip(f"{', '.join(unseen)} could not be looked at: {scene.unseen[unseen[0]]}")
        return
    names = list(dict.fromkeys(f"{item.kind} {item.name}" for item in wanted))
    yield REFERENCES.ok(f"All there: {', '.join(names)}.")


def _lacks(scene: Scene, wanted: Reference) -> str:
    """Return the predicate of a missing object or key; empty when it is there or could not be looked at."""
    if wanted.kind in scene.unseen:
        return ""
    found = scene.find(wanted.kind, wanted.name)
    if found is None:
        return "does not exist"
    keys = keys_of(found)
    if wanted.key and keys is not None and wanted.key not in keys:
        return f"has no key {wanted.key} (it has {', '.join(sorted(keys)) or 'none'})"
    return ""


def _kubelet_words(scene: Scene) -> list[str]:
    """Return the kubelet's words about containers that it cannot configure."""
    return [
        container.said("state.waiting.message", read.words(container.status, "state", "waiting", "message"))
        for pod in scene.pods
        for container in read.containers(pod)
        if read.text(container.status, "state", "waiting", "reason") == "CreateContainerConfigError"
    ]


def _remedy(scene: Scene, lost: Reference) -> str:
    drawn = [
        item.id
        for item in scene.graph.nodes
        if item.type == _NODE_TYPES.get(lost.kind) and item.data.get("name") == lost.name
    ]
    if drawn and not lost.key:
        return f"The node {drawn[0]} makes it: run the workflow."
    if drawn:
        return f"Add the key {lost.key} to the node {drawn[0]}, then run the workflow."
    return f"Add a node that makes {lost.kind} {lost.name} and wire it, or correct the name on this node."


def volumes(scene: Scene) -> Iterator[Check]:
    """Check the claims behind the pods' volumes."""
    if "PersistentVolumeClaim" in scene.unseen:
        yield VOLUMES.skip(scene.unseen["PersistentVolumeClaim"])
        return
    specs = [pod_spec(scene.main), *(read.mapping(pod, "spec") for pod in scene.pods)]
    names = list(
        dict.fromkeys(
            item.name for spec in specs for item in references_of(spec) if item.kind == "PersistentVolumeClaim"
        )
    )
    if not names:
        return
    bad: list[tuple[str, str, str]] = []
    for called in names:
        claim = scene.find("PersistentVolumeClaim", called)
        if claim is None:
            bad.append((f"the claim {called} does not exist", f"persistentVolumeClaim {called}: not found", ""))
            continue
        phase = read.text(claim, "status", "phase") or "Pending"
        if phase != "Bound":
            events = scene.events(claim)
            says = read.words(events[-1], "message") if events else ""
            bad.append((f"the claim {called} is {phase}", read.said(claim, "status.phase", phase), says))
    if not bad:
        yield VOLUMES.ok(f"Bound: {', '.join(names)}.")
        return
    words = "; ".join(f"{what}{f' ({says})' if says else ''}" for what, _, says in bad)
    lost = [called for called in names if scene.find("PersistentVolumeClaim", called) is None]
    remedy = (
        _remedy(scene, Reference("PersistentVolumeClaim", lost[0])) if lost else "Look at the claim's own diagnosis."
    )
    yield VOLUMES.fail(f"The pods wait for storage: {words}.", remedy, [evidence for _, evidence, _ in bad])
