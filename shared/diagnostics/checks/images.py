"""Images that cannot be pulled: the registry's words, the likely cause, and an image that is there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.read import Container
from shared.diagnostics.scene import Scene, revision

IMAGE = About("image", "Images can be pulled")
PULLING = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
_ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause for which an image cannot be pulled, and its remedy."""

    code: str
    words: str
    remedy: str


INVALID = Cause(
    "invalid", "the image's name is not valid", "Write it as registry/name:tag, in lower case, without spaces."
)
NEVER = Cause(
    "never",
    "the pull policy is Never, and the machine does not have the image",
    "Set the pull policy to IfNotPresent, or put the image onto the machines.",
)
LIMITED = Cause(
    "limited",
    "the registry has had enough requests for now",
    "Wait, or sign in to the registry with a pull secret, or use a mirror.",
)
DENIED = Cause(
    "denied",
    "the registry either has no such repository or does not show it without a sign-in",
    "Check the name for a typing error; when the repository is private, name a pull secret on the node.",
)
UNAUTHORIZED = Cause(
    "unauthorized",
    "the registry wants another sign-in",
    "Name a pull secret that may read this repository on the node.",
)
NAME = Cause("name", "the registry does not know the repository", "Check the image's name for a typing error.")
TAG = Cause(
    "tag",
    "the registry answered that it does not have this image: the tag is missing, or the name has a typing error",
    "Check the tag, and that the image was pushed.",
)
PLATFORM = Cause(
    "platform",
    "the image is not made for the machine's architecture",
    "Build it for this architecture, or choose machines that fit with a node selector.",
)
HOST = Cause(
    "host",
    "the name of the registry does not resolve",
    "Check the registry's host name for a typing error, and the DNS of the machines.",
)
AWAY = Cause(
    "away",
    "the machine cannot reach the registry",
    "Check the registry's address and port, and that a firewall lets the machines through.",
)
TLS = Cause(
    "tls",
    "the machine does not trust the registry's certificate, or the registry does not speak TLS",
    "Give the machines the registry's CA certificate, or set the registry up as an insecure one in their runtime.",
)
FULL = Cause("full", "the machine's disk is full", "Make room on the machine.")
OTHER = Cause("other", "the image cannot be pulled", "The registry's words above name the reason.")

_CAUSES: tuple[tuple[str, Cause], ...] = (
    (r"toomanyrequests|too many requests|429|rate limit", LIMITED),
    (r"no space left", FULL),
    (r"no match for platform|no matching manifest", PLATFORM),
    (r"pull access denied|repository does not exist or may require|insufficient_scope", DENIED),
    (r"name unknown|name_unknown|repository name not known", NAME),
    (r"unauthorized|authentication required|401|403 forbidden|\bdenied\b", UNAUTHORIZED),
    (r"no such host|name resolution|server misbehaving", HOST),
    (r"x509|certificate|http response to https client", TLS),
    (r"connection refused|i/o timeout|no route to host|deadline exceeded|connection reset|network is unreach", AWAY),
    (r"manifest unknown|not found|\b404\b", TAG),
)


def cause_of(reason: str, message: str) -> Cause:
    """Return the likely cause behind a registry's words."""
    if reason == "InvalidImageName":
        return INVALID
    if reason == "ErrImageNeverPull":
        return NEVER
    lower = message.lower()
    return next((cause for pattern, cause in _CAUSES if re.search(pattern, lower)), OTHER)


def images(scene: Scene) -> Iterator[Check]:
    """Check that images can be pulled."""
    found = [container for pod in scene.pods for container in read.containers(pod)]
    stuck = [item for item in found if read.text(item.status, "state", "waiting", "reason") in PULLING]
    if stuck:
        yield _stuck(scene, stuck)
        return
    pulled = sorted({read.text(item.status, "imageID") for item in found} - {""})
    if pulled:
        names = sorted({read.text(item.spec, "image") or read.text(item.status, "image") for item in found} - {""})
        yield IMAGE.ok(
            f"Pulled: {', '.join(names)}.",
            *(item.said("imageID", item.status["imageID"]) for item in found[:3] if read.text(item.status, "imageID")),
        )


