"""Parts that rules of several lines share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from shared.workflows.drawing.conditions import Expression
from shared.workflows.drawing.effects import Contribution
from shared.workflows.kinds.fields.base import Hint
from shared.workflows.kinds.fields.types import DnsLabel
from shared.workflows.wires.rules import End

Effects = Iterator[tuple[End, Contribution]]

SOURCE_NAME: Expression = {"from": "source", "path": "/name"}

TARGET_NAME: Expression = {"from": "target", "path": "/name"}

Containers = Annotated[
    list[DnsLabel],
    Hint(advanced=True, widget="list", help="Init containers and sidecars that get it; left empty: the main one."),
]
