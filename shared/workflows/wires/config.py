"""Wires that bring configuration: keys of config maps and secrets as variables or files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import Checksum, EnvImport, Files
from shared.workflows.drawing.issues import Issue, pointer
from shared.workflows.kinds import WORKLOADS
from shared.workflows.kinds.configmap import ConfigMapFields
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint
from shared.workflows.kinds.fields.types import AbsolutePath, ConfigKey, EnvName, FileMode, RelativePath
from shared.workflows.kinds.secret import SecretFields
from shared.workflows.wires.common import Containers, Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Rule, Wire


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
    """Return the checksum that changes with the wired configuration; of secrets by their version, never the values."""
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


RULES: tuple[Rule, ...] = (
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
)
