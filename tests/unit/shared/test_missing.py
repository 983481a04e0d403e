"""Things of somebody else, asked for by a stranger: the answer is that of an id that names nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.access import Actor, Role, Verb
from shared.errors import NotFound
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import HeadChanges
from tests.fixtures.workflows.helpers import web
from tests.support.fakes.engine import CLUSTER, WORKFLOW, Engine
from tests.support.fakes.runs import queued

EVE = Actor("eve", Role.MEMBER, "s2", "Eve")
ROOT = Actor("root", Role.ADMIN, "s3", "Root")
Ask = Callable[[Engine, Actor, str], Any]

OF_WORKFLOWS: dict[str, Ask] = {
    "get": lambda engine, who, identity: engine.people().get(who, identity),
    "head": lambda engine, who, identity: engine.people().head(who, identity),
    "save": lambda engine, who, identity: engine.people().save(who, identity, Graph(), revision=1),
    "update": lambda engine, who, identity: engine.people().update(who, identity, HeadChanges(name="x"), revision=1),
    "clone": lambda engine, who, identity: engine.people().clone(who, identity, "copy"),
}
OF_CLUSTERS: dict[str, Ask] = {
    "get": lambda engine, who, identity: engine.clusters_of_people().get(who, identity),
    "operate": lambda engine, who, identity: engine.clusters_of_people().get(who, identity, Verb.OPERATE),
    "default": lambda engine, who, identity: engine.clusters_of_people().set_default(who, identity),
    "disconnect": lambda engine, who, identity: engine.clusters_of_people().disconnect(who, identity),
}
OF_RUNS: dict[str, Ask] = {
    "get": lambda engine, who, identity: engine.actions().get(who, identity),
    "cancel": lambda engine, who, identity: engine.actions().cancel(who, identity),
}
ASKED = [
    *(pytest.param(ask, WORKFLOW, "not-found", id=f"workflow-{name}") for name, ask in OF_WORKFLOWS.items()),
    *(pytest.param(ask, CLUSTER, "cluster-not-found", id=f"cluster-{name}") for name, ask in OF_CLUSTERS.items()),
    *(pytest.param(ask, "run1", "not-found", id=f"run-{name}") for name, ask in OF_RUNS.items()),
]


def refusal(ask: Ask, who: Actor, identity: str) -> tuple[str, str, object]:
    engine = Engine(web())
    engine.runs.keep(queued(id="run1"))
    with pytest.raises(NotFound) as caught:
        ask(engine, who, identity)
    return caught.value.code, caught.value.message, caught.value.details


@pytest.mark.parametrize(("ask", "identity", "code"), ASKED)
@pytest.mark.parametrize("who", [EVE, ROOT], ids=lambda who: str(who.role))
def test_nothing_tells_a_strangers_thing_from_none(ask: Ask, identity: str, code: str, who: Actor) -> None:
    hidden = refusal(ask, who, identity)
    assert hidden == refusal(ask, who, "nothing")
    assert hidden[0] == code
