from __future__ import annotations

import pytest

from shared.runs.models import Run, RunStatus, Tombstone, end_event, succeeded
from tests.support.fakes.runs import make_run


@pytest.mark.parametrize(
    ("status", "event", "counts"),
    [
        (RunStatus.COMPLETED, "complete", True),
        (RunStatus.PLANNED, "complete", None),
        (RunStatus.FAILED, "failed", False),
        (RunStatus.CANCELLED, "cancelled", None),
    ],
)
def test_how_an_end_is_told_and_counted(status: RunStatus, event: str, *, counts: bool | None) -> None:
    assert (end_event(status), succeeded(status)) == (event, counts)


@pytest.mark.parametrize("active", [None, False])
def test_a_run_that_is_not_active_is_stored_without_saying_so(active: bool | None) -> None:  # noqa: FBT001
    assert "active" not in make_run(active=active).to_mongo()
    assert make_run().to_mongo()["active"] is True


def test_a_stored_run_comes_back_as_it_was() -> None:
    run = make_run(tombstones=[Tombstone(node_id="web", object="Deployment shop/web", yaml="a: b", version=1)])
    assert Run.from_mongo(run.to_mongo()) == run


def test_what_goes_out_has_neither_the_lease_nor_what_was_removed() -> None:
    run = make_run(tombstones=[Tombstone(node_id="web", object="Deployment shop/web", yaml="a: b")])
    shown = run.public().model_dump()
    assert not {"lease", "tombstones", "owner_id", "has_values", "after"} & shown.keys()
    assert set(shown) - set(run.head().model_dump()) == {"options", "consent", "logs"}
