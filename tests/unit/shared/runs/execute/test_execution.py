from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from structlog.testing import capture_logs

from shared.errors import FieldError, InvalidInput, KubeOrchError, StorageUnavailable
from shared.jobs.lease import LeaseLost
from shared.kubernetes.masking import MASK
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.execution import KINDS, Execution, blamed_nodes, failure_of
from shared.runs.models import Run, RunKind, RunStatus
from tests.support.fakes.engine import WORKFLOW, Engine
from tests.support.wait import eventually

LONG = 60


def invalid(*issues: Mapping[str, str | None]) -> InvalidInput:
    return InvalidInput("The workflow has 2 mistakes.", code="graph-invalid", details={"issues": list(issues)})


class Scene:
    """One run whose work a test says."""

    def __init__(self, attempts: int = 1) -> None:
        self.engine = Engine()
        self.run = self.engine.taken(attempts=attempts)
        self.engine.workflows.run_started(WORKFLOW, self.run.id)

    def do(self, work: Callable[[RunContext], RunStatus]) -> Run | None:
        """Do the run to its end."""
        execution = Execution(
            self.run,
            1,
            stores=self.engine.stores,
            settings=self.engine.settings,
            updates=self.engine.updates,
            ending=self.engine.ending,
            kinds={RunKind.DEPLOY: work},
        )
        return execution.run()

    @property
    def stored(self) -> Run:
        """The run as it is stored."""
        return self.engine.runs.get(self.run.id)

    @property
    def log(self) -> list[tuple[str, str]]:
        """Level and text of its log."""
        return [(entry.level, entry.text) for entry in self.stored.logs]

    def end(self) -> tuple[RunStatus, str, str, str | None]:
        """Return how it ended, with code, sentence and node of its failure."""
        error = self.stored.error
        assert error is not None
        return self.stored.status, error.code, error.message, error.node_id


def complete(_: RunContext) -> RunStatus:
    return RunStatus.COMPLETED


def raising(error: Exception) -> Callable[[RunContext], RunStatus]:
    def work(context: RunContext) -> RunStatus:
        context.progress.node("web", "waiting", "0 of 1 ready.")
        context.progress.node("db", "pending")
        raise error

    return work


def test_a_run_that_does_its_work_completes() -> None:
    scene = Scene()
    ended = scene.do(complete)
    assert ended is not None
    assert (ended.status, scene.stored.status, scene.stored.error) == (RunStatus.COMPLETED, RunStatus.COMPLETED, None)
    assert scene.engine.updates.events() == ["complete"]
    assert scene.engine.workflow.success_count == 1
    assert scene.log == []


def test_a_run_that_was_adopted_says_so() -> None:
    scene = Scene(attempts=2)
    scene.do(complete)
    assert scene.log == [("warning", "Taken over, attempt 2: the process that worked on it is gone.")]


def test_a_failure_is_told_with_its_node_and_the_rest_is_skipped() -> None:
    scene = Scene()
    scene.do(raising(RunFailed("web: no such image", node_id="web", code="node-failed")))
    assert scene.end() == (RunStatus.FAILED, "node-failed", "web: no such image", "web")
    assert scene.log == [("error", "web: no such image")]
    messages = {node_id: (state.state, state.message) for node_id, state in scene.stored.node_states.items()}
    assert messages == {
        "web": ("skipped", "The run ended before it. 0 of 1 ready."),
        "db": ("skipped", "The run ended before it."),
    }


def test_what_is_concealed_does_not_stand_in_the_failure() -> None:
    scene = Scene()

    def work(context: RunContext) -> RunStatus:
        context.progress.conceal({"tiger-1"})
        raise RunFailed("Invalid value: tiger-1")

    scene.do(work)
    assert scene.end()[1:3] == ("run-failed", f"Invalid value: {MASK}")
    assert scene.log == [("error", f"Invalid value: {MASK}")]


