"""Pods that are not even created: quotas, limit ranges, pod security, webhooks, missing accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.quantities import value_of
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

CREATION = About("creation", "Pods may be created")
_QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[^,]+), requested: (?P<asked>.+?), used: (?P<used>.+?), limited: (?P<most>.+)"
)
_UNSPECIFIED = re.compile(r"failed quota: (?P<quota>[^:]+): must specify (?P<what>.+)")
_RANGE = re.compile(
    r"(?P<bound>maximum|minimum) (?P<resource>[\w./-]+) usage per (?P<scope>\w+) is (?P<value>[\w.]+), "
    r"but (?P<side>limit|request) is (?P<given>[\w.]+)"
)
_ACCOUNT = re.compile(r"serviceaccount \"(?P<name>[^\"]+)\" not found")
_SECURITY = re.compile(r"violates PodSecurity \"(?P<level>[^\"]+)\": (?P<why>.+)")
_WEBHOOK = re.compile(r"admission webhook \"(?P<name>[^\"]+)\" denied the request: ?(?P<why>.*)")


def creation(scene: Scene) -> Iterator[Check]:
    """Check that the API server accepts the pods."""
    refusal = _refusal(scene)
    if refusal is None:
        if scene.pods:
            yield CREATION.ok(f"{plural(len(scene.pods), 'pod')} created.", *map(_made, scene.pods[:3]))
        return
    message, evidence = refusal
    words, remedy, fix = _explain(scene, message)
    yield CREATION.fail(f"Pods cannot be created: {words}.", remedy, [evidence], fix)


def _made(pod: Manifest) -> str:
    return read.said(pod, "metadata.creationTimestamp", read.text(pod, "metadata", "creationTimestamp"))


def _refusal(scene: Scene) -> tuple[str, str] | None:
    """Return the API server's words: a condition tells what is so now, an event only while pods are missing."""
    live = scene.main
    makers = [item for item in (live, scene.newest_set, *scene.all("Job")) if item is not None]
    for item in makers:
        found = read.condition(item, "ReplicaFailure")
        if read.text(found, "status") == "True":
            message = read.words(found, "message")
            return message, read.said(item, "status.conditions[ReplicaFailure].message", message)
    if live is None or not _lacks_pods(live, scene):
        return None
    for item in makers:
        for event in reversed(scene.events(item, "FailedCreate")):
            message = read.words(event, "message")
            return message, f"event about {read.text(item, 'kind')} {read.name(item)}: message = {message}"
    return None


def _lacks_pods(live: Manifest, scene: Scene) -> bool:
    kind = read.text(live, "kind")
    if kind == "DaemonSet":
        return len(scene.pods) < read.number(live, "status", "desiredNumberScheduled")
    if kind in {"Job", "CronJob"}:
        return not scene.pods
    return len(scene.pods) < read.number(live, "spec", "replicas", otherwise=1)


def _explain(scene: Scene, message: str) -> tuple[str, str, Fix | None]:
    if found := _QUOTA.search(message):
        words = (
            f"the quota {found['quota']} is used up: {found['asked']} more asked for, {found['used']} used, "
            f"{found['most']} allowed"
        )
        return words, "Raise the quota, ask for less, or remove something else in the namespace.", None
    if found := _UNSPECIFIED.search(message):
        words = f"the quota {found['quota']} wants every container to say {found['what']}"
        return words, "Set these requests and limits on the node.", None
    if found := _RANGE.search(message):
        words = (
            f"a limit range of the namespace sets a {found['bound']} of {found['value']} {found['resource']} per "
            f"{found['scope'].lower()}, but the {found['side']} is {found['given']}"
        )
        return words, "Change the node's requests and limits, or the limit range.", _range_fix(scene, found)
    if found := _ACCOUNT.search(message):
        words = f"the service account {found['name']} does not exist"
        return words, "Wire a service account to the node, or correct its name.", None
    if found := _SECURITY.search(message):
        words = f"the namespace allows only pods of the level {found['level']}: {found['why']}"
        return words, "Set the security fields that are named, or change the namespace's pod security level.", None
    if found := _WEBHOOK.search(message):
        return f"the admission webhook {found['name']} refuses them: {found['why']}", "Do what its words ask for.", None
    return message or "the API server gave no reason", "Follow the API server's words.", None


def _range_fix(scene: Scene, found: re.Match[str]) -> Fix | None:
    """Bring the values that lie outside to the bound; values of a whole pod could be divided in many ways."""
    if found["scope"] != "Container" or found["resource"] not in {"cpu", "memory"}:
        return None
    bound, resource, side = found["value"], found["resource"], f"{found['side']}s"
    changes: list[FieldChange] = []
    for path in _places(scene):
        own = f"{path}/resources/{side}/{resource}"
        if scene.value(own) != found["given"]:
            continue
        changes.append(FieldChange(path=own, value=bound))
        request = f"{path}/resources/requests/{resource}"
        if found["bound"] == "maximum" and side == "limits" and _is_more(scene.value(request), bound):
            changes.append(FieldChange(path=request, value=bound))
    if not changes:
        return None
    return Fix(
        type="limit-to-range",
        title=f"Set the {resource} {found['side']} to {bound}, the {found['bound']} of the namespace",
        how="graph",
        target=changes[0].path,
        changes=tuple(changes),
    )


def _places(scene: Scene) -> Iterator[str]:
    yield ""
    for group in ("init_containers", "sidecars"):
        found = scene.data.get(group)
        yield from (f"/{group}/{index}" for index in range(len(found) if isinstance(found, list) else 0))


def _is_more(amount: object, bound: str) -> bool:
    left, right = value_of(str(amount)), value_of(bound)
    return left is not None and right is not None and left > right
