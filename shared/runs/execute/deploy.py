"""
A deploy from the graph to ready objects: plan, apply wave by wave, wait, remove objects that left the graph.

Each step is idempotent and begins by looking at the cluster, so that a run adopted after a crash goes on from what is
really there.
"""

from __future__ import annotations

from dataclasses import replace

from shared.access import Verb, owner_may
from shared.kubernetes.client import ClusterClient
from shared.owned.models import OwnedObject
from shared.planning import permissions
from shared.planning.dry_run import plan_on
from shared.planning.items import items_of
from shared.planning.plan import Step
from shared.planning.prune import decide
from shared.planning.survey import LiveObjects, key_of
from shared.runs.execute.apply import Apply
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import Next, Planned, record_plan
from shared.runs.execute.context import RunContext
from shared.runs.execute.removal import decide_all, remove
from shared.runs.models import Phase, RunStatus
from shared.runs.values import RunValues, mask, variables_in
from shared.sentences import plural
from shared.workflows.compile.manifests import CompileContext, Compiled, compile_graph


def deploy(context: RunContext) -> RunStatus:
    """
    Do a deploy or a rollback, or stop as planned.

    :raises RunFailed: says which node is to blame
    """
    with BackgroundWriter(context.run.id) as writer:
        return _Deploy(context, writer).run()


class _Deploy:
    def __init__(self, context: RunContext, writer: BackgroundWriter) -> None:
        self._context = context
        self._writer = writer
        self._run = context.run
        self._progress = context.progress
        self._stores = context.stores
        self._values = RunValues()
        self._variables: set[str] = set()

    def run(self) -> RunStatus:
        self._progress.phase(Phase.PLANNING)
        client = self._context.client_of(self._run.cluster_id)
        self._read_values()
        compiled = self._compile()
        for item in compiled.items:
            self._progress.node(item.node_id, "pending")
        owned = self._stores.owned.of_workflow(self._run.workflow_id)
        here = [item for item in owned if item.cluster_id == self._run.cluster_id]
        planned = self._context.retrying(self._plan, client, compiled, here)
        if self._record(planned) is Next.REST:
            return RunStatus.PLANNED
        Apply(self._context, client, self._writer, self._values).run(compiled, planned.plan)
        self._progress.phase(Phase.PRUNING)
        remove(self._context, client, planned.decision)
        # where the workflow ran before it was given another cluster
        elsewhere = [item for item in owned if item.cluster_id != self._run.cluster_id]
        for other, decision in decide_all(self._context, elsewhere):
            remove(self._context, other, decision)
        self._writer.settle()
        return RunStatus.COMPLETED

    def _read_values(self) -> None:
        """Open the values that the run has brought for itself, and conceal them."""
        if self._run.has_values:
            self._values = self._stores.values.read(self._run.id)
            self._variables = self._values.variables()
            self._progress.conceal(self._values.words())

    def _compile(self) -> Compiled:
        run, stores = self._run, self._stores
        version = stores.versions.get(run.workflow_id, run.version)
        head = stores.workflows.get(run.workflow_id)
        cluster = stores.clusters.get(run.cluster_id)
        stored = stores.secrets.read(run.workflow_id, version.secret_versions)
        brought = {node_id: values for node_id, values in self._values.secrets.items() if values}
        secrets = {
            node_id: {**stored.values.get(node_id, {}), **brought.get(node_id, {})}
            for node_id in {*stored.values, *brought}
        }
        compiled = compile_graph(
            self._values.into(version.graph),
            CompileContext(
                workflow_id=run.workflow_id,
                workflow_slug=head.slug,
                version=run.version,
                namespace=version.namespace,
                secrets=secrets,
                secret_versions={**stored.versions, **dict.fromkeys(brought, f"run:{run.id}")},
                privileged=owner_may(run, Verb.PRIVILEGED, cluster),
            ),
        )
        self._progress.log(f"Version {run.version}: {plural(len(compiled.items), 'object')}.")
        return compiled

    def _plan(self, client: ClusterClient, compiled: Compiled, owned: list[OwnedObject]) -> Planned:
        run, at_once = self._run, self._context.at_once
        plan, live_objects = plan_on(
            client,
            run.workflow_id,
            compiled.items,
            owned,
            at_once=at_once,
            consent=run.consent,
            rerun=run.options.rerun,
        )
        self._conceal_what_is_left(owned, live_objects)
        plan = replace(plan, steps=tuple(self._concealed(step) for step in plan.steps))
        wanted = {key_of(step.ref) for step in plan.steps}
        decision = decide(owned, wanted, live_objects, named=run.consent.delete)
        plan, decision = permissions.with_denials(client, plan, decision, at_once=at_once)
        return Planned(plan, decision, items_of(run.id, plan, decision))

    def _record(self, planned: Planned) -> Next:
        return record_plan(self._run, planned, plans=self._stores.plans, progress=self._progress, writer=self._writer)

    def _conceal_what_is_left(self, owned: list[OwnedObject], live_objects: LiveObjects) -> None:
        """Conceal the values, too, that an earlier run has brought for itself: they are still on the cluster."""
        for item in owned:
            if item.run_env:
                self._variables |= variables_in(live_objects.get(item.ref), item.run_env)
        self._progress.conceal(self._variables)

    def _concealed(self, step: Step) -> Step:
        return replace(step, changes=mask(step.changes, self._variables), reason=self._progress.clean(step.reason))
