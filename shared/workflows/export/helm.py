"""
A Helm chart: the settings that people change from one installation to the next stand in ``values.yaml``.

Manifests are written as YAML first; only then are the marked places turned into template expressions, and braces that
people wrote are escaped, so nothing in a workflow can become a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import yaml_text
from shared.image_names import split_image
from shared.kubernetes import labels
from shared.workflows.export.documents import Document, Source, unique_paths, without_namespace
from shared.workflows.kinds.fields.base import Json, Manifest

CHART_VERSION = "0.1.0"
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}


def files(source: Source) -> Mapping[str, str]:
    """Return the texts by path; install with ``helm install NAME .``."""
    chart = _Chart(source)
    made = {
        f"templates/{path}.yaml": chart.template(document) for path, document in unique_paths(source.documents).items()
    }
    made["Chart.yaml"] = yaml_text.dump(
        {
            "apiVersion": "v2",
            "name": source.name,
            "description": f"The workflow {source.name}.",
            "type": "application",
            "version": CHART_VERSION,
        }
    )
    made["values.yaml"] = yaml_text.dump(chart.values) if chart.values else "{}\n"
    return made


@dataclass(slots=True)
class _Holes:
    """
    Places of one manifest that become expressions.

    :param prefix: occurs nowhere in the manifest
    """

    prefix: str
    inline: dict[str, str] = field(default_factory=dict)
    block: dict[str, str] = field(default_factory=dict)

    def put(self, expression: str) -> str:
        """Return the mark of a place for one value: ``{{ … }}``."""
        mark = f"{self.prefix}{len(self.inline) + len(self.block)}x"
        self.inline[mark] = f"{{{{ {expression} }}}}"
        return mark

    def put_block(self, expression: str) -> str:
        """Return the mark of a place for an object or a list, written over several lines."""
        mark = f"{self.prefix}{len(self.inline) + len(self.block)}x"
        self.block[mark] = expression
        return mark

    def fill(self, text: str) -> str:
        """Put the expressions into the written YAML."""
        for mark, expression in self.block.items():
            text = re.sub(
                rf"^([ -]*)([^\n:]+): {mark}$",
                lambda found, expression=expression: (  # type: ignore[misc]
                    f"{found[1]}{found[2]}:\n{' ' * (len(found[1]) + 2)}"
                    f"{{{{- toYaml {expression} | nindent {len(found[1]) + 2} }}}}"
                ),
                text,
                flags=re.MULTILINE,
            )
        for mark, expression in self.inline.items():
            text = text.replace(mark, expression)
        return text


class _Chart:
    """Collects the values while templates are written."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names = dict(_value_names(source))
        self.values: Json = {}

    def template(self, document: Document) -> str:
        """Write one manifest as a template and keep its values."""
        manifest = without_namespace(document.manifest, self._source.namespace)
        holes = _Holes(_unused_prefix(yaml_text.dump(manifest)))
        writer = _WRITERS.get(manifest["kind"])
        if manifest["kind"] in _WORKLOADS:
            manifest = self._workload(document, manifest, holes)
        elif writer is not None:
            values: Json = {}
            name = self._names[document.node_id]
            manifest = writer(manifest, f".Values.{name}", values, holes)
            self._keep_values(document.node_id, values)
        return holes.fill(_escape(yaml_text.dump(manifest)))

    def _keep_values(self, node_id: str, values: Json) -> None:
        if values:
            self.values.setdefault(self._names[node_id], {}).update(values)

    def _workload(self, document: Document, manifest: Manifest, holes: _Holes) -> Manifest:
        root = f".Values.{self._names[document.node_id]}"
        values: Json = {}
        spec = dict(manifest["spec"])
        for key in ("replicas", "schedule", "suspend"):
            if key in spec:
                values[key] = spec[key]
                spec[key] = holes.put(f"{root}.{key}" + (" | quote" if isinstance(spec[key], str) else ""))
        if "jobTemplate" in spec:
            job = spec["jobTemplate"]
            inner = {**job["spec"], "template": self._pod(job["spec"]["template"], document.node_id, values, holes)}
            spec["jobTemplate"] = {**job, "spec": inner}
        elif isinstance(spec.get("template"), Mapping):
            spec["template"] = self._pod(spec["template"], document.node_id, values, holes)
        self._keep_values(document.node_id, values)
        return {**manifest, "spec": spec}

    def _pod(self, template: Mapping[str, Any], node_id: str, values: Json, holes: _Holes) -> Json:
        pod = dict(template["spec"])
        containers = [dict(container) for container in pod.get("containers") or []]
        if containers:
            # the first one is the node's own; what people change from place to place is there
            containers[0] = _container(containers[0], f".Values.{self._names[node_id]}", values, holes)
            pod["containers"] = containers
        metadata = dict(template.get("metadata") or {})
        annotations = dict(metadata.get("annotations") or {})
        if labels.CHECKSUM in annotations:
            annotations[labels.CHECKSUM] = holes.put(self._checksum(node_id))
            metadata["annotations"] = annotations
        return {**template, "metadata": metadata, "spec": pod}

    def _checksum(self, node_id: str) -> str:
        """Return the expression that changes when wired configuration changes, so that pods are replaced."""
        wired = sorted({edge.source for edge in self._source.graph.edges if edge.target == node_id})
        kinds = {node.id: node.type for node in self._source.graph.nodes}
        read = [self._names[source] for source in wired if kinds.get(source) in {"configmap", "secret"}]
        return f"list {' '.join(f'.Values.{name}' for name in read)} | toYaml | sha256sum"


