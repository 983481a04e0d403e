from __future__ import annotations

from shared.jobs.journal import MOST_KEPT, Outbox
from tests.support.fakes.updates import FakeUpdates


def line(number: int) -> tuple[str, str, dict[str, object]]:
    return "run:1", "log", {"number": number}


def test_what_redis_does_not_take_goes_before_what_comes_later() -> None:
    updates = FakeUpdates()
    outbox, updates.away = Outbox(updates), 1
    assert not outbox.send([line(1)])
    assert outbox.send([line(2)])
    assert [data["number"] for _, _, data in updates.published] == [1, 2]
    assert outbox.send()
    assert len(updates.published) == 2, "what was taken is sent once"


def test_a_redis_that_stays_away_costs_the_oldest_and_no_time_for_ever() -> None:
    updates = FakeUpdates()
    outbox, updates.away = Outbox(updates), 1000
    outbox.send(line(number) for number in range(MOST_KEPT + 5))
    outbox.send_patiently(seconds=0.3)
    assert updates.published == []
    updates.away = 0
    outbox.send()
    assert [data["number"] for _, _, data in updates.published] == list(range(5, MOST_KEPT + 5))
