"""Wires that say a name: of the object to which a custom resource refers, and of an object's namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import Named
from shared.workflows.drawing.issues import Issue, change, parts_of
from shared.workflows.kinds import NAMESPACED
from shared.workflows.kinds.custom import BLOCKED, CustomFields, value_at
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint
from shared.workflows.kinds.fields.types import FieldPath
from shared.workflows.wires.common import SOURCE_NAME, Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Rule, Wire

NAMED = (*(name for name in NAMESPACED if name != "manifest"), "namespace")
"""Types that are one object with the node's name."""


class NameOptions(Fields):
    """A custom resource and an object that it names."""

    rule: Literal["resource-names"] = "resource-names"
    path: Annotated[
        FieldPath, Hint(placeholder="/spec/issuerRef/name", help="The field that holds the name; list items by number.")
    ] = "/spec/secretName"


class HoldOptions(Fields):
    """A namespace and what is in it."""

    rule: Literal["namespace-holds"] = "namespace-holds"


def _name(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", Named(parts_of(wire.options.path), wire.target.name)


def _check_name(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    data: CustomFields = wire.source.data
    before = value_at({"spec": data.spec, "body": data.body}, parts_of(wire.options.path))
    if before is BLOCKED:
        yield wire.error("path-blocked", f"{wire.source.name} has no place for a field there.", "/path")
    elif before is not None and before != wire.target.name:
        yield wire.source.error(
            "name-and-wire", f"The wire to {wire.target.name} says it already; leave this empty.", wire.options.path
        )


def _hold(wire: Wire, context: CompileContext) -> Effects:
    """The namespace was given when the node was read; here is nothing left to do."""
    del wire, context
    return iter(())


def _check_hold(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    own = wire.target.data.namespace
    if own is not None and own != wire.source.name:
        yield wire.target.error(
            "namespace",
            f"The wire from {wire.source.name} says the namespace already; leave this empty.",
            "/namespace",
            remedy=change("/namespace", "Empty the namespace"),
        )


RULES: tuple[Rule, ...] = (
    Rule(
        id="resource-names",
        edge_type="wires",
        source=Match(("custom-resource",)),
        target=Match(NAMED),
        label="names",
        line="config",
        text="A field of the object holds the other's name.",
        options=NameOptions,
        effect=_name,
        checks=_check_name,
        cardinality=Cardinality(per_pair=4),
    ),
    Rule(
        id="namespace-holds",
        edge_type="wires",
        source=Match(("namespace",)),
        target=Match(NAMESPACED),
        label="holds",
        line="policy",
        text="The object is in this namespace.",
        options=HoldOptions,
        effect=_hold,
        checks=_check_hold,
        cardinality=Cardinality(per_target=1),
        same_namespace=False,
        mirrors=(Mirror("target", "/namespace", SOURCE_NAME),),
    ),
)
