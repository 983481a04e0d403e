"""Wires of policies and rights: budgets, network policies, accounts and roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from shared.workflows.drawing.effects import Grant, Peer, PodSelection, RunsAs
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds import WORKLOADS
from shared.workflows.kinds.fields.base import CompileContext, Fields
from shared.workflows.kinds.fields.pods import PodFields
from shared.workflows.wires.common import SOURCE_NAME, TARGET_NAME, Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Rule, Wire


class GuardOptions(Fields):
    """A budget and its workload."""

    rule: Literal["budget-guards"] = "budget-guards"


class PolicyOptions(Fields):
    """A policy and the pods it protects."""

    rule: Literal["policy-protects"] = "policy-protects"


class FromOptions(Fields):
    """Who may talk to the protected pods."""

    rule: Literal["policy-from"] = "policy-from"


class ToOptions(Fields):
    """To whom the protected pods may talk."""

    rule: Literal["policy-to"] = "policy-to"


class AccountOptions(Fields):
    """An account and the pods that use it."""

    rule: Literal["account-runs"] = "account-runs"


class GrantOptions(Fields):
    """A role and an account that gets it."""

    rule: Literal["role-grants"] = "role-grants"


def _pods(wire: Wire, context: CompileContext) -> Effects:
    yield "source", PodSelection(wire.target.id, wire.target.name, wire.target.selector(context))


def _peer(wire: Wire, context: CompileContext) -> Effects:
    is_workload = isinstance(wire.target.data, PodFields)
    namespace = wire.target.namespace if is_workload else wire.target.name
    pods = wire.target.selector(context) if is_workload else None
    yield "source", Peer(item=wire.edge.source_handle or "", pods=pods, namespace=namespace)


def _check_peer(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    direction, _, item = (wire.edge.source_handle or "").partition(":")
    if item not in {rule.id for rule in getattr(wire.source.data, direction, [])}:
        yield wire.error("handle-gone", f"{wire.source.name} has no such rule any more.")


def _account(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "target", RunsAs(wire.source.name)


def _check_account(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    named = wire.target.data.service_account
    if named is not None and named != wire.source.name:
        yield wire.target.error(
            "account-and-wire",
            f"The wire from {wire.source.name} says it already; leave this empty.",
            "/service_account",
        )


def _grant(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", Grant(wire.target.name, wire.target.namespace or "")


RULES: tuple[Rule, ...] = (
    Rule(
        id="budget-guards",
        edge_type="wires",
        source=Match(("poddisruptionbudget",)),
        target=Match(("deployment", "statefulset")),
        label="guards",
        line="policy",
        text="The budget counts the workload's pods.",
        options=GuardOptions,
        effect=_pods,
        cardinality=Cardinality(per_source=1, per_target=1),
    ),
    Rule(
        id="policy-protects",
        edge_type="wires",
        source=Match(("networkpolicy",)),
        target=Match(WORKLOADS),
        label="protects",
        line="policy",
        text="The policy is about the workload's pods.",
        options=PolicyOptions,
        effect=_pods,
        mirrors=(Mirror("source", "/pod_selector", TARGET_NAME, "append"),),
    ),
    Rule(
        id="policy-from",
        edge_type="wires",
        source=Match(("networkpolicy",), handle="ingress"),
        target=Match((*WORKLOADS, "namespace")),
        label="lets in",
        line="policy",
        text="These pods may talk to the protected ones.",
        options=FromOptions,
        effect=_peer,
        checks=_check_peer,
        same_namespace=False,
    ),
    Rule(
        id="policy-to",
        edge_type="wires",
        source=Match(("networkpolicy",), handle="egress"),
        target=Match((*WORKLOADS, "namespace")),
        label="lets out to",
        line="policy",
        text="The protected pods may talk to these.",
        options=ToOptions,
        effect=_peer,
        checks=_check_peer,
        same_namespace=False,
    ),
    Rule(
        id="account-runs",
        edge_type="wires",
        source=Match(("serviceaccount",)),
        target=Match(WORKLOADS),
        label="is used by",
        line="policy",
        text="The pods ask the cluster as this account.",
        options=AccountOptions,
        effect=_account,
        checks=_check_account,
        cardinality=Cardinality(per_target=1),
        mirrors=(Mirror("target", "/service_account", SOURCE_NAME),),
    ),
    Rule(
        id="role-grants",
        edge_type="wires",
        source=Match(("role",)),
        target=Match(("serviceaccount",)),
        label="is given to",
        line="policy",
        text="The account may do what the role says.",
        options=GrantOptions,
        effect=_grant,
        same_namespace=False,
    ),
)
