"""Exports as other tools read them: the real kubectl builds the Kustomize folders, the real helm renders the charts."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy.local import programs
from shared import yaml_text
from shared.kubernetes.labels import CHECKSUM
from shared.workflows.export import export
from tests.fixtures.workflows.goldens import Golden, all_goldens

pytestmark = pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
Objects = dict[tuple[str, str, str], Any]


def unpack(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    (root,) = folder.iterdir()
    return root


def by_name(text: str, namespace: str) -> Objects:
    """Return objects by kind, namespace and name; checksums are of each form's own making."""
    found: Objects = {}
    for item in yaml_text.load_all(text):
        if item is None:
            continue
        metadata = item["metadata"]
        spec = item.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        pod = (spec.get("template") or {}).get("metadata") or {}
        (pod.get("annotations") or {}).pop(CHECKSUM, None)
        found[item["kind"], metadata.get("namespace", namespace), metadata["name"]] = {
            **item,
            "metadata": {**metadata, "namespace": metadata.get("namespace", namespace)},
        }
    return found


def expected(golden: Golden) -> Objects:
    return by_name(export(golden.graph, golden.context, "yaml").content.decode(), golden.context.namespace)


def kubectl() -> str:
    found = shutil.which("kubectl")
    if found:
        return found
    link = programs.cache_folder() / "kubectl"
    link.unlink(missing_ok=True)
    link.symlink_to(programs.path_of("localkube"))
    return str(link)


def test_the_kustomize_base_is_the_workflow(golden: Golden, tmp_path: Path) -> None:
    root = unpack(export(golden.graph, golden.context, "kustomize").content, tmp_path)
    command = [kubectl(), "kustomize", str(root / "base")]
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert by_name(built, golden.context.namespace) == expected(golden)


def test_the_chart_with_its_own_values_is_the_workflow(golden: Golden, tmp_path: Path) -> None:
    root = unpack(export(golden.graph, golden.context, "helm").content, tmp_path)
    command = [str(programs.path_of("helm")), "template", "release", str(root), "--namespace", golden.context.namespace]
    rendered = subprocess.run(command, capture_output=True, text=True, check=False)
    assert rendered.returncode == 0, rendered.stderr
    assert by_name(rendered.stdout, golden.context.namespace) == expected(golden)
