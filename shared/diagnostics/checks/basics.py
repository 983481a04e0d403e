"""The questions about every node: can it be made, is it there and ours, is it as the graph says."""

from __future__ import annotations

from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.models import About, Check
from shared.diagnostics.scene import Scene, ref_of_live
from shared.kubernetes.labels import FIELD_MANAGER, owner_of
from shared.kubernetes.objects import Manifest, ref_of

FORM = About("form", "Its fields")
EXISTS = About("exists", "On the cluster")
APPLIED = About("applied", "As the graph says")
STATUS = About("status", "What its controller says")


def basics(scene: Scene) -> Iterator[Check]:
    """Check the node itself."""
    if scene.issues:
        yield _form(scene)
    yield _exists(scene)
    if scene.main is not None and scene.unapplied:
        yield APPLIED.warn(
            f"What the graph makes now is not what the last run has applied: {', '.join(scene.unapplied)}.",
            "Run the workflow to bring the changes to the cluster.",
            [f"node {scene.node.id}: its manifests have another digest than those of the last run"],
        )


def _form(scene: Scene) -> Check:
    first = scene.issues[0]
    more = f" ({len(scene.issues) - 1} more)" if len(scene.issues) > 1 else ""
    remedy = first.remedy.text + "." if first.remedy else "Put the field right, then run the workflow."
    evidence = [f"node {scene.node.id}: {issue.path or 'the node'}: {issue.message}" for issue in scene.issues]
    return FORM.fail(f"The node has mistakes, so a run would stop: {first.message}{more}", remedy, evidence)


def _exists(scene: Scene) -> Check:
    live = scene.main
    if live is None:
        return _missing(scene)
    foreign = [item for item in scene.objects if not scene.owns(item)]
    if foreign:
        return _foreign(foreign[0])
    here = {ref_of_live(item) for item in scene.objects}
    lacking = [str(ref) for ref in map(ref_of, scene.expected) if ref not in here and ref.kind not in scene.unseen]
    if lacking:
        return EXISTS.fail(
            f"A part of the node is not on the cluster: {', '.join(lacking)}.",
            "Run the workflow to make it.",
            [f"{name}: not found" for name in lacking],
        )
    if read.is_leaving(live):
        held = read.texts(live, "metadata", "finalizers")
        waits = f" It waits for: {', '.join(held)}." if held else ""
        stamp = read.text(live, "metadata", "deletionTimestamp")
        return EXISTS.warn(
            f"It is being deleted.{waits}",
            "Wait until it is gone, then run the workflow.",
            [read.said(live, "metadata.deletionTimestamp", stamp)],
        )
    return EXISTS.ok(
        f"{ref_of_live(live)} exists and belongs to this node.", read.said(live, "metadata.uid", read.uid(live))
    )


def _missing(scene: Scene) -> Check:
    names = [str(ref_of(item)) for item in scene.expected]
    denied = [scene.unseen[item["kind"]] for item in scene.expected if item["kind"] in scene.unseen]
    if denied:
        return EXISTS.warn(denied[0], "Give the cluster's credentials the right to get it.", denied)
    if not names:
        return EXISTS.fail(
            "Nothing of this node is on the cluster, and with its mistakes it makes nothing.",
            "Put its fields right, then run the workflow.",
            [f"node {scene.node.id}: no object carries its labels"],
        )
    return EXISTS.fail(
        f"{names[0]} is not on the cluster.", "Run the workflow to make it.", [f"{name}: not found" for name in names]
    )


def _foreign(item: Manifest) -> Check:
    owner = owner_of({key: str(value) for key, value in read.labels(item).items()})
    managers = sorted(
        {read.text(entry, "manager") for entry in read.maps(item, "metadata", "managedFields")} - {FIELD_MANAGER, ""}
    )
    if owner is not None:
        whose = f"another node or workflow ({owner[0]}/{owner[1]})"
    else:
        whose = f"somebody else ({', '.join(managers[:3])})" if managers else "somebody else"
    return EXISTS.fail(
        f"{ref_of_live(item)} exists, but belongs to {whose}.",
        "Give this node another name, or delete the object on the cluster and run the workflow.",
        [read.said(item, "metadata.labels", dict(read.labels(item)) or "none")],
    )


def by_conditions(scene: Scene) -> Iterator[Check]:
    """Judge any other kind by its ``Ready`` or ``Available`` condition, when it has one."""
    live = scene.main
    if live is None:
        return
    for name in ("Ready", "Available"):
        found = read.condition(live, name)
        if not found:
            continue
        says = read.words(found, "message") or read.text(found, "reason")
        evidence = read.said(live, f"status.conditions[{name}].status", read.text(found, "status"))
        if read.text(found, "status") == "True":
            yield STATUS.ok(says or f"{name}.", evidence)
        else:
            yield STATUS.fail(
                f"Not {name.lower()}: {says or 'its controller gives no reason'}",
                "Look at the events and the log of its controller.",
                [evidence],
            )
        return
