"""
A Kubernetes of one machine: built here, listening on loopback, gone without a trace when it stops.

Tests: ``running = start(tmp_path)``, then ``running.kubeconfig``, ``running.server``, ``running.stop()``.
`make up`: ``python -m deploy.local.kube --directory D --kind auto --port P --ready-file F``; the kubeconfig is
``D/kubeconfig``. With the word ``build`` it only builds the programs, with ``clean`` it removes what a killed
cluster left.

There are two kinds. With a *node* pods run (root on Linux with containerd); with *simulated* nodes the control
plane is the same but pods only say that they run.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from deploy.local import ports, programs
from deploy.local.addresses import Addresses
from deploy.local.cluster import host, kubeconfig, node, simulated
from deploy.local.cluster.api import Api
from deploy.local.cluster.control_plane import ControlPlane
from deploy.local.process import StartFailed, serve

Kind = Literal["auto", "node", "simulated"]
DEFAULT_PORT = 16443
DEFAULT_NODES = 3
STORAGE: dict[str, Any] = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    # the controller manager's own: a folder below /tmp/hostpath_pv for each volume
    "provisioner": "kubernetes.io/host-path",
}
"""Where claims that name no class get their volumes."""


@dataclass(slots=True)
class Running:
    """A cluster that takes workloads."""

    kind: Literal["node", "simulated"]
    why: str
    """Why it is of this kind, for people."""
    version: str
    kubeconfig: Path
    server: str
    api: Api
    kubectl: Path
    _plane: ControlPlane
    _node: node.Node | None
    _port: ports.Port
    _lock: IO[str]

    def failure(self) -> str | None:
        """Return the failure of the part that died, None while all is well."""
        return self._plane.failure() or (self._node.failure() if self._node else None)

    def stop(self) -> None:
        """End everything: pods, programs, mounts, networks; a part that fails to end keeps no other from ending."""
        with contextlib.ExitStack() as ending:
            ending.callback(self._lock.close)
            ending.callback(self._port.release)
            ending.callback(self._plane.stop)
            if self._node is not None:
                ending.callback(self._node.stop)

    def facts(self) -> dict[str, object]:
        """Return the content of the ready file."""
        return {
            "kind": self.kind,
            "why": self.why,
            "version": self.version,
            "kubeconfig": str(self.kubeconfig),
            "server": self.server,
            "kubectl": str(self.kubectl),
        }


def choose(kind: Kind) -> tuple[Literal["node", "simulated"], str]:
    """
    Choose between a real node and simulated ones, by what this machine allows.

    :return: the kind and its reason
    :raises StartFailed: a real node was asked for and something is missing; names it and its remedy
    """
    if kind == "simulated":
        return "simulated", "asked for"
    obstacle = host.obstacle()
    if obstacle is None:
        return "node", "asked for" if kind == "node" else "root, containerd and network namespaces are there"
    if kind == "node":
        raise StartFailed(f"no real node: {obstacle}")
    return "simulated", obstacle


def start(
    directory: Path,
    *,
    kind: Kind = "auto",
    port: int | None = None,
    nodes: int = DEFAULT_NODES,
    say: Callable[[str], None] = programs.say_aloud,
) -> Running:
    """
    Start a cluster and wait until its nodes are Ready; builds programs that are not in the cache yet.

    What was stored below ``directory`` is taken up again.

    :param kind: ``auto`` means a real node where one can run; when it fails to start, simulated nodes
    :param port: of the API server; None chooses a free one
    :param nodes: how many simulated nodes
    :raises StartFailed: says which part, and the end of its log
    :raises BuildFailed: a program is missing and could not be built
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    lock = _lock(directory)
    try:
        chosen, why = choose(kind)
        if chosen == "node":
            try:
                return _start(directory, "node", why, port, nodes, say, lock)
            except StartFailed as error:
                if kind == "node":
                    raise
                why = f"a real node did not start: {error}"
                say(why)
        return _start(directory, "simulated", why, port, nodes, say, lock)
    except BaseException:
        lock.close()
        raise


def _lock(directory: Path) -> IO[str]:
    """Make sure that nobody else runs a cluster in this directory."""
    lock = (directory / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StartFailed(f"a cluster is running in {directory} already") from None
    return lock


def _start(
    directory: Path,
    kind: Literal["node", "simulated"],
    why: str,
    port: int | None,
    nodes: int,
    say: Callable[[str], None],
    lock: IO[str],
) -> Running:
    built = programs.ensure(programs.NODE if kind == "node" else programs.SIMULATED, say)
    reserved = ports.reserve(port)
    real: node.Node | None = None
    plane: ControlPlane | None = None
    try:
        real = node.Node(directory) if kind == "node" else None
        plane = ControlPlane(directory, real.addresses if real else Addresses(0), reserved, built["localkube"])
        certificates, api = plane.start()
        if real is not None:
            real.start(plane, certificates, api, built)
        else:
            simulated.start(plane, certificates, api, built["kwok"], nodes)
        api.apply(f"/apis/storage.k8s.io/v1/storageclasses/{STORAGE['metadata']['name']}", STORAGE)
        version = (api.get("/version") or {})["gitVersion"]
        trusted = certificates.authority.certificate
        config = kubeconfig.write(directory / "kubeconfig", plane.server, trusted, certificates.admin)
    except BaseException:
        with contextlib.ExitStack() as ending:
            ending.callback(reserved.release)
            if plane is not None:
                ending.callback(plane.stop)
            if real is not None:
                ending.callback(real.stop)
        raise
    return Running(kind, why, version, config, plane.server, api, plane.binary("kubectl"), plane, real, reserved, lock)


def clean(directory: Path) -> None:
    """
    Remove the leftovers of a cluster whose starter was killed; its data stay.

    :raises StartFailed: it still runs
    """
    directory = directory.resolve()
    if not (directory / "number").exists():
        return
    with _lock(directory):
        leftovers = node.Node(directory)
        leftovers.stop()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kube", description="Kubernetes on one machine.")
    parser.add_argument("--directory", type=Path, default=Path(".kubeorch/kube"), help="where it keeps everything")
    parser.add_argument("--kind", choices=["auto", "node", "simulated", "none"], default="auto")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="of the API server, on loopback")
    parser.add_argument("--ready-file", type=Path, help="written once the nodes are Ready: kind, why, kubeconfig, …")
    parser.add_argument(
        "--nodes",
        type=int,
        default=int(os.environ.get("KUBE_NODES", DEFAULT_NODES)),
        help="how many simulated nodes (KUBE_NODES)",
    )
    parser.add_argument("action", nargs="?", choices=["run", "build", "clean"], default="run")
    return parser.parse_args(arguments)


def _report(running: Running) -> None:
    print(f"Kubernetes {running.version} with {running.kind} nodes at {running.server} ({running.why})", flush=True)
    print(f"{running.kubectl} --kubeconfig {running.kubeconfig} get nodes", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the programs, or run a cluster in the foreground."""
    asked = _parse(arguments)
    if asked.action == "build":
        return programs.main([])
    if asked.action == "clean":
        clean(asked.directory)
        return 0
    if asked.kind == "none":
        print("no local Kubernetes was asked for")
        return 0

    def begin() -> Running:
        running = start(asked.directory, kind=asked.kind, port=asked.port, nodes=asked.nodes)
        _report(running)
        return running

    return serve(begin, asked.ready_file)


if __name__ == "__main__":
    sys.exit(main())
