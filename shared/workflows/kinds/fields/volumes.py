"""Volumes of pods: those from wires, and those that belong to the pod alone."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Claim, Files, Wired
from shared.workflows.kinds.fields.base import Fields, Hint, Json, compact
from shared.workflows.kinds.fields.types import (
    AbsolutePath,
    Bytes,
    ConfigKey,
    DnsLabel,
    DnsSubdomain,
    FileMode,
    RelativePath,
    mode_number,
)


class VolumeFields(Fields):
    """A volume and its folder in the main container."""

    name: DnsLabel
    mount_path: Annotated[
        AbsolutePath | None, Hint(help="In the main container; left empty: only others mount it.")
    ] = None
    sub_path: Annotated[RelativePath | None, Hint(advanced=True)] = None
    read_only: Annotated[bool, Hint(advanced=True)] = False


class EmptyDir(VolumeFields):
    """An empty folder that lives as long as the pod."""

    type: Literal["empty_dir"]
    medium: Annotated[Literal["Memory"] | None, Hint(help="Memory: a file system in RAM.")] = None
    size_limit: Annotated[Bytes | None, Hint(widget="quantity")] = None


class HostPath(VolumeFields):
    """A folder of the machine; only for administrators of the cluster."""

    type: Literal["host_path"]
    path: AbsolutePath
    kind: Literal["Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice"] = (
        "Directory"
    )


class NamedClaim(VolumeFields):
    """A claim that is not on this canvas."""

    type: Literal["claim"]
    claim: Annotated[DnsSubdomain, Hint(options_from="claims")]


class NamedConfig(VolumeFields):
    """A ConfigMap that is not on this canvas, as files."""

    type: Literal["config_map"]
    config_map: Annotated[DnsSubdomain, Hint(options_from="config-maps")]
    optional: bool = False


class NamedSecret(VolumeFields):
    """A Secret that is not on this canvas, as files."""

    type: Literal["secret"]
    secret: Annotated[DnsSubdomain, Hint(options_from="secrets")]
    optional: bool = False


class ProjectedConfig(Fields):
    """Keys of a ConfigMap in a projected volume."""

    type: Literal["config_map"]
    name: DnsSubdomain
    keys: list[ConfigKey] = []


class ProjectedSecret(Fields):
    """Keys of a Secret in a projected volume."""

    type: Literal["secret"]
    name: DnsSubdomain
    keys: list[ConfigKey] = []


class ProjectedToken(Fields):
    """A short-lived token of the service account."""

    type: Literal["token"]
    path: RelativePath = "token"
    audience: Annotated[str | None, Field(max_length=512)] = None
    expiration_seconds: Annotated[int, Field(ge=600, le=86400 * 365)] = 3600


class ProjectedField(Fields):
    """A field of the pod as a file."""

    type: Literal["field"]
    path: RelativePath
    field: Literal["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"]


Projection = Annotated[ProjectedConfig | ProjectedSecret | ProjectedToken | ProjectedField, Field(discriminator="type")]


class Projected(VolumeFields):
    """Several sources in one folder."""

    type: Literal["projected"]
    sources: Annotated[list[Projection], Field(min_length=1)]
    default_mode: FileMode | None = None


Volume = Annotated[
    EmptyDir | HostPath | NamedClaim | NamedConfig | NamedSecret | Projected, Field(discriminator="type")
]
AnyVolume = EmptyDir | HostPath | NamedClaim | NamedConfig | NamedSecret | Projected


def wired_volume_name(item: Files | Claim) -> str:
    """
    Return the volume's name for a wired object: readable, and never that of another object.

    One object that is mounted twice is one volume, unless its files differ.
    """
    kind = item.source if isinstance(item, Files) else "claim"
    details = repr((item.items, item.mode, item.optional)) if isinstance(item, Files) else ""
    digest = hashlib.sha256(f"{kind}/{item.name}/{details}".encode()).hexdigest()[:8]
    readable = "".join(character if character.isalnum() else "-" for character in item.name)[:40].strip("-")
    return f"{readable}-{kind}-{digest}"


def volume_manifests(volumes: list[AnyVolume], wired: Wired) -> list[Json]:
    """Return all volumes of a pod: its own first, then the wired ones, each once."""
    found = {volume.name: _own(volume) for volume in volumes}
    for claim in wired.all(Claim):
        found.setdefault(wired_volume_name(claim), {"persistentVolumeClaim": {"claimName": claim.name}})
    for files in wired.all(Files):
        found.setdefault(wired_volume_name(files), _files(files))
    return [{"name": name, **source} for name, source in found.items()]


def mount_manifests(volumes: list[AnyVolume], wired: Wired, container: str, *, main: bool) -> list[Json]:
    """
    Return the volume mounts of one container.

    :param main: whether it is the container that wires reach when they name none
    """
    own = [
        {
            "name": volume.name,
            "mountPath": volume.mount_path,
            "subPath": volume.sub_path,
            "readOnly": True if volume.read_only else None,
        }
        for volume in volumes
        if main and volume.mount_path is not None
    ]
    found: list[Claim | Files] = [*wired.all(Claim), *wired.all(Files)]
    wired_mounts = [
        {
            "name": wired_volume_name(item),
            "mountPath": item.mount_path,
            "subPath": item.sub_path,
            "readOnly": True if isinstance(item, Files) or item.read_only else None,
        }
        for item in found
        if reaches(item.containers, container, main=main)
    ]
    return [compact(mount) for mount in (*own, *wired_mounts)]


def reaches(containers: tuple[str, ...], container: str, *, main: bool) -> bool:
    """Whether a wire with this choice of containers concerns one of them."""
    return container in containers or (main and not containers)


def _files(files: Files) -> Json:
    items = [
        compact({"key": key, "path": path, "mode": mode_number(mode) if mode else None})
        for key, path, mode in files.items
    ]
    name = "name" if files.source == "configmap" else "secretName"
    source = {
        name: files.name,
        "items": items,
        "defaultMode": mode_number(files.mode) if files.mode else None,
        "optional": True if files.optional else None,
    }
    return {"configMap" if files.source == "configmap" else "secret": compact(source)}


def _own(volume: AnyVolume) -> Json:
    if isinstance(volume, EmptyDir):
        return {"emptyDir": compact({"medium": volume.medium, "sizeLimit": volume.size_limit})}
    if isinstance(volume, HostPath):
        return {"hostPath": {"path": volume.path, "type": volume.kind}}
    if isinstance(volume, NamedClaim):
        return {"persistentVolumeClaim": {"claimName": volume.claim}}
    if isinstance(volume, NamedConfig):
        return {"configMap": compact({"name": volume.config_map, "optional": True if volume.optional else None})}
    if isinstance(volume, NamedSecret):
        return {"secret": compact({"secretName": volume.secret, "optional": True if volume.optional else None})}
    mode = mode_number(volume.default_mode) if volume.default_mode else None
    return {"projected": compact({"sources": [_projection(item) for item in volume.sources], "defaultMode": mode})}


def _projection(item: ProjectedConfig | ProjectedSecret | ProjectedToken | ProjectedField) -> Json:
    if isinstance(item, ProjectedToken):
        token = {"path": item.path, "audience": item.audience, "expirationSeconds": item.expiration_seconds}
        return {"serviceAccountToken": compact(token)}
    if isinstance(item, ProjectedField):
        return {"downwardAPI": {"items": [{"path": item.path, "fieldRef": {"fieldPath": item.field}}]}}
    keys = [{"key": key, "path": key} for key in item.keys]
    return {"configMap" if item.type == "config_map" else "secret": compact({"name": item.name, "items": keys})}
