"""The part that all forms share: the manifests as other tools should get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kubernetes import labels
from shared.workflows.compile.manifests import Compiled
from shared.workflows.drawing.graph import Graph
from shared.workflows.kinds.fields.base import HIDDEN, Json, Manifest

PLACEHOLDER = "replace-me"
"""Stands for every secret value."""


@dataclass(frozen=True, slots=True)
class Document:
    """One object and the node it is from."""

    node_id: str
    manifest: Manifest

    @property
    def path(self) -> str:
        """A name for its file: kind and name, both of which a file system takes."""
        metadata = self.manifest["metadata"]
        return f"{self.manifest['kind']}-{metadata['name']}".lower().replace(":", "-")


@dataclass(frozen=True, slots=True)
class Source:
    """
    Everything a form is written from.

    :param name: of the workflow, as file names and charts take it
    """

    name: str
    namespace: str
    graph: Graph
    documents: tuple[Document, ...]


def documents(compiled: Compiled) -> tuple[Document, ...]:
    """Return the objects of a compilation without secret values, in the order of their waves."""
    return tuple(Document(item.node_id, _given_away(item.manifest)) for item in compiled.items)


def _given_away(manifest: Manifest) -> Manifest:
    metadata = dict(manifest["metadata"])
    kept = {key: value for key, value in metadata.get("labels", {}).items() if key != labels.MANAGED_BY}
    given = {**manifest, "metadata": {**metadata, "labels": kept}}
    if isinstance(given.get("stringData"), Mapping):
        given["stringData"] = {
            key: PLACEHOLDER if value == HIDDEN else value for key, value in given["stringData"].items()
        }
    return given


def unique_paths(found: tuple[Document, ...]) -> dict[str, Document]:
    """Return a path for each document; the same kind and name in several namespaces gets the namespace, too."""
    counts: dict[str, int] = {}
    for document in found:
        counts[document.path] = counts.get(document.path, 0) + 1
    paths: dict[str, Document] = {}
    for document in found:
        namespace = document.manifest["metadata"].get("namespace", "cluster")
        path = document.path if counts[document.path] == 1 else f"{document.path}-{namespace}"
        if path in paths:
            # two API groups with the same kind
            path = f"{path}-{document.manifest['apiVersion'].replace('/', '-')}"
        paths[path] = document
    return paths


def without_namespace(manifest: Manifest, namespace: str) -> Manifest:
    """Leave the workflow's own namespace out, so that whoever applies it may choose; others stay."""
    metadata: Json = dict(manifest["metadata"])
    if metadata.get("namespace") == namespace:
        del metadata["namespace"]
    return {**manifest, "metadata": metadata}
