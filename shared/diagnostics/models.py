"""The parts of a diagnosis, as clients receive it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.json_diff import Change
from shared.planning.items import PlanItem
from shared.storage.documents import Moment

State = Literal["pass", "warn", "fail", "skip"]
FixType = Literal[
    "service-target-port",
    "service-protocol",
    "service-wire",
    "service-node-port",
    "image",
    "memory-limit",
    "probe-port",
    "progress-deadline",
    "resume",
    "node-selector",
    "limit-to-range",
    "ingress-class",
    "ingress-port",
    "restart-rollout",
    "delete-pods",
    "delete-job",
]
"""Every fix there is; a diagnosis offers few of them."""
MOST_EVIDENCE = 12
WORST_FIRST: tuple[State, ...] = ("fail", "warn", "pass", "skip")


class FieldChange(BaseModel):
    """One field of the node's data: its JSON pointer and its new value."""

    model_config = ConfigDict(frozen=True)

    path: str
    value: Any


class NewWire(BaseModel):
    """A wire that begins or ends at the node."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    rule: str


class FixTarget(BaseModel):
    """A live object that is acted on: this very one, by its uid."""

    model_config = ConfigDict(frozen=True)

    api_version: str
    kind: str
    namespace: str | None
    name: str
    uid: str
    generation: int = 0


class Fix(BaseModel):
    """
    A change that would put it right.

    :param how: ``graph``: the node is changed, and a run brings the change to the cluster; ``cluster``: done at once,
        the graph stays true
    :param target: the field or the objects, in words
    """

    model_config = ConfigDict(frozen=True)

    type: FixType
    title: str
    how: Literal["graph", "cluster"]
    target: str
    changes: tuple[FieldChange, ...] = ()
    wires: tuple[NewWire, ...] = ()
    objects: tuple[FixTarget, ...] = ()


class Check(BaseModel):
    """
    The result of one check.

    :param id: kebab-case, stable; once per diagnosis
    :param detail: the finding
    :param remedy: a piece of advice, empty when nothing is to be done
    :param evidence: the fields it comes from: ``pod web-7c: status.phase = Pending``
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    state: State
    detail: str
    remedy: str = ""
    evidence: list[str] = Field(default_factory=list)
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a check; its methods make the results."""

    id: str
    title: str

    def ok(self, detail: str, *evidence: str) -> Check:
        """Return a check that has passed."""
        return Check(id=self.id, title=self.title, state="pass", detail=detail, evidence=list(evidence))

    def skip(self, detail: str) -> Check:
        """Return a check that could not be made, or has no meaning here."""
        return Check(id=self.id, title=self.title, state="skip", detail=detail)

    def warn(self, detail: str, remedy: str, evidence: Iterable[str], fix: Fix | None = None) -> Check:
        """Return a doubt."""
        return self._found("warn", detail, remedy, evidence, fix)

    def fail(self, detail: str, remedy: str, evidence: Iterable[str], fix: Fix | None = None) -> Check:
        """Return a check that has failed."""
        return self._found("fail", detail, remedy, evidence, fix)

    def _found(self, state: State, detail: str, remedy: str, evidence: Iterable[str], fix: Fix | None) -> Check:
        kept = list(dict.fromkeys(evidence))[:MOST_EVIDENCE]
        return Check(id=self.id, title=self.title, state=state, detail=detail, remedy=remedy, evidence=kept, fix=fix)


class Diagnosis(BaseModel):
    """
    All checks of one node.

    :param state: the worst of the checks
    :param revision: of the graph it was made for
    """

    workflow_id: str
    node_id: str
    type: str
    name: str
    namespace: str | None
    cluster_id: str
    state: State
    checks: list[Check]
    revision: int
    checked_at: Moment


class FixPreview(BaseModel):
    """
    The exact effects of a fix, before it is applied.

    :param digest: names this preview; applying it needs the same one
    :param graph: fields of the graph that change: ``nodes[web].data.image``
    :param objects: the next run's effects on the node's objects, tried by a dry run
    :param acts: the deeds on the cluster, done at once
    """

    fix: Fix
    digest: str
    revision: int
    graph: list[Change]
    objects: list[PlanItem]
    acts: list[str]


class Fixed(BaseModel):
    """
    A fix that was applied.

    :param revision: of the graph now
    :param done: the deeds, one sentence each
    :param next: the step that is left to people
    """

    type: FixType
    revision: int
    done: list[str]
    next: Literal["run", "wait"]


def worst(checks: list[Check]) -> State:
    """Return the state of a whole diagnosis."""
    found = {check.state for check in checks}
    return next((state for state in WORST_FIRST if state in found), "skip")
