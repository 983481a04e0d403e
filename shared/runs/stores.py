"""Everything a run reads and writes, made once per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from shared.clusters.clients import Clients
from shared.clusters.store import ClusterStore
from shared.owned.store import OwnedStore
from shared.planning.store import PlanStore
from shared.platform import Platform
from shared.runs.store import RunStore
from shared.runs.values import ValueStore
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.store import VersionStore


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything a run reads and writes."""

    runs: RunStore
    plans: PlanStore
    values: ValueStore
    owned: OwnedStore
    workflows: WorkflowStore
    versions: VersionStore
    secrets: SecretStore
    clusters: ClusterStore
    clients: Clients

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make them over a process' connections."""
        db = platform.db
        return cls(
            runs=RunStore(db),
            plans=PlanStore(db),
            values=ValueStore(platform.redis, platform.keyring),
            owned=OwnedStore(db),
            workflows=WorkflowStore(db),
            versions=VersionStore(db),
            secrets=SecretStore(db, platform.keyring),
            clusters=ClusterStore(db),
            clients=Clients.over(platform),
        )
