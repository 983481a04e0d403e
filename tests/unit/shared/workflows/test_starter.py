from __future__ import annotations

from shared.workflows.compile.checks import validate
from shared.workflows.compile.manifests import compile_graph
from shared.workflows.drawing.graph import check_shape
from shared.workflows.kinds import TYPES
from shared.workflows.starter import IMAGE, starter_graph
from tests.fixtures.workflows.helpers import CONTEXT


def test_the_starter_runs_as_it_is() -> None:
    starter = starter_graph()
    check_shape(starter, TYPES)
    assert validate(starter, CONTEXT) == ()


def test_the_starter_serves_its_greeting_behind_a_service() -> None:
    found = {item.manifest["kind"]: item.manifest for item in compile_graph(starter_graph(), CONTEXT).items}
    container = found["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == IMAGE
    assert container["envFrom"] == [{"configMapRef": {"name": "starter-config"}}]
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert found["ConfigMap"]["data"]["GREETING"]
    assert found["Service"]["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Service"]["spec"]["selector"].items() <= labels.items()


def test_the_starter_is_laid_out_from_left_to_right() -> None:
    places = {node.id: node.position for node in starter_graph().nodes}
    assert places["service"].x < places["web"].x < places["config"].x
    assert len({place.y for place in places.values()}) == 1
    assert all(value % 8 == 0 for place in places.values() for value in (place.x, place.y))