def _container(container: Json, root: str, values: Json, holes: _Holes) -> Json:
    image = split_image(str(container.get("image", "")))
    values["image"] = {"repository": image.repository, "tag": image.tag or "latest"}
    reference = f'printf "%s:%s" {root}.image.repository {root}.image.tag'
    if image.digest:
        values["image"] = {"repository": image.repository, "digest": image.digest}
        reference = f'printf "%s@%s" {root}.image.repository {root}.image.digest'
    container["image"] = holes.put(f"{reference} | quote")
    if container.get("resources"):
        values["resources"] = container["resources"]
        container["resources"] = holes.put_block(f"{root}.resources")
    env = [dict(entry) for entry in container.get("env") or []]
    plain = {entry["name"]: entry["value"] for entry in env if isinstance(entry.get("value"), str)}
    if plain:
        values["env"] = plain
        for entry in env:
            if isinstance(entry.get("value"), str):
                entry["value"] = holes.put(f'index {root}.env "{entry["name"]}" | quote')
        container["env"] = env
    return container


def _service(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    spec = dict(manifest["spec"])
    if "type" in spec and spec.get("clusterIP") != "None":
        values["type"] = spec["type"]
        spec["type"] = holes.put(f"{root}.type")
    return {**manifest, "spec": spec}


def _mapping(key: str, value: str, root: str, values: Json, holes: _Holes, manifest: Manifest) -> Manifest:
    if not manifest.get(key):
        return manifest
    values[value] = manifest[key]
    return {**manifest, key: holes.put_block(f"{root}.{value}")}


def _configmap(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    return _mapping("data", "data", root, values, holes, manifest)


def _secret(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    return _mapping("stringData", "values", root, values, holes, manifest)


def _claim(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    spec = dict(manifest["spec"])
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage:
        values["storage"] = storage
        requests = {**spec["resources"]["requests"], "storage": holes.put(f"{root}.storage | quote")}
        spec["resources"] = {**spec["resources"], "requests": requests}
    if "storageClassName" in spec:
        values["storageClass"] = spec["storageClassName"]
        spec["storageClassName"] = holes.put(f"{root}.storageClass | quote")
    return {**manifest, "spec": spec}


def _ingress(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    spec = dict(manifest["spec"])
    if "ingressClassName" in spec:
        values["className"] = spec["ingressClassName"]
        spec["ingressClassName"] = holes.put(f"{root}.className | quote")
    hosts = sorted({rule["host"] for rule in spec.get("rules") or [] if rule.get("host")})
    if hosts:
        values["hosts"] = {host: host for host in hosts}
        spec["rules"] = [
            {**rule, "host": holes.put(f'index {root}.hosts "{rule["host"]}" | quote')} if rule.get("host") else rule
            for rule in spec["rules"]
        ]
    return {**manifest, "spec": spec}


def _autoscaler(manifest: Manifest, root: str, values: Json, holes: _Holes) -> Manifest:
    spec = dict(manifest["spec"])
    for key in ("minReplicas", "maxReplicas"):
        if key in spec:
            values[key] = spec[key]
            spec[key] = holes.put(f"{root}.{key}")
    return {**manifest, "spec": spec}


_WRITERS: Mapping[str, Callable[[Manifest, str, Json, _Holes], Manifest]] = {
    "Service": _service,
    "ConfigMap": _configmap,
    "Secret": _secret,
    "PersistentVolumeClaim": _claim,
    "Ingress": _ingress,
    "HorizontalPodAutoscaler": _autoscaler,
}


def _value_names(source: Source) -> Iterator[tuple[str, str]]:
    """Yield for each node the name of its values: its own name as one word; the same name of two gets the type."""
    taken: set[str] = set()
    for node in sorted(source.graph.real_nodes, key=lambda node: node.id):
        plain = _word(str(node.data.get("name", node.id)))
        name = plain if plain not in taken else f"{plain}{node.type.title()}"
        count = 2
        while name in taken:
            name, count = f"{plain}{node.type.title()}{count}", count + 1
        taken.add(name)
        yield node.id, name


def _word(text: str) -> str:
    first, *rest = [part for part in re.split(r"[^A-Za-z0-9]+", text) if part] or ["node"]
    word = first + "".join(part[:1].upper() + part[1:] for part in rest)
    return word if word[0].isalpha() else f"n{word}"


def _unused_prefix(text: str) -> str:
    prefix = "hole"
    while prefix in text:
        prefix += "e"
    return prefix


def _escape(text: str) -> str:
    """Make braces that people wrote into text of the template."""
    return text.replace("{{", '{{ "{{" }}')
