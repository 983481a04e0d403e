"""All checks of a node, in the order in which a person would look. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from shared.diagnostics.checks import (
    addresses,
    basics,
    crashes,
    creation,
    images,
    ingresses,
    jobs,
    policies,
    probes,
    references,
    rollout,
    scaling,
    scheduling,
    services,
    storage,
)
from shared.diagnostics.models import Check, FieldChange, Fix
from shared.diagnostics.scene import Scene

Checks = Callable[[Scene], Iterable[Check]]

_PODS: tuple[Checks, ...] = (
    creation.creation,
    scheduling.scheduling,
    references.references,
    references.volumes,
    images.images,
    crashes.crashes,
    probes.probes,
    crashes.failed_pods,
    crashes.back_off,
)


def _workload(scene: Scene) -> Iterator[Check]:
    causes = list(_all(_PODS, scene))
    yield from rollout.rollout(scene, causes)
    yield from causes


def _job(scene: Scene) -> Iterator[Check]:
    yield from jobs.job(scene)
    yield from _all(_PODS, scene)


def _cron_job(scene: Scene) -> Iterator[Check]:
    yield from jobs.cron_job(scene)
    yield from _all(_PODS, scene)


def _service(scene: Scene) -> Iterator[Check]:
    yield from services.services(scene)
    yield from addresses.addresses(scene)


def _all(checks: Iterable[Checks], scene: Scene) -> Iterator[Check]:
    for check in checks:
        yield from check(scene)


_BY_KIND: dict[str, Checks] = {
    "Deployment": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Ingress": ingresses.ingresses,
    "PersistentVolumeClaim": storage.claims,
    "HorizontalPodAutoscaler": scaling.autoscalers,
    "NetworkPolicy": policies.policies,
}


def diagnose(scene: Scene) -> list[Check]:
    """Return all checks of a node; objects that are not on the cluster, or another's, are not checked further."""
    checks = list(basics.basics(scene))
    if scene.main is not None and scene.is_ours:
        checks += _BY_KIND.get(str(scene.main.get("kind", "")), basics.by_conditions)(scene)
    return checks


def fixes_of(checks: Iterable[Check]) -> dict[str, Fix]:
    """Return the fixes that the checks offer, by type; those of one type are applied together."""
    fixes: dict[str, Fix] = {}
    for check in checks:
        if check.fix is None:
            continue
        earlier = fixes.get(check.fix.type)
        fixes[check.fix.type] = check.fix if earlier is None else _joined(earlier, check.fix)
    return fixes


def _joined(first: Fix, second: Fix) -> Fix:
    return first.model_copy(
        update={
            "target": ", ".join(dict.fromkeys([first.target, second.target])),
            "changes": _unique(first, second),
            "wires": tuple(dict.fromkeys([*first.wires, *second.wires])),
            "objects": tuple(dict.fromkeys([*first.objects, *second.objects])),
        }
    )


def _unique(first: Fix, second: Fix) -> tuple[FieldChange, ...]:
    """Join changes; of two for one field the first stays."""
    by_path: dict[str, FieldChange] = {}
    for change in (*first.changes, *second.changes):
        by_path.setdefault(change.path, change)
    return tuple(by_path.values())
