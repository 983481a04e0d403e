"""Versions in MongoDB: made when what compiles has changed, numbered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import NotFound
from shared.platform import Platform
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import Workflow
from shared.workflows.versions.store import VersionStore
from tests.fixtures.workflows.helpers import graph, web
from tests.functional.workflows.conftest import PERSON, save


@pytest.fixture
def versions(platform: Platform) -> VersionStore:
    return VersionStore(platform.db)


def test_a_version_is_made_when_what_compiles_has_changed(
    platform: Platform, workflow: Workflow, versions: VersionStore
) -> None:
    first = versions.ensure(workflow, by=PERSON, secret_versions={}, run_id="r1")
    assert versions.ensure(workflow, by=PERSON, secret_versions={}, run_id="r2") == first
    moved = save(
        platform,
        workflow,
        Graph.model_validate(
            {"nodes": [{**workflow.nodes[0].model_dump(), "position": {"x": 8, "y": 8}}, {"id": "n", "type": "note"}]}
        ),
    )
    assert versions.ensure(moved, by=PERSON, secret_versions={}).version == 1
    changed = save(platform, moved, graph(web(replicas=2)))
    second = versions.ensure(changed, by=PERSON, secret_versions={})
    assert (second.version, second.graph) == (2, changed.graph)
    assert versions.ensure(changed, by=PERSON, secret_versions={"key": "v1"}).version == 3
    assert versions.get(workflow.id, 1).graph == workflow.graph
    with pytest.raises(NotFound):
        versions.get(workflow.id, 9)
    listed, total, _ = versions.list(workflow.id, limit=2, cursor=None)
    assert ([version.version for version in listed], total) == ([3, 2], 3)


def test_versions_made_at_once_get_different_numbers(workflow: Workflow, versions: VersionStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: versions.add(workflow, by=PERSON, secret_versions={}).version, range(6)))
    assert sorted(made) == [1, 2, 3, 4, 5, 6]
