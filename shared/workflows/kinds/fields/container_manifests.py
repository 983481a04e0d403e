"""The manifest of a container."""

from __future__ import annotations

from typing import Any

from shared.workflows.kinds.fields.base import Json, compact, dump
from shared.workflows.kinds.fields.containers import (
    ContainerFields,
    EnvConfig,
    EnvField,
    EnvResource,
    EnvSecret,
    EnvValue,
    ExecHandler,
    ExecProbe,
    GrpcProbe,
    HttpHandler,
    HttpProbe,
    Lifecycle,
    ResourceAmounts,
    Resources,
    SleepHandler,
    TcpProbe,
)
from shared.workflows.kinds.fields.types import port_number_or_name


def container_manifest(fields: ContainerFields, name: str, *, env_from: list[Json], env: list[Json]) -> Json:
    """
    Return a container.

    :param env_from: from wires, before the fields' own variables
    :param env: from wires as well, single keys
    """
    security = dump(fields.container_security) if fields.container_security else None
    values = {
        "name": name,
        "image": fields.image,
        "imagePullPolicy": fields.image_pull_policy,
        "command": list(fields.command),
        "args": list(fields.args),
        "workingDir": fields.working_dir,
        "ports": [dump(port) for port in fields.ports],
        "envFrom": env_from,
        "env": [*env, *(_variable(item) for item in fields.env)],
        "resources": _resources(fields.resources),
        "livenessProbe": _probe(fields.liveness_probe),
        "readinessProbe": _probe(fields.readiness_probe),
        "startupProbe": _probe(fields.startup_probe),
        "lifecycle": _lifecycle(fields.lifecycle),
        "securityContext": security,
        "stdin": True if fields.stdin else None,
        "tty": True if fields.tty else None,
    }
    return compact(values)


def _variable(variable: EnvValue | EnvSecret | EnvConfig | EnvField | EnvResource) -> Json:
    if isinstance(variable, EnvValue):
        return {"name": variable.name, "value": variable.value}
    if isinstance(variable, EnvSecret):
        return {"name": variable.name, "valueFrom": {"secretKeyRef": _key_of(variable.secret, variable)}}
    if isinstance(variable, EnvConfig):
        return {"name": variable.name, "valueFrom": {"configMapKeyRef": _key_of(variable.config_map, variable)}}
    if isinstance(variable, EnvField):
        return {"name": variable.name, "valueFrom": {"fieldRef": {"fieldPath": variable.field}}}
    reference = {"resource": variable.resource, "divisor": variable.divisor}
    return {"name": variable.name, "valueFrom": {"resourceFieldRef": compact(reference)}}


def _key_of(name: str, variable: EnvSecret | EnvConfig) -> Json:
    return compact({"name": name, "key": variable.key, "optional": True if variable.optional else None})


def _resources(resources: Resources | None) -> Json | None:
    if resources is None:
        return None
    return {"requests": _amounts(resources.requests), "limits": _amounts(resources.limits)}


def _amounts(amounts: ResourceAmounts | None) -> Json | None:
    if amounts is None:
        return None
    return {
        "cpu": amounts.cpu,
        "memory": amounts.memory,
        "ephemeral-storage": amounts.ephemeral_storage,
        **amounts.extended,
    }


def _probe(probe: HttpProbe | TcpProbe | GrpcProbe | ExecProbe | None) -> Json | None:
    if probe is None:
        return None
    timing = dump(probe)
    timing = {key: timing[key] for key in _TIMING if key in timing}
    if isinstance(probe, GrpcProbe):
        return {"grpc": compact({"port": probe.port, "service": probe.service}), **timing}
    if isinstance(probe, TcpProbe):
        return {"tcpSocket": compact({"port": port_number_or_name(probe.port), "host": probe.host}), **timing}
    return {**_action(probe), **timing}


_TIMING = ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold")


def _action(handler: HttpProbe | ExecProbe | HttpHandler | ExecHandler | SleepHandler) -> Json:
    if isinstance(handler, SleepHandler):
        return {"sleep": {"seconds": handler.seconds}}
    if isinstance(handler, (ExecHandler, ExecProbe)):
        return {"exec": {"command": list(handler.command)}}
    values: dict[str, Any] = {
        "path": handler.path,
        "port": port_number_or_name(handler.port),
        "scheme": handler.scheme,
        "host": handler.host,
        "httpHeaders": [{"name": header.name, "value": header.value} for header in handler.http_headers],
    }
    return {"httpGet": compact(values)}


def _lifecycle(lifecycle: Lifecycle | None) -> Json | None:
    if lifecycle is None:
        return None
    return {
        "postStart": _action(lifecycle.post_start) if lifecycle.post_start else None,
        "preStop": _action(lifecycle.pre_stop) if lifecycle.pre_stop else None,
    }