def _stuck(scene: Scene, stuck: list[Container]) -> Check:
    first = stuck[0]
    waiting = read.mapping(first.status, "state", "waiting")
    reason, message = read.text(waiting, "reason"), read.words(waiting, "message")
    spoken = [read.words(event, "message") for event in scene.events(first.pod, "Failed", "InspectFailed")]
    spoken = [text for text in spoken if "pull" in text.lower() or "inspect" in text.lower()]
    full = next((text for text in reversed(spoken) if cause_of(reason, text) is not OTHER), message)
    cause = cause_of(reason, message)
    cause = cause_of(reason, full) if cause is OTHER else cause
    image = read.text(first.spec, "image") or read.text(first.status, "image")
    evidence = [first.said("state.waiting.reason", reason)]
    if message:
        evidence.append(first.said("state.waiting.message", message))
    if full and full != message:
        evidence.append(f"event about pod {read.name(first.pod)}: message = {full}")
    fix, why = _other_image(scene, first, image)
    remedy = cause.remedy
    if cause in (DENIED, UNAUTHORIZED):
        remedy += _pull_secrets(scene, first, evidence)
    return IMAGE.fail(
        f"The image {image} of container {first.name} cannot be pulled: {cause.words}. "
        f"The machine says: {full or reason}",
        remedy,
        [*evidence, *why],
        fix,
    )


def _pull_secrets(scene: Scene, container: Container, evidence: list[str]) -> str:
    """Return a sentence about the pod's pull secrets, those that do not exist first; adds to the evidence."""
    names = [read.text(item, "name") for item in read.maps(container.pod, "spec", "imagePullSecrets")]
    evidence.append(read.said(container.pod, "spec.imagePullSecrets", names or "none"))
    if not names:
        return " The pod has no pull secret now."
    lost = [name for name in names if "Secret" not in scene.unseen and scene.find("Secret", name) is None]
    if lost:
        evidence += [f"secret {name}: not found" for name in lost]
        return f" Of the pod's pull secrets these do not exist: {', '.join(lost)}."
    return f" The pod's pull secrets are: {', '.join(names)}; check what they hold."


def _other_image(scene: Scene, container: Container, image: str) -> tuple[Fix | None, list[str]]:
    """Look for an image that is known to work: the one of the rollout before, or one that a machine has."""
    place = scene.place_of(container.name)
    if place is None or scene.value(f"{place}/image") != image:
        return None, []
    found = _before(scene, container.name, image) or _on_a_machine(scene, image)
    if found is None:
        return None, []
    other, why = found
    path = f"{place}/image"
    fix = Fix(
        type="image",
        title=f"Use the image {other}",
        how="graph",
        target=path,
        changes=(FieldChange(path=path, value=other),),
    )
    return fix, [why]


def _before(scene: Scene, container: str, image: str) -> tuple[str, str] | None:
    owner = read.uid(scene.main)
    sets = [item for item in scene.all("ReplicaSet") if read.is_owned_by(item, owner)]
    for item in sorted(sets, key=revision, reverse=True):
        ready = read.number(item, "status", "readyReplicas")
        for spec in read.maps(item, "spec", "template", "spec", "containers"):
            other = read.text(spec, "image")
            if ready and read.text(spec, "name") == container and other not in ("", image):
                return other, read.said(item, "status.readyReplicas", f"{ready}, with the image {other}")
    return None


def _on_a_machine(scene: Scene, image: str) -> tuple[str, str] | None:
    """Return the image most like this one that a machine has already: the same name first, then another name."""
    if "@" in image:
        return None
    there: dict[str, str] = {}
    for machine in scene.all("Node"):
        for entry in read.maps(machine, "status", "images"):
            names = entry.get("names")
            for name in names if isinstance(names, list) else []:
                if isinstance(name, str) and "@" not in name and name != image:
                    there.setdefault(name, read.said(machine, "status.images", f"has {name}"))
    same = [name for name in there if repository(name) == repository(image)]
    near = difflib.get_close_matches(image, same, n=1, cutoff=0) or difflib.get_close_matches(
        image, [name for name in there if name.rpartition(":")[2] == image.rpartition(":")[2]], n=1, cutoff=_ALIKE
    )
    return (near[0], there[near[0]]) if near else None


def repository(image: str) -> str:
    """Return an image's name without its tag: a colon before the last slash is a port."""
    head, slash, last = image.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
