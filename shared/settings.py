"""
Every setting of the platform, with its default and its meaning.

Read once where a process starts, then passed down; nothing else reads the environment. Prefix ``KUBEORCH_``, groups
with two underscores: ``KUBEORCH_MONGO__URI``. ``KUBEORCH_<NAME>_FILE`` reads the value from a file. A name that is no
setting stops the start. ``.env.example`` and ``docs/settings.md`` are generated from here.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

PREFIX = "KUBEORCH_"
SHORTEST_SECRET_BYTES = 32


def _split_list(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _checked_secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < SHORTEST_SECRET_BYTES:
        msg = f"must have at least {SHORTEST_SECRET_BYTES} bytes; run: orchcli env init"
        raise ValueError(msg)
    return value


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class JwtSettings(_Group):
    """Tokens of signed-in people."""

    secret: SecretStr
    """Signs access tokens; at least 32 bytes, not the same as SECRET_KEY."""
    access_seconds: int = Field(86400, ge=60, le=7 * 86400)
    """Life of an access token in seconds; 900 is recommended where only the web interface is used."""
    refresh_max_days: int = Field(7, ge=1, le=90)
    """A session ends this many days after sign-in, however often it was refreshed."""

    _long_enough = field_validator("secret")(_checked_secret)


class WebSettings(_Group):
    """The HTTP process."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback unless a proxy stands in front."""
    port: int = Field(3000, ge=1, le=65535)
    """Port to listen on."""
    workers: int = Field(2, ge=1, le=64)
    """Processes; each holds one Redis subscriber and about 2,000 streams."""
    connections: int = Field(5000, ge=10)
    """Connections per process, streams included."""
    base_url: str = "http://127.0.0.1:3000"
    """Address people use: the origin whose pages may refresh a session; https makes its cookie secure."""
    cors_origins: list[str] = Field(default_factory=list)
    """Other origins that may call the API, comma-separated; none by default."""
    trusted_proxies: int = Field(0, ge=0, le=10)
    """How many proxies in front may set X-Forwarded-*; more than there are lets clients forge addresses."""
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1024)
    """Largest JSON body in bytes; below the size of the largest graph, such a graph cannot be saved."""
    ui_directory: Path = Path("ui/dist")
    """Folder of the built web interface; relative to where the process starts."""
    streams_per_user: int = Field(20, ge=1)
    """Open streams one person may have on one process."""
    streams_per_process: int = Field(5000, ge=1)
    """Open streams one process holds; more are sent elsewhere with 503."""

    _split = field_validator("cors_origins", mode="before")(_split_list)


class MongoSettings(_Group):
    """MongoDB, the truth. Must be a replica set."""

    uri: SecretStr = SecretStr("mongodb://127.0.0.1:17017/kubeorch?replicaSet=rs0")
    """Connection string; its path names the database."""
    pool_size: int = Field(50, ge=1, le=1000)
    """Connections per process."""


class BrokerSettings(_Group):
    """Celery's Redis."""

    url: SecretStr = SecretStr("redis://127.0.0.1:16379/0")
    """redis://, rediss:// or sentinel:// address."""
    sentinel_master: str | None = None
    """Name of the master when the address is sentinel://."""
    visibility_seconds: int = Field(21600, ge=3600)
    """An unacknowledged message is delivered again after this time; must be above the longest task."""


class RedisSettings(_Group):
    """Update log, leases, limits."""

    url: SecretStr = SecretStr("redis://127.0.0.1:16379/1")
    """Address; may be another server than the broker's."""


class LogSettings(_Group):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""
    format: Literal["auto", "columns", "json"] = "auto"
    """auto: columns on a terminal, one JSON object per line elsewhere."""


class RateSettings(_Group):
    """Requests per minute, sliding windows."""

    user: int = Field(600, ge=1)
    """Per signed-in person."""
    address: int = Field(1200, ge=1)
    """Per client address."""
    auth: int = Field(10, ge=1)
    """Sign-in, sign-up and refresh attempts per address."""


class AuthSettings(_Group):
    """Who may have an account."""

    signup: Literal["open", "invite", "domains", "closed"] = "invite"
    """After the first account: anybody, people with an invite, people of some domains, nobody."""
    domains: list[str] = Field(default_factory=list)
    """E-mail domains that may sign up, comma-separated, when signup is ``domains``."""
    password: bool = True
    """Sign-in by password; off leaves OAuth."""

    _split = field_validator("domains", mode="before")(_split_list)


class ClusterSettings(_Group):
    """Connections to Kubernetes."""

    health_seconds: int = Field(60, ge=5)
    """Period of the health check."""
    timeout_seconds: float = Field(5.0, gt=0, le=60)
    """Budget of one health check and of connecting."""
    private_addresses: Literal["allow", "refuse"] = "allow"
    """Whether API servers may have private or loopback addresses; link-local and metadata addresses never may."""


class RunSettings(_Group):
    """Runs of workflows."""

    node_seconds: int = Field(300, ge=1)
    """How long one node may take to become ready."""
    total_seconds: int = Field(3600, ge=1)
    """How long a whole run may take."""
    parallel: int = Field(8, ge=1, le=32)
    """Requests to one cluster at once."""


