from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import yaml_text
from shared.errors import InvalidInput
from shared.image_names import ImageParts, split_image
from shared.workflows.drawing.graph import Graph, Node, Position
from shared.workflows.export import Exported, Format, export
from shared.workflows.export.plain import read_back
from tests.fixtures.workflows.goldens import Golden, all_goldens
from tests.fixtures.workflows.helpers import CONTEXT, graph, node, web, wire
from tests.fixtures.workflows.strategies import sound_graphs

FORMATS: tuple[Format, ...] = ("yaml", "kustomize", "helm")
GOLDENS = pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)


def unzipped(exported: Exported) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@GOLDENS
def test_a_workflow_read_back_is_the_same(golden: Golden) -> None:
    text = export(golden.graph, golden.context, "yaml").content.decode()
    assert read_back(text) == golden.graph
    assert read_back(text.replace("\n", "\r\n")) == golden.graph


@given(sound_graphs(), st.floats(-1e5, 1e5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_workflow_read_back_is_the_same(drawn: Graph, x: float) -> None:
    note = Node(id="memo", type="note", data={"text": "# a note\n{{ braces }}"}, position=Position(x=x, y=1))
    whole = Graph(nodes=[*drawn.nodes, note], edges=drawn.edges)
    exported = export(whole, CONTEXT, "yaml")
    assert read_back(exported.content.decode()) == whole
    assert export(whole, CONTEXT, "yaml") == exported


@GOLDENS
@pytest.mark.parametrize("form", FORMATS)
def test_the_order_of_a_graph_changes_no_byte(golden: Golden, form: Format) -> None:
    turned = Graph(nodes=golden.graph.nodes[::-1], edges=golden.graph.edges[::-1])
    first, second = export(golden.graph, golden.context, form), export(turned, golden.context, form)
    if form == "yaml":
        objects = [
            [line for line in item.content.decode().split("\n") if not line.startswith("#")] for item in (first, second)
        ]
        assert objects[0] == objects[1]
    else:
        assert first == second


def test_changed_objects_make_the_drawing_untrue() -> None:
    text = export(graph(web(replicas=2)), CONTEXT, "yaml").content.decode()
    with pytest.raises(InvalidInput) as caught:
        read_back(text.replace("replicas: 2", "replicas: 3"))
    assert caught.value.code == "export-changed"


@pytest.mark.parametrize("text", ["", "a: 1\n", "# only a comment\n"])
def test_a_file_without_a_drawing_says_so(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_back(text)
    assert caught.value.code == "no-graph"


def test_a_damaged_drawing_is_refused() -> None:
    text = export(graph(web()), CONTEXT, "yaml").content.decode()
    lines = text.rstrip("\n").split("\n")
    with pytest.raises(InvalidInput) as caught:
        read_back("\n".join(lines[:-1]) + "\n")
    assert caught.value.code == "invalid-graph"


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_value_leaves(form: Format) -> None:
    context = replace(CONTEXT, secrets={"key": {"TOKEN": b"s3cr3t-marker"}}, secret_versions={"key": "v1"})
    drawn = graph(web(), node("key", "secret", keys=["TOKEN"]), wire("key", "web", "secret-env"))
    exported = export(drawn, context, form)
    texts = [exported.content.decode()] if form == "yaml" else list(unzipped(exported).values())
    assert not any("s3cr3t-marker" in text or "czNjcjN0" in text for text in texts)
    assert any("replace-me" in text for text in texts)


def test_a_graph_with_mistakes_is_not_exported() -> None:
    with pytest.raises(InvalidInput) as caught:
        export(graph(web(image="")), CONTEXT, "helm")
    assert caught.value.code == "graph-invalid"


def test_values_are_what_people_change() -> None:
    env = [{"source": "value", "name": "LEVEL", "value": "info"}]
    drawn = graph(
        web(replicas=2, image="ghcr.io/team/shop:2.1", env=env),
        node("settings", "configmap", data={"A": "1"}),
        wire("settings", "web", "config-env"),
    )
    found = unzipped(export(drawn, CONTEXT, "helm"))
    assert yaml_text.load_all(found["shop/values.yaml"]) == [
        {
            "settings": {"data": {"A": "1"}},
            "web": {
                "replicas": 2,
                "image": {"repository": "ghcr.io/team/shop", "tag": "2.1"},
                "env": {"LEVEL": "info"},
            },
        }
    ]
    assert "list .Values.settings | toYaml | sha256sum" in found["shop/templates/deployment-web.yaml"]


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("nginx", ImageParts("nginx")),
        ("nginx:1.29", ImageParts("nginx", "1.29")),
        ("registry:5000/team/shop", ImageParts("registry:5000/team/shop")),
        ("registry:5000/team/shop:2@sha256:ab", ImageParts("registry:5000/team/shop", "2", "sha256:ab")),
    ],
)
def test_images_are_taken_apart(image: str, parts: ImageParts) -> None:
    assert split_image(image) == parts
