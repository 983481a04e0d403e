"""What rules of several lines share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from shared.workflows.conditions import Expression
from shared.workflows.effects import Contribution
from shared.workflows.kinds.base import Hint
from shared.workflows.kinds.types import DnsLabel
from shared.workflows.rules import End

Effects = Iterator[tuple[End, Contribution]]

SOURCE_NAME: Expression = {"from": "source", "path": "/name"}

TARGET_NAME: Expression = {"from": "target", "path": "/name"}

Containers = Annotated[
    list[DnsLabel],
    Hint(advanced=True, widget="list", help="Init containers and sidecars that get it; left empty: the main one."),
]
