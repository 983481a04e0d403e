from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from types import FrameType
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared import yaml_text
from shared.errors import InvalidInput
from shared.kubernetes import labels
from shared.workflows.compile.checks import validate
from shared.workflows.compile.manifests import compile_graph, manifest_digest, preview
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.kinds.fields.base import HIDDEN, CompileContext
from tests.fixtures.workflows.goldens import Golden, all_goldens, described
from tests.fixtures.workflows.helpers import CONTEXT, after, graph, manifest, manifests, node, web, wire
from tests.fixtures.workflows.strategies import any_graphs, safe_text, sound_graphs


@pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
def test_a_graph_becomes_its_golden_manifests(golden: Golden) -> None:
    assert described(golden.compiled()) == golden.manifests


@pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
def test_a_golden_graph_has_no_errors(golden: Golden) -> None:
    assert [issue for issue in validate(golden.graph, golden.context) if issue.is_error] == []


@given(sound_graphs(), st.randoms(use_true_random=False))
def test_the_same_version_gives_the_same_bytes(drawn: Graph, shuffled: random.Random) -> None:
    nodes, edges = list(drawn.nodes), list(drawn.edges)
    shuffled.shuffle(nodes)
    shuffled.shuffle(edges)
    first, second = compile_graph(drawn, CONTEXT), compile_graph(Graph(nodes=nodes, edges=edges), CONTEXT)
    assert orjson.dumps([item.manifest for item in first.items]) == orjson.dumps(
        [item.manifest for item in second.items]
    )
    assert first.digest == second.digest


@given(any_graphs())
def test_compiling_either_works_or_says_why(drawn: Graph) -> None:
    issues = validate(drawn, CONTEXT)
    if any(issue.is_error for issue in issues):
        with pytest.raises(InvalidInput) as caught:
            compile_graph(drawn, CONTEXT)
        assert caught.value.code == "graph-invalid"
        assert len(caught.value.fields) == sum(issue.is_error for issue in issues)
    else:
        compile_graph(drawn, CONTEXT)


@given(any_graphs())
def test_a_preview_shows_what_can_be_shown(drawn: Graph) -> None:
    compiled, issues = preview(drawn, CONTEXT)
    broken = {issue.node_id for issue in issues if issue.is_error}
    assert {item.node_id for item in compiled.items} == {node.id for node in drawn.real_nodes} - broken


@given(sound_graphs())
def test_every_object_carries_our_labels(drawn: Graph) -> None:
    for item in compile_graph(drawn, replace(CONTEXT, version=4)).items:
        found = item.manifest["metadata"]["labels"]
        assert labels.owner_of(found) == (CONTEXT.workflow_id, item.node_id)
        assert found[labels.NAME] == labels.label_value(item.manifest["metadata"]["name"])
        assert item.manifest["metadata"]["annotations"][labels.VERSION] == "4"
        template = item.manifest.get("spec", {}).get("template")
        if template:
            assert found.items() <= template["metadata"]["labels"].items()
            assert labels.VERSION not in template["metadata"].get("annotations", {})


NASTY = [
    "x\nkind: ClusterRole",
    "x\n---\napiVersion: v1\nkind: Secret",
    "{{ .Values.x }}",
    "${PATH}",
    "&a *a",
    "!!python/object:os.system",
    "'\"",
    "yes",
    "0x10",
    "\t- x",
    "\u2028kind: x",
    "<<: *x",
]


@given(st.sampled_from(NASTY) | safe_text)
def test_no_text_becomes_more_than_text(nasty: str) -> None:
    """Put a text into every free field and read the manifest back from YAML: it is the same text at the same place."""
    drawn = graph(
        web(
            args=[nasty],
            command=[nasty],
            env=[{"source": "value", "name": "A", "value": nasty}],
            annotations={"example.com/a": nasty},
            pod_annotations={"example.com/b": nasty},
        ),
        node("cfg", "configmap", data={"key": nasty}),
    )
    compiled = compile_graph(drawn, CONTEXT)
    text = yaml_text.dump_all([item.manifest for item in compiled.items])
    again = list(yaml.safe_load_all(text))
    assert [item["kind"] for item in again] == ["ConfigMap", "Deployment"]
    assert again[0]["data"]["key"] == nasty
    container = again[1]["spec"]["template"]["spec"]["containers"][0]
    assert (container["args"], container["command"]) == ([nasty], [nasty])
    assert container["env"][0]["value"] == nasty
    assert again[1]["metadata"]["annotations"]["example.com/a"] == nasty
    assert json.loads(json.dumps(again)) == [item.manifest for item in compiled.items]


