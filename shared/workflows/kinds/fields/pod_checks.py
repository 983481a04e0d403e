"""Mistakes and doubts about a pod beyond its single fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.workflows.drawing.effects import Claim, EnvImport, Files, Wired
from shared.workflows.drawing.issues import Issue, change, pointer
from shared.workflows.kinds.fields.base import CompileContext, Subject
from shared.workflows.kinds.fields.containers import (
    ContainerFields,
    ExtraContainer,
    HttpHandler,
    HttpProbe,
    TcpProbe,
)
from shared.workflows.kinds.fields.pods import PodFields
from shared.workflows.kinds.fields.types import amount
from shared.workflows.kinds.fields.volumes import (
    HostPath,
    mount_manifests,
)


def check_pod(subject: Subject[Any], data: PodFields, wired: Wired, context: CompileContext) -> Iterator[Issue]:
    """Yield the issues that only the fields of a pod together show."""
    yield from _check_names(subject, data)
    yield from _check_variables(subject, data, wired)
    yield from _check_mounts(subject, data, wired)
    yield from _check_probes(subject, data)
    yield from _check_resources(subject, data)
    yield from _check_contradictions(subject, data)
    if not context.privileged:
        yield from _check_privileges(subject, data)


def _containers(data: PodFields) -> Iterator[tuple[str, ContainerFields]]:
    yield "", data
    for group in ("init_containers", "sidecars"):
        for index, extra in enumerate(getattr(data, group)):
            yield pointer(group, index), extra


def _check_names(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    yield from _check_container_names(subject, data)
    yield from _check_ports(subject, data)
    yield from _check_volumes(subject, data)


def _check_container_names(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    seen = {subject.name}
    for path, container in _containers(data):
        if isinstance(container, ExtraContainer):
            if container.name in seen:
                yield subject.error(
                    "duplicate-container",
                    f"Another container of this pod is called {container.name}; the main one has the node's name.",
                    f"{path}/name",
                    remedy=change(f"{path}/name", "Give it another name"),
                )
            seen.add(container.name)


def _check_ports(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    seen: set[str] = set()
    for path, container in _containers(data):
        for index, port in enumerate(container.ports):
            place = f"{path}{pointer('ports', index)}"
            words = {f"{port.container_port}/{port.protocol}", port.name or ""} - {""}
            for word in sorted(words & seen):
                yield subject.error(
                    "duplicate-port", f"Port {word} stands here twice; each number and each name may once.", place
                )
            seen |= words


def _check_volumes(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    volumes: set[str] = set()
    for index, volume in enumerate(data.volumes):
        if volume.name in volumes:
            yield subject.error(
                "duplicate-volume", f"Two volumes are called {volume.name}.", pointer("volumes", index, "name")
            )
        volumes.add(volume.name)
    for path, container in _containers(data):
        if isinstance(container, ExtraContainer):
            for index, mount in enumerate(container.volume_mounts):
                if mount.volume not in volumes:
                    yield subject.error(
                        "unknown-volume",
                        f"This pod has no volume {mount.volume}; it has {', '.join(sorted(volumes)) or 'none'}.",
                        f"{path}{pointer('volume_mounts', index, 'volume')}",
                    )


def _check_variables(subject: Subject[Any], data: PodFields, wired: Wired) -> Iterator[Issue]:
    names = {container.name for _, container in _containers(data) if isinstance(container, ExtraContainer)}
    names.add(subject.name)
    wires: list[EnvImport | Files | Claim] = [*wired.all(EnvImport), *wired.all(Files), *wired.all(Claim)]
    for item in wires:
        for name in item.containers:
            if name not in names:
                yield subject.error(
                    "unknown-container",
                    f"The wire from {item.name} is for the container {name}; this pod has {', '.join(sorted(names))}.",
                )
    for path, container in _containers(data):
        seen: set[str] = set()
        for index, variable in enumerate(container.env):
            if variable.name in seen:
                yield subject.error(
                    "duplicate-variable",
                    f"The variable {variable.name} stands here twice.",
                    f"{path}{pointer('env', index, 'name')}",
                )
            seen.add(variable.name)


def _check_mounts(subject: Subject[Any], data: PodFields, wired: Wired) -> Iterator[Issue]:
    for path, container in _containers(data):
        main = not isinstance(container, ExtraContainer)
        name = subject.name if main else getattr(container, "name", "")
        mounts = mount_manifests(list(data.volumes), wired, name, main=main)
        if isinstance(container, ExtraContainer):
            mounts = [{"mountPath": mount.mount_path} for mount in container.volume_mounts] + mounts
        seen: set[str] = set()
        for mount in mounts:
            place = mount["mountPath"].rstrip("/") or "/"
            if place in seen:
                yield subject.error(
                    "duplicate-mount",
                    f"Two volumes are mounted at {place} in the container {name}; each needs a path of its own.",
                    path or "/volumes",
                )
            seen.add(place)


def _check_probes(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    for path, container in _containers(data):
        names = {port.name for port in container.ports if port.name}
        for field in ("liveness_probe", "readiness_probe", "startup_probe"):
            probe = getattr(container, field)
            if isinstance(probe, (HttpProbe, TcpProbe)):
                yield from _check_port_name(subject, probe.port, names, f"{path}/{field}/port")
            success = getattr(probe, "success_threshold", None)
            if field != "readiness_probe" and success not in (None, 1):
                yield subject.error("invalid-value", "must be 1 for this probe", f"{path}/{field}/success_threshold")
        if container.lifecycle:
            for field in ("post_start", "pre_stop"):
                handler = getattr(container.lifecycle, field)
                if isinstance(handler, HttpHandler):
                    yield from _check_port_name(subject, handler.port, names, f"{path}/lifecycle/{field}/port")


def _check_port_name(subject: Subject[Any], port: str, names: set[str], path: str) -> Iterator[Issue]:
    if not port.isdigit() and port not in names:
        yield subject.error(
            "unknown-port",
            f"No port of this container is called {port}; "
            + (f"it has {', '.join(sorted(names))}." if names else "none of its ports has a name."),
            path,
        )


def _check_resources(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    for path, container in _containers(data):
        resources = container.resources
        if resources is None or resources.requests is None or resources.limits is None:
            continue
        for field in ("cpu", "memory", "ephemeral_storage"):
            asked, limit = getattr(resources.requests, field), getattr(resources.limits, field)
            if asked is not None and limit is not None and amount(asked) > amount(limit):
                yield subject.error(
                    "request-above-limit",
                    f"The request {asked} is above the limit {limit}.",
                    f"{path}/resources/requests/{field}",
                    remedy=change(f"{path}/resources/requests/{field}", f"Ask for {limit}", limit),
                )


def _check_contradictions(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    """Yield settings that exclude each other, which the API server would find only when they are applied."""
    if data.host_pid and data.share_process_namespace:
        yield subject.error(
            "contradiction", "excludes the host's process namespace; switch one of them off", "/share_process_namespace"
        )
    if data.host_network and data.pod_security:
        for index, sysctl in enumerate(data.pod_security.sysctls):
            if sysctl.name.startswith("net."):
                yield subject.error(
                    "contradiction",
                    "belongs to the machine when host networking is on; remove it",
                    pointer("pod_security", "sysctls", index),
                )
    if data.dns_policy == "None" and not (data.dns_config and data.dns_config.nameservers):
        yield subject.error("required", "is needed for the DNS policy None", "/dns_config/nameservers")
    for path, container in _containers(data):
        security = container.container_security
        if security and security.allow_privilege_escalation is False and security.privileged:
            yield subject.error(
                "contradiction",
                "must not be off for a privileged container",
                f"{path}/container_security/allow_privilege_escalation",
            )
        if security and security.run_as_non_root and security.run_as_user == 0:
            yield subject.error("contradiction", "is root, which is excluded", f"{path}/container_security/run_as_user")


def _check_privileges(subject: Subject[Any], data: PodFields) -> Iterator[Issue]:
    found = []
    if data.host_network:
        found.append(("/host_network", "Host networking"))
    if data.host_pid:
        found.append(("/host_pid", "The host's process namespace"))
    found += [
        (pointer("volumes", index), "A folder of the machine")
        for index, volume in enumerate(data.volumes)
        if isinstance(volume, HostPath)
    ]
    found += [
        (f"{path}/container_security/privileged", "A privileged container")
        for path, container in _containers(data)
        if container.container_security and container.container_security.privileged
    ]
    for path, what in found:
        yield subject.error("needs-cluster-admin", f"{what} is only for people who administer the cluster.", path)
