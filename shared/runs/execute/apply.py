"""
Applying a plan wave by wave, each wave when the nodes that it waits for are ready.

What is about to be made is recorded before, so that nothing made is ever forgotten: were this process to die right
after, nobody would know whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NoReturn

from shared.clock import now
from shared.errors import ClusterRefused, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection import many
from shared.kubernetes.labels import MANAGED_BY
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.owned.models import OwnedObject, owned_id
from shared.parallel import in_parallel
from shared.planning.coming_kinds import kinds_defined
from shared.planning.plan import Plan, Step
from shared.planning.survey import owned_hash
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.ready_gate import ReadyGate, refs_by_node
from shared.runs.execute.served_kinds import wait_until_served
from shared.runs.models import Phase, Run
from shared.runs.values import RunValues
from shared.workflows.compile.manifests import Compiled, Item

GONE_SECONDS = 60.0
LOOK_SECONDS = 0.2


class Apply:
    """
    Applies a plan to one cluster.

    :param values: those that the run has brought for itself; the names of its variables are recorded with the objects
    """

    def __init__(self, context: RunContext, client: ClusterClient, writer: BackgroundWriter, values: RunValues) -> None:
        self._context = context
        self._client = client
        self._writer = writer
        self._values = values
        self._progress = context.progress
        self._applied: list[OwnedObject] = []

    def run(self, compiled: Compiled, plan: Plan) -> None:
        """
        Apply everything, and wait until all nodes are ready.

        :raises RunFailed: something was refused or cannot become ready; ``node_id`` names its node
        """
        gate = ReadyGate(self._context, self._client, unmoved_nodes(plan))
        self._progress.phase(Phase.APPLYING)
        self._make_namespaces(plan)
        self._intend(plan)
        self._apply_waves(compiled, plan, gate)
        self._progress.phase(Phase.WAITING)
        gate.wait(refs_by_node(plan.steps))

    def _make_namespaces(self, plan: Plan) -> None:
        for name in plan.missing_namespaces:
            self._context.retrying(self._client.apply, namespace_manifest(name))
            self._progress.log(f"Made the namespace {name}.")

    def _intend(self, plan: Plan) -> None:
        made = [step for step in plan.steps if step.live is None and step.action != "unchanged"]
        self._context.stores.owned.put(self._owned(step.item) for step in made)

    def _apply_waves(self, compiled: Compiled, plan: Plan, gate: ReadyGate) -> None:
        applied: list[Step] = []
        coming = kinds_defined(step.manifest for step in plan.steps)
        try:
            for steps in waves_of(plan):
                awaited = awaited_nodes(compiled, {step.item.node_id for step in steps})
                self._record_applied()
                if awaited:
                    gate.wait(refs_by_node(step for step in applied if step.item.node_id in awaited))
                moved = [step.ref for step in steps if step.action != "unchanged"]
                new_kinds = [ref for ref in moved if (ref.api_version, ref.kind) in coming]
                wait_until_served(self._context, self._client, new_kinds)
                self._apply_wave(steps, gate)
                applied += steps
        finally:
            self._record_applied()

    def _record_applied(self) -> None:
        """Write the objects applied since the last time: after every wave, since intents stand for them meanwhile."""
        applied, self._applied = self._applied, []
        if applied:
            self._writer.write(lambda: self._context.stores.owned.put(applied))

    def _apply_wave(self, steps: list[Step], gate: ReadyGate) -> None:
        for step in steps:
            if step.action == "unchanged" and step.live is not None:
                gate.keep(step.live)
                if not step.is_recorded:
                    self._applied.append(self._owned(step.item, step.live))
        loud = [step for step in steps if step.action != "unchanged" or step.live is None]
        for step in loud:
            self._progress.node(step.item.node_id, "applying")
        plain = [step for step in loud if step.action != "replace"]
        left = self._apply_together(plain, gate)
        # what is deleted first, and what the cluster did not answer: these wait
        rest = [step for step in loud if step.action == "replace"] + left
        in_parallel(lambda step: self._apply_alone(step, gate), rest, at_once=self._context.at_once)

    def _apply_together(self, steps: list[Step], gate: ReadyGate) -> list[Step]:
        """Send many objects over few connections; returns those that the cluster did not answer."""

        def take(number: int, outcome: Manifest | KubeOrchError) -> None:
            if isinstance(outcome, KubeOrchError):
                self._raise_refused(steps[number], outcome)
            self._record_made(steps[number], outcome, gate)

        applies = [
            many.Apply(step.manifest, force=step.force, field_validation=step.field_validation) for step in steps
        ]
        left = self._client.apply_many(applies, take, at_once=self._context.at_once, go_on=self._context.raise_if_over)
        return [steps[number] for number in left]

    def _apply_alone(self, step: Step, gate: ReadyGate) -> None:
        self._context.raise_if_over()
        try:
            if step.action == "replace" and step.live is not None:
                self._remove_first(step.ref, str(step.live["metadata"]["uid"]))
            live = self._context.retrying(
                self._client.apply, step.manifest, force=step.force, field_validation=step.field_validation
            )
        except ClusterRefused as error:
            self._raise_refused(step, error)
        self._record_made(step, live, gate)

    def _raise_refused(self, step: Step, error: KubeOrchError) -> NoReturn:
        text = f"{step.ref}: {error.message}"
        self._progress.node(step.item.node_id, "failed", text)
        raise RunFailed(text, node_id=step.item.node_id, code=error.code) from error

    def _record_made(self, step: Step, live: Manifest, gate: ReadyGate) -> None:
        # a list takes appends of several threads
        self._applied.append(self._owned(step.item, live))
        gate.keep(live)
        self._progress.node(step.item.node_id, "waiting", "Applied.")
        verb = {"create": "Created", "update": "Updated", "replace": "Replaced"}.get(step.action, "Applied")
        self._progress.log(f"{verb} {step.ref}.", node_id=step.item.node_id)

    def _remove_first(self, ref: ObjectRef, uid: str) -> None:
        self._context.retrying(self._client.delete, ref, uid=uid, propagation="Background")
        ends = self._context.clock.monotonic() + GONE_SECONDS
        while (live := self._context.retrying(self._client.get, ref)) is not None and live["metadata"].get(
            "uid"
        ) == uid:
            if self._context.clock.monotonic() > ends:
                msg = f"{ref} is being deleted, but is still there after {GONE_SECONDS:.0f} s."
                raise RunFailed(msg, code="delete-timeout")
            self._context.pause(LOOK_SECONDS)

    def _owned(self, item: Item, live: Manifest | None = None) -> OwnedObject:
        return owned_object(self._context.run, item, live, run_env=self._values.env_vars.get(item.node_id, ()))


def unmoved_nodes(plan: Plan) -> set[str]:
    """Return the nodes of which nothing changes."""
    moved = {step.item.node_id for step in plan.steps if step.action != "unchanged"}
    return {step.item.node_id for step in plan.steps} - moved


def waves_of(plan: Plan) -> list[list[Step]]:
    """Return a plan's steps wave by wave."""
    waves: dict[int, list[Step]] = defaultdict(list)
    for step in plan.steps:
        waves[step.item.wave].append(step)
    return [waves[number] for number in sorted(waves)]


