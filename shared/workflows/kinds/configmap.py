"""ConfigMap: settings and files that are no secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue, pointer
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.types import ConfigKey, refuse

LARGEST_BYTES = 1024 * 1024


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise refuse("base64 text") from None
    return value


Base64 = Annotated[str, AfterValidator(_base64)]


class ConfigMapFields(ObjectFields):
    """The fields of a ConfigMap."""

    data: Annotated[dict[ConfigKey, str], Hint("data", "map", help="Each key is a variable or a file.")] = {}
    binary_data: Annotated[dict[ConfigKey, Base64], Hint("data", "map", advanced=True, help="Values in base64.")] = {}
    immutable: Annotated[
        bool, Hint("data", advanced=True, help="Its data can never change; needs a new name then.")
    ] = False


def _manifests(subject: Subject[ConfigMapFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    data = subject.data
    body = compact({"data": dict(data.data), "binaryData": dict(data.binary_data)})
    if data.immutable:
        body["immutable"] = True
    return [make_manifest(subject, context, **body)]


def _checks(subject: Subject[ConfigMapFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    data = subject.data
    for key in sorted(set(data.data) & set(data.binary_data)):
        yield subject.error("duplicate-key", f"The key {key} stands in data as well.", pointer("binary_data", key))
    size = sum(len(key) + len(value.encode()) for key, value in data.data.items())
    size += sum(len(key) + len(value) * 3 // 4 for key, value in data.binary_data.items())
    if size > LARGEST_BYTES:
        yield subject.error("too-large", f"holds {size:,} bytes; at most {LARGEST_BYTES:,} fit", "/data")


CONFIGMAP = Kind(
    type="configmap",
    api_version="v1",
    kind="ConfigMap",
    title="ConfigMap",
    description="Holds settings and files that are no secret.",
    category="config",
    icon="file-sliders",
    keywords=("settings", "environment", "variables", "files", "configuration"),
    model=ConfigMapFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="config-{n}",
    card=(CardRow("/data", "Keys", "keys"),),
)
