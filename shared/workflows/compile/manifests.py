"""
Compile a graph: manifests in the order in which they are applied. Pure, and the same bytes for the same version.

Waves: namespaces, then accounts, roles, configuration, secrets, claims and policies, then services, then workloads by
what they wait for, then autoscalers, budgets and ingresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.errors import FieldError, InvalidInput
from shared.kubernetes import labels
from shared.workflows.compile.checks import issues_of
from shared.workflows.compile.overlay import manifests_of
from shared.workflows.compile.read import Analysis, analyse
from shared.workflows.compile.waves import Dependency, number_waves
from shared.workflows.drawing.effects import After
from shared.workflows.drawing.graph import Graph
from shared.workflows.drawing.issues import Issue, has_errors
from shared.workflows.kinds.fields.base import CompileContext, Kind, Manifest, Subject
from shared.workflows.kinds.secret import SecretFields, unset_keys

__all__ = ["CompileContext", "Compiled", "Item", "compile_graph", "preview"]


@dataclass(frozen=True, slots=True)
class Item:
    """
    One object.

    :param digest: over the manifest without its version annotation, secret values replaced by their version's id:
        equal digests mean that nothing has to be sent again, and it may be stored
    :param replaced: a change of its spec means deleting and making it again
    :param unset_keys: keys of a Secret without a stored value; the live object's are kept, else the plan fails
    """

    wave: int
    node_id: str
    manifest: Manifest
    digest: str
    replaced: bool = False
    unset_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """
    A graph as manifests.

    :param items: in the order in which they are applied
    :param digest: over all items; equal digests mean equal manifests
    :param after: node id → what must have come how far before it is applied
    :param namespaces: every namespace the items stand in, sorted
    """

    items: tuple[Item, ...]
    digest: str
    after: Mapping[str, tuple[Dependency, ...]]
    namespaces: tuple[str, ...]


def compile_graph(graph: Graph, context: CompileContext) -> Compiled:
    """
    Turn a graph into manifests.

    :raises InvalidInput: code ``graph-invalid``; ``details["issues"]`` has what :func:`validate` says, errors first
    """
    analysis = analyse(graph, context)
    issues = issues_of(graph, analysis, context)
    if has_errors(issues):
        raise _invalid(graph, issues)
    return _compile(analysis, analysis.subjects.values(), context)


def preview(graph: Graph, context: CompileContext) -> tuple[Compiled, tuple[Issue, ...]]:
    """Compile the sound nodes of a graph that may have mistakes; returns their manifests, and all issues."""
    analysis = analyse(graph, context)
    issues = issues_of(graph, analysis, context)
    broken = {issue.node_id for issue in issues if issue.is_error}
    sound = [subject for subject in analysis.subjects.values() if subject.id not in broken]
    return _compile(analysis, sound, context), issues


def _invalid(graph: Graph, issues: Sequence[Issue]) -> InvalidInput:
    errors = [issue for issue in issues if issue.is_error]
    places = {node.id: f"nodes.{index}.data" for index, node in enumerate(graph.nodes)}
    places |= {edge.id: f"edges.{index}.data" for index, edge in enumerate(graph.edges)}
    fields = [
        FieldError(places.get(issue.node_id or issue.edge_id or "", "") + issue.path.replace("/", "."), issue.message)
        for issue in errors
    ]
    count = len(errors)
    return InvalidInput(
        f"The workflow has {count} {'mistake' if count == 1 else 'mistakes'} that must be put right before it can run.",
        code="graph-invalid",
        fields=fields,
        details={"issues": [issue.model_dump() for issue in errors]},
    )


def _compile(analysis: Analysis, subjects: Iterable[Subject[Any]], context: CompileContext) -> Compiled:
    chosen = {subject.id: subject for subject in subjects}
    made = {node_id: manifests_of(subject, analysis.wired[node_id], context) for node_id, subject in chosen.items()}
    after = {
        node_id: tuple(Dependency(item.node_id, item.condition) for item in analysis.wired[node_id].all(After))
        for node_id in chosen
    }
    stages = {node_id: _stages(subject.kind, made[node_id]) for node_id, subject in chosen.items()}
    waves = number_waves(stages, after)
    items = [
        _item(subject, manifest, context, waves[subject.id][_stage(subject.kind, manifest)])
        for subject in chosen.values()
        for manifest in made[subject.id]
    ]
    items.sort(key=_order)
    digest = hashlib.sha256(b"".join(f"{item.wave}{item.node_id}{item.digest}".encode() for item in items))
    return Compiled(
        items=tuple(items),
        digest=digest.hexdigest(),
        after={node_id: found for node_id, found in after.items() if found},
        namespaces=tuple(sorted({item.manifest["metadata"].get("namespace", "") for item in items} - {""})),
    )


def _item(subject: Subject[Any], manifest: Manifest, context: CompileContext, wave: int) -> Item:
    return Item(
        wave=wave,
        node_id=subject.id,
        manifest=manifest,
        digest=manifest_digest(manifest, secret_version=context.secret_versions.get(subject.id, "")),
        replaced=subject.kind.replaced or manifest["kind"] == "Job",
        unset_keys=unset_keys(subject, context) if isinstance(subject.data, SecretFields) else (),
    )


def _stage(kind: Kind[Any], manifest: Manifest) -> int:
    return int(kind.stage_of(manifest) if kind.stage_of else kind.stage)


def _stages(kind: Kind[Any], manifests: Iterable[Manifest]) -> tuple[int, ...]:
    return tuple(sorted({_stage(kind, manifest) for manifest in manifests})) or (int(kind.stage),)


def manifest_digest(manifest: Manifest, *, secret_version: str = "") -> str:
    """Return a manifest's digest: without its version annotation, and without secret values."""
    metadata = dict(manifest["metadata"])
    annotations = {key: value for key, value in metadata.pop("annotations", {}).items() if key != labels.VERSION}
    content = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    if manifest["kind"] == "Secret":
        content["data"] = [sorted(manifest.get("data", {})), secret_version]
        content.pop("stringData", None)
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


_KIND_ORDER = (
    *("Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "ClusterRole", "RoleBinding"),
    *("ClusterRoleBinding", "ResourceQuota", "LimitRange", "Service", "Secret", "ConfigMap", "PersistentVolumeClaim"),
    *("NetworkPolicy", "StatefulSet", "DaemonSet", "Deployment", "Job", "CronJob"),
)
_RANK = {kind: rank for rank, kind in enumerate(_KIND_ORDER)}


def _order(item: Item) -> tuple[int, int, str, str, str, str]:
    """
    Within a wave: objects that others refer to first, then by name; the order of a graph's lists means nothing.

    Services are before config, because they take an API server longest: what is short fills the end of a wave.
    """
    manifest = item.manifest
    metadata = manifest["metadata"]
    rank = _RANK.get(manifest["kind"], len(_RANK))
    return item.wave, rank, manifest["kind"], metadata.get("namespace", ""), metadata["name"], item.node_id
