"""PersistentVolumeClaim: storage that outlives pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Fields,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    dump,
    make_manifest,
)
from shared.workflows.kinds.fields.scheduling import Selector
from shared.workflows.kinds.fields.types import Bytes, DnsSubdomain

AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
SINGLE = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


class DataSource(Fields):
    """What the new volume is filled with."""

    kind: Literal["PersistentVolumeClaim", "VolumeSnapshot"]
    name: DnsSubdomain


class ClaimFields(ObjectFields):
    """The fields of a PersistentVolumeClaim."""

    storage: Annotated[Bytes, Hint("storage", "quantity", unit="bytes", placeholder="1Gi", help="Can only grow.")]
    storage_class: Annotated[
        DnsSubdomain | None,
        Hint("storage", options_from="storage-classes", immutable=True, help="Left empty: the cluster's default."),
    ] = None
    access_modes: Annotated[
        list[AccessMode],
        Field(min_length=1, max_length=4),
        Hint("storage", "list", immutable=True, help="ReadWriteOnce: pods of one machine."),
    ] = ["ReadWriteOnce"]
    volume_mode: Annotated[Literal["Filesystem", "Block"], Hint("storage", "select", advanced=True, immutable=True)] = (
        "Filesystem"
    )
    volume_name: Annotated[
        DnsSubdomain | None, Hint("storage", advanced=True, immutable=True, help="A certain volume.")
    ] = None
    selector: Annotated[Selector | None, Hint("storage", advanced=True, immutable=True)] = None
    data_source: Annotated[DataSource | None, Hint("storage", advanced=True, immutable=True)] = None


def _manifests(subject: Subject[ClaimFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    data = subject.data
    source = data.data_source
    group = "snapshot.storage.k8s.io" if source and source.kind == "VolumeSnapshot" else None
    spec = {
        "accessModes": list(data.access_modes),
        "storageClassName": data.storage_class,
        "volumeMode": data.volume_mode,
        "volumeName": data.volume_name,
        "selector": dump(data.selector) if data.selector else None,
        "dataSource": {"apiGroup": group, "kind": source.kind, "name": source.name} if source else None,
        "resources": {"requests": {"storage": data.storage}},
    }
    return [make_manifest(subject, context, spec=compact(spec))]


def _checks(subject: Subject[ClaimFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    modes = subject.data.access_modes
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        yield subject.error("contradiction", "must stand alone: ReadWriteOncePod allows no other mode", "/access_modes")


PERSISTENTVOLUMECLAIM = Kind(
    type="persistentvolumeclaim",
    api_version="v1",
    kind="PersistentVolumeClaim",
    title="Volume claim",
    description="Asks for storage that outlives pods.",
    category="storage",
    icon="hard-drive",
    keywords=("pvc", "disk", "volume", "storage", "persistent"),
    model=ClaimFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="data-{n}",
    defaults={"storage": "1Gi", "access_modes": ["ReadWriteOnce"]},
    card=(
        CardRow("/storage", "Size", "quantity"),
        CardRow("/storage_class", "Class"),
        CardRow("/access_modes", "Access", "list"),
    ),
    actions=("diagnose",),
)
