from __future__ import annotations

from typing import Any

import pytest

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import BUILT_IN
from tests.fixtures.workflows.goldens import Golden, all_goldens


def placed(manifest: dict[str, Any], namespace: str) -> dict[str, Any]:
    """Move an object to the test's namespace; those that belong to no namespace stay."""
    if "namespace" not in manifest["metadata"]:
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}


@pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
def test_the_api_server_takes_every_golden_manifest_strictly(
    golden: Golden, client: ClusterClient, namespace: str
) -> None:
    found = [item.manifest for item in golden.compiled().items]
    known = [manifest for manifest in found if (manifest["apiVersion"], manifest["kind"]) in BUILT_IN]
    # objects of extensions are sent where their definitions are, in tests/cluster/platform
    assert known == found if golden.strict else known
    for manifest in (placed(each, namespace) for each in known):
        answer = client.apply(manifest, dry_run=True, field_validation="Strict")
        assert answer["kind"] == manifest["kind"]
        assert answer["metadata"]["labels"].items() >= manifest["metadata"]["labels"].items()
