"""Volume claims: bound, or the reason why they are not."""

from __future__ import annotations

from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.models import About, Check
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest

CLASS = About("storage-class", "Its storage class")
BOUND = About("bound", "Bound to a volume")
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def claims(scene: Scene) -> Iterator[Check]:
    """Check a volume claim."""
    live = scene.main
    if live is None:
        return
    if "StorageClass" in scene.unseen:
        yield CLASS.skip(scene.unseen["StorageClass"])
    else:
        yield _class(live, scene)
    yield _bound(live, scene)


def _class(live: Manifest, scene: Scene) -> Check:
    wanted = read.dig(live, "spec", "storageClassName")
    classes = scene.all("StorageClass")
    names = sorted(read.name(item) for item in classes)
    evidence = [
        read.said(live, "spec.storageClassName", wanted if wanted is not None else "none"),
        f"storageClasses: {', '.join(names) or 'none'}",
    ]
    if read.text(live, "spec", "volumeName"):
        return CLASS.ok(f"Not needed any more: it has the volume {read.text(live, 'spec', 'volumeName')}.", *evidence)
    if wanted == "":
        return CLASS.ok("It asks for a volume that somebody has made by hand.", *evidence)
    if wanted is None:
        default = [item for item in classes if read.text(item, "metadata", "annotations", DEFAULT_CLASS) == "true"]
        if default:
            return CLASS.ok(f"The cluster's default: {read.name(default[0])}.", *evidence)
        return CLASS.fail(
            "It names no class, and the cluster has no default one, so nobody makes a volume.",
            _remedy(names),
            evidence,
        )
    found = next((item for item in classes if read.name(item) == wanted), None)
    if found is None:
        return CLASS.fail(f"There is no storage class {wanted}.", _remedy(names), evidence)
    return CLASS.ok(f"{wanted}, volumes made by {read.text(found, 'provisioner') or 'hand'}.", *evidence)


def _remedy(names: list[str]) -> str:
    choice = f"Choose one of {', '.join(names)}" if names else "Install a storage provisioner"
    return f"{choice}. The class of a claim cannot be changed: delete the pending claim, which holds no data, then run."


def _bound(live: Manifest, scene: Scene) -> Check:
    phase = read.text(live, "status", "phase") or "Pending"
    evidence = [read.said(live, "status.phase", phase)]
    if phase == "Bound":
        size = read.text(live, "status", "capacity", "storage")
        volume = read.text(live, "spec", "volumeName")
        return BOUND.ok(f"Bound to {volume or 'a volume'}{f', {size}' if size else ''}.", *evidence)
    if phase == "Lost":
        return BOUND.fail(
            "Its volume is gone, and with it the data.",
            "Bring the volume back from a backup, or delete the claim and run the workflow for an empty one.",
            evidence,
        )
    events = scene.events(live)
    says = read.words(events[-1], "message") if events else ""
    evidence += [f"event about the claim: message = {read.words(event, 'message')}" for event in events[-3:]]
    if any(read.text(event, "type") == "Warning" for event in events):
        return BOUND.fail(
            f"No volume could be made: {says}", "Follow the provisioner's words; they name what it lacks.", evidence
        )
    if _waits(live, scene):
        users = [read.name(pod) for pod in scene.all("Pod") if _uses(pod, read.name(live))]
        if not users:
            return BOUND.warn(
                "Its class makes the volume only for the first pod that uses it (WaitForFirstConsumer), and none does.",
                "Wire it to a workload, and run it.",
                evidence,
            )
        return BOUND.warn(
            f"Its volume is made when a machine is chosen for {', '.join(users[:3])} (WaitForFirstConsumer).",
            "Look why that pod is not scheduled yet.",
            evidence,
        )
    return BOUND.fail(
        f"It waits for a volume.{f' {says}' if says else ' Nobody has said anything about it.'}",
        "Look whether the provisioner of its class runs.",
        evidence,
    )


def _waits(live: Manifest, scene: Scene) -> bool:
    wanted = read.text(live, "spec", "storageClassName")
    found = scene.find("StorageClass", wanted) if wanted else None
    if found is None:
        classes = scene.all("StorageClass")
        found = next(
            (item for item in classes if read.text(item, "metadata", "annotations", DEFAULT_CLASS) == "true"), None
        )
    return read.text(found, "volumeBindingMode") == "WaitForFirstConsumer"


def _uses(pod: Manifest, claim: str) -> bool:
    volumes = read.maps(pod, "spec", "volumes")
    return any(read.text(item, "persistentVolumeClaim", "claimName") == claim for item in volumes)
