"""Checks and previews of what is stored and of what a browser has."""

from __future__ import annotations

from shared.workflows.models import Workflow
from shared.workflows.previews import Previews
from shared.workflows.starter import starter
from shared.workflows.store import WorkflowStore
from tests.fixtures.workflows.helpers import graph, web
from tests.functional.workflows.conftest import ANA, PERSON


def test_checks_and_previews_take_the_graph_of_the_browser(
    workflows: WorkflowStore, workflow: Workflow, previews: Previews
) -> None:
    assert previews.validate(ANA, workflow.id) == ()
    [issue] = previews.validate(ANA, workflow.id, graph(web(image="x y")))
    assert (issue.node_id, issue.path) == ("web", "/image")
    preview = previews.manifests(ANA, workflow.id, graph(web(), web("bad", image="")))
    assert [item.node_id for item in preview.items] == ["web"]
    assert [issue.node_id for issue in preview.issues] == ["bad"]
    assert workflows.get(workflow.id) == workflow


def test_the_starter_is_there_and_sound(workflows: WorkflowStore, previews: Previews) -> None:
    made = starter(PERSON, "c1")
    workflows.insert(made)
    assert previews.validate(ANA, made.id) == ()
    assert (made.namespace, made.name, made.cluster_id) == ("starter", "starter", "c1")
