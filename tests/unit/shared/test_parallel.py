from __future__ import annotations

import threading

import pytest

from shared.parallel import in_parallel


def test_results_are_in_order_whichever_is_done_first() -> None:
    first_may_end = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert first_may_end.wait(10)
        if number == 5:
            first_may_end.set()
        return number * 2

    assert in_parallel(work, range(6), at_once=2) == [0, 2, 4, 6, 8, 10]


def test_no_more_than_asked_for_are_worked_on_at_once() -> None:
    most, now, lock, meet = 0, 0, threading.Lock(), threading.Barrier(3)

    def work(number: int) -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        if number < 3:
            meet.wait(10)
        with lock:
            now -= 1

    in_parallel(work, range(30), at_once=3)
    assert most == 3


def test_after_an_error_nothing_more_is_begun() -> None:
    begun: list[int] = []
    failed = threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number == 1:
            failed.set()
            message = f"cannot do {number}"
            raise ValueError(message)
        assert failed.wait(10)
        return number

    with pytest.raises(ValueError, match="cannot do 1"):
        in_parallel(work, range(100), at_once=2)
    # the other thread may have been about to take its next one
    assert len(begun) <= 4


def test_of_several_errors_the_first_in_order_is_told() -> None:
    both = threading.Barrier(2)

    def work(number: int) -> None:
        both.wait(10)
        message = f"cannot do {number}"
        raise ValueError(message)

    with pytest.raises(ValueError, match="cannot do 0"):
        in_parallel(work, range(2), at_once=2)


@pytest.mark.parametrize("count", [0, 1])
def test_little_work_takes_no_threads(count: int) -> None:
    names = in_parallel(lambda _: threading.current_thread().name, range(count), at_once=8)
    assert names == [threading.current_thread().name] * count
