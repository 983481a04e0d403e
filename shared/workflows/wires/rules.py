"""The parts of a connection rule; the rules themselves stand in :mod:`shared.workflows.wires`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from shared.workflows.drawing.conditions import Condition, Expression
from shared.workflows.drawing.effects import Contribution
from shared.workflows.drawing.graph import Edge
from shared.workflows.drawing.issues import Issue, Remedy
from shared.workflows.kinds.fields.base import CompileContext, Fields, Subject

End = Literal["source", "target"]
EdgeType = Literal["wires", "depends_on"]
Line = Literal["traffic", "config", "storage", "scaling", "policy", "order"]

EVERY: Literal["*"] = "*"


@dataclass(frozen=True, slots=True)
class Match:
    """
    Which nodes may stand at one end of a rule.

    :param handle: id of the handle; a handle per item is matched without the item
    """

    types: tuple[str, ...] | Literal["*"]
    handle: str = ""

    def fits(self, node_type: str, handle: str | None) -> bool:
        """Whether a node of this type fits, when the wire is at this handle (None: at the card as a whole)."""
        if self.types != EVERY and node_type not in self.types:
            return False
        if self.handle:
            return handle is not None and handle.partition(":")[0] == self.handle
        return handle is None or handle in {"in", "out"}


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How many wires of one rule there may be; None: any number."""

    per_source: int | None = None
    per_target: int | None = None
    per_pair: int = 1


@dataclass(frozen=True, slots=True)
class Mirror:
    """
    An effect of a wire that is shown on a card or in a form before it is compiled.

    :param path: JSON pointer into the data of the node at ``on``
    """

    on: End
    path: str
    value: Expression
    mode: Literal["set", "append"] = "set"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection that the types allow and the data do not; ``when`` sees source, target and edge."""

    code: str
    when: Condition
    message: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge whose ends and options were read."""

    edge: Edge
    rule: Rule
    source: Subject[Any]
    target: Subject[Any]
    options: Any
    """An instance of the rule's ``options``."""

    def error(self, code: str, message: str, path: str = "", **more: Any) -> Issue:
        """Return an error of this edge."""
        return Issue(edge_id=self.edge.id, path=path, code=code, message=message, **more)

    def warning(self, code: str, message: str, path: str = "", **more: Any) -> Issue:
        """Return a doubt about this edge."""
        return Issue(edge_id=self.edge.id, path=path, code=code, message=message, severity="warning", **more)


Effect = Callable[[Wire, CompileContext], Iterator[tuple[End, Contribution]]]
Check = Callable[[Wire, CompileContext], Iterator[Issue]]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One way to connect two nodes.

    :param options: form of ``edge.data``; its field ``rule`` holds this rule's id
    :param effect: what the wire contributes to its ends, at compile time
    :param checks: what is wrong with it although it is allowed
    :param on_request: not offered where people drag, only where they ask for an order
    """

    id: str
    edge_type: EdgeType
    source: Match
    target: Match
    label: str
    line: Line
    text: str
    options: type[Fields]
    effect: Effect
    cardinality: Cardinality = Cardinality()
    same_namespace: bool = True
    acyclic: bool = False
    mirrors: tuple[Mirror, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    checks: Check | None = None
    on_request: bool = False

    def fits(self, source_type: str, source_handle: str | None, target_type: str, target_handle: str | None) -> bool:
        """Whether nodes of these types may be connected by this rule, whatever their data say."""
        return self.source.fits(source_type, source_handle) and self.target.fits(target_type, target_handle)
