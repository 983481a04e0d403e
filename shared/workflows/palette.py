"""The catalogue for one cluster and namespace: core types, presets for its extensions, and what can be used there."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shared.clusters.facts import ClusterFacts, Crds, Question
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import KubeOrchError
from shared.kubernetes.crds import Crd
from shared.kubernetes.objects import ApiResource
from shared.kubernetes.rights import Rights
from shared.workflows.availability import EVERYTHING, is_allowed, judge, needs_of, open_needs, resources_of
from shared.workflows.catalog import Availability, NodeType, NodeTypes, catalogue_of, node_types
from shared.workflows.crd_types import crd_node_types, type_name

MOST_QUESTIONS = 120
"""Rights that are asked one by one; kinds whose rights remain unasked are of unknown availability."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cluster said of itself."""

    crds: Crds
    served: frozenset[tuple[str, str]] | None
    rights: Rights
    may_all: bool


def palette(cluster: Cluster, namespace: str, facts: ClusterFacts) -> NodeTypes:
    """Return the catalogue; never an error of the cluster: the core types are then of unknown availability."""
    core = node_types()
    if cluster.status is ClusterStatus.DISABLED:
        text = f"The cluster {cluster.name} is disabled."
        return _marked(core, Availability(state="disabled", reason=text))
    try:
        said = _ask(cluster, namespace, facts)
        return _judged(core, cluster, said, facts)
    except KubeOrchError as error:
        return _marked(core, Availability(state="unknown", reason=error.message))


def _marked(core: NodeTypes, availability: Availability) -> NodeTypes:
    items = [item.model_copy(update={"availability": availability}) for item in core.items]
    return catalogue_of(items, core.rules)


def _ask(cluster: Cluster, namespace: str, facts: ClusterFacts) -> _Said:
    """Ask all at once."""
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="palette") as pool:
        crds = pool.submit(facts.crds, cluster)
        served = pool.submit(facts.served, cluster)
        rights = pool.submit(facts.rights, cluster, namespace)
        may_all = pool.submit(facts.allowed, cluster, [EVERYTHING])
        return _Said(crds.result(), served.result(), rights.result(), may_all.result()[EVERYTHING])


def _judged(core: NodeTypes, cluster: Cluster, said: _Said, facts: ClusterFacts) -> NodeTypes:
    by_type = {type_name(crd.group, crd.best.name, crd.kind): crd for crd in said.crds.items if crd.best}
    items = [*core.items, *crd_node_types(said.crds.items)]
    made = {item.type: resources_of(item, by_type) for item in items}
    answers, unasked = _answers(cluster, made.values(), said, facts)
    judged = [
        item.model_copy(update={"availability": _judge(item, made[item.type], by_type, said, answers, unasked)})
        for item in items
    ]
    return catalogue_of(judged, core.rules)


def _answers(
    cluster: Cluster, made: Iterable[list[ApiResource]], said: _Said, facts: ClusterFacts
) -> tuple[dict[Question, bool], frozenset[Question]]:
    """Ask alone for the rights that the rules do not decide; returns the answers and what was too much to ask."""
    if said.may_all:
        return {}, frozenset()
    needs = [need for resources in made for need in needs_of(resources, said.rights.namespace)]
    wanted = open_needs(needs, said.rights)
    ordered = [need for need in dict.fromkeys(needs) if need in wanted]
    return facts.allowed(cluster, ordered[:MOST_QUESTIONS]), frozenset(ordered[MOST_QUESTIONS:])


def _judge(
    item: NodeType,
    resources: list[ApiResource],
    crds: dict[str, Crd],
    said: _Said,
    answers: dict[Question, bool],
    unasked: frozenset[Question],
) -> Availability:
    if unasked and unasked & set(needs_of(resources, said.rights.namespace)):
        return Availability(state="unknown", reason="This cluster has too many kinds to ask for the rights on each.")
    crd = crds.get(item.type)
    return judge(
        resources,
        namespace=said.rights.namespace,
        served=None if crd is not None else said.served,
        allowed=lambda need: said.may_all or is_allowed(need, said.rights, answers),
        problem=crd.problem if crd is not None else "",
    )
