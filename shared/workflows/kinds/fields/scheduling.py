"""Fields that say on which machines pods may run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.kinds.fields.base import Fields, Hint, Json, dump
from shared.workflows.kinds.fields.types import DnsLabel, LabelValue, QualifiedKey, SelectorLabels


class Toleration(Fields):
    """A taint that does not keep the pods away."""

    key: QualifiedKey | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: Annotated[int | None, Field(ge=0), Hint(unit="s")] = None


class Requirement(Fields):
    """A condition on a label."""

    key: QualifiedKey
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    values: list[LabelValue] = []


class LabelRequirement(Fields):
    """A condition on a label of pods or namespaces."""

    key: QualifiedKey
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[LabelValue] = []


class Selector(Fields):
    """What to select by labels."""

    match_labels: Annotated[SelectorLabels, Hint(widget="map")] = {}
    match_expressions: list[LabelRequirement] = []


class NodeTerm(Fields):
    """Machines whose labels fulfil all of these."""

    match_expressions: Annotated[list[Requirement], Field(min_length=1)]


class PreferredNodes(Fields):
    """Machines that are better."""

    weight: Annotated[int, Field(ge=1, le=100)]
    preference: NodeTerm


class NodeAffinity(Fields):
    """Which machines the pods want."""

    required: Annotated[list[NodeTerm], Hint(help="One of these must fit.")] = []
    preferred: list[PreferredNodes] = []


class PodTerm(Fields):
    """Pods near which, or away from which, to run."""

    topology_key: QualifiedKey = "kubernetes.io/hostname"
    label_selector: Annotated[Selector | None, Hint(help="Left empty: the pods of this workload.")] = None
    namespaces: list[DnsLabel] = []


class PreferredPods(Fields):
    """Pods near which it is better, or worse, to run."""

    weight: Annotated[int, Field(ge=1, le=100)]
    term: PodTerm


class PodAffinity(Fields):
    """Near which pods."""

    required: list[PodTerm] = []
    preferred: list[PreferredPods] = []


class Affinity(Fields):
    """Where the pods want to run."""

    node: NodeAffinity | None = None
    pod: PodAffinity | None = None
    pod_anti: PodAffinity | None = None


class Spread(Fields):
    """How evenly the pods are spread."""

    max_skew: Annotated[int, Field(ge=1)] = 1
    topology_key: QualifiedKey = "topology.kubernetes.io/zone"
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"] = "ScheduleAnyway"
    min_domains: Annotated[int | None, Field(ge=1)] = None


def affinity_manifest(affinity: Affinity, own: Json) -> Json:
    """
    Return a pod's affinity.

    :param own: selects the workload's own pods, for terms that name none
    """
    return {
        "nodeAffinity": _node(affinity.node),
        "podAffinity": _pod(affinity.pod, own),
        "podAntiAffinity": _pod(affinity.pod_anti, own),
    }


def _node(affinity: NodeAffinity | None) -> Json | None:
    if affinity is None:
        return None
    terms = [dump(term) for term in affinity.required]
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms} if terms else None,
        "preferredDuringSchedulingIgnoredDuringExecution": [dump(item) for item in affinity.preferred],
    }


def _pod(affinity: PodAffinity | None, own: Json) -> Json | None:
    if affinity is None:
        return None
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": [_term(term, own) for term in affinity.required],
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": item.weight, "podAffinityTerm": _term(item.term, own)} for item in affinity.preferred
        ],
    }


def _term(term: PodTerm, own: Json) -> Json:
    selector = dump(term.label_selector) if term.label_selector else own
    return {"labelSelector": selector, "topologyKey": term.topology_key, "namespaces": list(term.namespaces)}


def spread_manifest(spread: Spread, own: Json) -> Json:
    """Return a topology spread constraint over the workload's own pods."""
    return {**dump(spread), "labelSelector": own}
