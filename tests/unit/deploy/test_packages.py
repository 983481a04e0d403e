"""deploy/packages.sh with an apt, a dpkg and an id that only play."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.files import ROOT

SCRIPT = ROOT / "deploy" / "packages.sh"
NEEDED = ("containerd", "runc", "containernetworking-plugins", "iptables", "busybox-static", "conntrack", "iproute2")
TOOLS = ("sh", "dirname", "uname", "grep", "mkdir", "date", "tail", "cat", "chmod", "rm", "cut")


class Machine:
    """A checkout and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        (folder / "deploy").mkdir()
        self.script = folder / "deploy" / "packages.sh"
        # the real policy file is the machine's
        self.policy = folder / "policy-rc.d"
        self.script.write_text(SCRIPT.read_text().replace("/usr/sbin/policy-rc.d", str(self.policy)))
        self.script.chmod(0o755)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        self.play("id", "echo 0")
        self.play(
            "apt-get",
            f'echo "$@" >>{folder}/apt; [ -x {self.policy} ] && echo "policy $({self.policy}; echo $?)" >>{folder}/apt',
        )
        self.has()

    def play(self, name: str, text: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def has(self, *packages: str) -> None:
        cases = "".join(f'{name}) echo "install ok installed";; ' for name in packages)
        self.play("dpkg-query", f'for last; do :; done; case "$last" in {cases}*) exit 1;; esac')

    def run(self, **env: str) -> tuple[int, str]:
        done = subprocess.run(
            [self.script],
            env={"PATH": str(self.bin), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def apt(self) -> list[str]:
        path = self.folder / "apt"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_a_terminal_only_what_is_missing_is_installed_and_no_service_starts(machine: Machine) -> None:
    machine.has("containerd", "iptables", "iproute2", "conntrack")
    code, said = machine.run()
    assert code == 0
    assert "installed runc containernetworking-plugins busybox-static in" in said
    assert machine.apt == [
        "update -qq",
        "policy 101",
        "install -y -qq --no-install-recommends runc containernetworking-plugins busybox-static",
        "policy 101",
    ]
    assert not machine.policy.exists()


def test_a_policy_that_the_machine_has_stays(machine: Machine) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 101\n")
    machine.policy.chmod(0o755)
    machine.run()
    assert machine.policy.exists()


def test_nothing_is_said_or_done_when_all_is_there(machine: Machine) -> None:
    machine.has(*NEEDED)
    assert machine.run() == (0, "")
    assert machine.apt == []


@pytest.mark.parametrize("name", ["NO_INSTALL", "OFFLINE"])
def test_where_nothing_may_be_installed_the_command_is_named(machine: Machine, name: str) -> None:
    code, said = machine.run(**{name: "1"})
    assert code == 0
    assert "by hand: apt-get install containerd runc" in said
    assert "simulated nodes" in said
    assert machine.apt == []


@pytest.mark.parametrize("env", [{"KUBE": "none"}, {"KUBE": "simulated"}, {"KUBECONFIG": "/home/a/.kube/config"}])
def test_nothing_is_installed_for_a_cluster_that_needs_nothing(machine: Machine, env: dict[str, str]) -> None:
    assert machine.run(**env) == (0, "")
    assert machine.apt == []


def test_others_than_root_install_nothing(machine: Machine) -> None:
    machine.play("id", "echo 1000")
    assert machine.run() == (0, "")
    assert machine.apt == []


def test_an_apt_that_fails_is_no_reason_to_stop(machine: Machine) -> None:
    machine.play("apt-get", 'echo "E: no network"; exit 100')
    code, said = machine.run()
    assert code == 0
    assert "E: no network" in said
    assert "apt-get failed" in said
    assert not machine.policy.exists()
