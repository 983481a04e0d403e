"""etcd, API server, controller manager and scheduler on loopback, as any user."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import ports
from deploy.local.addresses import Addresses
from deploy.local.cluster import kubeconfig
from deploy.local.cluster.api import Api
from deploy.local.cluster.certificates import Authority, Identity, Wanted, ensure_signing_key
from deploy.local.process import Program, launch, wait_until

ADMINISTRATORS = "system:masters"
NODE_NAME = "local"
NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl", "etcd")
READY_SECONDS = 90.0


@dataclass(slots=True)
class Certificates:
    """Everything that identifies a part of the cluster to another."""

    authority: Authority
    etcd_authority: Authority
    """Its own, because whom the cluster's authority vouches for must not read the store behind the API's back."""
    etcd: Identity
    etcd_client: Identity
    server: Identity
    admin: Identity
    controllers: Identity
    scheduler: Identity
    kubelet_client: Identity
    """How the API server calls the kubelet."""
    kubelet: Identity
    proxy: Identity
    dns: Identity
    signing_key: Path


def make_certificates(directory: Path, addresses: Addresses) -> Certificates:
    """Make the authorities once and the identities anew."""
    authority = Authority(directory)
    etcd_authority = Authority(directory / "etcd")
    names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    server = (*names, "localhost", "127.0.0.1", addresses.api_service, addresses.node)
    return Certificates(
        authority=authority,
        etcd_authority=etcd_authority,
        etcd=etcd_authority.issue(Wanted("server", "etcd", addresses=("localhost", "127.0.0.1"))),
        etcd_client=etcd_authority.issue(Wanted("client", "kube-apiserver")),
        server=authority.issue(Wanted("apiserver", "kube-apiserver", addresses=server)),
        admin=authority.issue(Wanted("admin", "kubeorch-local-admin", ADMINISTRATORS)),
        controllers=authority.issue(Wanted("controller-manager", "system:kube-controller-manager")),
        scheduler=authority.issue(Wanted("scheduler", "system:kube-scheduler")),
        kubelet_client=authority.issue(Wanted("apiserver-kubelet", "kube-apiserver-kubelet", ADMINISTRATORS)),
        kubelet=authority.issue(
            Wanted("kubelet", f"system:node:{NODE_NAME}", "system:nodes", (NODE_NAME, addresses.node))
        ),
        proxy=authority.issue(Wanted("kube-proxy", "system:kube-proxy")),
        dns=authority.issue(Wanted("coredns", "system:coredns")),
        signing_key=ensure_signing_key(directory / "service-accounts.key"),
    )


def etcd_flags(directory: Path, certificates: Certificates, client_port: int, peer_port: int) -> list[str]:
    """Return etcd's arguments."""
    client, peer = f"https://127.0.0.1:{client_port}", f"https://127.0.0.1:{peer_port}"
    trusted, identity = certificates.etcd_authority.certificate, certificates.etcd
    return [
        "--name=local",
        f"--data-dir={directory / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        "--client-cert-auth",
        f"--trusted-ca-file={trusted}",
        f"--cert-file={identity.certificate}",
        f"--key-file={identity.key}",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={trusted}",
        f"--peer-cert-file={identity.certificate}",
        f"--peer-key-file={identity.key}",
        # a power cut may cost the last seconds of a cluster that a laptop rebuilds at will
        "--unsafe-no-fsync",
        "--auto-compaction-retention=30m",
        "--log-level=warn",
    ]


def apiserver_flags(certificates: Certificates, addresses: Addresses, port: int, etcd_port: int) -> list[str]:
    """Return the API server's arguments; it listens on loopback alone."""
    made = certificates
    return [
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        # pods come through the service address; with a node, a relay there leads to loopback
        f"--advertise-address={addresses.node}",
        f"--service-cluster-ip-range={addresses.services}",
        f"--etcd-servers=https://127.0.0.1:{etcd_port}",
        f"--etcd-cafile={made.etcd_authority.certificate}",
        f"--etcd-certfile={made.etcd_client.certificate}",
        f"--etcd-keyfile={made.etcd_client.key}",
        f"--tls-cert-file={made.server.certificate}",
        f"--tls-private-key-file={made.server.key}",
        f"--client-ca-file={made.authority.certificate}",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={made.signing_key}",
        f"--service-account-signing-key-file={made.signing_key}",
        # the node has no name that resolves; logs and exec go to its address
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-certificate-authority={made.authority.certificate}",
        f"--kubelet-client-certificate={made.kubelet_client.certificate}",
        f"--kubelet-client-key={made.kubelet_client.key}",
        "--profiling=false",
    ]


def controllers_flags(directory: Path, certificates: Certificates, config: Path, port: int) -> list[str]:
    """Return the controller manager's arguments."""
    made = certificates
    return [
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={made.server.certificate}",
        f"--tls-private-key-file={made.server.key}",
        "--leader-elect=false",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={made.signing_key}",
        f"--root-ca-file={made.authority.certificate}",
        f"--cluster-signing-cert-file={made.authority.certificate}",
        f"--cluster-signing-key-file={made.authority.key}",
        # volumes for claims: folders of this machine
        "--enable-hostpath-provisioner",
        f"--flex-volume-plugin-dir={directory / 'kubelet-plugins'}",
        "--profiling=false",
    ]


