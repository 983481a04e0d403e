"""A plan as values: the step of each object, those that are refused, those that need consent first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.kubernetes.objects import BUILT_IN, Manifest, ObjectRef, ref_of
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent
from shared.planning.diff import Change
from shared.planning.survey import Key, LiveObjects
from shared.workflows.compile.manifests import Item

Action = Literal["create", "update", "unchanged", "replace", "conflict", "denied", "invalid"]
Need = Literal["", "takeover", "adopt", "replace"]
REFUSED: frozenset[Action] = frozenset({"conflict", "denied", "invalid"})


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field of ours that somebody else manages: ``.spec.replicas``, ``kubectl-scale``."""

    field: str
    manager: str


@dataclass(frozen=True, slots=True)
class Step:
    """
    The step of one object.

    :param manifest: what is sent; with the live values of secret keys that have none stored
    :param reason: why it is refused or replaced, in words
    :param needs: what a person must agree to before the step can be done; empty when nothing, or when they have
    :param force: fields of other managers are taken over
    :param is_recorded: the inventory says exactly this already
    :param is_tried: a dry run of exactly this was accepted
    """

    item: Item
    manifest: Manifest
    action: Action
    changes: tuple[Change, ...] = ()
    reason: str = ""
    code: str = ""
    live: Manifest | None = None
    needs: Need = ""
    conflicts: tuple[FieldConflict, ...] = ()
    force: bool = False
    is_recorded: bool = False
    is_tried: bool = False

    @property
    def ref(self) -> ObjectRef:
        """The reference of the object."""
        return ref_of(self.manifest)

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be done as things are."""
        return self.action in REFUSED or bool(self.needs)

    @property
    def field_validation(self) -> str:
        """
        The way in which the API server looks for unknown fields when this is applied.

        What a dry run has passed is not searched again, unless its kind is of a definition that may change meanwhile.
        """
        is_checked = self.is_tried and (self.ref.api_version, self.ref.kind) in BUILT_IN
        return "Ignore" if is_checked else "Strict"


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in the order of the compiled items, and the namespaces to make first."""

    steps: tuple[Step, ...]
    missing_namespaces: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Step, ...]:
        """Steps that cannot be done; a plan with any is not applied."""
        return tuple(step for step in self.steps if step.is_refused)

    def summary(self) -> dict[str, int]:
        """Return the number of objects of each action."""
        return dict(Counter(step.action for step in self.steps))


@dataclass(frozen=True, slots=True)
class Known:
    """
    The knowledge before anything is sent.

    :param rerun: nodes whose jobs are made again although nothing changed
    :param coming: kinds that the run's own definitions bring
    """

    workflow_id: str
    live_objects: LiveObjects
    owned: Mapping[Key, OwnedObject]
    missing_namespaces: frozenset[str] = field(default_factory=frozenset)
    consent: Consent = field(default_factory=Consent)
    rerun: frozenset[str] = field(default_factory=frozenset)
    coming: frozenset[tuple[str, str]] = field(default_factory=frozenset)
