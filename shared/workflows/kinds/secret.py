"""Secret: the keys stand on the canvas, the values never do."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue, change, pointer
from shared.workflows.kinds.fields.base import (
    HIDDEN,
    CardRow,
    CompileContext,
    Hint,
    Json,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    make_manifest,
)
from shared.workflows.kinds.fields.types import ConfigKey

TYPES = {
    "Opaque": "Opaque",
    "tls": "kubernetes.io/tls",
    "dockerconfigjson": "kubernetes.io/dockerconfigjson",
    "basic-auth": "kubernetes.io/basic-auth",
    "ssh-auth": "kubernetes.io/ssh-auth",
}
NEEDED_KEYS = {
    "tls": ("tls.crt", "tls.key"),
    "dockerconfigjson": (".dockerconfigjson",),
    "ssh-auth": ("ssh-privatekey",),
}
MOST_KEYS = 200


class SecretFields(ObjectFields):
    """The fields of a Secret; values are written apart and never come back."""

    type: Annotated[
        Literal["Opaque", "tls", "dockerconfigjson", "basic-auth", "ssh-auth"],
        Hint("data", "select", immutable=True),
    ] = "Opaque"
    keys: Annotated[
        list[ConfigKey], Field(max_length=MOST_KEYS), Hint("data", "secret-keys", help="Values are set apart.")
    ] = []
    immutable: Annotated[
        bool, Hint("data", advanced=True, help="Its values can never change; needs a new name then.")
    ] = False


def unset_keys(subject: Subject[SecretFields], context: CompileContext) -> tuple[str, ...]:
    """Return the keys that have no stored value: a run keeps the live object's, or stops."""
    values = context.secrets.get(subject.id, {})
    return tuple(key for key in subject.data.keys if key not in values)


def _manifests(subject: Subject[SecretFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    values = context.secrets.get(subject.id, {})
    body: Json = {"type": TYPES[subject.data.type]}
    if context.mask_secrets:
        body["stringData"] = dict.fromkeys(sorted(subject.data.keys), HIDDEN)
    else:
        body["data"] = {
            key: base64.b64encode(values[key]).decode() for key in sorted(subject.data.keys) if key in values
        }
    if subject.data.immutable:
        body["immutable"] = True
    return [make_manifest(subject, context, **{key: value for key, value in body.items() if value != {}})]


def _checks(subject: Subject[SecretFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    data = subject.data
    seen: set[str] = set()
    for index, key in enumerate(data.keys):
        if key in seen:
            yield subject.error("duplicate-key", f"The key {key} stands here twice.", pointer("keys", index))
        seen.add(key)
    for key in NEEDED_KEYS.get(data.type, ()):
        if key not in seen:
            yield subject.error(
                "missing-key",
                f"A secret of the type {data.type} needs the key {key}.",
                "/keys",
                remedy=change("/keys", f"Add the key {key}", key),
            )
    if data.type == "basic-auth" and not seen & {"username", "password"}:
        yield subject.error("missing-key", "A secret of the type basic-auth needs username or password.", "/keys")
    if not data.keys:
        yield subject.warning("empty-secret", "This secret has no keys.", "/keys")


SECRET = Kind(
    type="secret",
    api_version="v1",
    kind="Secret",
    title="Secret",
    description="Holds passwords, tokens and certificates; values are stored encrypted and never shown.",
    category="config",
    icon="key-round",
    keywords=("password", "token", "certificate", "credentials", "tls"),
    model=SecretFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="secret-{n}",
    card=(CardRow("/type", "Type"), CardRow("/keys", "Keys", "list")),
    actions=("secret_values",),
)
