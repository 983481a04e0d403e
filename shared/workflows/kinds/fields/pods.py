"""Fields of everything that makes pods, and the pod template they become."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kubernetes import labels
from shared.workflows.drawing.effects import Checksum, EnvImport, OfferedPort, RunsAs, Wired
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint, Json, ObjectFields, Subject, compact, dump
from shared.workflows.kinds.fields.container_manifests import container_manifest
from shared.workflows.kinds.fields.containers import (
    ContainerFields,
    ExtraContainer,
    Profile,
    SeLinuxOptions,
    UserId,
)
from shared.workflows.kinds.fields.scheduling import Affinity, Spread, Toleration, affinity_manifest, spread_manifest
from shared.workflows.kinds.fields.types import DnsLabel, DnsSubdomain, HostName, QualifiedKey, SelectorLabels
from shared.workflows.kinds.fields.volumes import (
    AnyVolume,
    Volume,
    mount_manifests,
    reaches,
    volume_manifests,
)

IpAddress = Annotated[str, Field(min_length=2, max_length=45, pattern=r"^[0-9A-Fa-f:.]+$")]


class DnsOption(Fields):
    """An option of the resolver."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    value: Annotated[str | None, Field(max_length=64)] = None


class DnsConfig(Fields):
    """Resolver settings beside those of the policy."""

    nameservers: Annotated[list[IpAddress], Field(max_length=3)] = []
    searches: Annotated[list[HostName], Field(max_length=32)] = []
    options: list[DnsOption] = []


class HostAlias(Fields):
    """A line of /etc/hosts."""

    ip: IpAddress
    hostnames: Annotated[list[HostName], Field(min_length=1)]


class Sysctl(Fields):
    """A kernel parameter of the pod."""

    name: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([a-z0-9_./-]*[a-z0-9])?$")]
    value: Annotated[str, Field(max_length=253)]


class PodSecurity(Fields):
    """Security settings of all containers together."""

    run_as_user: UserId | None = None
    run_as_group: UserId | None = None
    fs_group: Annotated[UserId | None, Hint(help="Group that owns mounted volumes.")] = None
    fs_group_change_policy: Literal["OnRootMismatch", "Always"] | None = None
    run_as_non_root: bool | None = None
    supplemental_groups: list[UserId] = []
    seccomp_profile: Profile | None = None
    app_armor_profile: Annotated[Profile | None, Hint(advanced=True)] = None
    se_linux_options: Annotated[SeLinuxOptions | None, Hint(advanced=True)] = None
    sysctls: Annotated[list[Sysctl], Hint(advanced=True)] = []


class PodFields(ObjectFields, ContainerFields):
    """A workload: one main container, and whatever stands around it."""

    name: Annotated[DnsLabel, Hint("general", "dns-name", immutable=True)]

    volumes: Annotated[
        list[Volume], Hint("storage", "repeater", help="Volumes beside those that are wired to this node.")
    ] = []
    init_containers: Annotated[
        list[ExtraContainer], Hint("containers", "repeater", advanced=True, help="Run one after another, before.")
    ] = []
    sidecars: Annotated[
        list[ExtraContainer], Hint("containers", "repeater", advanced=True, help="Run beside the main container.")
    ] = []
    service_account: Annotated[
        DnsSubdomain | None,
        Hint("identity", "text", options_from="service-accounts", advanced=True, help="Or wire an account."),
    ] = None
    automount_service_account_token: Annotated[bool | None, Hint("identity", advanced=True)] = None
    image_pull_secrets: Annotated[list[DnsSubdomain], Hint("container", "list", advanced=True)] = []
    pod_security: Annotated[PodSecurity | None, Hint("security", advanced=True)] = None
    node_selector: Annotated[SelectorLabels, Hint("scheduling", "map", advanced=True)] = {}
    tolerations: Annotated[list[Toleration], Hint("scheduling", "repeater", advanced=True)] = []
    affinity: Annotated[Affinity | None, Hint("scheduling", advanced=True)] = None
    topology_spread: Annotated[list[Spread], Hint("scheduling", "repeater", advanced=True)] = []
    priority_class: Annotated[
        DnsSubdomain | None, Hint("scheduling", options_from="priority-classes", advanced=True)
    ] = None
    runtime_class: Annotated[DnsSubdomain | None, Hint("scheduling", options_from="runtime-classes", advanced=True)] = (
        None
    )
    host_network: Annotated[bool, Hint("network", advanced=True, help="Only for administrators of the cluster.")] = (
        False
    )
    host_pid: Annotated[bool, Hint("security", advanced=True, help="Only for administrators of the cluster.")] = False
    dns_policy: Annotated[
        Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] | None, Hint("network", advanced=True)
    ] = None
    dns_config: Annotated[DnsConfig | None, Hint("network", advanced=True)] = None
    host_aliases: Annotated[list[HostAlias], Hint("network", "repeater", advanced=True)] = []
    hostname: Annotated[DnsLabel | None, Hint("network", advanced=True)] = None
    enable_service_links: Annotated[
        bool,
        Hint(
            "network", advanced=True, help="Variables for every Service of the namespace; they clash with many images."
        ),
    ] = False
    share_process_namespace: Annotated[bool, Hint("security", advanced=True)] = False
    termination_grace_seconds: Annotated[int | None, Field(ge=0, le=86400), Hint("health", unit="s", advanced=True)] = (
        None
    )
    pod_labels: Annotated[SelectorLabels, Hint("metadata", "map", advanced=True, help="On the pods only.")] = {}
    pod_annotations: Annotated[dict[QualifiedKey, str], Hint("metadata", "map", advanced=True)] = {}