class WatchSettings(_Group):
    """Watch tasks."""

    clusters_per_process: int = Field(150, ge=1)
    """Clusters one watcher process takes; below its pool size, so that health checks always pass."""
    lease_seconds: int = Field(15, ge=3)
    """Life of a cluster's watch lease; a dead watcher's clusters move after it."""


class RetentionSettings(_Group):
    """How long things are kept."""

    run_days: int = Field(90, ge=1)
    """Finished runs."""
    versions: int = Field(100, ge=2)
    """Versions of each workflow; what is deployed and what was named or tagged stays beyond."""


class MetricsSettings(_Group):
    """Prometheus."""

    token: SecretStr | None = None
    """Bearer token of /metrics; without one only loopback callers are answered."""


class FlowerSettings(_Group):
    """Job inspection."""

    password: SecretStr | None = None
    """Password of Flower's user ``admin``."""


class Settings(BaseModel):
    """All settings; ``load_settings()`` reads them from the environment, tests pass values."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    secret_key: SecretStr
    """Signs refresh tokens; at least 32 bytes, not the same as JWT__SECRET."""
    keyring: SecretStr
    """Keys of everything encrypted at rest: ``id:base64,id:base64`` (32 bytes each); the first one encrypts."""
    process_index: int = Field(1, ge=1)
    """The n-th process of its kind on this host."""
    jwt: JwtSettings
    web: WebSettings = Field(default_factory=WebSettings)
    mongo: MongoSettings = Field(default_factory=MongoSettings)
    broker: BrokerSettings = Field(default_factory=BrokerSettings)
    redis: RedisSettings = Field(default_factory=RedisSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    rate: RateSettings = Field(default_factory=RateSettings)
    auth: AuthSettings = Field(default_factory=AuthSettings)
    clusters: ClusterSettings = Field(default_factory=ClusterSettings)
    runs: RunSettings = Field(default_factory=RunSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    metrics: MetricsSettings = Field(default_factory=MetricsSettings)
    flower: FlowerSettings = Field(default_factory=FlowerSettings)

    _long_enough = field_validator("secret_key")(_checked_secret)

    @model_validator(mode="after")
    def _secrets_differ(self) -> Settings:
        if self.jwt.secret.get_secret_value() == self.secret_key.get_secret_value():
            msg = f"{PREFIX}JWT__SECRET and {PREFIX}SECRET_KEY must differ; run: orchcli env init"
            raise ValueError(msg)
        return self


def setting_names(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """
    Yield every setting as (name without ``KUBEORCH_``, docstring, default).

    A default of ``...`` means that the setting must be given.
    """
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, _Group):
            yield from setting_names(annotation, f"{prefix}{name.upper()}__")
        else:
            default = ... if field.is_required() else field.get_default(call_default_factory=True)
            yield f"{prefix}{name.upper()}", (field.description or "").strip(), default


def unknown_names(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return each ``KUBEORCH_`` variable that is no setting, with the nearest real name when there is one."""
    known = {name for name, _, _ in setting_names()}
    result: dict[str, str | None] = {}
    for variable in environment:
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX)
        if name in known or name.removesuffix("_FILE") in known:
            continue
        # one underscore instead of two is the usual slip, so compare without them first
        squeezed = {known_name.replace("__", "_"): known_name for known_name in known}
        near = squeezed.get(name) or next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), None)
        result[variable] = f"{PREFIX}{near}" if near else None
    return result


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings of this process, or end it with one line per mistake.

    :param environment: for tests; the process environment otherwise
    """
    variables = dict(os.environ if environment is None else environment)
    problems = [
        f"{name} is not a setting" + (f"; did you mean {near}?" if near else "")
        for name, near in unknown_names(variables).items()
    ]
    if problems:
        _stop(problems)
    _read_files(variables)
    try:
        return Settings(**_nested(variables))
    except ValidationError as error:
        _stop([_sentence(item) for item in error.errors(include_input=False, include_url=False)])


def _read_files(variables: dict[str, str]) -> None:
    known = {f"{PREFIX}{name}" for name, _, _ in setting_names()}
    for variable in [name for name in variables if name.startswith(PREFIX) and name.endswith("_FILE")]:
        target = variable.removesuffix("_FILE")
        if target in known and variable not in known:
            path = Path(variables.pop(variable))
            try:
                variables[target] = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                _stop([f"{variable}: cannot read {path}: {error.strerror}"])


def _nested(variables: Mapping[str, str]) -> dict[str, Any]:
    """Turn ``KUBEORCH_WEB__PORT=1`` into ``{"web": {"port": "1"}}`` for the names that are settings."""
    result: dict[str, Any] = {}
    for name, _, _ in setting_names():
        *groups, last = name.lower().split("__")
        place = result
        for group in groups:
            place = place.setdefault(group, {})
        value = variables.get(f"{PREFIX}{name}")
        if value:
            place[last] = value
    return result


def _sentence(item: Mapping[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    if not item["loc"]:
        return message
    name = PREFIX + "__".join(str(part).upper() for part in item["loc"])
    return f"{name} is missing; run: orchcli env init" if item["type"] == "missing" else f"{name}: {message}"


def _stop(problems: list[str]) -> NoReturn:
    for problem in problems:
        print(f"settings: {problem}", file=sys.stderr)  # noqa: T201 - logging is not set up yet
    raise SystemExit(2)
