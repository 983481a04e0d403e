"""Fields of containers: environment, ports, resources, probes, security; used by every type that makes pods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.kinds.fields.base import Fields, Hint
from shared.workflows.kinds.fields.types import (
    AbsolutePath,
    Bytes,
    ConfigKey,
    DnsLabel,
    DnsSubdomain,
    EnvName,
    HostName,
    ImageReference,
    PortName,
    PortNumber,
    PortRef,
    QualifiedKey,
    Quantity,
    RelativePath,
    UrlPath,
)

Seconds = Annotated[int, Field(ge=0, le=10 * 365 * 86400)]
UserId = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ContainerPort(Fields):
    """A port the container listens on."""

    name: Annotated[PortName | None, Hint(placeholder="http", help="Services and probes may refer to it.")] = None
    container_port: Annotated[PortNumber, Hint(widget="port", placeholder="8080")]
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"


class EnvValue(Fields):
    """A variable with a plain value."""

    source: Literal["value"]
    name: EnvName
    value: Annotated[str, Field(max_length=131_072), Hint(widget="text")]


class EnvSecret(Fields):
    """A variable from a key of a Secret that is named, not wired."""

    source: Literal["secret"]
    name: EnvName
    secret: Annotated[DnsSubdomain, Hint(options_from="secrets")]
    key: ConfigKey
    optional: bool = False


class EnvConfig(Fields):
    """A variable from a key of a ConfigMap that is named, not wired."""

    source: Literal["config"]
    name: EnvName
    config_map: Annotated[DnsSubdomain, Hint(options_from="config-maps")]
    key: ConfigKey
    optional: bool = False


class EnvField(Fields):
    """A variable from the pod itself."""

    source: Literal["field"]
    name: EnvName
    field: Literal[
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ]


class EnvResource(Fields):
    """A variable from the container's own resources."""

    source: Literal["resource"]
    name: EnvName
    resource: Literal[
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
    ]
    divisor: Quantity | None = None


EnvVariable = Annotated[EnvValue | EnvSecret | EnvConfig | EnvField | EnvResource, Field(discriminator="source")]


class ResourceAmounts(Fields):
    """Amounts of what a container uses."""

    cpu: Annotated[Quantity | None, Hint(widget="quantity", unit="cores", placeholder="250m")] = None
    memory: Annotated[Bytes | None, Hint(widget="quantity", unit="bytes", placeholder="256Mi")] = None
    ephemeral_storage: Annotated[Bytes | None, Hint(widget="quantity", unit="bytes", advanced=True)] = None
    extended: Annotated[
        dict[QualifiedKey, Quantity], Hint(widget="map", advanced=True, help="Other resources, such as nvidia.com/gpu.")
    ] = {}


class Resources(Fields):
    """What a container is promised and what it may use at most."""

    requests: Annotated[ResourceAmounts | None, Hint(help="Promised; decides where the pod fits.")] = None
    limits: Annotated[ResourceAmounts | None, Hint(help="At most; more memory than this ends the container.")] = None


class HttpHeader(Fields):
    """A header of a probe's request."""

    name: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9-]+$")]
    value: Annotated[str, Field(max_length=4096)]


class Timing(Fields):
    """When and how often a probe asks."""

    initial_delay_seconds: Annotated[Seconds | None, Hint(unit="s")] = None
    period_seconds: Annotated[int | None, Field(ge=1), Hint(unit="s")] = None
    timeout_seconds: Annotated[int | None, Field(ge=1), Hint(unit="s")] = None
    success_threshold: Annotated[int | None, Field(ge=1), Hint(advanced=True)] = None
    failure_threshold: Annotated[int | None, Field(ge=1)] = None


class HttpProbe(Timing):
    """Healthy when an HTTP request answers with 2xx or 3xx."""

    type: Literal["http"]
    path: UrlPath = "/"
    port: Annotated[PortRef, Hint(widget="port")]
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    host: Annotated[HostName | None, Hint(advanced=True)] = None
    http_headers: Annotated[list[HttpHeader], Hint(advanced=True)] = []


class TcpProbe(Timing):
    """Healthy when a connection opens."""

    type: Literal["tcp"]
    port: Annotated[PortRef, Hint(widget="port")]
    host: Annotated[HostName | None, Hint(advanced=True)] = None


class GrpcProbe(Timing):
    """Healthy when the gRPC health service says so."""

    type: Literal["grpc"]
    port: Annotated[PortNumber, Hint(widget="port")]
    service: Annotated[str | None, Field(max_length=253)] = None


