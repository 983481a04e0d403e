from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchcli import banner, envfile, environment, ports
from orchcli.errors import BrokenFile, NoProject, PortTaken, SettingsWrong, Usage
from orchcli.project import find
from orchcli.running import services
from shared.crypto import KeyRing
from shared.settings import load_settings
from tests.support.files import ROOT

EXAMPLE = """\
# Signs things
KUBEORCH_SECRET_KEY=
KUBEORCH_JWT__SECRET=
KUBEORCH_KEYRING=
KUBEORCH_FLOWER__PASSWORD=
REDIS_PASSWORD=
MONGO_ROOT_PASSWORD=
MONGO_REPLICA_KEY=
#KUBEORCH_MONGO__URI=mongodb://127.0.0.1:17017/kubeorch
#KUBEORCH_WEB__PORT=3000
"""


def test_a_new_file_has_random_secrets_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE)
    assert envfile.make(tmp_path)
    first = envfile.read(tmp_path)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert all(first[name] for name in envfile.empty_names(EXAMPLE))
    assert len(set(first.values())) == len(first)
    assert not envfile.problems_of(first, EXAMPLE)
    (tmp_path / ".env").unlink()
    assert envfile.make(tmp_path)
    assert not set(first.values()) & set(envfile.read(tmp_path).values())


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE)
    (tmp_path / ".env").write_text("KUBEORCH_SECRET_KEY=mine\n")
    assert not envfile.make(tmp_path)
    assert (tmp_path / ".env").read_text() == "KUBEORCH_SECRET_KEY=mine\n"


def test_the_real_example_makes_settings_that_the_platform_accepts() -> None:
    values = envfile.parse(envfile.fill((ROOT / ".env.example").read_text()))
    settings = load_settings({name: value for name, value in values.items() if name.startswith("KUBEORCH_")})
    KeyRing.parse(settings.keyring.get_secret_value())
    assert settings.flower.password is not None


def test_names_that_came_later_are_added_and_nothing_else_changes() -> None:
    text, added = envfile.add_missing("KUBEORCH_SECRET_KEY=mine\n# note\n", EXAMPLE)
    assert text.startswith("KUBEORCH_SECRET_KEY=mine\n# note\n")
    assert "KUBEORCH_SECRET_KEY" not in added
    assert "MONGO_REPLICA_KEY" in added
    assert envfile.add_missing(text, EXAMPLE) == (text, [])


