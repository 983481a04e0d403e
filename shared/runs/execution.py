"""
One run from the graph to ready objects.

Each step is idempotent and begins by looking at the cluster, so that a run adopted after a crash goes on from what is
really there. The lease is renewed beside the work; when it is lost the work stops and writes nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import yaml

from shared.clock import now
from shared.clusters.actions import Clients
from shared.clusters.store import ClusterStore
from shared.errors import ClusterRefused, InvalidInput, KubeOrchError, PermanentError, TemporaryError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.log import get_logger
from shared.runs import plan as planning
from shared.runs import prune as pruning
from shared.runs.ground import Ground, in_parallel, key_of, owned_hash, survey
from shared.runs.models import InventoryEntry, Phase, Run, RunFailure, RunStatus, succeeded
from shared.runs.plan import Plan, Step
from shared.runs.progress import Progress
from shared.runs.readiness import judge
from shared.runs.store import InventoryStore, LeaseLost, RunStore, entry_id
from shared.settings import RunSettings
from shared.workflows.compile import CompileContext, Compiled, Item, compile_graph
from shared.workflows.labels import MANAGED_BY
from shared.workflows.models import LastRun
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions import VersionStore

log = get_logger(__name__)

LEASE_SECONDS = 15.0
RENEW_SECONDS = 2.0
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 1.0
CLUSTER_PATIENCE_SECONDS = 180.0
GONE_SECONDS = 60.0
MOST_TOMBSTONES = 200
DONE = {"ready", "unchanged"}
Result = TypeVar("Result")


class Cancelled(Exception):
    """Somebody asked for the run to end."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything a run reads and writes."""

    runs: RunStore
    inventory: InventoryStore
    workflows: WorkflowStore
    versions: VersionStore
    secrets: SecretStore
    clusters: ClusterStore
    clients: Clients


