"""
The wiring table: every way to connect two nodes, and what each connection does.

Direction is as drawn: a service points to what it serves, configuration to who reads it, a dependent to what it waits
for. Effects are computed from the edge when a graph is compiled; nothing is copied into node data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from shared.workflows.conditions import Expression
from shared.workflows.effects import (
    After,
    Checksum,
    Contribution,
    EnvImport,
    Files,
    PodSelection,
)
from shared.workflows.issues import Issue, change, pointer
from shared.workflows.kinds import WORKLOADS
from shared.workflows.kinds.base import CompileContext, Fields, Hint
from shared.workflows.kinds.configmap import ConfigMapFields
from shared.workflows.kinds.pods import offered_ports
from shared.workflows.kinds.secret import SecretFields
from shared.workflows.kinds.types import (
    AbsolutePath,
    ConfigKey,
    DnsLabel,
    EnvName,
    FileMode,
    PortRef,
    RelativePath,
)
from shared.workflows.rules import Cardinality, End, Match, Mirror, Refusal, Rule, Wire

Effects = Iterator[tuple[End, Contribution]]

SOURCE_NAME: Expression = {"from": "source", "path": "/name"}
TARGET_NAME: Expression = {"from": "target", "path": "/name"}

Containers = Annotated[
    list[DnsLabel],
    Hint(advanced=True, widget="list", help="Init containers and sidecars that get it; left empty: the main one."),
]


class TargetPort(Fields):
    """Where one port of a service leads."""

    port: Annotated[PortRef, Hint(help="The service's port, by name or number.")]
    target_port: Annotated[PortRef, Hint(help="The container's port, by name or number.")]


class SelectOptions(Fields):
    """A service in front of a workload."""

    rule: Literal["service-selects"] = "service-selects"
    ports: Annotated[
        list[TargetPort], Hint(widget="repeater", help="Only where names and numbers do not say it already.")
    ] = []


class ImportedKey(Fields):
    """One key as a variable."""

    key: ConfigKey
    name: Annotated[EnvName | None, Hint(help="The variable; left empty: the key itself.")] = None


class EnvOptions(Fields):
    """Keys as variables."""

    rule: Literal["config-env"] = "config-env"
    keys: Annotated[list[ImportedKey], Hint(widget="repeater", help="Left empty: all keys.")] = []
    prefix: Annotated[EnvName | None, Hint(placeholder="APP_", help="In front of every variable.")] = None
    optional: Annotated[bool, Hint(advanced=True, help="The pods start without it, too.")] = False
    containers: Containers = []


class SecretEnvOptions(EnvOptions):
    """Secret keys as variables."""

    rule: Literal["secret-env"] = "secret-env"  # type: ignore[assignment]


class FileKey(Fields):
    """One key as a file."""

    key: ConfigKey
    path: Annotated[RelativePath | None, Hint(help="Below the mount path; left empty: the key itself.")] = None
    mode: Annotated[FileMode | None, Hint(advanced=True, placeholder="0644")] = None


class FileOptions(Fields):
    """Keys as files."""

    rule: Literal["config-files"] = "config-files"
    mount_path: Annotated[AbsolutePath, Hint(placeholder="/etc/config")] = "/etc/config"
    keys: Annotated[list[FileKey], Hint(widget="repeater", help="Left empty: a file for every key.")] = []
    sub_path: Annotated[
        RelativePath | None, Hint(advanced=True, help="One file at the mount path; it is not updated in running pods.")
    ] = None
    mode: Annotated[FileMode | None, Hint(advanced=True, placeholder="0644")] = None
    optional: Annotated[bool, Hint(advanced=True, help="The pods start without it, too.")] = False
    containers: Containers = []


class SecretFileOptions(FileOptions):
    """Secret keys as files."""

    rule: Literal["secret-files"] = "secret-files"  # type: ignore[assignment]
    mount_path: Annotated[AbsolutePath, Hint(placeholder="/etc/secrets")] = "/etc/secrets"


class OrderOptions(Fields):
    """One node after another."""

    rule: Literal["start-after"] = "start-after"
    condition: Annotated[
        Literal["started", "healthy", "completed"],
        Hint(widget="select", help="started: applied. healthy: ready. completed: ended well, for jobs."),
    ] = "healthy"


class ApplyOrderOptions(OrderOptions):
    """One object after another."""

    rule: Literal["apply-after"] = "apply-after"  # type: ignore[assignment]


def _select(wire: Wire, context: CompileContext) -> Effects:
    options: SelectOptions = wire.options
    yield (
        "source",
        PodSelection(
            node_id=wire.target.id,
            name=wire.target.name,
            labels=wire.target.selector(context),
            ports=offered_ports(wire.target.data),
            target_ports={item.port: item.target_port for item in options.ports},
        ),
    )


def _check_select(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    options: SelectOptions = wire.options
    known = {word for port in wire.source.data.ports for word in (port.name, str(port.port)) if word}
    for index, item in enumerate(options.ports):
        if item.port not in known:
            yield wire.error(
                "unknown-port",
                f"The service {wire.source.name} has no port {item.port}.",
                pointer("ports", index, "port"),
            )


def _env(wire: Wire, context: CompileContext) -> Effects:
    options: EnvOptions = wire.options
    yield (
        "target",
        EnvImport(
            source="configmap" if isinstance(wire.source.data, ConfigMapFields) else "secret",
            name=wire.source.name,
            prefix=options.prefix or "",
            keys=tuple((item.key, item.name or item.key) for item in options.keys),
            optional=options.optional,
            containers=tuple(options.containers),
        ),
    )
    yield "target", _checksum(wire, context)


def _files(wire: Wire, context: CompileContext) -> Effects:
    options: FileOptions = wire.options
    yield (
        "target",
        Files(
            source="configmap" if isinstance(wire.source.data, ConfigMapFields) else "secret",
            name=wire.source.name,
            mount_path=options.mount_path,
            sub_path=options.sub_path,
            items=tuple((item.key, item.path or item.key, item.mode) for item in options.keys),
            mode=options.mode,
            optional=options.optional,
            containers=tuple(options.containers),
        ),
    )
    yield "target", _checksum(wire, context)


def _checksum(wire: Wire, context: CompileContext) -> Checksum:
    """Tell the pods when what they read has changed; of secrets the version speaks, never the values."""
    data = wire.source.data
    if isinstance(data, ConfigMapFields):
        content = repr((sorted(data.data.items()), sorted(data.binary_data.items())))
    else:
        content = repr((sorted(data.keys), context.secret_versions.get(wire.source.id, "")))
    return Checksum(wire.source.id, hashlib.sha256(content.encode()).hexdigest())


def _keys_of(wire: Wire) -> set[str]:
    data: ConfigMapFields | SecretFields = wire.source.data
    return {*data.data, *data.binary_data} if isinstance(data, ConfigMapFields) else set(data.keys)


def _check_keys(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    if wire.options.optional:
        return
    known = _keys_of(wire)
    for index, item in enumerate(wire.options.keys):
        if item.key not in known:
            offers = ", ".join(sorted(known)) or "no keys"
            yield wire.error(
                "unknown-key",
                f"{wire.source.name} has no key {item.key}; it has {offers}.",
                pointer("keys", index, "key"),
            )


def _check_files(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    yield from _check_keys(wire, context)
    options: FileOptions = wire.options
    known = {item.path or item.key for item in options.keys} if options.keys else _keys_of(wire)
    if options.sub_path and not options.optional and options.sub_path not in known:
        yield wire.error(
            "unknown-key",
            f"{wire.source.name} has no file {options.sub_path}; it has {', '.join(sorted(known)) or 'none'}.",
            "/sub_path",
        )


def _order(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", After(wire.target.id, wire.options.condition)


def _check_order(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    if wire.options.condition == "completed" and wire.target.kind.type != "job":
        yield wire.error(
            "never-completes",
            f"{wire.target.name} is a {wire.target.kind.title} and never completes; wait until it is healthy.",
            "/condition",
            remedy=change("/condition", "Wait until it is healthy", "healthy"),
        )


COMPLETES_NEVER = Refusal(
    code="never-completes",
    when={
        "all": [
            {"path": "/edge/data/condition", "equals": "completed"},
            {"not": {"path": "/target/type", "equals": "job"}},
        ]
    },
    message="Only a job completes; wait until the other node is healthy.",
    remedy=change("/condition", "Wait until it is healthy", "healthy"),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="service-selects",
        edge_type="wires",
        source=Match(("service",)),
        target=Match(tuple(name for name in WORKLOADS if name != "cronjob")),
        label="sends traffic to",
        line="traffic",
        text="The service selects the workload's pods and leads to their ports.",
        options=SelectOptions,
        effect=_select,
        checks=_check_select,
        cardinality=Cardinality(per_source=1),
        mirrors=(Mirror("source", "/selector", TARGET_NAME),),
        refusals=(
            Refusal(
                code="external-name",
                when={"path": "/source/data/type", "equals": "ExternalName"},
                message="A service of the type ExternalName has no pods.",
                remedy=change("/type", "Make it a ClusterIP service", "ClusterIP"),
            ),
        ),
    ),
    Rule(
        id="config-env",
        edge_type="wires",
        source=Match(("configmap",)),
        target=Match(WORKLOADS),
        label="as environment",
        line="config",
        text="Keys become variables of the containers; pods are replaced when the data change.",
        options=EnvOptions,
        effect=_env,
        checks=_check_keys,
        mirrors=(Mirror("target", "/env", {"template": "all of {source/name}"}, "append"),),
    ),
    Rule(
        id="config-files",
        edge_type="wires",
        source=Match(("configmap",)),
        target=Match(WORKLOADS),
        label="as files",
        line="config",
        text="Keys become files below the mount path; pods are replaced when the data change.",
        options=FileOptions,
        effect=_files,
        checks=_check_files,
        cardinality=Cardinality(per_pair=8),
        mirrors=(Mirror("target", "/volumes", {"template": "{source/name} at {edge/mount_path}"}, "append"),),
    ),
    Rule(
        id="secret-env",
        edge_type="wires",
        source=Match(("secret",)),
        target=Match(WORKLOADS),
        label="as environment",
        line="config",
        text="Secret values become variables of the containers; pods are replaced when the values change.",
        options=SecretEnvOptions,
        effect=_env,
        checks=_check_keys,
        mirrors=(Mirror("target", "/env", {"template": "all of {source/name}"}, "append"),),
    ),
    Rule(
        id="secret-files",
        edge_type="wires",
        source=Match(("secret",)),
        target=Match(WORKLOADS),
        label="as files",
        line="config",
        text="Secret values become files below the mount path; pods are replaced when the values change.",
        options=SecretFileOptions,
        effect=_files,
        checks=_check_files,
        cardinality=Cardinality(per_pair=8),
        mirrors=(Mirror("target", "/volumes", {"template": "{source/name} at {edge/mount_path}"}, "append"),),
    ),
    Rule(
        id="start-after",
        edge_type="depends_on",
        source=Match(WORKLOADS),
        target=Match(WORKLOADS),
        label="starts after",
        line="order",
        text="Is applied only when the other has come as far as the condition says.",
        options=OrderOptions,
        effect=_order,
        checks=_check_order,
        same_namespace=False,
        acyclic=True,
        refusals=(COMPLETES_NEVER,),
    ),
    Rule(
        id="apply-after",
        edge_type="depends_on",
        source=Match("*"),
        target=Match("*"),
        label="applied after",
        line="order",
        text="Is applied only when the other has come as far as the condition says.",
        options=ApplyOrderOptions,
        effect=_order,
        checks=_check_order,
        same_namespace=False,
        acyclic=True,
        refusals=(COMPLETES_NEVER,),
        on_request=True,
    ),
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def default_options(rule: Rule) -> dict[str, Any]:
    """Return what ``edge.data`` of a new wire holds."""
    return {name: field.default for name, field in rule.options.model_fields.items() if _is_plain(field.default)}


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)
