"""The platform and the stores of runs, which a worker process opens once, after its fork."""

from __future__ import annotations

import os
from functools import cache

from shared.clusters.health import HealthChecks
from shared.platform import Platform
from shared.runs.actions import Runs
from shared.runs.stores import Stores
from shared.settings import Settings, load_settings


@cache
def settings() -> Settings:
    """Return this process' settings, read once."""
    return load_settings()


def platform() -> Platform:
    """Return this process' connections: a forked child never uses its parent's."""
    return _platform(os.getpid())


def stores() -> Stores:
    """Return the stores of runs of this process."""
    return _stores(os.getpid())


def runs() -> Runs:
    """Return the runs of this process."""
    return _runs(os.getpid())


def health_checks() -> HealthChecks:
    """Return the health checks of this process."""
    return _health_checks(os.getpid())


@cache
def _platform(_pid: int) -> Platform:
    return Platform.open(settings(), "worker")


@cache
def _stores(pid: int) -> Stores:
    return Stores.over(_platform(pid))


@cache
def _runs(pid: int) -> Runs:
    return Runs.over(_platform(pid), _stores(pid))


@cache
def _health_checks(pid: int) -> HealthChecks:
    return HealthChecks.over(_platform(pid))
