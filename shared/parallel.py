"""The same work for many items, a few at once, in threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item], *, at_once: int) -> list[Result]:
    """Do the same for all items, a few at once, results in order; after an error no further item is begun."""
    todo = list(items)
    if len(todo) <= 1:
        return [work(item) for item in todo]
    results: dict[int, Result] = {}
    errors: dict[int, BaseException] = {}
    rest = deque(enumerate(todo))

    def labour() -> None:
        while not errors:
            try:
                index, item = rest.popleft()
            except IndexError:
                return
            try:
                results[index] = work(item)
            except BaseException as error:  # noqa: BLE001 - told to the caller
                errors[index] = error

    # one future per thread: one per item costs as much as a request
    with ThreadPoolExecutor(max_workers=min(at_once, len(todo))) as pool:
        for future in [pool.submit(labour) for _ in range(min(at_once, len(todo)))]:
            future.result()
    if errors:
        raise errors[min(errors)]
    return [results[index] for index in range(len(todo))]


def together(
    one: Callable[[], A], two: Callable[[], B], three: Callable[[], C], four: Callable[[], D]
) -> tuple[A, B, C, D]:
    """Do four different things at once; their results in order."""
    works: list[Callable[[], Any]] = [one, two, three, four]
    return cast("tuple[A, B, C, D]", tuple(in_parallel(lambda work: work(), works, at_once=len(works))))