def good(**more: str) -> dict[str, str]:
    return {**envfile.parse(envfile.fill(EXAMPLE)), **more}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (good(KUBEORCH_SECRET_KEY=""), "KUBEORCH_SECRET_KEY is empty or missing; run: orchcli env init"),
        (good(KUBEORCH_SECRET_KEY="short"), "KUBEORCH_SECRET_KEY is weak: it has 5 characters"),
        (good(KUBEORCH_KEYRING="k1:abc"), "KUBEORCH_KEYRING is no key ring"),
        (good(KUBEORCH_MONGO_URI="x"), "KUBEORCH_MONGO_URI is not a setting; did you mean KUBEORCH_MONGO__URI?"),
        (good(KUBEORCH_QQQQQ="x"), "KUBEORCH_QQQQQ is not a setting; remove it"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_a_remedy(values: dict[str, str], sentence: str) -> None:
    assert str(envfile.problems_of(values, EXAMPLE)[0]).startswith(sentence)
    with pytest.raises(SettingsWrong):
        envfile.require(values, EXAMPLE)


def test_a_secret_may_come_from_a_file() -> None:
    assert not envfile.problems_of(good(KUBEORCH_SECRET_KEY="", KUBEORCH_SECRET_KEY_FILE="/run/key"), EXAMPLE)


def test_assignments_are_read_as_shells_write_them() -> None:
    text = "A=1\nexport B = two words # why\nC='x # y'\nD=\"\"\n\n# E=5\nF=a=b\n"
    assert envfile.parse(text) == {"A": "1", "B": "two words", "C": "x # y", "D": "", "F": "a=b"}
    with pytest.raises(BrokenFile, match=r"\.env:2"):
        envfile.parse("A=1\nnothing\n")
    with pytest.raises(BrokenFile, match="quote that does not end"):
        envfile.parse("A='1\n")


def test_the_local_file_stands_above_the_other_and_the_environment_above_both(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nB=1\nC=1\n")
    (tmp_path / ".env.local").write_text("B=2\nC=2\n")
    assert environment.merge({"C": "3"}, envfile.read(tmp_path)) == {"A": "1", "B": "2", "C": "3"}


def test_stores_are_embedded_exactly_when_their_address_is_not_set() -> None:
    mongo = {"KUBEORCH_MONGO__URI": "mongodb://x"}
    redis = {"KUBEORCH_BROKER__URL": "redis://x", "KUBEORCH_REDIS__URL_FILE": "/run/url"}
    assert environment.embedded({}) == {"redis", "mongo"}
    assert environment.embedded(mongo) == {"redis"}
    assert environment.embedded({**mongo, **redis}) == set()
    with pytest.raises(SettingsWrong, match="KUBEORCH_REDIS__URL is missing"):
        environment.embedded({"KUBEORCH_BROKER__URL": "redis://x"})


def test_processes_get_addresses_with_passwords_and_the_port_that_was_chosen() -> None:
    values = good(REDIS_PASSWORD="p@ss", MONGO_ROOT_PASSWORD="q/q", PATH="/bin", PYTHONHOME="/other")
    made = environment.build(values, {"redis": 1, "mongo": 2, "web": 3}, {"redis", "mongo"}, "/v/bin", "/m")
    assert made["KUBEORCH_BROKER__URL"] == "redis://:p%40ss@127.0.0.1:1/0"
    assert made["KUBEORCH_REDIS__URL"] == "redis://:p%40ss@127.0.0.1:1/1"
    assert made["KUBEORCH_MONGO__URI"].startswith("mongodb://kubeorch:q%2Fq@127.0.0.1:2/kubeorch?replicaSet=rs0")
    assert made["KUBEORCH_WEB__PORT"] == "3"
    assert made["KUBEORCH_WEB__BASE_URL"] == "http://127.0.0.1:3"
    assert made["PATH"] == "/v/bin:/bin"
    assert made["FLOWER_BASIC_AUTH"] == f"admin:{values['KUBEORCH_FLOWER__PASSWORD']}"
    assert "PYTHONHOME" not in made
    load_settings({name: value for name, value in made.items() if name.startswith("KUBEORCH_")})


def test_an_address_that_people_use_is_kept_whatever_the_port() -> None:
    made = environment.build(good(KUBEORCH_WEB__BASE_URL="https://k.example"), {"web": 3}, set(), "/v/bin", "/m")
    assert made["KUBEORCH_WEB__BASE_URL"] == "https://k.example"


def test_port_means_the_port_of_web_and_stands_above_the_file() -> None:
    values = environment.merge({"PORT": "4000"}, {"KUBEORCH_WEB__PORT": "3500"})
    assert ports.wanted(services.by_name("web"), values) == 4000


@pytest.mark.parametrize(
    ("asked", "kubeconfig", "kind"),
    [
        ("auto", None, "auto"),
        ("auto", "/home/a/.kube/config", "external"),
        ("auto", "/p/.kubeorch/kube/kubeconfig", "auto"),
        ("simulated", "/home/a/.kube/config", "simulated"),
        ("external", "/home/a/.kube/config", "external"),
        ("none", "/home/a/.kube/config", "none"),
    ],
)
def test_the_cluster_is_ours_unless_kubeconfig_names_another(asked: str, kubeconfig: str | None, kind: str) -> None:
    assert environment.kube_kind(asked, kubeconfig, "/p/.kubeorch/kube/kubeconfig") == kind


@pytest.mark.parametrize("kubeconfig", [None, "/p/own"])
def test_an_external_cluster_must_be_named(kubeconfig: str | None) -> None:
    with pytest.raises(Usage, match="KUBECONFIG"):
        environment.kube_kind("external", kubeconfig, "/p/own")


def test_a_taken_port_is_refused_with_its_holder_and_two_remedies() -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} for web is held by .*pid {os.getpid()}") as caught:
            ports.choose([services.by_name("web")], {"KUBEORCH_WEB__PORT": str(port)}, auto=False)
    assert "KUBEORCH_WEB__PORT" in caught.value.remedy
    assert "--auto-port" in caught.value.remedy


def test_auto_port_takes_the_next_free_one_and_none_twice() -> None:
    chosen = [services.by_name("web"), services.by_name("flower")]
    values = {"KUBEORCH_WEB__PORT": "4000", "ORCHCLI_FLOWER_PORT": "4000"}
    found = ports.choose(chosen, values, auto=True, free=lambda port: port not in {4000, 4002})
    assert found == {"web": 4001, "flower": 4003}


@pytest.mark.parametrize("text", ["0", "65536", "tcp://10.0.0.1:6379", "-1"])
def test_what_is_no_port_is_named_with_its_setting(text: str) -> None:
    with pytest.raises(Usage, match="ORCHCLI_REDIS_PORT"):
        ports.wanted(services.by_name("redis"), {"ORCHCLI_REDIS_PORT": text})


def test_the_project_is_found_from_a_folder_inside_and_never_guessed(tmp_path: Path) -> None:
    assert find(None, ROOT / "web" / "api").root == ROOT
    with pytest.raises(NoProject, match=str(tmp_path)):
        find(None, tmp_path)
    with pytest.raises(NoProject):
        find(str(ROOT / "web"))


PORTS = {"web": 3000, "flower": 5555, "redis": 16379, "mongo": 17017}
FACTS = {
    "kind": "simulated",
    "why": "pods need root",
    "version": "v1.36.3",
    "server": "https://127.0.0.1:16443",
    "kubeconfig": "/p/kubeconfig",
    "kubectl": "/p/kubectl",
}


def table(
    *,
    ports: Mapping[str, int] = PORTS,
    stores: frozenset[str] = frozenset({"redis", "mongo"}),
    kube: Mapping[str, str] = FACTS,
    kube_state: str = "",
    in_front: bool = True,
) -> str:
    lines = banner.render(
        ports=ports,
        stores=set(stores),
        values={},
        kube=kube,
        kube_state=kube_state,
        seconds=12.4,
        command="orchcli",
        in_front=in_front,
    )
    return "\n".join(lines)


def test_the_table_says_plainly_that_nodes_are_simulated_and_why() -> None:
    text = table()
    assert "simulated nodes, v1.36.3" in text
    assert "pods only say that they run: pods need root" in text
    assert "ready in 12 s" in text
    assert "Ctrl-C stops everything" in text


def test_the_table_shows_only_what_was_started() -> None:
    text = table(ports={"web": 3000}, stores=frozenset(), kube={}, kube_state="none", in_front=False)
    assert "Flower" not in text
    assert "yours, by KUBEORCH_MONGO__URI" in text
    assert "Kubernetes  none" in text
    assert "orchcli stop ends everything" in text
