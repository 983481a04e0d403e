"""What views use: stores and actions over this process' platform, made once by ``create_app``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from flask import Flask, current_app, g, request

from shared.access import Actor
from shared.audit import AuditLog
from shared.clusters.actions import Clusters
from shared.clusters.facts import ClusterFacts
from shared.diagnostics.actions import Diagnostics
from shared.platform import Platform
from shared.plugins.actions import Plugins
from shared.plugins.palettes import Palettes
from shared.presence.store import Presence
from shared.runs.actions import Runs
from shared.runs.stores import Stores
from shared.runs.undo import Undo
from shared.sessions.actions import Sessions
from shared.settings import Settings
from shared.users.actions import Accounts
from shared.users.invites import Invites
from shared.users.passwords import Passwords
from shared.watching.store import NodeStatusStore
from shared.workflows.actions import Workflows
from shared.workflows.previews import Previews
from shared.workflows.secret_actions import WorkflowSecrets
from shared.workflows.versions.actions import Versions
from shared.workflows.welcome import Welcome
from web.live.hub import Hub

Result = TypeVar("Result")
EXTENSION = "kubeorch"


def offload(work: Callable[[], Result]) -> Result:
    """Do heavy work in gevent's thread pool where there is one, so that the event loop goes on."""
    from gevent import get_hub, monkey

    if monkey.is_module_patched("socket"):
        done: Result = get_hub().threadpool.apply(work)
        return done
    return work()


@dataclass(frozen=True)
class Services:
    """One of each."""

    platform: Platform
    stores: Stores
    facts: ClusterFacts
    accounts: Accounts
    invites: Invites
    sessions: Sessions
    clusters: Clusters
    workflows: Workflows
    versions: Versions
    secrets: WorkflowSecrets
    previews: Previews
    plugins: Plugins
    palettes: Palettes
    runs: Runs
    undo: Undo
    diagnostics: Diagnostics
    statuses: NodeStatusStore
    audit: AuditLog
    presence: Presence
    hub: Hub

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.platform.settings

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make everything over a platform."""
        stores, workflows = Stores.over(platform), Workflows.over(platform)
        clusters, facts = Clusters.over(platform, stores.workflows), ClusterFacts(stores.clients)
        return cls(
            platform=platform,
            stores=stores,
            facts=facts,
            accounts=Accounts.over(platform, passwords=Passwords(offload), greeter=Welcome.over(platform)),
            invites=Invites.over(platform),
            sessions=Sessions.over(platform),
            clusters=clusters,
            workflows=workflows,
            versions=Versions.over(platform),
            secrets=WorkflowSecrets.over(platform),
            previews=Previews.over(platform, facts),
            plugins=Plugins.over(platform),
            palettes=Palettes.over(platform, facts),
            runs=Runs.over(platform, stores),
            undo=Undo(stores, workflows),
            diagnostics=Diagnostics(workflows, clusters, stores.secrets, stores.owned, stores.clients),
            statuses=NodeStatusStore(platform.db),
            audit=AuditLog(platform.db),
            presence=Presence(platform.redis),
            hub=Hub(platform),
        )


def services_of(app: Flask) -> Services:
    """Return the services of an application."""
    found: Services = app.extensions[EXTENSION]
    return found


def services() -> Services:
    """Return the services of this application."""
    return services_of(current_app)


def actor() -> Actor:
    """Return the actor of the request; set before every view that is not public."""
    who: Actor = g.actor
    return who


def note(action: str, target: str, *, actor_id: str | None = None, outcome: str = "done") -> None:
    """
    Write a deed into the audit log, with who asked and from where.

    :param actor_id: for deeds of people who are not signed in yet
    """
    who = actor_id or (actor().user_id if "actor" in g else None)
    services().audit.add(action, actor_id=who, target=target, outcome=outcome, address=request.remote_addr or "")


def dump(model: Any) -> dict[str, Any]:
    """Return a response model as plain JSON values."""
    plain: dict[str, Any] = model.model_dump(mode="json")
    return plain
