"""Values of plans, written short."""

from __future__ import annotations

from typing import Any

from shared.clock import now
from shared.json_diff import Change
from shared.kubernetes.labels import FIELD_MANAGER, object_labels
from shared.kubernetes.objects import ref_of
from shared.owned.models import OwnedObject
from shared.planning.items import FieldOwner, PlanItem
from shared.planning.survey import LiveObjects, key_of, owned_hash
from shared.workflows.compile.manifests import Item

WORKFLOW = "w1"


def entry(kind: str, name: str, *, node: str | None = None, uid: str | None = None, **more: Any) -> OwnedObject:
    return OwnedObject(
        id=f"{kind}/{name}",
        workflow_id=WORKFLOW,
        cluster_id="c1",
        node_id=node or name,
        api_version=more.pop("api_version", "v1"),
        kind=kind,
        namespace=more.pop("namespace", "shop"),
        name=name,
        uid=f"uid-{name}" if uid is None else uid,
        digest="d",
        run_id="r1",
        applied_at=now(),
        **more,
    )


def live(of: OwnedObject, *, uid: str | None = None, ours: bool = True, manager: str = FIELD_MANAGER) -> dict[str, Any]:
    labels = object_labels(workflow_id=of.workflow_id, workflow_slug="shop", node_id=of.node_id, name=of.name)
    return {
        "apiVersion": of.api_version,
        "kind": of.kind,
        "metadata": {
            "name": of.name,
            "namespace": of.namespace,
            "uid": uid or of.uid or "uid-live",
            "labels": labels if ours else {},
            "managedFields": [{"manager": manager}],
        },
    }


def live_objects_of(*objects: dict[str, Any]) -> LiveObjects:
    return LiveObjects({key_of(ref_of(item)): item for item in objects})


def item(name: str, action: Any, *, needs: Any = "", fields: dict[str, Any] | None = None, **more: Any) -> PlanItem:
    return PlanItem(
        index=0,
        wave=0,
        node_id=name,
        object=f"ConfigMap shop/{name}",
        kind="ConfigMap",
        namespace="shop",
        name=name,
        action=action,
        needs=needs,
        diff=[Change(path=path, old=None, new=value) for path, value in (fields or {}).items()],
        conflicts=[FieldOwner(field=field, manager="kubectl") for field in more.pop("conflicts", [])],
        **more,
    )


def noted(item: Item, live: dict[str, Any]) -> OwnedObject:
    """Return what is noted of an object that was just applied."""
    ref = ref_of(item.manifest)
    made = entry(ref.kind, ref.name, node=item.node_id, api_version=ref.api_version, namespace=ref.namespace)
    as_applied = {"uid": live["metadata"]["uid"], "digest": item.digest, "owned": owned_hash(live)}
    return made.model_copy(update=as_applied)
