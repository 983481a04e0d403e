"""The mistakes in overlays, and the fields that a wire writes and an overlay sets as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.json_diff import walk
from shared.workflows.compile.overlay import merged
from shared.workflows.compile.read import Analysis
from shared.workflows.compile.wire_effects import Ends
from shared.workflows.drawing.graph import Graph
from shared.workflows.drawing.issues import Issue, pointer
from shared.workflows.kinds.fields.base import CompileContext, Manifest, Subject
from shared.workflows.kinds.manifest import RBAC_GROUP, privileges


def overlay_issues(graph: Graph, analysis: Analysis, context: CompileContext) -> Iterator[Issue]:
    """Yield the mistakes and doubts in the overlays of a graph that was read."""
    overlaid = [subject for subject in analysis.subjects.values() if subject.overlay]
    if not overlaid:
        return
    ends = Ends(graph, analysis, context, overlays=False)
    for subject in overlaid:
        made = ends.with_all(subject.id)
        whole, mistakes = merged(subject, made)
        for mistake in mistakes:
            yield subject.error(mistake.code, mistake.message, pointer("overlay", *mistake.path))
        if not context.privileged:
            yield from _privileges(subject, made, whole)
        yield from _wired(subject, made, whole, ends, analysis)


def _privileges(subject: Subject[Any], made: list[Manifest], whole: list[Manifest]) -> Iterator[Issue]:
    for before, after in zip(made, whole, strict=True):
        if before == after:
            continue
        is_wide = not subject.kind.namespaced
        reasons = set(privileges(after, otherwise=is_wide)) - set(privileges(before, otherwise=is_wide))
        if after["apiVersion"].startswith(f"{RBAC_GROUP}/"):
            reasons.add("gives permissions")
        for reason in sorted(reasons):
            yield subject.error(
                "needs-cluster-admin",
                f"The overlay {reason}; that is for people who administer the cluster.",
                "/overlay",
            )


def _wired(
    subject: Subject[Any], made: list[Manifest], whole: list[Manifest], ends: Ends, analysis: Analysis
) -> Iterator[Issue]:
    """Yield each field that a wire writes and the overlay changes."""
    changed = {
        after["kind"]: [change.path for change in walk(before, after)]
        for before, after in zip(made, whole, strict=True)
    }
    for wire in analysis.wires:
        if subject.id not in {wire.source.id, wire.target.id}:
            continue
        other = wire.target if wire.source.id == subject.id else wire.source
        for effect in ends.effects(wire.edge, subject.id):
            if any(_overlap(effect.path, path) for path in changed.get(effect.object.kind, ())):
                yield subject.warning(
                    "overlay-and-wire",
                    f"The wire between this and {other.name} writes {effect.path}, and the overlay sets it as well; "
                    "the overlay is what counts.",
                    "/overlay",
                )


def _overlap(one: str, other: str) -> bool:
    """Whether one of two fields is the other or stands in it."""
    short, long = sorted((one, other), key=len)
    return bool(short) and long.startswith(short) and long[len(short) : len(short) + 1] in {"", ".", "["}
