"""The configuration of a real node's programs, and the objects that make its DNS the cluster's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.local.addresses import Addresses
from deploy.local.cluster import network
from deploy.local.cluster.control_plane import NODE_NAME, Certificates

KUBELET_PORT = 10250


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
    """Return the objects that make the node's CoreDNS the cluster's, by API path: rights, a service, its endpoint."""
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
