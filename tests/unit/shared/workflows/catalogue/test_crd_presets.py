from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from shared.kubernetes.crds import Crd, read_crd
from shared.workflows.catalogue import crd_presets
from shared.workflows.catalogue.core import NodeType
from shared.workflows.catalogue.crd_presets import crd_node_types, has_form, type_name
from shared.workflows.catalogue.schema import foreign_keywords
from shared.workflows.compile.manifests import compile_graph
from shared.workflows.compile.read import analyse
from shared.workflows.drawing.conditions import holds
from shared.workflows.drawing.graph import Graph, Node
from shared.workflows.kinds.fields.base import CompileContext
from tests.fixtures.workflows.crd_schemas import pointers
from tests.fixtures.workflows.crds import ANYTHING, DATABASE, DATABASE_SPEC, PALETTE, crd, deep, established

CONTEXT = CompileContext(workflow_id="665000000000000000000001", workflow_slug="shop", namespace="shop")


def read(kind: str, schema: dict[str, Any], **more: Any) -> Crd:
    found = read_crd(established(crd(kind, schema, **more)))
    assert found is not None
    return found


CRDS = (
    read("Database", DATABASE),
    read("Palette", PALETTE),
    read("Anything", ANYTHING),
    read("Region", DATABASE, scope="Cluster"),
    read("Engine", deep(8, 120)),
)
PRESETS = {item.kind: item for item in crd_node_types(CRDS)}


@pytest.mark.parametrize("item", PRESETS.values(), ids=lambda item: item.kind)
def test_a_preset_keeps_the_contract(item: NodeType) -> None:
    assert list(foreign_keywords(item.json_schema)) == []
    jsonschema.Draft202012Validator.check_schema(item.json_schema)
    assert pointers(item.json_schema) == set(item.ui)
    assert [hint["order"] for hint in item.ui.values()] == list(range(len(item.ui)))
    assert {row.path for row in item.card} <= set(item.ui)
    assert (item.source, item.node_type) == ("crd", "custom-resource")
    assert item.applies_when is not None
    assert holds(item.applies_when, item.defaults)
    assert not holds(item.applies_when, {**item.defaults, "kind": "Other"})


@pytest.mark.parametrize("item", PRESETS.values(), ids=lambda item: item.kind)
def test_defaults_need_nothing_but_what_a_person_must_say(item: NodeType) -> None:
    data = {"name": item.name_pattern.format(n=1), **item.defaults}
    wrong = {error.validator for error in jsonschema.Draft202012Validator(item.json_schema).iter_errors(data)}
    assert wrong <= {"required"}


def test_a_node_made_from_a_preset_is_a_custom_resource_and_needs_no_cluster() -> None:
    item = PRESETS["Database"]
    data = {"name": "orders", **item.defaults, "spec": DATABASE_SPEC}
    jsonschema.Draft202012Validator(item.json_schema).validate(data)
    graph = Graph(nodes=[Node(id="n1", type=item.node_type, data=data)], edges=[])
    assert analyse(graph, CONTEXT).issues == ()
    [made] = compile_graph(graph, CONTEXT).items
    assert made.manifest["apiVersion"] == "shop.example.com/v1"
    assert made.manifest["spec"]["users"] == DATABASE_SPEC["users"]
    assert made.manifest["spec"]["noBackup"] == {}


def test_a_kind_with_other_fields_than_a_spec_has_them_in_its_body() -> None:
    item = PRESETS["Palette"]
    data = {"name": "spring", **item.defaults, "body": {"colours": ["green"]}}
    jsonschema.Draft202012Validator(item.json_schema).validate(data)
    graph = Graph(nodes=[Node(id="n1", type=item.node_type, data=data)], edges=[])
    [made] = compile_graph(graph, CONTEXT).items
    assert made.manifest["colours"] == ["green"]
    assert "spec" not in item.json_schema["properties"]


def test_a_kind_of_the_whole_cluster_hides_the_namespace() -> None:
    region, database = PRESETS["Region"], PRESETS["Database"]
    assert region.defaults["cluster_scoped"] is True
    assert "cluster_scoped" not in database.defaults
    condition = region.ui["/namespace"]["visible_when"]
    assert holds(condition, database.defaults)
    assert not holds(condition, region.defaults)


def test_what_names_the_kind_cannot_be_changed() -> None:
    item = PRESETS["Database"]
    for name, other in (("api_version", "shop.example.com/v2"), ("kind", "Region"), ("cluster_scoped", True)):
        data = {"name": "x", **item.defaults, "spec": DATABASE_SPEC, name: other}
        assert not jsonschema.Draft202012Validator(item.json_schema).is_valid(data)
        assert item.ui[f"/{name}"]["widget"] == "read-only"


def test_a_kind_that_takes_anything_is_yaml() -> None:
    item = PRESETS["Anything"]
    assert item.json_schema["properties"]["spec"] == {"type": "object"}
    assert item.ui["/spec"]["widget"] == "code"
    assert [has_form(found.versions[0]) for found in CRDS] == [True, True, False, True, True]


def test_what_no_custom_resource_node_can_be_is_left_out() -> None:
    odd = read("Database", DATABASE, version="stable")
    built_in = read("Deployment", DATABASE, group="apps")
    assert crd_node_types((odd, built_in)) == ()


def test_forms_that_are_too_much_together_are_left_out_from_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crd_presets, "LARGEST_CATALOGUE", 30_000)
    cut = {item.kind: item for item in crd_node_types.__wrapped__(CRDS)}
    assert cut["Engine"].json_schema["properties"]["spec"] == {"type": "object"}
    assert cut["Engine"].ui["/spec"]["widget"] == "code"
    assert pointers(cut["Engine"].json_schema) == set(cut["Engine"].ui)
    assert cut["Database"] == PRESETS["Database"]


def test_presets_have_names_of_their_own() -> None:
    assert PRESETS["Database"].type == type_name("shop.example.com", "v1", "Database")
    assert len({item.type for item in PRESETS.values()}) == len(CRDS)
