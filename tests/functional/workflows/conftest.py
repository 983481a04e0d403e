"""A person's workflow, and the nouns and stores over the platform of a test."""

from __future__ import annotations

import pytest

from shared.access import Actor, Role
from shared.clusters.clients import Clients
from shared.clusters.facts import ClusterFacts
from shared.clusters.store import ClusterStore
from shared.people import Person
from shared.platform import Platform
from shared.workflows.actions import Workflows
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import NewWorkflow, Workflow
from shared.workflows.previews import Previews
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from tests.fixtures.workflows.helpers import graph, web
from tests.support.factories import make_cluster

ANA = Actor("ana", Role.MEMBER, "s1", "Ana")
BOB = Actor("bob", Role.MEMBER, "s2", "Bob")
ADMIN = Actor("root", Role.ADMIN, "s3", "Root")
PERSON = Person(user_id="ana", name="Ana")


@pytest.fixture
def nouns(platform: Platform) -> Workflows:
    ClusterStore(platform.db).insert(make_cluster("ana", id="c1"))
    return Workflows.over(platform)


@pytest.fixture
def previews(platform: Platform, nouns: Workflows) -> Previews:
    return Previews.over(platform, ClusterFacts(Clients.over(platform)))


@pytest.fixture
def workflows(platform: Platform) -> WorkflowStore:
    return WorkflowStore(platform.db)


@pytest.fixture
def secrets(platform: Platform) -> SecretStore:
    return SecretStore(platform.db, platform.keyring)


@pytest.fixture
def workflow(nouns: Workflows) -> Workflow:
    return nouns.create(ANA, NewWorkflow(name="Shop", nodes=graph(web()).nodes))


def save(
    platform: Platform, workflow: Workflow, drawn: Graph, revision: int | None = None, actor: Actor = ANA
) -> Workflow:
    seen = workflow.revision if revision is None else revision
    return Workflows.over(platform).save(actor, workflow.id, drawn, revision=seen)
