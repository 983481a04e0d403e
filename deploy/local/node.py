"""
A real node: containerd, kubelet, kube-proxy and CoreDNS in a network namespace, as root on Linux.

containerd is the system's program with a root, a state folder and a socket of ours; the system's own containerd is
left alone. Images are made here and imported, so the node works without the outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local import images, network, relay
from deploy.local.addresses import Addresses
from deploy.local.api import Api
from deploy.local.control_plane import NODE_NAME, Certificates, ControlPlane, clean_environment
from deploy.local.process import Program, StartFailed, launch, wait_until
from deploy.local.programs import machine
from deploy.local.simulated import keep_only_nodes, ready_nodes

TOOLS = ("containerd", "containerd-shim-runc-v2", "ctr", "runc", "iptables", "ip", "nsenter", "unshare", "mount")
PLUGINS = ("bridge", "host-local", "loopback", "portmap")
PLUGIN_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"), Path("/usr/libexec/cni"))
DEBIAN = "apt-get install containerd runc containernetworking-plugins iptables busybox-static iproute2"
LONGEST_DIRECTORY = 64
"""A socket's path has 107 characters at most, and the kubelet puts sockets deep below its folder."""
READY_SECONDS = 90.0
ENDING_SECONDS = 3.0
KUBELET_PORT = 10250
CAP_SYS_RESOURCE = 24
CONTROL_GROUPS = Path("/sys/fs/cgroup")
SYSTEM_PATH = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def find_tool(name: str) -> str | None:
    """Find a system program, also in the folders that a user's PATH leaves out."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_PATH)))


def find_plugins() -> Path | None:
    """Find the folder of the network plugins."""
    return next((folder for folder in PLUGIN_FOLDERS if all((folder / name).exists() for name in PLUGINS)), None)


def find_busybox() -> Path | None:
    """Find a busybox that needs no libraries: it becomes the shell of our images."""
    found = find_tool("busybox")
    # the program header of a dynamic one names its loader within the first page
    if found is None or b"/ld-" in Path(found).read_bytes()[:4096]:
        return None
    return Path(found)


def obstacle() -> str | None:
    """Say why no pod can run on this machine, and what would help; None when it can."""
    if sys.platform != "linux":
        return "pods need Linux"
    if os.geteuid() != 0:
        return "pods need root; run as root for a real node"
    missing = [name for name in TOOLS if find_tool(name) is None]
    if find_plugins() is None:
        missing.append("the CNI plugins")
    if find_busybox() is None:
        missing.append("a static busybox")
    if missing:
        return f"missing: {', '.join(missing)}; on Debian and Ubuntu: {DEBIAN}"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        return "this root may neither mount nor make network namespaces; a privileged container may"
    if not _controllers():
        return f"no control groups below {CONTROL_GROUPS}"
    return None


def _unified() -> bool:
    return (CONTROL_GROUPS / "cgroup.controllers").exists()


def _controllers() -> list[Path]:
    """Return the roots of the control group hierarchies that a kubelet uses."""
    if _unified():
        return [CONTROL_GROUPS]
    return [
        path
        for path in sorted(CONTROL_GROUPS.glob("*"))
        if path.is_dir() and not path.is_symlink() and (path / "cgroup.procs").exists()
    ]


def may_protect_from_oom() -> bool:
    """Tell whether we may lower the score by which the kernel chooses whom to kill."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
    return False


def choose_snapshotter(directory: Path) -> str:
    """Return overlayfs where it can be mounted, else native, which copies."""
    layers = directory / "try-overlay"
    names = ("lower", "upper", "work", "merged")
    for name in names:
        (layers / name).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={layers / 'lower'},upperdir={layers / 'upper'},workdir={layers / 'work'}"
    mount = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", options, str(layers / "merged")]
    tried = subprocess.run(mount, capture_output=True, check=False)
    shutil.rmtree(layers)
    return "overlayfs" if tried.returncode == 0 else "native"