def texts(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in texts(item, (*place, key))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in texts(item, (*place, index))]
    return [place] if isinstance(value, str) else []


def with_text(value: Any, place: tuple[Any, ...], text: str) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = text
    return copy


def injected_places() -> list[Any]:
    return [
        pytest.param(golden, node.id, place, id=f"{golden.name}-{node.id}-{'.'.join(map(str, place))}")
        for golden in all_goldens()
        for node in golden.graph.real_nodes
        for place in texts(node.data)
    ]


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(found for item in value.values() for found in leaves(item))]
    if isinstance(value, list):
        return [found for item in value for found in leaves(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(("golden", "node_id", "place"), injected_places())
def test_injection_into_every_text_of_every_type_is_refused_or_stays_one_text(
    golden: Golden, node_id: str, place: tuple[Any, ...]
) -> None:
    for nasty in NASTY[:3]:
        nodes = [
            Node(
                id=item.id, type=item.type, data=with_text(item.data, place, nasty) if item.id == node_id else item.data
            )
            for item in golden.graph.nodes
        ]
        compiled, issues = preview(Graph(nodes=nodes, edges=golden.graph.edges), golden.context)
        found = [item.manifest for item in compiled.items if item.node_id == node_id]
        if not found:
            assert any(issue.node_id == node_id and issue.is_error for issue in issues)
            continue
        text = yaml_text.dump_all(found)
        assert list(yaml.safe_load_all(text)) == found
        assert all(nasty == leaf or nasty not in leaf for leaf in leaves(found))


def test_waves_follow_what_others_need() -> None:
    drawn = graph(
        web("first"),
        web("second"),
        web("third"),
        node("svc", "service", selector={"a": "b"}, ports=[{"port": 80}]),
        node("cfg", "configmap"),
        after("second", "first"),
        after("third", "second"),
    )
    compiled = compile_graph(drawn, CONTEXT)
    assert [(item.wave, item.node_id) for item in compiled.items] == [
        (0, "svc"),
        (0, "cfg"),
        (1, "first"),
        (2, "second"),
        (3, "third"),
    ]
    assert {name: [(d.node_id, d.condition) for d in found] for name, found in compiled.after.items()} == {
        "second": [("first", "healthy")],
        "third": [("second", "healthy")],
    }


def test_a_node_may_wait_for_something_of_a_later_stage() -> None:
    drawn = graph(web(), node("cfg", "configmap"), after("cfg", "web", rule="apply-after"))
    assert [(item.wave, item.node_id) for item in compile_graph(drawn, CONTEXT).items] == [(0, "web"), (1, "cfg")]


def test_namespaces_are_listed() -> None:
    drawn = graph(web(), web("far", namespace="elsewhere"))
    assert compile_graph(drawn, CONTEXT).namespaces == ("elsewhere", "shop")


def test_the_digest_leaves_out_the_version_and_nothing_else() -> None:
    drawn = graph(web())
    base = compile_graph(drawn, CONTEXT)
    assert compile_graph(drawn, replace(CONTEXT, version=9)).digest == base.digest
    assert compile_graph(graph(web(replicas=2)), CONTEXT).digest != base.digest
    assert compile_graph(drawn, replace(CONTEXT, namespace="other")).digest != base.digest


SECRET = node("key", "secret", keys=["TOKEN", "OTHER"])


def with_secret(value: bytes, version: str) -> CompileContext:
    return replace(CONTEXT, secrets={"key": {"TOKEN": value}}, secret_versions={"key": version})


def test_digests_say_nothing_about_secret_values() -> None:
    """A short value could be guessed from a digest that is stored; the version's id tells that it changed."""
    first, second = (compile_graph(graph(SECRET), with_secret(value, "1")) for value in (b"one", b"two"))
    changed = compile_graph(graph(SECRET), with_secret(b"two", "2"))
    assert first.items[0].manifest != second.items[0].manifest
    assert first.digest == second.digest != changed.digest


def test_values_without_a_version_are_refused() -> None:
    with pytest.raises(ValueError, match="without a version: key"):
        replace(CONTEXT, secrets={"key": {"TOKEN": b"x"}})


def test_keys_without_a_value_are_named_and_left_out() -> None:
    item = compile_graph(graph(SECRET), with_secret(b"x", "1")).items[0]
    assert item.unset_keys == ("OTHER",)
    assert item.manifest["data"] == {"TOKEN": "eA=="}
    assert "data" not in compile_graph(graph(SECRET), CONTEXT).items[0].manifest


def test_a_preview_masks_secret_values() -> None:
    compiled, _ = preview(graph(SECRET), replace(with_secret(b"hunter2", "1"), mask_secrets=True))
    assert compiled.items[0].manifest["stringData"] == {"TOKEN": HIDDEN, "OTHER": HIDDEN}
    assert "hunter2" not in str(compiled)
    assert "aHVudGVyMg==" not in str(compiled)


def checksum(found: dict[str, Any]) -> str:
    return str(found["spec"]["template"]["metadata"]["annotations"][labels.CHECKSUM])


def test_pods_are_replaced_when_wired_configuration_changes() -> None:
    def compiled(**data: str) -> str:
        return checksum(manifest(web(), node("cfg", "configmap", data=data), wire("cfg", "web", "config-env")))

    assert compiled(A="1") == compiled(A="1") != compiled(A="2")


def test_pods_are_replaced_when_wired_secrets_change() -> None:
    parts = (web(), SECRET, wire("key", "web", "secret-env"))
    sums = [
        checksum(manifest(*parts, context=with_secret(value, version)))
        for value, version in ((b"1", "a"), (b"2", "a"), (b"2", "b"))
    ]
    assert sums[0] == sums[1] != sums[2]


def test_the_digest_of_a_manifest_without_annotations_is_that_with_only_the_version() -> None:
    plain = manifest(web())
    versioned = manifest(web(), context=replace(CONTEXT, version=3))
    assert manifest_digest(plain) == manifest_digest(versioned)


def test_drawings_are_not_compiled() -> None:
    assert manifests(node("memo", "note"), node("frame", "group")) == {}


def large_graph(count: int) -> Graph:
    nodes: list[Node] = []
    edges: list[Edge] = []
    for index in range(count // 5):
        name = f"app-{index}"
        ports = [{"name": "http", "container_port": 8080}]
        probe = {"type": "http", "path": "/healthz", "port": "http"}
        nodes += [
            node(f"{name}-web", "deployment", image="nginx:1", ports=ports, readiness_probe=probe, replicas=2),
            node(f"{name}-svc", "service", ports=[{"port": 80}]),
            node(f"{name}-cfg", "configmap", data={f"K{n}": "v" for n in range(10)}),
            node(f"{name}-key", "secret", keys=["TOKEN"]),
            node(f"{name}-job", "job", image="nginx:1"),
        ]
        edges += [
            wire(f"{name}-svc", f"{name}-web"),
            wire(f"{name}-cfg", f"{name}-web", "config-env"),
            wire(f"{name}-key", f"{name}-web", "secret-env"),
            after(f"{name}-web", f"{name}-job", condition="completed"),
        ]
    return Graph(nodes=nodes, edges=edges)


def calls_to_compile(nodes: int) -> int:
    """How many functions are called, which is the same on every machine."""
    large, calls = large_graph(nodes), 0
    compile_graph(large, CONTEXT)

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        compiled = compile_graph(large, CONTEXT)
    finally:
        sys.setprofile(None)
    assert len(compiled.items) == nodes
    return calls


def test_the_work_grows_no_faster_than_the_graph() -> None:
    """The time itself is measured by the benchmark."""
    assert calls_to_compile(500) < 2.2 * calls_to_compile(250)


def test_a_long_chain_compiles() -> None:
    links = [web(f"w{index}") for index in range(300)]
    order = [after(f"w{index + 1}", f"w{index}") for index in range(299)]
    compiled = compile_graph(graph(*links, *order), CONTEXT)
    assert compiled.items[-1].wave == 299
