"""
A workflow in other people's forms: YAML, Kustomize, Helm. Pure, and the same bytes for the same graph.

Secret values never leave: placeholders stand in their places. Objects do not say any more that the platform manages
them, so what somebody applies by hand is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from shared.workflows.compile.manifests import compile_graph
from shared.workflows.drawing.graph import Graph
from shared.workflows.export import helm, kustomize, plain
from shared.workflows.export.archive import zip_of
from shared.workflows.export.documents import Source, documents
from shared.workflows.kinds.fields.base import CompileContext

Format = Literal["yaml", "kustomize", "helm"]

_FOLDERS: Mapping[str, Callable[[Source], Mapping[str, str]]] = {"kustomize": kustomize.files, "helm": helm.files}


@dataclass(frozen=True, slots=True)
class Exported:
    """One file to download."""

    filename: str
    content_type: str
    content: bytes


def export(graph: Graph, context: CompileContext, wanted: Format) -> Exported:
    """
    Write a graph in another form; several files come as one zip.

    :raises InvalidInput: code ``graph-invalid``; ``details["issues"]`` says what must be put right first
    """
    plain_context = replace(context, version=0, secrets={}, secret_versions={}, mask_secrets=True)
    compiled = compile_graph(graph, plain_context)
    source = Source(context.workflow_slug, context.namespace, graph, documents(compiled))
    if wanted == "yaml":
        content = plain.render(source).encode()
        return Exported(f"{source.name}.yaml", "application/yaml", content)
    files = _FOLDERS[wanted](source)
    return Exported(f"{source.name}-{wanted}.zip", "application/zip", zip_of(files, folder=source.name))
