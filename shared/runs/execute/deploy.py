"""
A deploy from the graph to ready objects: plan, apply wave by wave, wait, prune.

Each step is idempotent and begins by looking at the cluster, so that a run adopted after a crash goes on from what is
really there. What is about to be made is noted before, so that nothing made is ever forgotten.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from typing import NoReturn

from shared.access import Verb, owner_may
from shared.clock import now
from shared.errors import ClusterRefused, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import MANAGED_BY
from shared.kubernetes.many import Apply
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.owned.models import OwnedObject, owned_id
from shared.parallel import in_parallel
from shared.planning import items as stored_plans
from shared.planning import permissions
from shared.planning import prune as pruning
from shared.planning.coming_kinds import kinds_defined
from shared.planning.dry_run import make_plan, missing_namespaces
from shared.planning.plan import Known, Plan, Step
from shared.planning.prune import Decision
from shared.planning.survey import LiveObjects, key_of, owned_hash, survey
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import Planned, may_go_on
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.ready_gate import ReadyGate, refs_by_node
from shared.runs.execute.removal import decide_all, remove
from shared.runs.execute.served_kinds import wait_until_served
from shared.runs.models import Phase, RunStatus
from shared.runs.values import RunValues, mask, variables_in
from shared.workflows.compile.manifests import CompileContext, Compiled, Item, compile_graph

GONE_SECONDS = 60.0


def deploy(work: RunContext) -> RunStatus:
    """
    Do a deploy or a rollback, or stop as planned.

    :raises RunFailed: says which node is to blame
    """
    with BackgroundWriter(work.run.id) as notes:
        return _Deploy(work, notes).go()


class _Deploy:
    def __init__(self, work: RunContext, notes: BackgroundWriter) -> None:
        self._work = work
        self._notes = notes
        self._run = work.run
        self._progress = work.progress
        self._stores = work.stores
        self._values = RunValues()
        self._variables: set[str] = set()
        self._applied: list[OwnedObject] = []

    def go(self) -> RunStatus:
        self._progress.phase(Phase.PLANNING)
        client = self._work.client_of(self._run.cluster_id)
        if self._run.has_values:
            self._values = self._stores.values.read(self._run.id)
            self._variables = self._values.variables()
            self._progress.conceal(self._values.words())
        compiled = self._compile()
        for item in compiled.items:
            self._progress.node(item.node_id, "pending")
        everywhere = self._stores.owned.of_workflow(self._run.workflow_id)
        here = [entry for entry in everywhere if entry.cluster_id == self._run.cluster_id]
        planned = self._work.patient(lambda: self._plan(client, compiled, here))
        if not may_go_on(self._work, self._notes, planned):
            return RunStatus.PLANNED
        self._apply(client, planned)
        remove(self._work, client, planned.decision)
        # where the workflow ran before it was given another cluster
        for other, decision in decide_all(self._work, (e for e in everywhere if e.cluster_id != self._run.cluster_id)):
            remove(self._work, other, decision)
        self._notes.settle()
        return RunStatus.COMPLETED

    # -- planning -----------------------------------------------------------------------------------------------

    def _compile(self) -> Compiled:
        run, stores = self._run, self._stores
        version = stores.versions.get(run.workflow_id, run.version)
        head = stores.workflows.get(run.workflow_id)
        cluster = stores.clusters.get(run.cluster_id)
        found = stores.secrets.read(run.workflow_id, version.secret_versions)
        brought = {node_id: values for node_id, values in self._values.secrets.items() if values}
        secrets = {
            node_id: {**found.values.get(node_id, {}), **brought.get(node_id, {})}
            for node_id in {*found.values, *brought}
        }
        compiled = compile_graph(
            self._values.into(version.graph),
            CompileContext(
                workflow_id=run.workflow_id,
                workflow_slug=head.slug,
                version=run.version,
                namespace=version.namespace,
                secrets=secrets,
                secret_versions={**found.versions, **dict.fromkeys(brought, f"run:{run.id}")},
                privileged=owner_may(run, Verb.PRIVILEGED, cluster),
            ),
        )
        self._progress.log(f"Version {run.version}: {len(compiled.items)} objects.")
        return compiled

    def _plan(self, client: ClusterClient, compiled: Compiled, inventory: list[OwnedObject]) -> Planned:
        at_once = self._work.settings.parallel
        refs = [ref_of(item.manifest) for item in compiled.items]
        kinds = [(ref.api_version, ref.kind, ref.namespace) for ref in refs]
        kinds += [(entry.api_version, entry.kind, entry.namespace) for entry in inventory]
        live_objects = survey(client, self._run.workflow_id, kinds, at_once=at_once)
        self._conceal_what_is_left(inventory, live_objects)
        known = Known(
            workflow_id=self._run.workflow_id,
            live_objects=live_objects,
            inventory={key_of(entry.ref): entry for entry in inventory},
            missing_namespaces=missing_namespaces(client, compiled.namespaces),
            consent=self._run.consent,
            rerun=frozenset(self._run.options.rerun),
            coming=kinds_defined(item.manifest for item in compiled.items),
        )
        plan = make_plan(client, compiled.items, known, at_once=at_once)
        plan = replace(plan, steps=tuple(self._concealed(step) for step in plan.steps))
        decision = self._decide(inventory, plan, live_objects)
        plan, decision = permissions.check(client, plan, decision, at_once=at_once)
        return Planned(compiled, plan, decision, stored_plans.items_of(self._run.id, plan, decision))

    def _conceal_what_is_left(self, inventory: list[OwnedObject], live_objects: LiveObjects) -> None:
        """Show as little of the values that an earlier run has brought for itself: they are still on the cluster."""
        for entry in inventory:
            if entry.run_env:
                self._variables |= variables_in(live_objects.get(entry.ref), entry.run_env)
        self._progress.conceal(self._variables)

    def _concealed(self, step: Step) -> Step:
        return replace(step, changes=mask(step.changes, self._variables), reason=self._progress.clean(step.reason))

    def _decide(self, inventory: list[OwnedObject], plan: Plan, live_objects: LiveObjects) -> Decision:
        wanted = {key_of(step.ref) for step in plan.steps}
        return pruning.decide(inventory, wanted, live_objects, named=self._run.consent.delete)

    # -- applying -----------------------------------------------------------------------------------------------

    def _apply(self, client: ClusterClient, planned: Planned) -> None:
        plan = planned.plan
        moved = {step.item.node_id for step in plan.steps if step.action != "unchanged"}
        gate = ReadyGate(self._work, client, {step.item.node_id for step in plan.steps} - moved)
        self._progress.phase(Phase.APPLYING)
        self._make_namespaces(client, plan)
        self._intend(plan)
        self._apply_waves(client, planned, gate)
        self._progress.phase(Phase.WAITING)
        gate.wait(refs_by_node(plan.steps))
        self._progress.phase(Phase.PRUNING)

    def _make_namespaces(self, client: ClusterClient, plan: Plan) -> None:
        for name in plan.missing_namespaces:
            manifest: Manifest = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": {MANAGED_BY: "kubeorch"}},
            }
            self._work.patient(lambda manifest=manifest: client.apply(manifest))  # type: ignore[misc]
            self._progress.log(f"Made the namespace {name}.")

    def _intend(self, plan: Plan) -> None:
        """Note what is about to be made: were this process to die right after, nobody would know whose it is."""
        made = [step for step in plan.steps if step.live is None and step.action != "unchanged"]
        self._stores.owned.put(self._entry(step.item, uid="", owned="", digest="") for step in made)

    def _apply_waves(self, client: ClusterClient, planned: Planned, gate: ReadyGate) -> None:
        waves: dict[int, list[Step]] = defaultdict(list)
        for step in planned.plan.steps:
            waves[step.item.wave].append(step)
        applied: list[Step] = []
        coming = kinds_defined(step.manifest for step in planned.plan.steps)
        try:
            for number in sorted(waves):
                nodes = {step.item.node_id for step in waves[number]}
                awaited = _awaited(planned.compiled, nodes)
                self._note_applied()
                if awaited:
                    gate.wait(refs_by_node(step for step in applied if step.item.node_id in awaited))
                moved = [step.ref for step in waves[number] if step.action != "unchanged"]
                wait_until_served(self._work, client, [ref for ref in moved if (ref.api_version, ref.kind) in coming])
                self._apply_wave(client, waves[number], gate)
                applied += waves[number]
        finally:
            self._note_applied()

    def _note_applied(self) -> None:
        """Write what was applied since the last time: after every wave, since intents stand for it meanwhile."""
        applied, self._applied = self._applied, []
        if applied:
            self._notes.write(lambda: self._stores.owned.put(applied))

    def _apply_wave(self, client: ClusterClient, steps: list[Step], gate: ReadyGate) -> None:
        for step in steps:
            if step.action == "unchanged" and step.live is not None:
                gate.note(step.live)
        loud = [step for step in steps if step.action != "unchanged" or step.live is None]
        for step in loud:
            self._progress.node(step.item.node_id, "applying")
        found = [step for step in steps if step.action == "unchanged" and not step.is_noted]
        self._applied += [self._entry_of(step.item, step.live) for step in found if step.live is not None]
        plain = [step for step in loud if step.action != "replace"]

        def take(number: int, outcome: Manifest | KubeOrchError) -> None:
            if isinstance(outcome, KubeOrchError):
                self._refused(plain[number], outcome)
            else:
                self._made(plain[number], outcome, gate)

        at_once = self._work.settings.parallel
        applies = [Apply(step.manifest, force=step.force, field_validation=step.field_validation) for step in plain]
        left = client.apply_many(applies, take, at_once=at_once, go_on=self._work.look_around)
        # what is deleted first, and what the cluster did not answer: these wait
        rest = [step for step in loud if step.action == "replace"] + [plain[number] for number in left]
        in_parallel(lambda step: self._apply_step(client, step, gate), rest, at_once=at_once)

    def _apply_step(self, client: ClusterClient, step: Step, gate: ReadyGate) -> None:
        self._work.look_around()
        try:
            if step.action == "replace" and step.live is not None:
                self._remove_first(client, step.ref, str(step.live["metadata"]["uid"]))
            live = self._work.patient(
                lambda: client.apply(step.manifest, force=step.force, field_validation=step.field_validation)
            )
        except ClusterRefused as error:
            self._refused(step, error)
        else:
            self._made(step, live, gate)

    def _refused(self, step: Step, error: KubeOrchError) -> NoReturn:
        text = f"{step.ref}: {error.message}"
        self._progress.node(step.item.node_id, "failed", text)
        raise RunFailed(text, node_id=step.item.node_id, code=error.code) from error

    def _made(self, step: Step, live: Manifest, gate: ReadyGate) -> None:
        # a list takes appends of several threads
        self._applied.append(self._entry_of(step.item, live))
        gate.note(live)
        self._progress.node(step.item.node_id, "waiting", "Applied.")
        verb = {"create": "Created", "update": "Updated", "replace": "Replaced"}.get(step.action, "Applied")
        self._progress.log(f"{verb} {step.ref}.", node_id=step.item.node_id)

    def _remove_first(self, client: ClusterClient, ref: ObjectRef, uid: str) -> None:
        self._work.patient(lambda: client.delete(ref, uid=uid, propagation="Background"))
        ends = time.monotonic() + GONE_SECONDS
        while (live := self._work.patient(lambda: client.get(ref))) is not None and live["metadata"].get("uid") == uid:
            if time.monotonic() > ends:
                msg = f"{ref} is being deleted, but is still there after {GONE_SECONDS:.0f} s."
                raise RunFailed(msg, code="delete-timeout")
            self._work.stop.wait(0.2)

    def _entry_of(self, item: Item, live: Manifest) -> OwnedObject:
        uid = str(live["metadata"].get("uid", ""))
        return self._entry(item, uid=uid, owned=owned_hash(live), digest=item.digest)

    def _entry(self, item: Item, *, uid: str, owned: str, digest: str) -> OwnedObject:
        ref, run = ref_of(item.manifest), self._run
        return OwnedObject(
            id=owned_id(run.workflow_id, run.cluster_id, ref.kind, ref.namespace, ref.name),
            workflow_id=run.workflow_id,
            cluster_id=run.cluster_id,
            node_id=item.node_id,
            api_version=ref.api_version,
            kind=ref.kind,
            namespace=ref.namespace,
            name=ref.name,
            uid=uid,
            digest=digest,
            owned=owned,
            run_env=sorted(self._values.env_vars.get(item.node_id, ())),
            run_id=run.id,
            applied_at=now(),
        )


def _awaited(compiled: Compiled, nodes: set[str]) -> set[str]:
    return {
        dependency.node_id
        for node_id in nodes
        for dependency in compiled.after.get(node_id, ())
        if dependency.condition != "started"
    }
