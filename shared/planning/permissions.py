"""
Rights that the credentials of a cluster lack, all of them at once.

Dry runs say what may not be applied, one object after another; deletions and objects in namespaces that do not exist
yet are not tried by them. The cluster is asked about these, and about everything as soon as one thing is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.errors import NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import ObjectRef
from shared.parallel import in_parallel
from shared.planning.plan import Plan, Step
from shared.planning.prune import Decision, Keep


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one kind in one namespace (empty: everywhere)."""

    verb: str
    api_version: str
    kind: str
    namespace: str = ""

    @classmethod
    def on(cls, verb: str, ref: ObjectRef) -> Right:
        """Return the right to do something with an object."""
        return cls(verb, ref.api_version, ref.kind, ref.namespace or "")


def with_denials(client: ClusterClient, plan: Plan, decision: Decision, *, at_once: int) -> tuple[Plan, Decision]:
    """Return the plan with forbidden steps as denied, and the decision with forbidden deletions as kept."""
    one_refused = any(step.code == "cluster-forbidden" and "exceeded quota" not in step.reason for step in plan.steps)
    wanted = {right for step in plan.steps if one_refused or _is_untried(step, plan) for right in _rights(step)}
    wanted |= {Right("create", "v1", "Namespace")} if plan.missing_namespaces else set()
    wanted |= {Right.on("delete", entry.ref) for entry, _ in decision.delete}
    denied = _denied(client, wanted, at_once=at_once)
    if not denied:
        return plan, decision
    return _marked(plan, denied), _kept(decision, denied)


def _is_untried(step: Step, plan: Plan) -> bool:
    return step.action == "replace" or step.ref.namespace in plan.missing_namespaces


def _rights(step: Step) -> Iterable[Right]:
    yield Right.on("patch", step.ref)
    if step.live is None:
        yield Right.on("create", step.ref)
    if step.action == "replace":
        yield Right.on("delete", step.ref)


def _denied(client: ClusterClient, wanted: Iterable[Right], *, at_once: int) -> dict[Right, str]:
    def ask(right: Right) -> str | None:
        try:
            resource = client.resource_for(right.api_version, right.kind)
        except NotFound:
            # its definition comes with this plan, or the plan says that it is missing
            return None
        allowed, _ = client.can_i(right.verb, resource, right.namespace or None)
        return None if allowed else f"{right.verb} {resource.plural}"

    rights = sorted(wanted)
    answers = in_parallel(ask, rights, at_once=at_once)
    return {right: words for right, words in zip(rights, answers, strict=True) if words}


def _marked(plan: Plan, denied: dict[Right, str]) -> Plan:
    no_namespace = Right("create", "v1", "Namespace") in denied
    return replace(
        plan,
        steps=tuple(
            _mark(step, f"create the namespace {step.ref.namespace}")
            if no_namespace and step.ref.namespace in plan.missing_namespaces
            else _mark(step, _missing(step, denied))
            for step in plan.steps
        ),
    )


def _missing(step: Step, denied: dict[Right, str]) -> str:
    words = " or ".join(denied[right] for right in _rights(step) if right in denied)
    return f"{words} in the namespace {step.ref.namespace}" if words and step.ref.namespace else words


def _mark(step: Step, missing: str) -> Step:
    if not missing:
        return step
    text = f"{step.ref}: the cluster's credentials may not {missing}."
    return replace(step, action="denied", reason=text, code="cluster-forbidden", needs="")


def _kept(decision: Decision, denied: dict[Right, str]) -> Decision:
    keep, delete = list(decision.keep), []
    for entry, live in decision.delete:
        words = denied.get(Right.on("delete", entry.ref))
        if words:
            keep.append(Keep(entry, f"the cluster's credentials may not {words}"))
        else:
            delete.append((entry, live))
    return Decision(tuple(delete), tuple(keep), decision.forget)
