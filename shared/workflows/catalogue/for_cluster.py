"""The catalogue for one cluster and namespace: core types, presets for its extensions, and the availability of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.clusters.facts import ClusterFacts, Crds, Question
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import KubeOrchError
from shared.kubernetes.objects import ApiResource
from shared.kubernetes.rights import Rights
from shared.parallel import together
from shared.workflows.catalogue.availability import (
    EVERYTHING,
    availability_of,
    is_allowed,
    needs_of,
    open_needs,
    resources_of,
)
from shared.workflows.catalogue.core import Availability, NodeTypes, catalogue_of, node_types
from shared.workflows.catalogue.crd_presets import crd_node_types, type_name
from shared.workflows.catalogue.plugin_presets import Offer, offered, placed_on, without_twins

MOST_QUESTIONS = 120
"""Rights that are asked one by one; kinds whose rights remain unasked are of unknown availability."""


@dataclass(frozen=True, slots=True)
class _ClusterAnswers:
    """The answers of a cluster about itself."""

    crds: Crds
    served: frozenset[tuple[str, str]] | None
    rights: Rights
    may_all: bool


def node_types_with(offers: Sequence[Offer]) -> NodeTypes:
    """Return the catalogue without a cluster: core types, and the offers of plugins."""
    core = node_types()
    return catalogue_of([*core.items, *map(offered, offers)], core.rules) if offers else core


class ClusterCatalogue:
    """
    Catalogues of clusters.

    :param facts: the answers of clusters about themselves
    """

    def __init__(self, facts: ClusterFacts) -> None:
        self._facts = facts

    def node_types(self, cluster: Cluster, namespace: str, offers: Sequence[Offer] = ()) -> NodeTypes:
        """
        Return the catalogue; never an error of the cluster: without its answers availability is unknown.

        :param offers: what the plugins of the person who asks offer
        """
        core = node_types_with(offers)
        if cluster.status is ClusterStatus.DISABLED:
            text = f"The cluster {cluster.name} is disabled."
            return _marked(core, Availability(state="disabled", reason=text))
        try:
            said = self._ask(cluster, namespace)
            return self._with_availability(node_types(), offers, cluster, said)
        except KubeOrchError as error:
            return _marked(core, Availability(state="unknown", reason=error.message))

    def _ask(self, cluster: Cluster, namespace: str) -> _ClusterAnswers:
        """Ask all at once."""
        crds, served, rights, allowed = together(
            lambda: self._facts.crds(cluster),
            lambda: self._facts.served(cluster),
            lambda: self._facts.rights(cluster, namespace),
            lambda: self._facts.allowed(cluster, [EVERYTHING]),
        )
        return _ClusterAnswers(crds, served, rights, allowed[EVERYTHING])

    def _with_availability(
        self, core: NodeTypes, offers: Sequence[Offer], cluster: Cluster, said: _ClusterAnswers
    ) -> NodeTypes:
        by_type = {type_name(crd.group, crd.best.name, crd.kind): crd for crd in said.crds.items if crd.best}
        # where all definitions are known, only an aggregated API could serve what none of them defines
        served = frozenset() if said.served is None and not said.crds.reason else said.served
        placed = placed_on(offers, said.crds.items, served)
        items = [
            *core.items,
            *(one.item for one in placed),
            *without_twins(crd_node_types(said.crds.items), placed),
        ]
        problems = {name: crd.problem for name, crd in by_type.items()} | {one.item.type: one.problem for one in placed}
        made = {item.type: resources_of(item, by_type) for item in items}
        made |= {one.item.type: [one.resource] for one in placed}
        answers, unasked = self._answers(cluster, made.values(), said)
        judged = [
            item.model_copy(
                update={"availability": _availability(made[item.type], problems.get(item.type), said, answers, unasked)}
            )
            for item in items
        ]
        return catalogue_of(judged, core.rules)

    def _answers(
        self, cluster: Cluster, made: Iterable[list[ApiResource]], said: _ClusterAnswers
    ) -> tuple[dict[Question, bool], frozenset[Question]]:
        """Ask one by one for the rights that the rules do not decide; returns answers, and rights left unasked."""
        if said.may_all:
            return {}, frozenset()
        needs = [need for resources in made for need in needs_of(resources, said.rights.namespace)]
        wanted = open_needs(needs, said.rights)
        ordered = [need for need in dict.fromkeys(needs) if need in wanted]
        return self._facts.allowed(cluster, ordered[:MOST_QUESTIONS]), frozenset(ordered[MOST_QUESTIONS:])


def _marked(core: NodeTypes, availability: Availability) -> NodeTypes:
    items = [item.model_copy(update={"availability": availability}) for item in core.items]
    return catalogue_of(items, core.rules)


def _availability(
    resources: list[ApiResource],
    problem: str | None,
    said: _ClusterAnswers,
    answers: dict[Question, bool],
    unasked: frozenset[Question],
) -> Availability:
    """
    Return the availability of a type, unknown when its rights were too many to ask for.

    :param problem: of the kind of an extension; empty when it has none, None for the core types
    """
    if not problem and unasked and unasked & set(needs_of(resources, said.rights.namespace)):
        return Availability(state="unknown", reason="This cluster has too many kinds to ask for the rights on each.")
    return availability_of(
        resources,
        namespace=said.rights.namespace,
        served=said.served if problem is None else None,
        allowed=lambda need: said.may_all or is_allowed(need, said.rights, answers),
        problem=problem or "",
    )
