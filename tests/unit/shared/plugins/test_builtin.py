"""Every plugin that comes with the product: well formed, drawable, valid as a node, and compiled as it should be."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from shared.plugins.builtin import builtin_plugins
from shared.plugins.forms import example_of, hint_path, offers_of
from shared.plugins.models import PluginNodeType
from shared.workflows.catalogue.core import NodeType
from shared.workflows.catalogue.plugin_presets import offered
from shared.workflows.catalogue.schema import foreign_keywords
from shared.workflows.compile.checks import validate
from shared.workflows.drawing.conditions import holds
from shared.workflows.drawing.graph import Graph
from shared.workflows.kinds.fields.base import CompileContext
from tests.fixtures.plugins.write import MANIFESTS, manifest_of, node_of
from tests.fixtures.workflows.crd_schemas import pointers

ALL = [
    pytest.param(item, offered(offer), id=offer.type)
    for plugin in builtin_plugins().values()
    for item, offer in zip(plugin.node_types, offers_of(plugin), strict=True)
]
GOLDEN = {document["of"]: document["manifest"] for document in yaml.safe_load_all(MANIFESTS.read_text())}
MEMBER = CompileContext(workflow_id="665000000000000000000001", workflow_slug="shop", namespace="shop")
ADMINISTRATOR = CompileContext(
    workflow_id="665000000000000000000001", workflow_slug="shop", namespace="shop", privileged=True
)

each = pytest.mark.parametrize(("item", "preset"), ALL)


def problems(preset: NodeType, data: dict[str, Any]) -> list[str]:
    found = jsonschema.Draft202012Validator(preset.json_schema).iter_errors(data)
    return [f"{error.json_path}: {error.message}" for error in found]


def test_there_are_all_plugins_and_no_kind_twice() -> None:
    plugins = builtin_plugins()
    assert len(plugins) == 57
    assert len(ALL) >= 73
    kinds = [(item.group, item.kind) for plugin in plugins.values() for item in plugin.node_types]
    assert len(set(kinds)) == len(kinds)


@each
def test_its_form_is_one_the_browser_can_draw(item: PluginNodeType, preset: NodeType) -> None:
    assert list(foreign_keywords(preset.json_schema)) == []
    jsonschema.Draft202012Validator.check_schema(preset.json_schema)
    assert pointers(preset.json_schema) == set(preset.ui)
    for field in item.fields:
        hint = preset.ui[hint_path(field)]
        assert (hint["title"], hint.get("advanced", False)) == (field.title, False)
        assert hint["widget"] != "code", field.path


@each
def test_its_form_takes_its_example_and_asks_for_what_is_needed(item: PluginNodeType, preset: NodeType) -> None:
    data = node_of(item, preset, example_of(item)).data
    assert problems(preset, data) == []
    defaults = {"name": "x", **preset.defaults}
    missing = [problem for problem in problems(preset, defaults) if "is a required property" not in problem]
    # a list that must not be empty is a field as well
    assert all("should be non-empty" in problem for problem in missing), missing


@each
def test_the_form_is_that_of_nodes_made_from_it(item: PluginNodeType, preset: NodeType) -> None:
    assert preset.applies_when is not None
    assert holds(preset.applies_when, preset.defaults)
    assert (preset.source, preset.node_type, preset.kind) == ("plugin", "custom-resource", item.kind)


@each
def test_its_nodes_are_valid(item: PluginNodeType, preset: NodeType) -> None:
    for data in ({}, example_of(item)):
        graph = Graph(nodes=[node_of(item, preset, data)])
        assert list(validate(graph, ADMINISTRATOR)) == []


@each
def test_only_who_administers_the_cluster_makes_objects_of_all_of_it(item: PluginNodeType, preset: NodeType) -> None:
    found = [issue.code for issue in validate(Graph(nodes=[node_of(item, preset, {})]), MEMBER)]
    assert found == ([] if item.namespaced else ["needs-cluster-admin"])


@each
def test_its_example_compiles_to_what_is_written_down(item: PluginNodeType, preset: NodeType) -> None:
    assert manifest_of(item, preset) == GOLDEN[preset.type], "run python -m tests.fixtures.plugins.write"


def test_what_is_written_down_has_no_more() -> None:
    assert set(GOLDEN) == {str(param.id) for param in ALL}
