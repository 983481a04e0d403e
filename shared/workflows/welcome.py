"""Gifts to new accounts: the cluster of this machine for the first of them, and a starter workflow for each."""

from __future__ import annotations

from typing import Self

from shared.clusters.local_offer import LocalOffers
from shared.clusters.models import Cluster
from shared.people import Person
from shared.platform import Platform
from shared.workflows import starter
from shared.workflows.store import WorkflowStore


class Welcome:
    """Gives new accounts their gifts."""

    def __init__(self, offers: LocalOffers, workflows: WorkflowStore) -> None:
        self._offers = offers
        self._workflows = workflows

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(LocalOffers.over(platform), WorkflowStore(platform.db))

    def greet(self, owner: Person, *, is_first: bool) -> None:
        """Give an account its starter workflow, and the first account this machine's cluster."""
        cluster = self._offers.accept(owner.user_id) if is_first else None
        self._workflows.insert(starter.starter(owner, cluster.id if cluster else None))

    def join(self, owner: Person) -> Cluster | None:
        """Give this machine's cluster to an account that was there before; a starter without a cluster gets it."""
        cluster = self._offers.accept(owner.user_id)
        if cluster is not None:
            self._workflows.give_cluster(owner.user_id, starter.NAME, cluster.id)
        return cluster
