"""
Availability of node types on a cluster and in a namespace: pure, over the cluster's answers.

A type that cannot be used is still drawn; only a plan needs the cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from shared.clusters.facts import Question
from shared.kubernetes.crds import Crd
from shared.kubernetes.objects import BUILT_IN, ApiResource
from shared.kubernetes.rights import Rights
from shared.workflows.catalogue.core import Availability, NodeType
from shared.workflows.kinds import KINDS

NEEDED = ("list", "create", "patch")
"""What the first run of a node needs: to see what is there, to make it, to change it."""
_ALSO = {"role": (("rbac.authorization.k8s.io/v1", "RoleBinding"),)}


EVERYTHING = Question("*", ApiResource("*/*", "*", "*", namespaced=False))
"""Who may do this may do all; one answer then stands for the others."""


def resources_of(item: NodeType, crds: Mapping[str, Crd]) -> list[ApiResource]:
    """Return the kinds a node type makes; none for types that make any kind."""
    crd = crds.get(item.type)
    if crd is not None:
        return [crd.resource(crd.best.name)] if crd.best else []
    kind = KINDS.get(item.type)
    if kind is None or not kind.kind:
        return []
    return [BUILT_IN[kind.api_version, kind.kind], *(BUILT_IN[key] for key in _ALSO.get(item.type, ()))]


def needs_of(resources: Iterable[ApiResource], namespace: str) -> Iterator[Question]:
    """Yield every right that making these kinds takes."""
    for resource in resources:
        for verb in NEEDED:
            yield Question(verb, resource, namespace if resource.namespaced else None)


def open_needs(needs: Iterable[Question], rights: Rights) -> set[Question]:
    """
    Return the rights that have to be asked for one by one.

    The rules of a namespace are also those that hold in it only; on the whole cluster they are at most what is allowed.
    """
    return {need for need in needs if (not need.resource.namespaced if _covers(rights, need) else rights.incomplete)}


def _covers(rights: Rights, need: Question) -> bool:
    return rights.covers(need.verb, need.resource.group, need.resource.plural)


def is_allowed(need: Question, rights: Rights, answers: Mapping[Question, bool]) -> bool:
    """Decide over one right, by its own answer where there is one."""
    if need in answers:
        return answers[need]
    return need.resource.namespaced and _covers(rights, need)


def availability_of(
    resources: Iterable[ApiResource],
    *,
    namespace: str,
    served: frozenset[tuple[str, str]] | None,
    allowed: Callable[[Question], bool],
    problem: str = "",
) -> Availability:
    """
    Return the availability of a node type.

    :param served: kinds of API groups that the cluster has; None when that is not known
    :param problem: the reason why its definition is not in force
    """
    wanted = list(resources)
    if problem:
        return Availability(state="missing_crd", reason=problem)
    for resource in wanted:
        if served is not None and resource.group and (resource.api_version, resource.kind) not in served:
            text = f"This cluster does not serve {resource.kind} of {resource.api_version}."
            return Availability(state="missing_crd", reason=text)
    missing: dict[str, list[str]] = {}
    for need in needs_of(wanted, namespace):
        if not allowed(need):
            missing.setdefault(_what(need), []).append(need.verb)
    if missing:
        words = "; ".join(f"{' or '.join(verbs)} {what}" for what, verbs in missing.items())
        return Availability(state="denied", reason=f"The cluster's credentials may not {words}.")
    return Availability()


def _what(need: Question) -> str:
    resource = need.resource
    name = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
    return f"{name} in the namespace {need.namespace}" if need.namespace else f"{name} of the whole cluster"
