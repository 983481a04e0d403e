"""Mistakes in a graph, each with its place, its reason and its remedy, for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

RemedyAction = Literal["add-between", "add-node", "reverse", "replace", "change-field", "remove"]


class Remedy(BaseModel):
    """
    A remedy, in words and as something a button can do.

    :param node_type: which type to add, for ``add-between`` and ``add-node``
    :param path: which field to change, a JSON pointer into the node's data
    :param value: what to put there, when it is known
    """

    model_config = ConfigDict(frozen=True)

    text: str
    action: RemedyAction
    node_type: str | None = None
    path: str | None = None
    value: str | int | bool | None = None


class Issue(BaseModel):
    """
    One mistake or doubt.

    :param path: a JSON pointer into the node's or edge's data; empty for the node or edge as a whole
    :param code: kebab-case, stable, for machines
    """

    model_config = ConfigDict(frozen=True)

    node_id: str | None = None
    edge_id: str | None = None
    path: str = ""
    code: str
    severity: Literal["error", "warning"] = "error"
    message: str
    remedy: Remedy | None = None

    @property
    def is_error(self) -> bool:
        """Whether it stops a run."""
        return self.severity == "error"


def has_errors(issues: Iterable[Issue]) -> bool:
    """Whether a run must not start."""
    return any(issue.is_error for issue in issues)


def change(path: str, text: str, value: str | int | None = None) -> Remedy:
    """Return the remedy that is a change of one field."""
    return Remedy(text=text, action="change-field", path=path, value=value)


def add_between(node_type: str, title: str) -> Remedy:
    """Return the remedy that is another node between two."""
    article = "an" if title[0] in "AEIOU" else "a"
    return Remedy(text=f"Add {article} {title} between", action="add-between", node_type=node_type)


def parts_of(pointer: str) -> tuple[str, ...]:
    """Return the parts of a JSON pointer: ``/ports/0`` is ``("ports", "0")``."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def pointer(*parts: str | int) -> str:
    """Return a JSON pointer: ``pointer("ports", 0)`` is ``/ports/0``."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
