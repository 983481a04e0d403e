"""Wait for a fact instead of a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def eventually(ask: Callable[[], Result], *, timeout: float = 10.0, every: float = 0.02, what: str = "") -> Result:
    """
    Ask until the answer is truthy and return it; fail with the last answer when it never is.

    An AssertionError while asking counts as "not yet" and is shown at the end.
    """
    deadline = time.monotonic() + timeout
    while True:
        failure: AssertionError | None = None
        answer: Result | None = None
        try:
            answer = ask()
        except AssertionError as error:
            failure = error
        if failure is None and answer:
            return answer
        if time.monotonic() > deadline:
            if failure is not None:
                raise failure
            message = f"{what or 'it'} did not happen within {timeout} s; last answer: {answer!r}"
            raise AssertionError(message)
        time.sleep(every)
