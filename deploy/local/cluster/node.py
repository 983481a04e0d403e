"""
A real node: containerd, kubelet, kube-proxy and CoreDNS in a network namespace, as root on Linux.

containerd is the system's program with a root, a state folder and a socket of ours; the system's own containerd is
left alone. Images are made here and imported, so the node works without the outside. What the machine must have is
in ``host.py``, what the programs are told in ``node_config.py``, what is removed at the end in ``leftovers.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.addresses import Addresses
from deploy.local.cluster import cgroups, host, images, leftovers, network, node_config, relay
from deploy.local.cluster.api import Api
from deploy.local.cluster.control_plane import NODE_NAME, Certificates, ControlPlane, clean_environment
from deploy.local.cluster.simulated import keep_only_nodes, ready_nodes
from deploy.local.process import Program, StartFailed, launch, wait_until
from deploy.local.programs import machine

LONGEST_DIRECTORY = 64
"""A socket's path has 107 characters at most, and the kubelet puts sockets deep below its folder."""
READY_SECONDS = 90.0


class Node:
    """The node of one directory."""

    def __init__(self, directory: Path) -> None:
        if len(str(directory)) > LONGEST_DIRECTORY:
            raise StartFailed(
                f"a real node's sockets need a directory of at most {LONGEST_DIRECTORY} characters, not {directory}"
            )
        self.directory = directory
        former = directory / "number"
        self._claim = network.claim(int(former.read_text()) if former.exists() else 0)
        former.write_text(str(self.addresses.number))
        self.state = Path("/run") / self.addresses.name
        self.programs: list[Program] = []

    @property
    def addresses(self) -> Addresses:
        """The addresses and names of this node."""
        return self._claim.addresses

    def start(self, plane: ControlPlane, certificates: Certificates, api: Api, built: Mapping[str, Path]) -> None:
        """Start the node's programs and wait until the node is Ready."""
        self.clean_up()
        self.state.mkdir(mode=0o711)
        (self.state / "directory").write_text(str(self.directory))
        cgroups.make(self.addresses.name)
        network.up(self.addresses)
        self._start_relay(plane)
        self._start_containerd(built)
        server = f"https://{self.addresses.node}:{plane.api_port.number}"
        self._start_kubelet(plane, certificates, server)
        self._start_proxy(plane, certificates, server)
        self._start_dns(plane, certificates, server, built["coredns"])
        for path, manifest in node_config.dns_objects(self.addresses).items():
            api.apply(path, manifest)
        keep_only_nodes(api, {NODE_NAME})
        kubelet = next(program for program in self.programs if program.name == "kubelet")
        wait_until(lambda: NODE_NAME in ready_nodes(api), kubelet, "the node", READY_SECONDS, every=0.2)

    def failure(self) -> str | None:
        """Return the failure of the program that died, None while all is well."""
        return next((failure for program in self.programs if (failure := program.failure())), None)

    def stop(self) -> None:
        """End pods and programs, and remove everything that the node made outside its directory."""
        containerd = [program for program in self.programs if program.name == "containerd"]
        for program in reversed(self.programs):
            if program not in containerd:
                program.stop()
        if containerd:
            self._end_containers()
        for program in containerd:
            program.stop()
        self.programs.clear()
        try:
            self.clean_up()
        finally:
            self._claim.release()

    def clean_up(self) -> None:
        """Remove the leftovers of this node, or of a killed one of the same number."""
        leftovers.remove(self.addresses, self.state, self.directory)

    def _end_containers(self) -> None:
        """
        Ask the containers to end, so that a database writes its data; then have containerd remove their tasks.

        With its task a shim takes its socket and its mounts along; `clean_up` ends whoever is left.
        """
        leftovers.end_containers(self.addresses)
        with contextlib.suppress(subprocess.TimeoutExpired):
            tasks = self._ctr("--namespace", "k8s.io", "tasks", "list", "--quiet", check=False).stdout.split()
            if tasks:
                self._ctr("--namespace", "k8s.io", "tasks", "remove", "--force", *tasks, check=False)

    def _launch(self, name: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Program:
        """Start a program in the node's network."""
        environment = {**clean_environment(self.directory), **(env or {})}
        words = [*network.enter(self.addresses), *command]
        program = launch(name, words, log=self.directory / "logs" / f"{name}.log", env=environment)
        self.programs.append(program)
        return program

    def _start_relay(self, plane: ControlPlane) -> None:
        port = plane.api_port.number
        command = relay.command(network.namespace_path(self.addresses), self.addresses.node, port, port)
        log = self.directory / "logs" / "relay.log"
        # in the machine's network: it listens inside and connects outside
        self.programs.append(launch("relay", command, log=log, env=clean_environment(self.directory)))

    def _start_containerd(self, built: Mapping[str, Path]) -> None:
        plugins, busybox = host.find_plugins(), host.find_busybox()
        if plugins is None or busybox is None:
            raise StartFailed(host.obstacle() or "the network plugins vanished")
        config = node_config.containerd_config(
            self.directory,
            self.state,
            plugins,
            host.choose_snapshotter(self.directory),
            restrict_oom=not host.may_protect_from_oom(),
        )
        (self.directory / "containerd.toml").write_text(config)
        cni = self.directory / "cni"
        cni.mkdir(exist_ok=True)
        (cni / "10-kubeorch.conflist").write_text(
            json.dumps(node_config.cni_config(self.addresses, self.directory), indent=1)
        )
        # images are pulled by containerd, and where there is a proxy it is the only one that needs it
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        containerd = host.find_tool("containerd") or "containerd"
        program = self._launch("containerd", [containerd, "--config", self.directory / "containerd.toml"], proxies)
        wait_until(lambda: self._ctr("version", check=False).returncode == 0, program, "containerd", 30)
        archive = self.directory / "images.tar"
        archive.write_bytes(images.archive(images.node_images(built, busybox, machine())))
        self._ctr("--namespace", "k8s.io", "images", "import", str(archive))
        archive.unlink()

    def _ctr(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [host.find_tool("ctr") or "ctr", "--address", str(self.state / "containerd.sock"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if check and done.returncode != 0:
            raise StartFailed(f"ctr {' '.join(words)}: {done.stderr.strip()}")
        return done

    def _start_kubelet(self, plane: ControlPlane, certificates: Certificates, server: str) -> None:
        upstream = network.resolvers()
        (self.directory / "resolv.conf").write_text("".join(f"nameserver {address}\n" for address in upstream))
        config = self.directory / "kubelet.json"
        config.write_text(
            json.dumps(node_config.kubelet_config(self.addresses, self.directory, self.state, certificates), indent=1)
        )
        access = plane.write_kubeconfig("kubelet", certificates, certificates.kubelet, server)
        flags = [
            f"--config={config}",
            f"--kubeconfig={access}",
            f"--root-dir={self.directory / 'kubelet'}",
            f"--cert-dir={self.directory / 'pki'}",
            f"--hostname-override={NODE_NAME}",
            f"--node-ip={self.addresses.node}",
        ]
        self._launch("kubelet", [plane.binary("kubelet"), *flags])

    def _start_proxy(self, plane: ControlPlane, certificates: Certificates, server: str) -> None:
        access = plane.write_kubeconfig("kube-proxy", certificates, certificates.proxy, server)
        config = self.directory / "kube-proxy.json"
        config.write_text(json.dumps(node_config.proxy_config(self.addresses, access), indent=1))
        self._launch("kube-proxy", [plane.binary("kube-proxy"), f"--config={config}"])

    def _start_dns(self, plane: ControlPlane, certificates: Certificates, server: str, coredns: Path) -> None:
        access = plane.write_kubeconfig("coredns", certificates, certificates.dns, server)
        config = self.directory / "Corefile"
        config.write_text(node_config.corefile(self.addresses, access, network.resolvers()))
        self._launch("coredns", [coredns, "-conf", config])
