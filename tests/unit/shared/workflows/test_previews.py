from __future__ import annotations

import pytest

from shared.errors import InvalidInput, NotFound
from shared.workflows.drawing.graph import Graph
from shared.workflows.versions.models import NewVersion
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.fakes.nouns import ANA, Nouns


def custom() -> Graph:
    return graph(node("db", "custom-resource", api_version="shop.example.com/v1", kind="Database", name="db"))


def test_the_graph_of_the_browser_is_looked_at_and_not_stored(nouns: Nouns) -> None:
    workflow = nouns.draw()
    assert nouns.previews.validate(ANA, workflow.id) == ()
    [issue] = nouns.previews.validate(ANA, workflow.id, graph(web(image="x y")))
    assert (issue.node_id, issue.path) == ("web", "/image")
    assert [item.node_id for item in nouns.previews.manifests(ANA, workflow.id, graph(web())).items] == ["web"]
    assert nouns.rows.get(workflow.id) == workflow
    for look in (nouns.previews.validate, nouns.previews.manifests):
        with pytest.raises(InvalidInput):
            look(ANA, workflow.id, graph(node("a", "rocket")))


def test_a_preview_shows_no_value(nouns: Nouns) -> None:
    workflow = nouns.draw()
    nouns.secrets.put(ANA, workflow.id, "key", {"PIN": "canary-4711"})
    text = nouns.previews.manifests(ANA, workflow.id).model_dump_json()
    assert "canary-4711" not in text
    assert "•••" in text


def test_kinds_of_extensions_are_a_doubt_when_the_cluster_is_away() -> None:
    nouns = Nouns(status="unreachable", status_reason="No route to host.")
    workflow = nouns.draw(cluster_id="c1")
    [doubt] = nouns.previews.validate(ANA, workflow.id, custom())
    assert not doubt.is_error
    assert "No route to host." in doubt.message
    assert nouns.previews.validate(ANA, workflow.id, graph(web())) == (), "ordinary kinds need no cluster"


def test_without_a_cluster_kinds_of_extensions_are_not_compared(nouns: Nouns) -> None:
    workflow = nouns.draw()
    assert nouns.previews.validate(ANA, workflow.id, custom()) == ()


def test_what_needs_who_rules_the_cluster_is_an_error_for_others() -> None:
    nouns = Nouns()
    workflow = nouns.draw(cluster_id="c1")
    assert nouns.previews.validate(ANA, workflow.id, graph(web(host_network=True))) == ()
    cluster = nouns.cluster_rows.get("c1")
    nouns.cluster_rows.rows["c1"] = cluster.model_copy(update={"owner_id": "bob"})
    assert [issue.is_error for issue in nouns.previews.validate(ANA, workflow.id, graph(web(host_network=True)))] == [
        True
    ]


def test_a_version_is_exported_as_it_was(nouns: Nouns) -> None:
    workflow = nouns.draw()
    kept = nouns.versions.keep(ANA, workflow.id, NewVersion())
    nouns.workflows.save(ANA, workflow.id, graph(web("later")), revision=1)
    before = nouns.previews.export(ANA, workflow.id, "yaml", version=kept.version)
    after = nouns.previews.export(ANA, workflow.id, "yaml")
    assert (b"name: web" in before.content, b"name: later" in before.content) == (True, False)
    assert b"name: later" in after.content
    assert after.filename == "shop.yaml"
    with pytest.raises(NotFound):
        nouns.previews.export(ANA, workflow.id, "yaml", version=9)
