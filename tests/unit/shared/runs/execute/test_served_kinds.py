from __future__ import annotations

import pytest

from shared.errors import ClusterRefused
from shared.jobs.keeper import Cancelled
from shared.kubernetes.objects import ApiResource, ObjectRef
from shared.runs.execute.context import RunFailed
from shared.runs.execute.served_kinds import SERVED_SECONDS, is_absent, wait_until_served
from tests.support.fakes.engine import Engine

GROUP = "shop.example.com/v1"
DATABASE = ObjectRef(GROUP, "Database", "shop", "db")


@pytest.fixture
def engine() -> Engine:
    return Engine()


def serve(engine: Engine) -> None:
    engine.cluster.kinds[GROUP, "Database"] = ApiResource(GROUP, "Database", "databases", namespaced=True)


def test_a_kind_is_waited_for_until_it_is_served(engine: Engine) -> None:
    engine.clock.at(1, lambda: serve(engine))
    wait_until_served(engine.working(engine.taken()).context, engine.cluster, [DATABASE, DATABASE])
    assert 1 <= engine.clock.monotonic() < 2


def test_a_kind_that_never_comes_fails_the_run(engine: Engine) -> None:
    with pytest.raises(RunFailed, match="its definition is there, but after 30 s the cluster does not serve") as caught:
        wait_until_served(engine.working(engine.taken()).context, engine.cluster, [DATABASE])
    assert caught.value.code == "kind-unknown"
    assert engine.clock.monotonic() > SERVED_SECONDS


def test_nothing_is_waited_for_when_nothing_is_new(engine: Engine) -> None:
    wait_until_served(engine.working(engine.taken()).context, engine.cluster, [])
    assert engine.cluster.asked == []


def test_waiting_ends_when_somebody_cancels(engine: Engine) -> None:
    working = engine.working(engine.taken())
    engine.clock.at(1, working.context.signals.cancelled.set)
    with pytest.raises(Cancelled):
        wait_until_served(working.context, engine.cluster, [DATABASE])


def test_who_may_not_list_a_kind_learns_from_applying(engine: Engine) -> None:
    serve(engine)
    engine.cluster.denied = {("list", "databases")}
    assert not is_absent(engine.cluster, DATABASE)
    engine.cluster.answers["list", "Database"] = [ClusterRefused("not found", code="cluster-not-found")]
    assert is_absent(engine.cluster, DATABASE)