def containerd_config(directory: Path, state: Path, plugins: Path, snapshotter: str, *, restrict_oom: bool) -> str:
    """Return containerd's configuration; its second version is understood by 1.6 and by 2."""
    q = json.dumps  # JSON strings and booleans are TOML's
    return f"""\
version = 2
root = {q(str(directory / "containerd"))}
state = {q(str(state / "containerd"))}
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = {q(str(state / "containerd.sock"))}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
restrict_oom_score_adj = {q(restrict_oom)}
# below our state folder and not with everybody's, so that we know which are ours
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = {q(str(plugins))}
conf_dir = {q(str(directory / "cni"))}

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = {q(snapshotter)}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""


def cni_config(addresses: Addresses, directory: Path) -> dict[str, Any]:
    """Return the pods' network."""
    return {
        "cniVersion": "0.4.0",
        "name": addresses.name,
        "plugins": [
            {
                "type": "bridge",
                "bridge": network.BRIDGE,
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(directory / "cni-addresses"),
                    "ranges": [[{"subnet": addresses.pods, "gateway": addresses.node}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def kubelet_config(addresses: Addresses, directory: Path, state: Path, certificates: Certificates) -> dict[str, Any]:
    """Return the kubelet's configuration (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/)."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": addresses.node,
        "port": KUBELET_PORT,
        "readOnlyPort": 0,
        "healthzPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates.authority.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificates.kubelet.certificate),
        "tlsPrivateKeyFile": str(certificates.kubelet.key),
        "containerRuntimeEndpoint": f"unix://{state / 'containerd.sock'}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{addresses.name}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDomain": "cluster.local",
        "clusterDNS": [addresses.dns_service],
        "resolvConf": str(directory / "resolv.conf"),
        "podLogsDir": str(directory / "pod-logs"),
        "volumePluginDir": str(directory / "kubelet-plugins"),
        "localStorageCapacityIsolation": False,
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        # our images can be pulled from nowhere, so a full disk must not cost them
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "oomScoreAdj": 0,
        "syncFrequency": "30s",
        "shutdownGracePeriod": "0s",
    }


def proxy_config(addresses: Addresses, kubeconfig: Path) -> dict[str, Any]:
    """Return kube-proxy's configuration; it lives in the namespace, so what it changes is gone with it."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "mode": "iptables",
        "hostnameOverride": NODE_NAME,
        "clusterCIDR": addresses.pods,
        "detectLocalMode": "ClusterCIDR",
        "iptables": {
            "localhostNodePorts": False,
            # a few rules are cheap to write, and people wait for a new service
            "minSyncPeriod": "100ms",
            # where the bridge hides traffic between pods from iptables, answers must come back through the node
            "masqueradeAll": not Path("/proc/sys/net/bridge/bridge-nf-call-iptables").exists(),
        },
        # some machines have these settings read-only
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "oomScoreAdj": 0,
    }


def corefile(addresses: Addresses, kubeconfig: Path, upstream: Sequence[str]) -> str:
    """Return CoreDNS' configuration; without an upstream, names outside the cluster do not exist."""
    forward = f"\n    forward . {' '.join(upstream)}" if upstream else ""
    return f"""\
.:53 {{
    bind {addresses.node}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig} local
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }}{forward}
    cache 30
}}
"""


def dns_objects(addresses: Addresses) -> dict[str, dict[str, Any]]:
    """Return what makes the CoreDNS on the node the cluster's DNS, by API path: rights, a service, its endpoint."""
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    rules = [
        {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    return {
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:coredns": {
            **rbac,
            "kind": "ClusterRole",
            "metadata": {"name": "system:coredns"},
            "rules": rules,
        },
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:coredns": {
            **rbac,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "system:coredns"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"},
            "subjects": [{"kind": "User", "name": "system:coredns", "apiGroup": "rbac.authorization.k8s.io"}],
        },
        "/api/v1/namespaces/kube-system/services/kube-dns": {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "labels": {"k8s-app": "kube-dns"}},
            "spec": {"clusterIP": addresses.dns_service, "ports": ports},
        },
        "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns": {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "kube-dns", "labels": {"kubernetes.io/service-name": "kube-dns"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [addresses.node], "conditions": {"ready": True}}],
            "ports": ports,
        },
    }


def mounts_below(folders: Sequence[Path]) -> list[str]:
    """Return the mount points inside the folders, the innermost first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    # the kernel writes spaces and the like as octal numbers
    decoded = [point.encode().decode("unicode_escape") for point in points]
    inside = [point for point in decoded if any(Path(point).is_relative_to(folder) for folder in folders)]
    return list(reversed(inside))


def _groups_below(group: Path) -> list[Path]:
    """Return a control group and those below it, outermost first; they may vanish while we look."""
    return [Path(folder) for folder, _folders, _files in os.walk(group)]


def _members(group: str) -> Iterator[int]:
    """Yield the processes of a control group and those below, of every hierarchy."""
    for root in _controllers():
        for folder in _groups_below(root / group):
            with contextlib.suppress(OSError):
                yield from (int(line) for line in (folder / "cgroup.procs").read_text().split())


def _residents(addresses: Addresses) -> Iterator[int]:
    """Yield the processes in the node's network: its programs, and the shims that outlive containerd."""
    try:
        there = network.namespace_path(addresses).stat()
    except FileNotFoundError:
        return
    for path in Path("/proc").glob("[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            if os.path.samestat(path.stat(), there):
                yield int(path.parts[2])


def _kill(pids: Iterator[int], number: signal.Signals) -> int:
    """Send a signal to each and return how many there were."""
    killed = 0
    for pid in set(pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            killed += 1
    return killed


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
        """What this node calls its own."""
        return self._claim.addresses

    def start(self, plane: ControlPlane, certificates: Certificates, api: Api, built: Mapping[str, Path]) -> None:
        """Start the node's programs and wait until the node is Ready."""
        self.clean_up()
        self.state.mkdir(mode=0o711)
        (self.state / "directory").write_text(str(self.directory))
        self._make_control_groups()
        network.up(self.addresses)
        self._start_relay(plane)
        self._start_containerd(built)
        server = f"https://{self.addresses.node}:{plane.api_port.number}"
        self._start_kubelet(plane, certificates, server)
        self._start_proxy(plane, certificates, server)
        self._start_dns(plane, certificates, server, built["coredns"])
        for path, manifest in dns_objects(self.addresses).items():
            api.apply(path, manifest)
        keep_only_nodes(api, {NODE_NAME})
        kubelet = next(program for program in self.programs if program.name == "kubelet")
        wait_until(lambda: NODE_NAME in ready_nodes(api), kubelet, "the node", READY_SECONDS, every=0.2)

    def failure(self) -> str | None:
        """Say what died, None while all is well."""
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
        """Remove what this node, or a killed one of the same number, left on the machine."""
        folders = [self.state]
        for directory in {self.directory, self._former_directory()}:
            folders += [directory / "kubelet", directory / "containerd"]
        deadline = time.monotonic() + 10
        while _kill(_residents(self.addresses), signal.SIGKILL) + _kill(_members(self.addresses.name), signal.SIGKILL):
            if time.monotonic() > deadline:
                raise StartFailed(f"processes of {self.addresses.name} do not end")
            time.sleep(0.05)
        for point in mounts_below(folders):
            network.call("umount", "--lazy", point, check=False)
        network.down(self.addresses)
        self._remove_control_groups()
        self._remove_links()
        shutil.rmtree(self.state, ignore_errors=True)

    def _former_directory(self) -> Path:
        with contextlib.suppress(OSError):
            return Path((self.state / "directory").read_text())
        return self.directory

    def _end_containers(self) -> None:
        """
        Ask the containers to end, so that a database writes its data; then have containerd remove their tasks.

        With its task a shim takes its socket and its mounts along; `clean_up` ends whoever is left.
        """
        if _kill(_members(self.addresses.name), signal.SIGTERM):
            deadline = time.monotonic() + ENDING_SECONDS
            while time.monotonic() < deadline and any(True for _ in _members(self.addresses.name)):
                time.sleep(0.05)
        with contextlib.suppress(subprocess.TimeoutExpired):
            tasks = self._ctr("--namespace", "k8s.io", "tasks", "list", "--quiet", check=False).stdout.split()
            if tasks:
                self._ctr("--namespace", "k8s.io", "tasks", "remove", "--force", *tasks, check=False)

    def _make_control_groups(self) -> None:
        """Make the group below which the kubelet puts its pods; two kubelets would clean up each other's."""
        if _unified():
            available = (CONTROL_GROUPS / "cgroup.controllers").read_text().split()
            wanted = " ".join(f"+{name}" for name in available)
            with contextlib.suppress(OSError):
                (CONTROL_GROUPS / "cgroup.subtree_control").write_text(wanted)
        for root in _controllers():
            (root / self.addresses.name).mkdir(exist_ok=True)

    def _remove_control_groups(self) -> None:
        for root in _controllers():
            for folder in reversed(_groups_below(root / self.addresses.name)):
                self._remove_group(folder)

    @staticmethod
    def _remove_group(folder: Path) -> None:
        """Remove one group; the kernel needs a moment after the last process ended."""
        for _ in range(40):
            try:
                folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return

    def _remove_links(self) -> None:
        """Remove what kubelet and CNI keep in folders that cannot be chosen."""
        for link in Path("/var/log/containers").glob("*.log"):
            if link.is_symlink() and str(link.readlink()).startswith(str(self.directory)):
                link.unlink()
        results = Path("/var/lib/cni/results")
        for result in results.glob(f"{self.addresses.name}-*-eth0"):
            container = result.name.removeprefix(f"{self.addresses.name}-").removesuffix("-eth0")
            (results / f"cni-loopback-{container}-lo").unlink(missing_ok=True)
            result.unlink()
        shutil.rmtree(self.directory / "cni-addresses", ignore_errors=True)
        for folder in (Path("/var/lib/kubelet/device-plugins"), Path("/var/lib/kubelet")):
            with contextlib.suppress(OSError):  # it is somebody's, or not there
                folder.rmdir()

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
        plugins, busybox = find_plugins(), find_busybox()
        if plugins is None or busybox is None:
            raise StartFailed(obstacle() or "the network plugins vanished")
        config = containerd_config(
            self.directory,
            self.state,
            plugins,
            choose_snapshotter(self.directory),
            restrict_oom=not may_protect_from_oom(),
        )
        (self.directory / "containerd.toml").write_text(config)
        cni = self.directory / "cni"
        cni.mkdir(exist_ok=True)
        (cni / "10-kubeorch.conflist").write_text(json.dumps(cni_config(self.addresses, self.directory), indent=1))
        # images are pulled by containerd, and where there is a proxy it is the only one that needs it
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        containerd = find_tool("containerd") or "containerd"
        program = self._launch("containerd", [containerd, "--config", self.directory / "containerd.toml"], proxies)
        wait_until(lambda: self._ctr("version", check=False).returncode == 0, program, "containerd", 30)
        archive = self.directory / "images.tar"
        archive.write_bytes(images.archive(images.node_images(built, busybox, machine())))
        self._ctr("--namespace", "k8s.io", "images", "import", str(archive))
        archive.unlink()

    def _ctr(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [find_tool("ctr") or "ctr", "--address", str(self.state / "containerd.sock"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if check and done.returncode != 0:
            raise StartFailed(f"ctr {' '.join(words)}: {done.stderr.strip()}")
        return done

    def _start_kubelet(self, plane: ControlPlane, certificates: Certificates, server: str) -> None:
        upstream = network.resolvers()
        (self.directory / "resolv.conf").write_text("".join(f"nameserver {address}\n" for address in upstream))
        config = self.directory / "kubelet.json"
        config.write_text(
            json.dumps(kubelet_config(self.addresses, self.directory, self.state, certificates), indent=1)
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
        config.write_text(json.dumps(proxy_config(self.addresses, access), indent=1))
        self._launch("kube-proxy", [plane.binary("kube-proxy"), f"--config={config}"])

    def _start_dns(self, plane: ControlPlane, certificates: Certificates, server: str, coredns: Path) -> None:
        access = plane.write_kubeconfig("coredns", certificates, certificates.dns, server)
        config = self.directory / "Corefile"
        config.write_text(corefile(self.addresses, access, network.resolvers()))
        self._launch("coredns", [coredns, "-conf", config])