class ExecProbe(Timing):
    """Healthy when a command ends with 0."""

    type: Literal["exec"]
    command: Annotated[list[str], Field(min_length=1), Hint(widget="command-line")]


Probe = Annotated[HttpProbe | TcpProbe | GrpcProbe | ExecProbe, Field(discriminator="type")]


class ExecHandler(Fields):
    """Run a command in the container."""

    type: Literal["exec"]
    command: Annotated[list[str], Field(min_length=1), Hint(widget="command-line")]


class HttpHandler(Fields):
    """Send an HTTP request to the container."""

    type: Literal["http"]
    path: UrlPath = "/"
    port: Annotated[PortRef, Hint(widget="port")]
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    host: HostName | None = None
    http_headers: list[HttpHeader] = []


class SleepHandler(Fields):
    """Wait."""

    type: Literal["sleep"]
    seconds: Annotated[int, Field(ge=1, le=3600), Hint(unit="s")]


Handler = Annotated[ExecHandler | HttpHandler | SleepHandler, Field(discriminator="type")]


class Lifecycle(Fields):
    """What happens right after the start and right before the end of a container."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None


Capability = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^(ALL|[A-Z][A-Z0-9_]*)$")]


class Capabilities(Fields):
    """Linux capabilities beside or instead of the runtime's defaults."""

    add: list[Capability] = []
    drop: list[Capability] = []


class Profile(Fields):
    """A seccomp or AppArmor profile."""

    type: Literal["RuntimeDefault", "Unconfined", "Localhost"]
    localhost_profile: Annotated[str | None, Field(max_length=1024)] = None


class SeLinuxOptions(Fields):
    """SELinux labels of the container."""

    user: str | None = None
    role: str | None = None
    type: str | None = None
    level: str | None = None


class ContainerSecurity(Fields):
    """What the container's processes may do."""

    run_as_user: UserId | None = None
    run_as_group: UserId | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    allow_privilege_escalation: bool | None = None
    privileged: Annotated[bool | None, Hint(advanced=True, help="Only for administrators of the cluster.")] = None
    capabilities: Capabilities | None = None
    seccomp_profile: Annotated[Profile | None, Hint(advanced=True)] = None
    app_armor_profile: Annotated[Profile | None, Hint(advanced=True)] = None
    se_linux_options: Annotated[SeLinuxOptions | None, Hint(advanced=True)] = None


class VolumeMount(Fields):
    """One of the pod's volumes inside a further container."""

    volume: Annotated[DnsLabel, Hint(help="Name of a volume of this pod.")]
    mount_path: AbsolutePath
    sub_path: RelativePath | None = None
    read_only: bool = False


class ContainerFields(Fields):
    """What the main container and further ones have in common."""

    image: Annotated[ImageReference, Hint("container", "image", placeholder="nginx:1.29")]
    image_pull_policy: Annotated[
        Literal["Always", "IfNotPresent", "Never"] | None,
        Hint("container", "select", advanced=True, help="Left empty: Always for :latest, else IfNotPresent."),
    ] = None
    command: Annotated[
        list[str], Hint("container", "command-line", advanced=True, help="Instead of the image's entrypoint.")
    ] = []
    args: Annotated[
        list[str], Hint("container", "command-line", advanced=True, help="Instead of the image's command.")
    ] = []
    working_dir: Annotated[AbsolutePath | None, Hint("container", advanced=True)] = None
    ports: Annotated[list[ContainerPort], Hint("ports", "repeater")] = []
    env: Annotated[list[EnvVariable], Hint("environment", "env")] = []
    resources: Annotated[Resources | None, Hint("resources", "matrix")] = None
    liveness_probe: Annotated[Probe | None, Hint("health", "probe", help="The container is restarted on failure.")] = (
        None
    )
    readiness_probe: Annotated[Probe | None, Hint("health", "probe", help="No traffic while it fails.")] = None
    startup_probe: Annotated[
        Probe | None, Hint("health", "probe", advanced=True, help="The other probes wait for it.")
    ] = None
    lifecycle: Annotated[Lifecycle | None, Hint("health", advanced=True)] = None
    container_security: Annotated[ContainerSecurity | None, Hint("security", advanced=True)] = None
    stdin: Annotated[bool, Hint("container", advanced=True)] = False
    tty: Annotated[bool, Hint("container", advanced=True)] = False


class ExtraContainer(ContainerFields):
    """An init container or a sidecar."""

    name: Annotated[DnsLabel, Hint("container", "dns-name")]
    volume_mounts: Annotated[list[VolumeMount], Hint("storage", "repeater")] = []
