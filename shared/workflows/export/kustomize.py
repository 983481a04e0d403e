"""A Kustomize folder: ``base`` with every object, ``overlays/example`` that changes namespace, images and replicas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared import yaml_text
from shared.image_names import split_image
from shared.workflows.export.documents import Document, Source, unique_paths, without_namespace
from shared.workflows.kinds.manifest import pod_specs

API = "kustomize.config.k8s.io/v1beta1"
_SCALED = {"Deployment", "StatefulSet"}


def files(source: Source) -> Mapping[str, str]:
    """Return the texts by path; apply them with ``kubectl apply -k overlays/example``."""
    paths = unique_paths(source.documents)
    made = {
        f"base/{path}.yaml": yaml_text.dump(without_namespace(document.manifest, source.namespace))
        for path, document in paths.items()
    }
    made["base/kustomization.yaml"] = yaml_text.dump(
        {"apiVersion": API, "kind": "Kustomization", "resources": [f"{path}.yaml" for path in paths]}
    )
    made["overlays/example/kustomization.yaml"] = yaml_text.dump(_overlay(source))
    return made


def _overlay(source: Source) -> dict[str, Any]:
    overlay: dict[str, Any] = {
        "apiVersion": API,
        "kind": "Kustomization",
        "namespace": source.namespace,
        "resources": ["../../base"],
    }
    images = [entry for name in sorted(set(_images(source.documents))) if (entry := _image(name))]
    if images:
        overlay["images"] = images
    replicas = [
        {"name": document.manifest["metadata"]["name"], "count": document.manifest["spec"]["replicas"]}
        for document in source.documents
        if document.manifest["kind"] in _SCALED and "replicas" in document.manifest["spec"]
    ]
    if replicas:
        overlay["replicas"] = replicas
    return overlay


def _image(image: str) -> dict[str, str] | None:
    parts = split_image(image)
    entry = {"name": parts.repository}
    if parts.digest:
        return {**entry, "digest": parts.digest}
    return {**entry, "newTag": parts.tag} if parts.tag else None


def _images(documents: tuple[Document, ...]) -> Iterator[str]:
    for document in documents:
        for pod in pod_specs(document.manifest):
            for container in [*(pod.get("initContainers") or []), *(pod.get("containers") or [])]:
                if isinstance(container.get("image"), str):
                    yield container["image"]
