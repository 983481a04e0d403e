"""What is shown of a failed test beside its traceback: what its browsers saw, and the ends of its platform's logs."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Protocol, runtime_checkable

import pytest


@runtime_checkable
class HasLogs(Protocol):
    """A fixture ``platform`` that is processes of its own."""

    def tails(self, lines: int = 25) -> str:
        """Return the ends of all logs."""


class HasPicture(Protocol):
    """One of a fixture ``visits``."""

    def picture_of_failure(self, name: str) -> str:
        """Keep what is seen, and say where."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        found = getattr(item, "funcargs", {})
        visits: list[HasPicture] = found.get("visits", [])
        for number, visit in enumerate(visits):
            name = re.sub(r"\W+", "-", f"{item.name}-{number}")
            report.sections.append(("browser", visit.picture_of_failure(name)))
        platform = found.get("platform")
        if isinstance(platform, HasLogs):
            # beside a picture, less of them is read
            report.sections.append(("the platform's logs", platform.tails(8) if visits else platform.tails()))
    return report
