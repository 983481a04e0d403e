"""
Objects of extensions' kinds, checked against the definitions on their cluster and those the graph brings itself. Pure.

What cannot be known here is a warning at most: the cluster may get the extension before the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from shared.kubernetes.crds import BUILT_IN_GROUPS, Crd, CrdVersion, read_crd
from shared.workflows.compile.manifests import Item
from shared.workflows.crds.schema_check import Fault, dotted, faults_of
from shared.workflows.drawing.graph import Graph
from shared.workflows.drawing.issues import Issue, Remedy, change, pointer
from shared.workflows.kinds.custom import CUSTOM

_Key = tuple[str, str]


def has_extensions(items: Iterable[Item]) -> bool:
    """Whether there is anything to check; if not, no cluster need be asked."""
    return any(_group(item.manifest) for item in items)


def extension_issues(
    graph: Graph, items: Iterable[Item], crds: Iterable[Crd], served: Collection[tuple[str, str]] = ()
) -> list[Issue]:
    """
    Return the issues of the objects of extensions' kinds.

    :param items: the objects to which the graph compiles
    :param crds: the definitions of the cluster
    :param served: API versions and kinds that it has; those without a definition are served by a server of their own
    """
    made = list(items)
    known: dict[_Key, Crd] = {(crd.group, crd.kind): crd for crd in crds}
    brought: dict[_Key, Crd] = {(crd.group, crd.kind): crd for item in made if (crd := read_crd(item.manifest))}
    types = {node.id: node.type for node in graph.nodes}
    found: list[Issue] = []
    for item in made:
        group = _group(item.manifest)
        if group:
            place = _Place(item, is_own=types.get(item.node_id) == CUSTOM.type)
            key = (group, item.manifest["kind"])
            if key not in brought and key not in known and (item.manifest["apiVersion"], key[1]) in served:
                continue
            found += _issues_of(place, brought.get(key) or known.get(key), is_coming=key in brought)
    return found


def not_checked(reason: str) -> Issue:
    """Return the issue that the cluster could not be asked."""
    text = f"Objects of extensions' kinds were not compared with their definitions: {reason}"
    return Issue(code="not-checked", severity="warning", message=text)


def _group(manifest: Mapping[str, Any]) -> str:
    """Return the group of an extension's kind; empty for kinds of Kubernetes' own."""
    group, separator, _ = str(manifest["apiVersion"]).partition("/")
    return group if separator and group not in BUILT_IN_GROUPS else ""


class _Place:
    """An object and the place of its fields on the node: in fields of its own, or somewhere in YAML."""

    def __init__(self, item: Item, *, is_own: bool) -> None:
        self.manifest = item.manifest
        self._node_id = item.node_id
        self._is_own = is_own

    @property
    def version(self) -> str:
        return str(self.manifest["apiVersion"]).partition("/")[2]

    def fault(self, fault: Fault) -> Issue:
        path = pointer(*fault.path) if fault.path[:1] == ("spec",) else pointer("body", *fault.path)
        remedy = Remedy(text=f"Call it {fault.meant}", action="change-field", path=path) if fault.meant else None
        where = dotted(fault.path) or "It"
        return self.issue(f"crd-{fault.code}", f"{where} {fault.words}.", path, "error", remedy)

    def issue(self, code: str, text: str, path: str, severity: Any, remedy: Remedy | None = None) -> Issue:
        if not self._is_own:
            # a field of a form can be pointed at, a place in a YAML text is told
            text = f"{self.manifest['kind']} {self.manifest['metadata']['name']}: {text}"
            path, remedy = path if path == "/cluster_scoped" else "/manifest", None
        return Issue(node_id=self._node_id, path=path, code=code, severity=severity, message=text, remedy=remedy)


def _issues_of(place: _Place, crd: Crd | None, *, is_coming: bool) -> Iterator[Issue]:
    kind, api_version = place.manifest["kind"], place.manifest["apiVersion"]
    if crd is None:
        text = f"The cluster knows no {kind} of {api_version}. Install its extension, or bring its definition."
        yield place.issue("kind-not-on-cluster", text, "/kind", "warning")
        return
    if crd.problem and not is_coming:
        text = f"The cluster has a definition of {kind}, but does not serve it: {crd.problem}"
        yield place.issue("kind-not-on-cluster", text, "/kind", "warning")
        return
    version = next((version for version in crd.versions if version.name == place.version and version.served), None)
    if version is None:
        yield _other_version(place, crd)
        return
    yield from _scope(place, crd)
    yield from _faults(place, version)


def _other_version(place: _Place, crd: Crd) -> Issue:
    served = [f"{crd.group}/{version.name}" for version in crd.versions if version.served]
    kind = place.manifest["kind"]
    text = f"The cluster serves {kind} not in {place.version}, but in {', '.join(served) or 'no version at all'}."
    remedy = change("/api_version", f"Use {served[0]}", served[0]) if served else None
    return place.issue("version-not-served", text, "/api_version", "warning", remedy)


def _scope(place: _Place, crd: Crd) -> Iterator[Issue]:
    has_namespace = "namespace" in place.manifest["metadata"]
    if crd.namespaced == has_namespace:
        return
    kind = place.manifest["kind"]
    text = f"{kind} belongs to {'a namespace' if crd.namespaced else 'no namespace, but to the whole cluster'}."
    remedy = Remedy(text="Put it right", action="change-field", path="/cluster_scoped", value=not crd.namespaced)
    # the API server puts it where it belongs, which is not where it was drawn
    yield place.issue("crd-wrong-scope", text, "/cluster_scoped", "warning", remedy)


def _faults(place: _Place, version: CrdVersion) -> Iterator[Issue]:
    for fault in faults_of(place.manifest, version.schema) if version.schema else ():
        yield place.fault(fault)