class RunFailed(PermanentError):
    """
    The run cannot go on.

    :param node_id: the node that is to blame
    """

    default_code = "run-failed"

    def __init__(self, message: str, *, node_id: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.node_id = node_id


class Execution:
    """The work of one run under one lease."""

    def __init__(self, run: Run, progress: Progress, stores: Stores, settings: RunSettings) -> None:
        self._run = run
        self._progress = progress
        self._stores = stores
        self._settings = settings
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._lost = threading.Event()
        self._ends = time.monotonic() + settings.total_seconds
        self._unmoved: set[str] = set()

    # -- the whole ----------------------------------------------------------------------------------------------

    def go(self) -> Run | None:
        """Do the run to its end; None when another worker took it over meanwhile."""
        keeper = threading.Thread(target=self._keep_lease, name=f"lease-{self._run.id}", daemon=True)
        teller = threading.Thread(target=self._keep_telling, name=f"tell-{self._run.id}", daemon=True)
        keeper.start()
        teller.start()
        try:
            return self._finish(RunStatus.COMPLETED, None, self._deploy)
        except LeaseLost:
            log.warning("run_lease_lost", run_id=self._run.id)
            return None
        finally:
            self._stop.set()
            self._progress.wake()
            keeper.join(timeout=5)
            teller.join(timeout=5)

    def _finish(self, good: RunStatus, failure: RunFailure | None, work: Callable[[], None]) -> Run:
        status = good
        try:
            work()
        except Cancelled:
            status = RunStatus.CANCELLED
            self._progress.log("Cancelled. What was applied stays as it is.", level="warning")
        except KubeOrchError as error:
            status = RunStatus.FAILED
            failure = self._failure(error)
            self._progress.log(failure.message, level="error", node_id=failure.node_id)
        self._skip_the_rest(status)
        ended = now()
        started = self._run.started_at or ended
        run = self._progress.finish(
            {
                "status": status.value,
                "finished_at": ended,
                "duration_seconds": round((ended - started).total_seconds(), 3),
                "error": failure.model_dump() if failure else None,
            }
        )
        self._note_on_workflow(run, status)
        log.info("run_finished", run_id=run.id, outcome=status.value, duration_seconds=run.duration_seconds)
        return run

    def _note_on_workflow(self, run: Run, status: RunStatus) -> None:
        last = LastRun(id=run.id, status=status.value, version=run.version, finished_at=run.finished_at or now())
        self._stores.workflows.run_finished(run.workflow_id, last, succeeded=succeeded(status))

    def _failure(self, error: KubeOrchError) -> RunFailure:
        node_id = error.node_id if isinstance(error, RunFailed) else None
        message = error.message
        issues = error.details.get("issues")
        if isinstance(error, InvalidInput) and isinstance(issues, list):
            for issue in issues:
                if issue.get("node_id"):
                    self._progress.node(issue["node_id"], "failed", issue["message"])
            first = issues[0] if issues else {}
            node_id, message = first.get("node_id"), f"{message} First: {first.get('message', '')}"
        return RunFailure(message=message, code=error.code, node_id=node_id)

    def _skip_the_rest(self, status: RunStatus) -> None:
        words = "The run was cancelled before it." if status is RunStatus.CANCELLED else "The run ended before it."
        for node_id, state in list(self._progress.states.items()):
            if state.state in {"pending", "applying"}:
                self._progress.node(node_id, "skipped", words)
            elif state.state == "waiting":
                self._progress.node(node_id, "skipped" if status is RunStatus.CANCELLED else "failed", state.message)

    # -- the deploy ---------------------------------------------------------------------------------------------

    def _deploy(self) -> None:
        self._progress.phase(Phase.PLANNING)
        client = self._client()
        compiled = self._compile()
        for item in compiled.items:
            self._progress.node(item.node_id, "pending")
        inventory = self._stores.inventory.of_workflow(self._run.workflow_id, self._run.cluster_id)
        ground, plan = self._patient(lambda: self._plan(client, compiled, inventory))
        self._progress.set("plan_summary", plan.summary())
        moved = {step.item.node_id for step in plan.steps if step.action != "unchanged"}
        self._unmoved = {step.item.node_id for step in plan.steps} - moved
        if plan.refused:
            self._refuse(plan.refused)
        self._progress.phase(Phase.APPLYING)
        self._make_namespaces(client, plan)
        self._apply_waves(client, compiled, plan)
        self._progress.phase(Phase.WAITING)
        self._wait(client, self._refs_by_node(plan.steps))
        self._progress.phase(Phase.PRUNING)
        self._prune(client, inventory, plan, ground)

    def _client(self) -> ClusterClient:
        return self._stores.clients.client_for(self._stores.clusters.get(self._run.cluster_id))

    def _compile(self) -> Compiled:
        run, stores = self._run, self._stores
        version = stores.versions.get(run.workflow_id, run.version)
        head = stores.workflows.get(run.workflow_id)
        cluster = stores.clusters.get(run.cluster_id)
        values = stores.secrets.read(run.workflow_id, version.secret_versions)
        compiled = compile_graph(
            version.graph,
            CompileContext(
                workflow_id=run.workflow_id,
                workflow_slug=head.slug,
                version=run.version,
                namespace=version.namespace,
                secrets=values.values,
                secret_versions=values.versions,
                # whoever owns the cluster may give out its rights
                privileged=cluster.owner_id == run.owner_id,
            ),
        )
        self._progress.log(f"Version {run.version}: {len(compiled.items)} objects.")
        return compiled

    def _plan(self, client: ClusterClient, compiled: Compiled, inventory: list[InventoryEntry]) -> tuple[Ground, Plan]:
        at_once = self._settings.parallel
        refs = [ref_of(item.manifest) for item in compiled.items]
        kinds = [(ref.api_version, ref.kind, ref.namespace) for ref in refs]
        kinds += [(entry.api_version, entry.kind, entry.namespace) for entry in inventory]
        ground = survey(client, self._run.workflow_id, kinds, at_once=at_once)
        known = planning.Known(
            workflow_id=self._run.workflow_id,
            ground=ground,
            inventory={key_of(pruning.ref_of_entry(entry)): entry for entry in inventory},
            missing_namespaces=planning.missing_namespaces(client, compiled.namespaces),
        )
        return ground, planning.make_plan(client, compiled.items, known, at_once=at_once)

    def _refuse(self, refused: Iterable[Step]) -> None:
        steps = list(refused)
        for step in steps:
            self._progress.node(step.item.node_id, "failed", step.reason)
            self._progress.log(step.reason, level="error", node_id=step.item.node_id)
        first = steps[0]
        more = f" (and {len(steps) - 1} more)" if len(steps) > 1 else ""
        msg = f"Nothing was changed: {first.reason}{more}"
        raise RunFailed(msg, node_id=first.item.node_id, code=first.code or None)

    def _make_namespaces(self, client: ClusterClient, plan: Plan) -> None:
        for name in plan.missing_namespaces:
            manifest: Manifest = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": {MANAGED_BY: "kubeorch"}},
            }
            self._patient(lambda manifest=manifest: client.apply(manifest))  # type: ignore[misc]
            self._progress.log(f"Made the namespace {name}.")

    # -- applying -----------------------------------------------------------------------------------------------

    def _apply_waves(self, client: ClusterClient, compiled: Compiled, plan: Plan) -> None:
        waves: dict[int, list[Step]] = defaultdict(list)
        for step in plan.steps:
            waves[step.item.wave].append(step)
        applied: list[Step] = []
        for number in sorted(waves):
            self._await_dependencies(client, compiled, {step.item.node_id for step in waves[number]}, applied)
            self._apply_wave(client, waves[number])
            applied += waves[number]

    def _await_dependencies(
        self, client: ClusterClient, compiled: Compiled, nodes: set[str], applied: list[Step]
    ) -> None:
        awaited = {
            dependency.node_id
            for node_id in nodes
            for dependency in compiled.after.get(node_id, ())
            if dependency.condition != "started"
        }
        if awaited:
            self._wait(client, self._refs_by_node(step for step in applied if step.item.node_id in awaited))

    def _apply_wave(self, client: ClusterClient, steps: list[Step]) -> None:
        quiet = [step for step in steps if step.action == "unchanged" and step.live is not None]
        loud = [step for step in steps if step not in quiet]
        for step in loud:
            self._progress.node(step.item.node_id, "applying")
        entries = [self._entry(step.item, step.live) for step in quiet if step.live is not None]
        entries += in_parallel(lambda step: self._apply(client, step), loud, at_once=self._settings.parallel)
        self._stores.inventory.put(entries)

    def _apply(self, client: ClusterClient, step: Step) -> InventoryEntry:
        self._look_around()
        try:
            if step.action == "replace" and step.live is not None:
                self._remove_first(client, step.ref, str(step.live["metadata"]["uid"]))
            live = self._patient(lambda: client.apply(step.manifest, force=step.force))
        except ClusterRefused as error:
            text = f"{step.ref}: {error.message}"
            self._progress.node(step.item.node_id, "failed", text)
            raise RunFailed(text, node_id=step.item.node_id, code=error.code) from error
        verb = {"create": "Created", "update": "Updated", "replace": "Replaced"}.get(step.action, "Applied")
        self._progress.log(f"{verb} {step.ref}.", node_id=step.item.node_id)
        return self._entry(step.item, live)

    def _remove_first(self, client: ClusterClient, ref: ObjectRef, uid: str) -> None:
        self._patient(lambda: client.delete(ref, uid=uid, propagation="Background"))
        ends = time.monotonic() + GONE_SECONDS
        while (live := client.get(ref)) is not None and live["metadata"].get("uid") == uid:
            self._look_around()
            if time.monotonic() > ends:
                msg = f"{ref} is being deleted, but is still there after {GONE_SECONDS:.0f} s."
                raise RunFailed(msg, code="delete-timeout")
            self._stop.wait(0.2)

    def _entry(self, item: Item, live: Manifest) -> InventoryEntry:
        ref = ref_of(item.manifest)
        run = self._run
        return InventoryEntry(
            id=entry_id(run.workflow_id, run.cluster_id, ref.kind, ref.namespace, ref.name),
            workflow_id=run.workflow_id,
            cluster_id=run.cluster_id,
            node_id=item.node_id,
            api_version=ref.api_version,
            kind=ref.kind,
            namespace=ref.namespace,
            name=ref.name,
            uid=str(live["metadata"].get("uid", "")),
            digest=item.digest,
            owned=owned_hash(live),
            run_id=run.id,
            applied_at=now(),
        )

    # -- waiting ------------------------------------------------------------------------------------------------

    def _refs_by_node(self, steps: Iterable[Step]) -> dict[str, list[ObjectRef]]:
        nodes: dict[str, list[ObjectRef]] = defaultdict(list)
        for step in steps:
            nodes[step.item.node_id].append(step.ref)
        return nodes

    def _wait(self, client: ClusterClient, nodes: dict[str, list[ObjectRef]]) -> None:
        """Wait until all nodes are ready; look often at first, once a second later."""
        waiting = {node_id: refs for node_id, refs in nodes.items() if self._progress.states[node_id].state not in DONE}
        ends = time.monotonic() + self._settings.node_seconds
        pause = FIRST_LOOK_SECONDS
        while waiting:
            self._look_around()
            ground = dict(waiting)
            verdicts = self._patient(
                lambda ground=ground: judge(client, self._run.workflow_id, ground, at_once=self._settings.parallel)  # type: ignore[misc]
            )
            for node_id, verdict in verdicts.items():
                if verdict.state == "failed":
                    self._progress.node(node_id, "failed", verdict.message)
                    raise RunFailed(f"{waiting[node_id][0]}: {verdict.message}", node_id=node_id, code="node-failed")
                if verdict.state == "ready":
                    self._progress.node(node_id, "unchanged" if node_id in self._unmoved else "ready", verdict.message)
                    waiting.pop(node_id)
                else:
                    self._progress.node(node_id, "waiting", verdict.message)
            if waiting and time.monotonic() > ends:
                self._time_out(waiting)
            if waiting:
                self._stop.wait(pause)
                pause = min(pause * 1.6, LONGEST_LOOK_SECONDS)

    def _time_out(self, waiting: dict[str, list[ObjectRef]]) -> None:
        for node_id in waiting:
            self._progress.node(node_id, "failed", self._progress.states[node_id].message)
        node_id, refs = next(iter(waiting.items()))
        said = self._progress.states[node_id].message
        msg = f"{refs[0]} was not ready after {self._settings.node_seconds} s: {said}"
        raise RunFailed(msg, node_id=node_id, code="node-timeout")

    # -- pruning ------------------------------------------------------------------------------------------------

    def _prune(self, client: ClusterClient, inventory: list[InventoryEntry], plan: Plan, ground: Ground) -> None:
        decision = pruning.decide(inventory, {key_of(step.ref) for step in plan.steps}, ground)
        for keep in decision.keep:
            self._progress.log(f"Kept {pruning.ref_of_entry(keep.entry)}: {keep.why}.", node_id=keep.entry.node_id)
        tombstones = []
        for entry, live in decision.delete:
            self._look_around()
            ref = pruning.ref_of_entry(entry)
            self._patient(lambda ref=ref, entry=entry: client.delete(ref, uid=entry.uid))  # type: ignore[misc]
            tombstones.append({"node_id": entry.node_id, "object": str(ref), "yaml": _tombstone(live)})
            self._progress.node(entry.node_id, "pruned", f"{ref} was removed, because the graph has it no longer.")
            self._progress.log(f"Removed {ref}.", node_id=entry.node_id)
        gone = [entry.id for entry, _ in decision.delete] + [entry.id for entry in decision.forget]
        self._stores.inventory.remove(gone)
        if tombstones:
            self._progress.set("tombstones", tombstones[:MOST_TOMBSTONES])
        summary = {**plan.summary(), "prune": len(decision.delete), "keep": len(decision.keep)}
        self._progress.set("plan_summary", {key: count for key, count in summary.items() if count})

    # -- beside the work ----------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Stop when the lease is lost, somebody cancelled, or the run takes too long."""
        if self._lost.is_set():
            raise LeaseLost
        if self._cancelled.is_set():
            raise Cancelled
        if time.monotonic() > self._ends:
            msg = f"The run took longer than {self._settings.total_seconds} s."
            raise RunFailed(msg, code="run-timeout")

    def _patient(self, work: Callable[[], Result]) -> Result:
        """Do something with the cluster; while it does not answer, try again for some minutes and say so."""
        ends = time.monotonic() + CLUSTER_PATIENCE_SECONDS
        said = False
        pause = 0.5
        while True:
            self._look_around()
            try:
                return work()
            except TemporaryError as error:
                if time.monotonic() > ends:
                    raise
                if not said:
                    self._progress.log(f"Waiting for the cluster: {error.message}", level="warning")
                    said = True
                self._stop.wait(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
                pause = min(pause * 2, 5.0)

    def _keep_telling(self) -> None:
        try:
            self._progress.keep_telling(self._stop)
        except LeaseLost:
            self._lost.set()

    def _keep_lease(self) -> None:
        token = self._run.lease.token if self._run.lease else 0
        last = time.monotonic()
        while not self._stop.wait(RENEW_SECONDS):
            try:
                if self._stores.runs.renew(self._run.id, token, LEASE_SECONDS):
                    self._cancelled.set()
                last = time.monotonic()
            except LeaseLost:
                self._lost.set()
                return
            except Exception:
                log.warning("run_lease_not_renewed", run_id=self._run.id, exc_info=True)
                if time.monotonic() - last > LEASE_SECONDS:
                    self._lost.set()
                    return


def _tombstone(live: Manifest) -> str:
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    content = {**live, "metadata": metadata}
    if live.get("kind") == "Secret":
        content.pop("data", None)
    return str(yaml.safe_dump(content, sort_keys=True))