def offered_ports(data: PodFields) -> tuple[OfferedPort, ...]:
    """Return the ports of all containers of a pod."""
    containers: list[ContainerFields] = [data, *data.sidecars]
    return tuple(
        OfferedPort(port.name, port.container_port, port.protocol)
        for container in containers
        for port in container.ports
    )


def pod_template(
    subject: Subject[Any], data: PodFields, wired: Wired, context: CompileContext, *, restart: str | None = None
) -> Json:
    """
    Return a pod template.

    :param restart: restart policy; None where Kubernetes allows only ``Always``
    """
    own_labels = {**data.pod_labels, **subject.labels(context)}
    metadata: Json = {"labels": own_labels}
    annotations = {**data.pod_annotations, **_checksum(wired)}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _pod_spec(subject, data, wired, context, restart)}


def _pod_spec(
    subject: Subject[Any], data: PodFields, wired: Wired, context: CompileContext, restart: str | None
) -> Json:
    volumes: list[AnyVolume] = list(data.volumes)
    own = {"matchLabels": subject.selector(context)}
    account = wired.first(RunsAs)
    spec = compact(
        {
            "restartPolicy": restart,
            "serviceAccountName": account.account if account else data.service_account,
            "automountServiceAccountToken": data.automount_service_account_token,
            "imagePullSecrets": [{"name": name} for name in data.image_pull_secrets],
            "securityContext": dump(data.pod_security) if data.pod_security else None,
            "nodeSelector": dict(data.node_selector),
            "tolerations": [dump(item) for item in data.tolerations],
            "affinity": affinity_manifest(data.affinity, own) if data.affinity else None,
            "topologySpreadConstraints": [spread_manifest(item, own) for item in data.topology_spread],
            "priorityClassName": data.priority_class,
            "runtimeClassName": data.runtime_class,
            "hostNetwork": True if data.host_network else None,
            "hostPID": True if data.host_pid else None,
            "dnsPolicy": data.dns_policy or ("ClusterFirstWithHostNet" if data.host_network else None),
            "dnsConfig": dump(data.dns_config) if data.dns_config else None,
            "hostAliases": [dump(item) for item in data.host_aliases],
            "hostname": data.hostname,
            "enableServiceLinks": data.enable_service_links,
            "shareProcessNamespace": True if data.share_process_namespace else None,
            "terminationGracePeriodSeconds": data.termination_grace_seconds,
        }
    )
    spec["containers"] = [_main_container(subject.name, data, wired, volumes)]
    # a sidecar is an init container that is never waited for: Jobs end although it runs
    initial = [_extra(item, data, wired) for item in data.init_containers]
    initial += [{**_extra(item, data, wired), "restartPolicy": "Always"} for item in data.sidecars]
    if initial:
        spec["initContainers"] = initial
    found = volume_manifests(volumes, wired)
    if found:
        spec["volumes"] = found
    return spec


def _main_container(name: str, data: PodFields, wired: Wired, volumes: list[AnyVolume]) -> Json:
    env_from, env = _wired_env(wired, name, main=True)
    container = container_manifest(data, name, env_from=env_from, env=env)
    mounts = mount_manifests(volumes, wired, name, main=True)
    return {**container, "volumeMounts": mounts} if mounts else container


def _extra(extra: ExtraContainer, data: PodFields, wired: Wired) -> Json:
    env_from, env = _wired_env(wired, extra.name, main=False)
    container = container_manifest(extra, extra.name, env_from=env_from, env=env)
    own = [
        compact(
            {
                "name": mount.volume,
                "mountPath": mount.mount_path,
                "subPath": mount.sub_path,
                "readOnly": True if mount.read_only else None,
            }
        )
        for mount in extra.volume_mounts
    ]
    mounts = [*own, *mount_manifests(list(data.volumes), wired, extra.name, main=False)]
    return {**container, "volumeMounts": mounts} if mounts else container


def _wired_env(wired: Wired, container: str, *, main: bool) -> tuple[list[Json], list[Json]]:
    whole: list[Json] = []
    single: list[Json] = []
    for item in wired.all(EnvImport):
        if not reaches(item.containers, container, main=main):
            continue
        optional = True if item.optional else None
        if not item.keys:
            reference = "configMapRef" if item.source == "configmap" else "secretRef"
            whole.append(compact({"prefix": item.prefix or None, reference: {"name": item.name, "optional": optional}}))
        reference = "configMapKeyRef" if item.source == "configmap" else "secretKeyRef"
        single += [
            {
                "name": item.prefix + variable,
                "valueFrom": {reference: compact({"name": item.name, "key": key, "optional": optional})},
            }
            for key, variable in item.keys
        ]
    return whole, single


def _checksum(wired: Wired) -> dict[str, str]:
    parts = sorted({(item.node_id, item.value) for item in wired.all(Checksum)})
    if not parts:
        return {}
    return {labels.CHECKSUM: hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}
