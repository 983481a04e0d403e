"""Checks of images: the registry's words, and what stands in for an image that is not there."""

from __future__ import annotations

import pytest

from shared.diagnostics.checks.images import cause_of, repository
from shared.diagnostics.models import FieldChange
from tests.fixtures.workflows.helpers import web
from tests.unit.shared.diagnostics.scenes import (
    around,
    checks,
    event,
    live,
    named,
    pod,
    replica_set,
    scene,
    the_pod,
    waiting,
)


@pytest.mark.parametrize(
    ("reason", "message", "code"),
    [
        ("InvalidImageName", "", "invalid"),
        ("ErrImageNeverPull", "", "never"),
        ("ErrImagePull", 'failed to resolve reference "docker.io/library/nginx:nope": not found', "tag"),
        ("ErrImagePull", "manifest unknown: manifest unknown", "tag"),
        ("ErrImagePull", "name unknown: The repository with name 'x' does not exist in the registry", "name"),
        (
            "ErrImagePull",
            (
                "pull access denied, repository does not exist or may require authorization: server message: "
                "insufficient_scope: authorization failed"
            ),
            "denied",
        ),
        ("ErrImagePull", "unexpected status from HEAD request: 401 Unauthorized", "unauthorized"),
        ("ErrImagePull", "403 Forbidden", "unauthorized"),
        ("ErrImagePull", "429 Too Many Requests - toomanyrequests: You have reached your pull rate limit", "limited"),
        ("ErrImagePull", "dial tcp: lookup registry.exmaple.com: no such host", "host"),
        ("ErrImagePull", "dial tcp 127.0.0.1:1: connect: connection refused", "away"),
        ("ErrImagePull", "tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls"),
        ("ErrImagePull", "http: server gave HTTP response to HTTPS client", "tls"),
        ("ErrImagePull", "no match for platform in manifest: not found", "platform"),
        ("ErrImagePull", "write /var/lib/containerd: no space left on device", "full"),
        ("ErrImagePull", "something new", "other"),
    ],
)
def test_the_registrys_words_name_the_cause(reason: str, message: str, code: str) -> None:
    assert cause_of(reason, message).code == code


def test_an_image_that_cannot_be_pulled_shows_the_registrys_words() -> None:
    drawn = web(image="nginx:nope")
    one = the_pod(drawn, container=waiting("ImagePullBackOff", 'Back-off pulling image "nginx:nope"'))
    words = 'Failed to pull image "nginx:nope": docker.io/library/nginx:nope: not found'
    found = checks(around(drawn, pods=[one], related=(event(one, "Failed", words),)))["image"]
    assert found.state == "fail"
    assert words in found.detail
    assert "does not have this image" in found.detail
    assert "pod web-1: status.containerStatuses[web].state.waiting.reason = ImagePullBackOff" in found.evidence
    assert found.fix is None


def test_the_image_of_the_rollout_before_is_offered() -> None:
    drawn = web(image="nginx:nope")
    item = live("web", drawn, replicas=2, updatedReplicas=1)
    one = pod(item, container=waiting("ErrImagePull", "not found"), owned_by="uid-rs-2")
    sets = (replica_set(item, 1, image="nginx:1", readyReplicas=1), replica_set(item, 2, image="nginx:nope"))
    found = checks(scene("web", drawn, objects=(item,), related=(*sets, one)))
    fix = found["image"].fix
    assert fix is not None
    assert (fix.how, fix.changes) == ("graph", (FieldChange(path="/image", value="nginx:1"),))
    assert "replicaSet web-1: status.readyReplicas = 1, with the image nginx:1" in found["image"].evidence
    assert found["rollout"].state == "warn"


def test_an_image_that_a_machine_has_is_offered_but_only_a_like_one() -> None:
    machine = named("Node", "machine-1", status={"images": [{"names": ["registry.local/shop/web:1.4", "busybox:1"]}]})
    for image, offered in (
        ("registry.local/shop/web:1.5", "registry.local/shop/web:1.4"),
        ("registry.local/shop/wbe:1.4", "registry.local/shop/web:1.4"),
        ("other/thing:2", None),
    ):
        drawn = web(image=image)
        one = the_pod(drawn, container=waiting("ErrImagePull", "not found"))
        fix = checks(around(drawn, pods=[one], related=(machine,)))["image"].fix
        assert (fix.changes[0].value if fix else None) == offered


def test_an_image_that_the_graph_has_changed_already_is_not_changed_again() -> None:
    item = live("web", web(image="nginx:nope"), replicas=1, updatedReplicas=1)
    machine = named("Node", "m", status={"images": [{"names": ["nginx:1"]}]})
    one = pod(item, container=waiting("ErrImagePull", "not found"))
    given = scene("web", web(image="nginx:2"), objects=(item,), related=(replica_set(item), one, machine))
    assert checks(given)["image"].fix is None


@pytest.mark.parametrize(("names", "lost", "words"), [([], (), "no pull secret"), (["key"], (), "do not exist: key")])
def test_a_private_image_speaks_of_pull_secrets(names: list[str], lost: tuple[str, ...], words: str) -> None:
    drawn = web(image_pull_secrets=names)
    one = the_pod(drawn, container=waiting("ErrImagePull", "401 Unauthorized"))
    found = checks(around(drawn, pods=[one]))["image"]
    assert words in found.remedy
    there = checks(around(drawn, pods=[one], related=(named("Secret", "key"),)))["image"]
    assert names == [] or "pull secrets are: key" in there.remedy


def test_a_port_in_front_of_a_path_is_no_tag() -> None:
    assert repository("127.0.0.1:5000/web") == "127.0.0.1:5000/web"
    assert repository("127.0.0.1:5000/web:2") == "127.0.0.1:5000/web"