def scheduler_flags(certificates: Certificates, config: Path, port: int) -> list[str]:
    """Return the scheduler's arguments."""
    return [
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={certificates.server.certificate}",
        f"--tls-private-key-file={certificates.server.key}",
        "--leader-elect=false",
        "--profiling=false",
    ]


def clean_environment(directory: Path) -> dict[str, str]:
    """Return an environment without the user's kubeconfig, proxies and secrets."""
    kept = ("LANG", "TZ", "TMPDIR")
    # iptables and ip are in the system's folders even where a user's PATH leaves them out
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"))
    return {
        "HOME": str(directory),
        "PATH": path,
        **{name: os.environ[name] for name in kept if name in os.environ},
    }


@dataclass(slots=True)
class ControlPlane:
    """The control plane of one directory."""

    directory: Path
    addresses: Addresses
    api_port: ports.Port
    localkube: Path
    """The program that is all of them."""
    programs: list[Program] = field(default_factory=list)
    """In the order of their start."""
    _ports: list[ports.Port] = field(default_factory=list)

    @property
    def server(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.api_port.number}"

    @property
    def logs(self) -> Path:
        """The folder of the programs' logs."""
        return self.directory / "logs"

    def binary(self, name: str) -> Path:
        """Return the program by the name that makes it what it is."""
        return self.directory / "bin" / name

    def start(self) -> tuple[Certificates, Api]:
        """Start all and wait until the API server is ready."""
        self._prepare()
        certificates = make_certificates(self.directory / "pki", self.addresses)
        etcd_port, peer_port = self.free_port(), self.free_port()
        self.launch("etcd", etcd_flags(self.directory, certificates, etcd_port, peer_port))
        apiserver = self.launch(
            "kube-apiserver", apiserver_flags(certificates, self.addresses, self.api_port.number, etcd_port)
        )
        api = Api(self.api_port.number, certificates.authority.certificate, certificates.admin)
        wait_until(api.is_ready, apiserver, "the API server", READY_SECONDS, every=0.2)
        controllers = self.write_kubeconfig("controller-manager", certificates, certificates.controllers)
        self.launch(
            "kube-controller-manager", controllers_flags(self.directory, certificates, controllers, self.free_port())
        )
        scheduler = self.write_kubeconfig("scheduler", certificates, certificates.scheduler)
        self.launch("kube-scheduler", scheduler_flags(certificates, scheduler, self.free_port()))
        return certificates, api

    def launch(self, name: str, flags: list[str]) -> Program:
        """Start one of the programs inside localkube."""
        return self.launch_other(name, [self.binary(name), *flags])

    def launch_other(self, name: str, command: Sequence[str | Path]) -> Program:
        """Start a program that ends with the control plane, before those that were started earlier."""
        # told to end together with its store, an API server waits for the store
        orphan_signal = "KILL" if name == "kube-apiserver" else "TERM"
        environment = clean_environment(self.directory)
        program = launch(name, command, log=self.logs / f"{name}.log", env=environment, orphan_signal=orphan_signal)
        self.programs.append(program)
        return program

    def write_kubeconfig(self, name: str, certificates: Certificates, identity: Identity, server: str = "") -> Path:
        """Write one program's kubeconfig."""
        path = self.directory / "pki" / f"{name}.kubeconfig"
        return kubeconfig.write(path, server or self.server, certificates.authority.certificate, identity)

    def failure(self) -> str | None:
        """Return the failure of the part that died, None while all is well."""
        return next((failure for program in self.programs if (failure := program.failure())), None)

    def stop(self) -> None:
        """End all, the store last: an API server without it would wait half a minute."""
        for program in reversed(self.programs):
            program.stop(5.0 if program.name == "kube-apiserver" else 10.0)
        self.programs.clear()
        for port in self._ports:
            port.release()
        self._ports.clear()

    def free_port(self) -> int:
        """Reserve a port until `stop`."""
        port = ports.reserve()
        self._ports.append(port)
        return port.number

    def _prepare(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()
        bin_folder = self.directory / "bin"
        bin_folder.mkdir(exist_ok=True)
        for name in NAMES:
            link = bin_folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(self.localkube)
        self._forget_another_network()

    def _forget_another_network(self) -> None:
        """
        Drop the store when it was made with other service addresses: the API server could not serve it.

        That happens when the former networks are taken by now.
        """
        note = self.directory / "network.json"
        former: object = None
        with contextlib.suppress(OSError, ValueError):
            former = json.loads(note.read_text())
        if former != self.addresses.services and (self.directory / "etcd").exists():
            shutil.rmtree(self.directory / "etcd")
        note.write_text(json.dumps(self.addresses.services))
