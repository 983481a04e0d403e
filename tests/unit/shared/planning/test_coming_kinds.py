from __future__ import annotations

from typing import Any

import pytest

from shared.planning.coming_kinds import kinds_defined
from tests.fixtures.workflows.crds import DATABASE, crd


def test_a_definition_brings_its_kind_in_every_version_it_serves() -> None:
    manifest = crd("Database", DATABASE)
    version = manifest["spec"]["versions"][0]
    manifest["spec"]["versions"] = [version, {**version, "name": "v2"}, {**version, "name": "v3", "served": False}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    assert kinds_defined([service, manifest]) == {
        ("shop.example.com/v1", "Database"),
        ("shop.example.com/v2", "Database"),
    }


@pytest.mark.parametrize("spec", [None, "x", {}, {"names": 1, "versions": []}, {"names": {}, "versions": ["v1"]}])
def test_a_definition_that_nobody_could_apply_brings_nothing(spec: Any) -> None:
    assert kinds_defined([{**crd("Database", DATABASE), "spec": spec}]) == frozenset()
