from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from shared.plugins.forms import defaults_of, offers_of, put, schema_of
from shared.plugins.models import PluginDefinition, PluginField, PluginNodeType
from shared.workflows.catalogue.plugin_presets import offered

Json = dict[str, Any]


def field(path: str, kind: str = "string", **more: Any) -> PluginField:
    return PluginField.model_validate({"path": path, "title": "A field", "type": kind, **more})


def node_type(*fields: PluginField, **more: Any) -> PluginNodeType:
    given = {"group": "shop.example.com", "versions": ["v1"], "kind": "Shop", "plural": "shops", **more}
    raw = [one.model_dump(by_alias=True) for one in fields]
    return PluginNodeType.model_validate(
        {"id": "shop", "title": "Shop", "description": "A shop.", "fields": raw, **given}
    )


def schema(*fields: PluginField) -> Json:
    plugin = PluginDefinition(
        id="shops",
        name="Shops",
        description="Shops.",
        category="database",
        version="1",
        homepage="https://example.com",
        node_types=[node_type(*fields)],
    )
    found: Json = offered(offers_of(plugin)[0]).json_schema["properties"]["spec"]
    return found


def takes(found: Json, value: Any) -> bool:
    return jsonschema.Draft202012Validator(found).is_valid(value)


@pytest.mark.parametrize(
    ("one", "right", "wrong"),
    [
        (field("/a"), ["x", ""], [1, None]),
        (field("/a", required=True), ["x"], [""]),
        (field("/a", options=["x", "y"]), ["x"], ["z"]),
        (field("/a", pattern="^[0-9]+$"), ["12"], ["a"]),
        (field("/a", "text"), ["x\ny"], [1]),
        (field("/a", "integer", minimum=1, maximum=3), [1, 3], [0, 4, 1.5, "1"]),
        (field("/a", "number"), [1.5], ["1"]),
        (field("/a", "boolean"), [True], ["true", 1]),
        (field("/a", "quantity"), [1, "500m", "10Gi", "1e3", ".5"], ["10 GiB", "x", True]),
        (field("/a", "list"), [["x"], []], ["x", [1]]),
        (field("/a", "list", required=True), [["x"]], [[]]),
        (field("/a", "map"), [{"x": "y"}, {}], [{"x": 1}, ["x"]]),
    ],
)
def test_each_type_takes_what_it_should(one: PluginField, right: list[Any], wrong: list[Any]) -> None:
    found = schema(one)
    assert [value for value in right if not takes(found, {"a": value})] == []
    assert [value for value in wrong if takes(found, {"a": value})] == []


def test_what_the_form_does_not_know_is_left_alone() -> None:
    found = schema(field("/a/b", required=True), field("/c/0/d"))
    assert takes(found, {"a": {"b": "x", "more": 1}, "c": [{"other": True}], "further": {}})


def test_what_is_needed_is_needed_all_the_way() -> None:
    found = schema(field("/a/b/0/c", required=True))
    too_little: list[Json] = [{}, {"a": {}}, {"a": {"b": []}}, {"a": {"b": [{}]}}]
    assert [value for value in too_little if takes(found, value)] == []
    assert takes(found, {"a": {"b": [{"c": "x"}]}})


def test_items_of_different_kinds_do_not_need_each_others_fields() -> None:
    found = schema(field("/a/0/b", required=True), field("/a/1/c", required=True))
    assert takes(found, {"a": [{"b": "x"}, {"c": "x"}]})
    assert not takes(found, {"a": []})


def test_names_with_slashes_and_tildes_are_names() -> None:
    found = schema_of([field("/a/x.io~1y~0z")])
    assert list(found["properties"]["spec"]["properties"]["a"]["properties"]) == ["x.io/y~z"]


def test_what_stands_beside_the_spec_is_in_the_body() -> None:
    item = node_type(field("/data/b", default="x", **{"in": "body"}), field("/c", "integer", default=0))
    assert defaults_of(item) == {"spec": {"c": 0}, "body": {"data": {"b": "x"}}}
    assert set(schema_of(item.fields)["properties"]) == {"data", "spec"}


def test_defaults_fill_what_every_node_has_and_change_nothing_of_it() -> None:
    spec = {"a": [{"name": "first"}], "b": {}}
    item = node_type(field("/a/0/size", "integer", default=1), field("/a/1/size", "integer", default=2), spec=spec)
    assert defaults_of(item) == {"spec": {"a": [{"name": "first", "size": 1}, {"size": 2}], "b": {}}}
    assert item.spec == spec


def test_a_value_is_put_where_nothing_was() -> None:
    data: Json = {}
    put(data, ("spec", "a", 1, "b"), True)
    assert data == {"spec": {"a": [{}, {"b": True}]}}


@pytest.mark.parametrize("default", ["x" * 5, "abc"])
def test_a_default_that_is_no_option_is_refused(default: str) -> None:
    with pytest.raises(ValidationError, match="default is one of"):
        field("/a", options=["a"], default=default)