def test_mistakes_of_the_graph_are_told_at_their_nodes() -> None:
    scene = Scene()
    first, second = {"node_id": "web", "message": "An image is missing."}, {"node_id": None, "message": "A circle."}
    scene.do(raising(invalid(first, second)))
    assert scene.end()[1:] == (
        "graph-invalid",
        "The workflow has 2 mistakes. First: An image is missing.",
        "web",
    )
    assert scene.stored.node_states["web"].state == "failed"
    assert scene.stored.node_states["web"].message == "An image is missing."


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("No.", fields=[FieldError("a", "b")]),
        InvalidInput("No.", details={"issues": "many"}),
        KubeOrchError("No.", details={"issues": [{"node_id": "web", "message": "no"}]}),
    ],
)
def test_other_errors_blame_no_node(error: KubeOrchError) -> None:
    assert blamed_nodes(error) == []
    assert (failure_of(error).message, failure_of(error).node_id) == ("No.", None)


def test_a_plan_that_rests_skips_nothing() -> None:
    scene = Scene()

    def work(context: RunContext) -> RunStatus:
        context.progress.node("web", "pending")
        return RunStatus.PLANNED

    scene.do(work)
    assert (scene.stored.status, scene.stored.node_states["web"].state) == (RunStatus.PLANNED, "pending")


def test_a_wish_to_cancel_that_came_before_the_end_is_kept() -> None:
    scene = Scene()

    def work(context: RunContext) -> RunStatus:
        context.progress.node("web", "applying")
        context.signals.cancelled.set()
        context.raise_if_over()
        return RunStatus.COMPLETED

    scene.do(work)
    assert (scene.stored.status, scene.stored.error) == (RunStatus.CANCELLED, None)
    assert scene.log == [("warning", "Cancelled. What was applied stays as it is.")]
    assert scene.stored.node_states["web"].message == "The run was cancelled before it."


def test_who_asks_for_the_end_in_the_store_is_heard_by_the_worker() -> None:
    scene = Scene()

    def work(context: RunContext) -> RunStatus:
        scene.engine.runs.request_cancel(scene.run.id)
        assert context.signals.cancelled.wait(LONG)
        context.raise_if_over()
        return RunStatus.COMPLETED

    scene.do(work)
    assert scene.stored.status is RunStatus.CANCELLED


def test_whoever_lost_the_lease_writes_and_tells_nothing_more() -> None:
    scene = Scene()

    def work(context: RunContext) -> RunStatus:
        stolen = scene.stored
        assert stolen.lease is not None
        stolen.lease.token = 2
        scene.engine.runs.keep(stolen)
        context.progress.log("too late")
        assert context.signals.lost.wait(LONG)
        context.raise_if_over()
        return RunStatus.COMPLETED

    with capture_logs() as lines:
        assert scene.do(work) is None
    assert "run_lease_lost" in [line["event"] for line in lines]
    assert (scene.stored.status, scene.log) == (RunStatus.RUNNING, [])
    assert scene.engine.updates.events() == []


def test_what_the_database_did_not_take_is_written_with_the_end() -> None:
    scene = Scene()
    scene.engine.runs.failures = [StorageUnavailable("away")]

    def work(context: RunContext) -> RunStatus:
        context.progress.log("kept")
        eventually(lambda: not scene.engine.runs.failures, timeout=LONG)
        return RunStatus.COMPLETED

    with capture_logs():
        scene.do(work)
    assert scene.log == [("info", "kept")]
    assert scene.stored.status is RunStatus.COMPLETED


def test_an_end_under_a_lost_lease_is_no_end() -> None:
    scene = Scene()

    def work(_: RunContext) -> RunStatus:
        raise LeaseLost

    with capture_logs():
        assert scene.do(work) is None
    assert scene.stored.status is RunStatus.RUNNING


def test_every_kind_of_run_has_its_work() -> None:
    assert set(KINDS) == set(RunKind)
