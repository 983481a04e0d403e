from __future__ import annotations

import threading
from functools import partial

import pytest
from structlog.testing import capture_logs

from shared.runs.execute.background_writer import BackgroundWriter


def test_all_is_written_in_order_before_it_is_left() -> None:
    written: list[int] = []
    may_begin = threading.Event()

    def write(number: int) -> None:
        assert may_begin.wait(10)
        written.append(number)

    with BackgroundWriter("r1") as writer:
        for number in range(5):
            writer.write(partial(write, number))
        assert written == []
        may_begin.set()
    assert written == [0, 1, 2, 3, 4]


def test_what_could_not_be_written_is_raised_for_who_asks() -> None:
    def fail() -> None:
        raise ConnectionError

    with capture_logs() as lines, BackgroundWriter("r1") as writer:
        writer.write(fail)
        with pytest.raises(ConnectionError):
            writer.settle()
    assert [(line["event"], line["run_id"], line["reason"]) for line in lines] == [
        ("run_write_lost", "r1", "ConnectionError")
    ]


def test_what_a_failing_run_could_not_write_is_logged_and_hides_nothing() -> None:
    written: list[int] = []

    def fail() -> None:
        raise ConnectionError

    def end() -> None:
        with BackgroundWriter("r1") as writer:
            writer.write(fail)
            writer.write(lambda: written.append(1))
            raise ValueError

    with capture_logs() as lines, pytest.raises(ValueError, match=r"^$"):
        end()
    assert written == [1]
    assert [line["event"] for line in lines] == ["run_write_lost"]
