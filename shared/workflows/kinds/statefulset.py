"""StatefulSet: pods with names and storage of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Headless, Scaled, Wired
from shared.workflows.drawing.issues import Issue, change, pointer
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Fields,
    Hint,
    Json,
    Kind,
    Manifest,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.pod_checks import check_pod
from shared.workflows.kinds.fields.pods import PodFields, offered_ports, pod_template
from shared.workflows.kinds.fields.types import (
    AbsolutePath,
    Bytes,
    DnsLabel,
    DnsLabelLetter,
    DnsSubdomain,
    RelativePath,
)
from shared.workflows.kinds.persistentvolumeclaim import AccessMode

ROLLING = {"path": "/update_strategy", "equals": "RollingUpdate"}
LONGEST_NAME = 52


class ClaimTemplate(Fields):
    """Storage that each pod gets of its own."""

    name: Annotated[DnsLabel, Hint(immutable=True)]
    mount_path: Annotated[AbsolutePath, Hint(placeholder="/var/lib/data")]
    sub_path: Annotated[RelativePath | None, Hint(advanced=True)] = None
    storage: Annotated[Bytes, Hint(widget="quantity", immutable=True, placeholder="1Gi")]
    storage_class: Annotated[DnsSubdomain | None, Hint(options_from="storage-classes", immutable=True)] = None
    access_modes: Annotated[list[AccessMode], Field(min_length=1), Hint(immutable=True, advanced=True)] = [
        "ReadWriteOnce"
    ]


class StatefulSetFields(PodFields):
    """The fields of a StatefulSet."""

    name: Annotated[DnsLabelLetter, Field(max_length=LONGEST_NAME), Hint("general", "dns-name", immutable=True)]
    replicas: Annotated[
        int, Field(ge=0, le=1000), Hint("scaling", "stepper", help="Left to the autoscaler when one is wired.")
    ] = 1
    service_name: Annotated[
        DnsLabelLetter | None,
        Hint(
            "network",
            "dns-name",
            advanced=True,
            immutable=True,
            help="The headless service that names the pods; left empty: the wired one, else one is made.",
        ),
    ] = None
    volume_claim_templates: Annotated[list[ClaimTemplate], Hint("storage", "repeater", immutable=True)] = []
    pod_management: Annotated[
        Literal["OrderedReady", "Parallel"],
        Hint("rollout", "select", advanced=True, immutable=True, help="Whether pods start one after another."),
    ] = "OrderedReady"
    update_strategy: Annotated[Literal["RollingUpdate", "OnDelete"], Hint("rollout", "select", advanced=True)] = (
        "RollingUpdate"
    )
    partition: Annotated[
        int | None,
        Field(ge=0, le=1000),
        Hint("rollout", advanced=True, visible_when=ROLLING, help="Only pods from this number on are updated."),
    ] = None
    min_ready_seconds: Annotated[int | None, Field(ge=0, le=86400), Hint("rollout", unit="s", advanced=True)] = None
    revision_history_limit: Annotated[int | None, Field(ge=0, le=1000), Hint("rollout", advanced=True)] = None
    claims_when_deleted: Annotated[Literal["Retain", "Delete"] | None, Hint("storage", "select", advanced=True)] = None
    claims_when_scaled: Annotated[Literal["Retain", "Delete"] | None, Hint("storage", "select", advanced=True)] = None


def makes_service(data: StatefulSetFields, wired: Wired) -> bool:
    """Whether the pods need a headless service that nobody has drawn."""
    return data.service_name is None and wired.first(Headless) is None


def service_name(data: StatefulSetFields, wired: Wired) -> str:
    """Return the service that names the pods."""
    services = sorted(wired.all(Headless), key=lambda item: (not item.is_headless, item.service))
    return data.service_name or (services[0].service if services else data.name)


def _claim(template: ClaimTemplate) -> Json:
    spec = {
        "accessModes": list(template.access_modes),
        "storageClassName": template.storage_class,
        "resources": {"requests": {"storage": template.storage}},
    }
    return {"metadata": {"name": template.name}, "spec": compact(spec)}


def _manifests(subject: Subject[StatefulSetFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    rolling = {"partition": data.partition} if data.update_strategy == "RollingUpdate" else None
    retention = {"whenDeleted": data.claims_when_deleted, "whenScaled": data.claims_when_scaled}
    spec = compact(
        {
            "replicas": None if wired.first(Scaled) else data.replicas,
            "serviceName": service_name(data, wired),
            "podManagementPolicy": data.pod_management,
            "updateStrategy": {"type": data.update_strategy, "rollingUpdate": rolling},
            "minReadySeconds": data.min_ready_seconds,
            "revisionHistoryLimit": data.revision_history_limit,
            "persistentVolumeClaimRetentionPolicy": retention,
            "selector": {"matchLabels": subject.selector(context)},
        }
    )
    spec["template"] = _template(subject, wired, context)
    if data.volume_claim_templates:
        spec["volumeClaimTemplates"] = [_claim(template) for template in data.volume_claim_templates]
    found = [make_manifest(subject, context, spec=spec)]
    if makes_service(data, wired):
        found.insert(0, _headless(subject, context))
    return found


def _template(subject: Subject[StatefulSetFields], wired: Wired, context: CompileContext) -> Json:
    template = pod_template(subject, subject.data, wired, context)
    container = template["spec"]["containers"][0]
    mounts = [
        compact({"name": claim.name, "mountPath": claim.mount_path, "subPath": claim.sub_path})
        for claim in subject.data.volume_claim_templates
    ]
    if mounts:
        container["volumeMounts"] = [*mounts, *container.get("volumeMounts", [])]
    return template


def _headless(subject: Subject[StatefulSetFields], context: CompileContext) -> Manifest:
    ports = [
        {"name": port.name or f"port-{port.number}", "port": port.number, "protocol": port.protocol}
        for port in offered_ports(subject.data)
    ]
    spec: Json = {"clusterIP": "None", "selector": subject.selector(context)}
    if ports:
        spec["ports"] = ports
    return make_manifest(subject, context, api_version="v1", kind="Service", spec=spec)


def _checks(subject: Subject[StatefulSetFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    data = subject.data
    yield from check_pod(subject, data, wired, context)
    services = wired.all(Headless)
    if data.service_name is None and services and not any(item.is_headless for item in services):
        yield subject.warning(
            "no-headless-service",
            f"{services[0].service} is not headless, so the pods get no names of their own; make it headless.",
            remedy=change("/service_name", "Name a headless service"),
        )
    names = {volume.name for volume in data.volumes}
    paths = {volume.mount_path for volume in data.volumes}
    for index, template in enumerate(data.volume_claim_templates):
        place = pointer("volume_claim_templates", index)
        if template.name in names:
            yield subject.error("duplicate-volume", f"Two volumes are called {template.name}.", f"{place}/name")
        if template.mount_path in paths:
            yield subject.error(
                "duplicate-mount", f"Two volumes are mounted at {template.mount_path}.", f"{place}/mount_path"
            )
        names.add(template.name)
        paths.add(template.mount_path)
    if data.partition is not None and data.update_strategy != "RollingUpdate":
        yield subject.error("invalid-value", "is only for the strategy RollingUpdate; leave it empty", "/partition")


def _also(subject: Subject[StatefulSetFields], wired: Wired) -> Iterator[tuple[str, str | None, str]]:
    if makes_service(subject.data, wired):
        yield "Service", subject.namespace, subject.name


STATEFULSET = Kind(
    type="statefulset",
    api_version="apps/v1",
    kind="StatefulSet",
    title="StatefulSet",
    description="Runs pods that keep their name and storage, such as a database.",
    category="workloads",
    icon="database",
    keywords=("database", "postgres", "mysql", "redis", "mongo", "storage", "cluster"),
    model=StatefulSetFields,
    manifests=_manifests,
    checks=_checks,
    also_makes=_also,
    makes_several=True,
    stage=Stage.WORKLOADS,
    name_pattern="store-{n}",
    defaults={"replicas": 1},
    card=(
        CardRow("/image", "Image", "image"),
        CardRow("/replicas", "Replicas", "number"),
        CardRow("/volume_claim_templates/*/storage", "Storage", "list"),
    ),
    actions=("logs", "terminal", "scale", "restart", "diagnose"),
)