def awaited_nodes(compiled: Compiled, nodes: set[str]) -> set[str]:
    """Return the nodes that must be ready before these are applied."""
    return {
        dependency.node_id
        for node_id in nodes
        for dependency in compiled.after.get(node_id, ())
        if dependency.condition != "started"
    }


def namespace_manifest(name: str) -> Manifest:
    """Return a namespace that a run makes on its way."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {MANAGED_BY: "kubeorch"}}}


def owned_object(run: Run, item: Item, live: Manifest | None, *, run_env: Iterable[str]) -> OwnedObject:
    """
    Return the entry of an object in the inventory.

    :param live: as it was applied; None while it is only about to be made
    """
    ref = ref_of(item.manifest)
    return OwnedObject(
        id=owned_id(run.workflow_id, run.cluster_id, ref.kind, ref.namespace, ref.name),
        workflow_id=run.workflow_id,
        cluster_id=run.cluster_id,
        node_id=item.node_id,
        api_version=ref.api_version,
        kind=ref.kind,
        namespace=ref.namespace,
        name=ref.name,
        uid=str(live["metadata"].get("uid", "")) if live is not None else "",
        digest=item.digest if live is not None else "",
        owned=owned_hash(live) if live is not None else "",
        run_env=sorted(run_env),
        run_id=run.id,
        applied_at=now(),
    )
