"""Wires that bring storage: claims as folders of the containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import Claim
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds import WORKLOADS
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint
from shared.workflows.kinds.fields.types import AbsolutePath, RelativePath
from shared.workflows.kinds.persistentvolumeclaim import SINGLE, ClaimFields
from shared.workflows.wires.common import Containers, Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Rule, Wire


class ClaimOptions(Fields):
    """A volume in a pod."""

    rule: Literal["claim-volume"] = "claim-volume"
    mount_path: Annotated[AbsolutePath, Hint(placeholder="/data")] = "/data"
    sub_path: Annotated[RelativePath | None, Hint(help="Only this folder of the volume.")] = None
    read_only: bool = False
    containers: Containers = []


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


RULES: tuple[Rule, ...] = (
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
)
