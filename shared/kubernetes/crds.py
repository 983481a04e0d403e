"""
Kinds that extensions have brought to a cluster: read from its CustomResourceDefinitions.

Credentials of one namespace may seldom list those; discovery and the published OpenAPI say nearly the same to
everybody who is signed in, and are asked then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.kubernetes.objects import ApiResource

BUILT_IN_GROUPS = frozenset(
    {
        *("apps", "batch", "autoscaling", "policy", "extensions"),
        *("networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "apiextensions.k8s.io"),
        *("admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io", "scheduling.k8s.io"),
        *("node.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "resource.k8s.io"),
        *("flowcontrol.apiserver.k8s.io", "authentication.k8s.io", "authorization.k8s.io"),
        *("internal.apiserver.k8s.io", "storagemigration.k8s.io"),
    }
)
"""API groups that are Kubernetes' own; a group such as ``gateway.networking.k8s.io`` is an extension's."""

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STABILITY = {"": 2, "beta": 1, "alpha": 0}


@dataclass(frozen=True, slots=True)
class CrdVersion:
    """
    One version of a kind.

    :param storage: None when that cannot be known
    :param digest: over the schema, for caches
    :param schema: its structural schema as ``openAPIV3Schema`` holds it; empty when it has none
    """

    name: str
    served: bool = True
    storage: bool | None = None
    deprecated: bool = False
    digest: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Crd:
    """
    A kind of an extension.

    :param problem: why the cluster does not serve it although it is defined; empty when it does
    :param versions: the best first, by Kubernetes' order of versions
    """

    group: str
    kind: str
    plural: str
    namespaced: bool
    versions: tuple[CrdVersion, ...]
    words: tuple[str, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        """The definition's name: ``certificates.cert-manager.io``."""
        return f"{self.plural}.{self.group}"

    @property
    def best(self) -> CrdVersion | None:
        """The served version that new objects should have; None when none is served."""
        served = [version for version in self.versions if version.served]
        return next((version for version in served if not version.deprecated), served[0] if served else None)

    @property
    def description(self) -> str:
        """The purpose of the kind by the best version's schema, in short."""
        found = self.best.schema.get("description") if self.best else None
        return _short(found) if isinstance(found, str) else ""

    def resource(self, version: str) -> ApiResource:
        """Return the API resource of the kind in a version."""
        return ApiResource(f"{self.group}/{version}", self.kind, self.plural, self.namespaced)


def _short(text: str, limit: int = 200) -> str:
    flat = " ".join(text.split())
    first = re.match(r".+?[.!?](?= [A-Z]|$)", flat)
    flat = first.group() if first else flat
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def by_priority(name: str) -> tuple[int, int, int, str]:
    """
    Return the key by which versions are sorted, descending: v2, v1, v1beta2, v1alpha1, then all other names.

    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
    """
    found = _VERSION.fullmatch(name)
    if found is None:
        return -1, 0, 0, name
    return _STABILITY[found[2] or ""], int(found[1]), int(found[3] or 0), name


def _sorted(versions: Iterable[CrdVersion]) -> tuple[CrdVersion, ...]:
    return tuple(sorted(versions, key=lambda version: by_priority(version.name), reverse=True))


def digest_of(schema: Mapping[str, Any]) -> str:
    """Return a short hash of a schema."""
    return hashlib.sha256(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16] if schema else ""


def read_crd(raw: object) -> Crd | None:
    """Read a CustomResourceDefinition; None when it is none."""
    spec = raw.get("spec") if isinstance(raw, dict) else None
    names = spec.get("names") if isinstance(spec, dict) else None
    if not isinstance(raw, dict) or not isinstance(spec, dict) or not isinstance(names, dict):
        return None
    group, kind, plural = spec.get("group"), names.get("kind"), names.get("plural")
    if not (isinstance(group, str) and isinstance(kind, str) and isinstance(plural, str)):
        return None
    # of definitions that were made before structural schemas were asked for
    keeps = spec.get("preserveUnknownFields") is True
    words = [*(names.get("shortNames") or []), *(names.get("categories") or []), names.get("singular")]
    return Crd(
        group=group,
        kind=kind,
        plural=plural,
        namespaced=spec.get("scope") != "Cluster",
        versions=_sorted(_version(item, keeps_unknown=keeps) for item in _dicts(spec.get("versions"))),
        words=tuple(word for word in words if isinstance(word, str) and word),
        problem=_problem(raw),
    )


