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
from shared.plugins.store import PluginStore
from shared.runs.actions import Runs
from shared.runs.stores import Stores
from shared.runs.undo import Undo
from shared.sessions.actions import Keys
from shared.sessions.store import SessionStore
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from shared.users.lockout import Lockout
from shared.users.passwords import Passwords
from shared.users.store import InviteStore, UserStore
from shared.watching.store import NodeStatusStore
from shared.workflows.actions import Workflows
from shared.workflows.catalogue.for_cluster import ClusterCatalogue
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
    users: UserStore
    invites: InviteStore
    sessions: SessionStore
    passwords: Passwords
    lockout: Lockout
    audit: AuditLog
    clusters: Clusters
    workflows: Workflows
    versions: Versions
    secrets: WorkflowSecrets
    previews: Previews
    runs: Runs
    undo: Undo
    diagnostics: Diagnostics
    statuses: NodeStatusStore
    claims: ClaimStore
    plugins: PluginStore
    stores: Stores
    keys: Keys
    hub: Hub
    facts: ClusterFacts
    catalogue: ClusterCatalogue
    welcome: Welcome

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.platform.settings

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make everything over a platform."""
        db, settings = platform.db, platform.settings
        stores, workflows = Stores.over(platform), Workflows.over(platform)
        clusters = Clusters.over(platform, stores.workflows)
        facts = ClusterFacts(stores.clients)
        return cls(
            platform=platform,
            users=UserStore(db),
            invites=InviteStore(db),
            sessions=SessionStore(db),
            passwords=Passwords(offload),
            lockout=Lockout(platform.redis),
            audit=AuditLog(db),
            clusters=clusters,
            workflows=workflows,
            versions=Versions.over(platform),
            secrets=WorkflowSecrets.over(platform),
            previews=Previews.over(platform, facts),
            runs=Runs.over(platform, stores),
            undo=Undo(stores, workflows),
            diagnostics=Diagnostics(workflows, clusters, stores.secrets, stores.owned, stores.clients),
            statuses=NodeStatusStore(db),
            claims=ClaimStore(db),
            plugins=PluginStore(db),
            stores=stores,
            keys=Keys(
                refresh=settings.secret_key.get_secret_value(),
                access_seconds=settings.jwt.access_seconds,
                refresh_max_days=settings.jwt.refresh_max_days,
            ),
            hub=Hub(platform),
            facts=facts,
            catalogue=ClusterCatalogue(facts),
            welcome=Welcome.over(platform),
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
