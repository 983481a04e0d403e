"""What a worker process opens after its fork, once: the platform and the stores of runs."""

from __future__ import annotations

import os
from functools import cache

from shared.clusters.actions import Clients
from shared.clusters.store import ClusterStore
from shared.platform import Platform
from shared.runs.execution import Stores
from shared.runs.store import InventoryStore, RunStore
from shared.settings import Settings, load_settings
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions import VersionStore


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


@cache
def _platform(_pid: int) -> Platform:
    return Platform.open(settings(), "worker")


@cache
def _stores(pid: int) -> Stores:
    return stores_of(_platform(pid))


def stores_of(opened: Platform) -> Stores:
    """Return the stores of runs over some platform."""
    return Stores(
        runs=RunStore(opened.db),
        inventory=InventoryStore(opened.db),
        workflows=WorkflowStore(opened.db),
        versions=VersionStore(opened.db),
        secrets=SecretStore(opened.db, opened.keyring),
        clusters=ClusterStore(opened.db),
        clients=Clients(opened.keyring, opened.settings.clusters),
    )
