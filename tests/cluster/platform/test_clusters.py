"""Connecting clusters: what is accepted, what is refused and in which words, and the check every minute."""

from __future__ import annotations

import socket
from typing import Any

import yaml

from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform
from tests.support.proxy import Proxy
from tests.support.wait import eventually


def changed(text: str, **user: Any) -> str:
    """Return a kubeconfig whose user is another."""
    loaded = yaml.safe_load(text)
    loaded["users"][0]["user"] = user
    return yaml.safe_dump(loaded)


def attempt(person: Person, kubeconfig: str) -> dict[str, Any]:
    found: dict[str, Any] = person.call(
        "POST", "/clusters/test", {"name": "try", "auth_type": "kubeconfig", "kubeconfig": kubeconfig}
    )
    return found


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {check["id"]: check["state"] for check in answer["checks"]}


def test_a_good_connection_passes_every_check(ada: Person, simulated_kube: Kube) -> None:
    answer = attempt(ada, simulated_kube.text)
    assert answer["ok"] is True
    assert states(answer) == {"address": "pass", "reach": "pass", "auth": "pass", "verbs": "pass"}
    assert answer["version"].startswith("v1.")


def test_a_kubeconfig_that_would_run_a_program_is_refused(ada: Person, simulated_kube: Kube) -> None:
    before = ada.get("/clusters")["total"]
    text = changed(simulated_kube.text, exec={"apiVersion": "client.authentication.k8s.io/v1", "command": "touch"})
    for path in ("/clusters/test", "/clusters"):
        answer = ada.call("POST", path, {"name": "try", "auth_type": "kubeconfig", "kubeconfig": text}, status=422)
        assert "would run a program on this server" in answer["error"]
        assert answer["fields"][0]["path"].endswith(".exec")
    assert ada.get("/clusters")["total"] == before


def test_a_server_that_does_not_answer_is_named(ada: Person, simulated_kube: Kube) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    loaded = yaml.safe_load(simulated_kube.text)
    loaded["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    answer = attempt(ada, yaml.safe_dump(loaded))
    assert states(answer) == {"address": "pass", "reach": "fail", "auth": "skip", "verbs": "skip"}
    [failed] = [check for check in answer["checks"] if check["state"] == "fail"]
    assert "refused the connection" in failed["detail"]
    assert "port" in failed["remedy"]
    body = {"name": "try", "auth_type": "kubeconfig", "kubeconfig": yaml.safe_dump(loaded)}
    refused = ada.call("POST", "/clusters", body, status=422)
    assert refused["code"] == "cluster-test-failed"


def test_a_wrong_token_fails_at_the_sign_in(ada: Person, simulated_kube: Kube) -> None:
    answer = attempt(ada, changed(simulated_kube.text, token="not-a-token"))
    assert states(answer) == {"address": "pass", "reach": "pass", "auth": "fail", "verbs": "skip"}
    [failed] = [check for check in answer["checks"] if check["state"] == "fail"]
    assert "kubectl create token" in failed["remedy"]


def test_an_unknown_authority_fails_at_the_connection(ada: Person, simulated_kube: Kube) -> None:
    loaded = yaml.safe_load(simulated_kube.text)
    del loaded["clusters"][0]["cluster"]["certificate-authority-data"]
    answer = attempt(ada, yaml.safe_dump(loaded))
    assert states(answer)["reach"] == "fail"
    assert "CA certificate" in str(answer["checks"])


def test_a_token_that_may_do_nothing_is_told_what_it_lacks(ada: Person, simulated_kube: Kube, namespace: str) -> None:
    simulated_kube.run("create", "serviceaccount", "nobody", "-n", namespace)
    token = simulated_kube.run("create", "token", "nobody", "-n", namespace).strip()
    loaded = yaml.safe_load(simulated_kube.text)
    authority = loaded["clusters"][0]["cluster"]["certificate-authority-data"]
    import base64

    body = {
        "name": "nobody",
        "auth_type": "token",
        "server": simulated_kube.server,
        "token": token,
        "ca_certificate": base64.b64decode(authority).decode(),
        "namespace": namespace,
    }
    answer = ada.call("POST", "/clusters/test", body)
    assert states(answer) == {"address": "pass", "reach": "pass", "auth": "pass", "verbs": "fail"}
    [failed] = [check for check in answer["checks"] if check["state"] == "fail"]
    assert "create deployments" in failed["detail"]


def test_the_regular_check_notices_a_cluster_that_goes_and_comes(
    ada: Person, platform: Platform, simulated_kube: Kube, namespace: str
) -> None:
    with Proxy.before(simulated_kube.text) as proxy:
        cluster_id = ada.connect(proxy.kubeconfig(simulated_kube.text), f"proxied-{namespace}")
        with ada.follow(f"/stream?topics=cluster:{cluster_id}") as stream:
            stream.until("metadata")
            eventually(lambda: ada.get(f"/clusters/{cluster_id}")["node_count"], timeout=15)
            proxy.refuse()
            lost = stream.until("status", timeout=20)
            assert lost.data["cluster"]["status"] == "unreachable"
            assert "refused the connection" in lost.data["cluster"]["status_reason"]
            proxy.accept()
            found = stream.until("status", timeout=20, after=lost)
            assert found.data["cluster"]["status"] == "connected"
            # one that hangs is noticed as well
            proxy.hold()
            hanging = stream.until("status", timeout=20, after=found)
            assert hanging.data["cluster"]["status"] == "unreachable"
            proxy.release()
            stream.until("status", timeout=20, after=hanging)
        ada.call("DELETE", f"/clusters/{cluster_id}", status=204)
