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
    Claim,
    Contribution,
    EnvImport,
    Files,
    Grant,
    Headless,
    Named,
    Peer,
    PodSelection,
    Route,
    RunsAs,
    Scaled,
    ScaleTarget,
)
from shared.workflows.issues import Issue, change, parts_of, pointer
from shared.workflows.kinds import NAMESPACED, SCALED, SERVED, WORKLOADS
from shared.workflows.kinds.base import CompileContext, Fields, Hint
from shared.workflows.kinds.configmap import ConfigMapFields
from shared.workflows.kinds.custom import BLOCKED, CustomFields, value_at
from shared.workflows.kinds.ingress import IngressFields
from shared.workflows.kinds.persistentvolumeclaim import SINGLE, ClaimFields
from shared.workflows.kinds.pods import PodFields, offered_ports
from shared.workflows.kinds.secret import SecretFields
from shared.workflows.kinds.service import ServiceFields
from shared.workflows.kinds.statefulset import StatefulSetFields
from shared.workflows.kinds.types import (
    AbsolutePath,
    ConfigKey,
    DnsLabel,
    EnvName,
    FieldPath,
    FileMode,
    PortRef,
    RelativePath,
    port_number_or_name,
)
from shared.workflows.rules import Cardinality, End, Match, Mirror, Refusal, Rule, Wire

NAMED = (*(name for name in NAMESPACED if name != "manifest"), "namespace")
"""Types that are one object with the node's name."""

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


class ClaimOptions(Fields):
    """A volume in a pod."""

    rule: Literal["claim-volume"] = "claim-volume"
    mount_path: Annotated[AbsolutePath, Hint(placeholder="/data")] = "/data"
    sub_path: Annotated[RelativePath | None, Hint(help="Only this folder of the volume.")] = None
    read_only: bool = False
    containers: Containers = []


class RouteOptions(Fields):
    """A path that leads to a service."""

    rule: Literal["ingress-path"] = "ingress-path"
    port: Annotated[
        PortRef | None, Hint(widget="port", help="The service's port by name or number; left empty: its only one.")
    ] = None


class ServeOptions(RouteOptions):
    """All paths that lead nowhere else."""

    rule: Literal["ingress-serves"] = "ingress-serves"  # type: ignore[assignment]


class ScaleOptions(Fields):
    """An autoscaler and its workload."""

    rule: Literal["hpa-scales"] = "hpa-scales"


class GuardOptions(Fields):
    """A budget and its workload."""

    rule: Literal["budget-guards"] = "budget-guards"


class PolicyOptions(Fields):
    """A policy and the pods it protects."""

    rule: Literal["policy-protects"] = "policy-protects"


class FromOptions(Fields):
    """Who may talk to the protected pods."""

    rule: Literal["policy-from"] = "policy-from"


class ToOptions(Fields):
    """To whom the protected pods may talk."""

    rule: Literal["policy-to"] = "policy-to"


class AccountOptions(Fields):
    """An account and the pods that use it."""

    rule: Literal["account-runs"] = "account-runs"


class GrantOptions(Fields):
    """A role and an account that gets it."""

    rule: Literal["role-grants"] = "role-grants"


class NameOptions(Fields):
    """A custom resource and an object that it names."""

    rule: Literal["resource-names"] = "resource-names"
    path: Annotated[
        FieldPath, Hint(placeholder="/spec/issuerRef/name", help="The field that holds the name; list items by number.")
    ] = "/spec/secretName"


class HoldOptions(Fields):
    """A namespace and what is in it."""

    rule: Literal["namespace-holds"] = "namespace-holds"


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

    if isinstance(wire.target.data, StatefulSetFields):
        yield "target", Headless(wire.source.name, is_headless=wire.source.data.type == "Headless")


def _claim(wire: Wire, context: CompileContext) -> Effects:
    del context
    options: ClaimOptions = wire.options
    yield (
        "target",
        Claim(
            name=wire.source.name,
            mount_path=options.mount_path,
            sub_path=options.sub_path,
            read_only=options.read_only,
            containers=tuple(options.containers),
        ),
    )