def _version(raw: Mapping[str, Any], *, keeps_unknown: bool) -> CrdVersion:
    holder = raw.get("schema")
    schema = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
    schema = schema if isinstance(schema, dict) else {}
    if schema and keeps_unknown:
        schema = {**schema, "x-kubernetes-preserve-unknown-fields": True}
    return CrdVersion(
        name=str(raw.get("name", "")),
        served=raw.get("served") is True,
        storage=raw.get("storage") is True,
        deprecated=raw.get("deprecated") is True,
        digest=digest_of(schema),
        schema=schema,
    )


def _dicts(found: object) -> list[dict[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _problem(raw: Mapping[str, Any]) -> str:
    """Return the reason why the cluster does not serve a definition; one made this moment has no conditions yet."""
    status = raw.get("status")
    conditions = {
        item.get("type"): item for item in _dicts((status if isinstance(status, dict) else {}).get("conditions"))
    }
    if conditions.get("Established", {}).get("status") == "True":
        return ""
    refused = conditions.get("NamesAccepted", {})
    if refused.get("status") == "False":
        return _short(str(refused.get("message") or "Its names are taken."))
    return "The cluster has not established it yet."


@dataclass(frozen=True, slots=True)
class Served:
    """A kind as discovery shows it."""

    resource: ApiResource
    verbs: frozenset[str]
    words: tuple[str, ...] = ()


def read_discovery(answer: Mapping[str, Any]) -> list[Served]:
    """Read an ``APIGroupDiscoveryList``."""
    found: list[Served] = []
    for group in _dicts(answer.get("items")):
        name = str((group.get("metadata") or {}).get("name", ""))
        for version in _dicts(group.get("versions")):
            for item in _dicts(version.get("resources")):
                kind = (item.get("responseKind") or {}).get("kind")
                if not kind or not item.get("resource"):
                    continue
                resource = ApiResource(
                    f"{name}/{version.get('version')}", kind, item["resource"], item.get("scope") == "Namespaced"
                )
                words = (*(item.get("shortNames") or ()), *(item.get("categories") or ()))
                found.append(Served(resource, frozenset(item.get("verbs") or ()), words))
    return found


def crds_of_discovery(served: Iterable[Served], schemas: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Crd]:
    """
    Return the kinds of extensions as discovery and OpenAPI tell of them.

    :param served: kinds of extensions alone
    :param schemas: (api version, kind) → schema, for those that have one
    """
    groups: dict[tuple[str, str], list[Served]] = {}
    for item in served:
        if {"create", "patch"} <= item.verbs:
            groups.setdefault((item.resource.group, item.resource.kind), []).append(item)
    return [
        Crd(
            group=group,
            kind=kind,
            plural=items[0].resource.plural,
            namespaced=items[0].resource.namespaced,
            versions=_sorted(_seen(item, schemas) for item in items),
            words=items[0].words,
        )
        for (group, kind), items in sorted(groups.items())
    ]


def _seen(item: Served, schemas: Mapping[tuple[str, str], Mapping[str, Any]]) -> CrdVersion:
    resource = item.resource
    schema = schemas.get((resource.api_version, resource.kind), {})
    return CrdVersion(resource.api_version.partition("/")[2], digest=digest_of(schema), schema=schema)


def read_openapi(answer: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the schemas of one group's OpenAPI v3 document: (api version, kind) → schema."""
    components = answer.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for schema in (schemas if isinstance(schemas, dict) else {}).values():
        kinds = _dicts(schema.get("x-kubernetes-group-version-kind")) if isinstance(schema, dict) else []
        if len(kinds) == 1 and kinds[0].get("group"):
            kind = kinds[0]
            found[f"{kind['group']}/{kind.get('version')}", str(kind.get("kind"))] = schema
    return found
