"""Deleting the objects that a decision lets go, and keeping their last YAML for undo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

import yaml

from shared.errors import NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import VERSION
from shared.kubernetes.objects import Manifest
from shared.owned.models import OwnedObject
from shared.planning import permissions
from shared.planning.plan import Plan
from shared.planning.prune import Decision, decide
from shared.planning.survey import survey
from shared.runs.execute.context import RunContext
from shared.runs.models import Tombstone
from shared.runs.values import variables_in, without
from shared.sentences import plural
from shared.workflows.versions.models import Version

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MOST_TOMBSTONES = 1000
LARGEST_TOMBSTONES = 4 * 1024 * 1024
"""Bytes of YAML that one run keeps; MongoDB takes 16 MiB with all else. What is over it is named without its YAML."""
WITH_PODS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"})
"""Kinds that go after what belongs to them: the work of the cluster's garbage collector, which learns of the kinds of
extensions half a minute late. Objects of other kinds go at once, and theirs after them."""


def decide_all(context: RunContext, entries: Iterable[OwnedObject]) -> list[tuple[ClusterClient, Decision]]:
    """
    Decide about everything that a workflow has on some clusters.

    Objects on a cluster that the platform does not know any more stay there and are forgotten; the log says so.
    """
    by_cluster: dict[str, list[OwnedObject]] = defaultdict(list)
    for entry in entries:
        by_cluster[entry.cluster_id].append(entry)
    decided: list[tuple[ClusterClient, Decision]] = []
    for cluster_id, owned in sorted(by_cluster.items()):
        try:
            client = context.client_of(cluster_id)
        except NotFound:
            words = "the cluster was removed from the platform."
            context.progress.log(f"{plural(len(owned), 'object')} left in place: {words}", level="warning")
            context.stores.owned.remove(entry.id for entry in owned)
            continue
        decided.append((client, _decide(context, client, owned)))
    return decided


def _decide(context: RunContext, client: ClusterClient, owned: list[OwnedObject]) -> Decision:
    kinds = [(item.api_version, item.kind, item.namespace) for item in owned]
    live_objects = context.retrying(survey, client, context.run.workflow_id, kinds, at_once=context.at_once)
    decision = decide(owned, (), live_objects, named=context.run.consent.delete, teardown=True)
    _, allowed = context.retrying(permissions.with_denials, client, Plan(()), decision, at_once=context.at_once)
    return allowed


def remove(context: RunContext, client: ClusterClient, decision: Decision) -> None:
    """
    Delete each object by its uid and forget it; log those that are kept, with the reason.

    :raises Cancelled: what is not deleted yet stays
    """
    progress = context.progress
    for keep in decision.keep:
        progress.log(f"Kept {keep.entry.ref}: {keep.why}.", node_id=keep.entry.node_id)
    gone = [owned.id for owned in decision.forget]
    deployed = _deployed(context) if decision.delete else None
    try:
        for owned, live in decision.delete:
            order = "Foreground" if owned.kind in WITH_PODS else "Background"
            context.retrying(client.delete, owned.ref, uid=str(live["metadata"]["uid"]), propagation=order)
            gone.append(owned.id)
            context.run.tombstones.append(tombstone_of(owned, live, deployed))
            progress.node(owned.node_id, "pruned", f"{owned.ref} was removed, because the graph has it no longer.")
            progress.log(f"Removed {owned.ref}.", node_id=owned.node_id)
    finally:
        context.stores.owned.remove(gone)
        if context.run.tombstones:
            progress.set("tombstones", within_limits(context.run.tombstones))


def tombstone_of(owned: OwnedObject, live: Manifest, deployed: Version | None) -> Tombstone:
    """Return the tombstone of a removed object."""
    return Tombstone(
        node_id=owned.node_id,
        object=str(owned.ref),
        yaml=last_yaml(live, owned.run_env),
        version=last_version(owned.node_id, live, deployed),
    )


def _deployed(context: RunContext) -> Version | None:
    """Return the version that was deployed before this run."""
    workflow_id = context.run.workflow_id
    head = context.stores.workflows.find_head(workflow_id)
    number = head.deployed_version if head else None
    return None if number is None else context.stores.versions.find(workflow_id, number)


def last_version(node_id: str, live: Manifest, deployed: Version | None) -> int | None:
    """Return the version that had an object's node last: the deployed one, else the one that changed the object."""
    if deployed is not None and node_id in deployed.graph.by_id:
        return deployed.version
    noted = (live["metadata"].get("annotations") or {}).get(VERSION, "")
    return int(noted) if noted.isdecimal() else None


def within_limits(tombstones: Iterable[Tombstone]) -> list[Tombstone]:
    """Return the tombstones that fit into a run's document, those that are too large without their YAML."""
    kept: list[Tombstone] = []
    room = LARGEST_TOMBSTONES
    for tombstone in islice(tombstones, MOST_TOMBSTONES):
        size = len(tombstone.yaml.encode())
        kept.append(tombstone if size <= room else tombstone.model_copy(update={"yaml": ""}))
        room -= size if size <= room else 0
    return kept


def last_yaml(live: Manifest, run_env: Sequence[str]) -> str:
    """Return an object as it can be read later: without secret values, also those that a run brought for itself."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    # kubectl keeps a copy of the whole object there, a Secret's values included
    annotations = {
        key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key != LAST_APPLIED
    }
    content = {**live, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}
    if live.get("kind") == "Secret":
        content.pop("data", None)
    return str(yaml.safe_dump(without(content, variables_in(live, run_env)), sort_keys=True))