def _check_claim(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    data: ClaimFields = wire.source.data
    replicas = getattr(wire.target.data, "replicas", 1)
    is_spread = replicas > 1 or wire.target.kind.type == "daemonset"
    if is_spread and SINGLE.issuperset(data.access_modes):
        yield wire.warning(
            "single-writer",
            f"{wire.source.name} can be used on one machine only ({data.access_modes[0]}), but {wire.target.name} may "
            "run on several: pods elsewhere will not start.",
        )
    if data.volume_mode == "Block":
        yield wire.error(
            "block-volume", f"{wire.source.name} is a block device and cannot be mounted as a folder.", "/mount_path"
        )


def _route(wire: Wire, context: CompileContext) -> Effects:
    del context
    options: RouteOptions = wire.options
    service: ServiceFields = wire.target.data
    handle = wire.edge.source_handle or ""
    yield (
        "source",
        Route(
            item=handle.partition(":")[2] or None,
            service=wire.target.name,
            port=port_number_or_name(options.port) if options.port else None,
            offered=tuple((port.name, port.port) for port in service.ports),
        ),
    )


def _check_route(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    options: RouteOptions = wire.options
    service: ServiceFields = wire.target.data
    ingress: IngressFields = wire.source.data
    item = (wire.edge.source_handle or "").partition(":")[2]
    if item and item not in {path.id for path in ingress.paths}:
        yield wire.error("handle-gone", f"{wire.source.name} has no such path any more.")
    if options.port is None or not service.ports:
        return
    known = {word for port in service.ports for word in (port.name, str(port.port)) if word}
    if options.port not in known:
        yield wire.error(
            "port-not-offered",
            f"{wire.target.name} has no port {options.port}; it has {', '.join(sorted(known))}.",
            "/port",
        )


def _scale(wire: Wire, context: CompileContext) -> Effects:
    del context
    kind = wire.target.kind
    yield "source", ScaleTarget(kind.api_version, kind.kind, wire.target.name)
    yield "target", Scaled(wire.source.name)


def _check_scale(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    data: PodFields = wire.target.data
    requests = data.resources.requests if data.resources else None
    for field, wanted in (("cpu", wire.source.data.cpu_percent), ("memory", wire.source.data.memory_percent)):
        if wanted is not None and getattr(requests, field, None) is None:
            yield wire.target.warning(
                "no-resource-request",
                f"{wire.source.name} follows the share of requested {field}, but none is requested here.",
                f"/resources/requests/{field}",
                remedy=change(f"/resources/requests/{field}", f"Request {field}"),
            )


def _pods(wire: Wire, context: CompileContext) -> Effects:
    yield "source", PodSelection(wire.target.id, wire.target.name, wire.target.selector(context))


def _peer(wire: Wire, context: CompileContext) -> Effects:
    is_workload = isinstance(wire.target.data, PodFields)
    namespace = wire.target.namespace if is_workload else wire.target.name
    pods = wire.target.selector(context) if is_workload else None
    yield "source", Peer(item=wire.edge.source_handle or "", pods=pods, namespace=namespace)


def _check_peer(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    direction, _, item = (wire.edge.source_handle or "").partition(":")
    if item not in {rule.id for rule in getattr(wire.source.data, direction, [])}:
        yield wire.error("handle-gone", f"{wire.source.name} has no such rule any more.")


def _account(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "target", RunsAs(wire.source.name)


def _check_account(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    named = wire.target.data.service_account
    if named is not None and named != wire.source.name:
        yield wire.target.error(
            "account-and-wire",
            f"The wire from {wire.source.name} says it already; leave this empty.",
            "/service_account",
        )


def _grant(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", Grant(wire.target.name, wire.target.namespace or "")


def _name(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", Named(parts_of(wire.options.path), wire.target.name)


def _check_name(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    data: CustomFields = wire.source.data
    before = value_at({"spec": data.spec, "body": data.body}, parts_of(wire.options.path))
    if before is BLOCKED:
        yield wire.error("path-blocked", f"{wire.source.name} has no place for a field there.", "/path")
    elif before is not None and before != wire.target.name:
        yield wire.source.error(
            "name-and-wire",
            f"The wire to {wire.target.name} says it already; leave this empty.",
            wire.options.path,
        )


def _hold(wire: Wire, context: CompileContext) -> Effects:
    """The namespace was given when the node was read; here is nothing left to do."""
    del wire, context
    return iter(())


def _check_hold(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    own = wire.target.data.namespace
    if own is not None and own != wire.source.name:
        yield wire.target.error(
            "namespace",
            f"The wire from {wire.source.name} says the namespace already; leave this empty.",
            "/namespace",
            remedy=change("/namespace", "Empty the namespace"),
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

EXTERNAL_ROUTE = Refusal(
    code="external-name",
    when={"path": "/target/data/type", "equals": "ExternalName"},
    message="Controllers do not lead to services of the type ExternalName.",
    remedy=change("/type", "Make it a ClusterIP service", "ClusterIP"),
)
ORDERED = (*WORKLOADS, "manifest", "custom-resource")
"""Types for which waiting for each other is usual."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="service-selects",
        edge_type="wires",
        source=Match(("service",)),
        target=Match(SERVED),
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
        id="claim-volume",
        edge_type="wires",
        source=Match(("persistentvolumeclaim",)),
        target=Match(WORKLOADS),
        label="is mounted in",
        line="storage",
        text="The volume is a folder of the containers.",
        options=ClaimOptions,
        effect=_claim,
        checks=_check_claim,
        cardinality=Cardinality(per_pair=8),
        mirrors=(Mirror("target", "/volumes", {"template": "{source/name} at {edge/mount_path}"}, "append"),),
    ),
    Rule(
        id="ingress-path",
        edge_type="wires",
        source=Match(("ingress",), handle="path"),
        target=Match(("service",)),
        label="leads to",
        line="traffic",
        text="The path leads to the service.",
        options=RouteOptions,
        effect=_route,
        checks=_check_route,
        cardinality=Cardinality(per_source=1),
        refusals=(EXTERNAL_ROUTE,),
    ),
    Rule(
        id="ingress-serves",
        edge_type="wires",
        source=Match(("ingress",)),
        target=Match(("service",)),
        label="leads to",
        line="traffic",
        text="All paths without a service of their own lead to it.",
        options=ServeOptions,
        effect=_route,
        checks=_check_route,
        cardinality=Cardinality(per_source=1),
        mirrors=(Mirror("source", "/default_backend", TARGET_NAME),),
        refusals=(EXTERNAL_ROUTE,),
    ),
    Rule(
        id="hpa-scales",
        edge_type="wires",
        source=Match(("hpa",)),
        target=Match(SCALED),
        label="scales",
        line="scaling",
        text="The autoscaler decides how many replicas there are; the workload's own number is left out.",
        options=ScaleOptions,
        effect=_scale,
        checks=_check_scale,
        cardinality=Cardinality(per_source=1, per_target=1),
        mirrors=(
            Mirror(
                "target",
                "/replicas",
                {"template": "{source/min_replicas} to {source/max_replicas}, decided by {source/name}"},
            ),
        ),
    ),
    Rule(
        id="budget-guards",
        edge_type="wires",
        source=Match(("poddisruptionbudget",)),
        target=Match(("deployment", "statefulset")),
        label="guards",
        line="policy",
        text="The budget counts the workload's pods.",
        options=GuardOptions,
        effect=_pods,
        cardinality=Cardinality(per_source=1, per_target=1),
    ),
    Rule(
        id="policy-protects",
        edge_type="wires",
        source=Match(("networkpolicy",)),
        target=Match(WORKLOADS),
        label="protects",
        line="policy",
        text="The policy is about the workload's pods.",
        options=PolicyOptions,
        effect=_pods,
        mirrors=(Mirror("source", "/pod_selector", TARGET_NAME, "append"),),
    ),
    Rule(
        id="policy-from",
        edge_type="wires",
        source=Match(("networkpolicy",), handle="ingress"),
        target=Match((*WORKLOADS, "namespace")),
        label="lets in",
        line="policy",
        text="These pods may talk to the protected ones.",
        options=FromOptions,
        effect=_peer,
        checks=_check_peer,
        same_namespace=False,
    ),
    Rule(
        id="policy-to",
        edge_type="wires",
        source=Match(("networkpolicy",), handle="egress"),
        target=Match((*WORKLOADS, "namespace")),
        label="lets out to",
        line="policy",
        text="The protected pods may talk to these.",
        options=ToOptions,
        effect=_peer,
        checks=_check_peer,
        same_namespace=False,
    ),
    Rule(
        id="account-runs",
        edge_type="wires",
        source=Match(("serviceaccount",)),
        target=Match(WORKLOADS),
        label="is used by",
        line="policy",
        text="The pods ask the cluster as this account.",
        options=AccountOptions,
        effect=_account,
        checks=_check_account,
        cardinality=Cardinality(per_target=1),
        mirrors=(Mirror("target", "/service_account", SOURCE_NAME),),
    ),
    Rule(
        id="role-grants",
        edge_type="wires",
        source=Match(("role",)),
        target=Match(("serviceaccount",)),
        label="is given to",
        line="policy",
        text="The account may do what the role says.",
        options=GrantOptions,
        effect=_grant,
        same_namespace=False,
    ),
    Rule(
        id="resource-names",
        edge_type="wires",
        source=Match(("custom-resource",)),
        target=Match(NAMED),
        label="names",
        line="config",
        text="A field of the object holds the other's name.",
        options=NameOptions,
        effect=_name,
        checks=_check_name,
        cardinality=Cardinality(per_pair=4),
    ),
    Rule(
        id="namespace-holds",
        edge_type="wires",
        source=Match(("namespace",)),
        target=Match(NAMESPACED),
        label="holds",
        line="policy",
        text="The object is in this namespace.",
        options=HoldOptions,
        effect=_hold,
        checks=_check_hold,
        cardinality=Cardinality(per_target=1),
        same_namespace=False,
        mirrors=(Mirror("target", "/namespace", SOURCE_NAME),),
    ),
    Rule(
        id="start-after",
        edge_type="depends_on",
        source=Match(ORDERED),
        target=Match(ORDERED),
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
