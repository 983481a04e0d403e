"""The fate of a job whose worker is gone: it is adopted, or it ends after so many attempts."""

from __future__ import annotations

from typing import Literal, Protocol

MOST_ATTEMPTS = 3
QUEUED_SECONDS = 60.0
"""How long a message may be on its way before it counts as lost."""

Fate = Literal["cancel", "fail", "adopt"]


class Abandoned(Protocol):
    """A job that nobody works on."""

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked for its end."""

    @property
    def attempts(self) -> int:
        """The number of times a worker has taken it."""


def fate_of(job: Abandoned) -> Fate:
    """Return the fate of an abandoned job: a wish to end it comes first, then the limit of attempts."""
    if job.cancel_requested:
        return "cancel"
    return "fail" if job.attempts >= MOST_ATTEMPTS else "adopt"


def worker_lost(job: Abandoned, what: str) -> str:
    """Return the sentence about a job that failed because its workers died: ``what`` is ``run`` or ``build``."""
    return f"The worker died {job.attempts} times during this {what}. Look at its log, then {what} again."
