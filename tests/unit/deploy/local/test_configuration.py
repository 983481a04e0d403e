"""What the parts of a local cluster are told."""

from __future__ import annotations

import ipaddress
import itertools
import json
import tomllib
from pathlib import Path

import pytest

from deploy.local.addresses import MOST, Addresses
from deploy.local.cluster import control_plane, node_config, simulated
from deploy.local.cluster.control_plane import Certificates, make_certificates

ADDRESSES = Addresses(3)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("pki"), ADDRESSES)


def networks(addresses: Addresses) -> list[ipaddress.IPv4Network]:
    texts = (addresses.pods, addresses.services, f"{addresses.link_host}/30")
    return [ipaddress.IPv4Network(text, strict=False) for text in texts]


def test_no_two_clusters_share_a_network() -> None:
    every = [network for number in range(MOST) for network in networks(Addresses(number))]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(every, 2))


@pytest.mark.parametrize("number", [0, 1, MOST - 1])
def test_addresses_lie_in_their_networks(number: int) -> None:
    ours = Addresses(number)
    pods, services, line = networks(ours)
    assert ipaddress.ip_address(ours.node) in pods
    assert ipaddress.ip_address(ours.dns_service) in services
    assert next(services.hosts()) == ipaddress.ip_address(ours.api_service)
    assert ipaddress.ip_address(ours.link_node) in line


def test_the_interface_s_name_is_short_enough_for_the_kernel() -> None:
    assert all(len(Addresses(number).link) <= 15 for number in range(MOST))


def test_the_first_cluster_has_the_documented_networks() -> None:
    assert (Addresses(0).pods, Addresses(0).node, Addresses(0).services) == (
        "10.88.7.0/24",
        "10.88.7.1",
        "10.96.0.0/16",
    )


def flag(flags: list[str], name: str) -> str:
    [value] = [word.partition("=")[2] for word in flags if word.partition("=")[0] == f"--{name}"]
    return value


def test_the_control_plane_listens_on_loopback_alone(certificates: Certificates, tmp_path: Path) -> None:
    apiserver = control_plane.apiserver_flags(certificates, ADDRESSES, 6443, 2379)
    controllers = control_plane.controllers_flags(tmp_path, certificates, tmp_path / "config", 1)
    scheduler = control_plane.scheduler_flags(certificates, tmp_path / "config", 1)
    for flags in (apiserver, controllers, scheduler):
        assert flag(flags, "bind-address") == "127.0.0.1"
    etcd = control_plane.etcd_flags(tmp_path, certificates, 2379, 2380)
    for name in ("listen-client-urls", "listen-peer-urls"):
        assert flag(etcd, name).startswith("https://127.0.0.1:")


def test_nobody_reaches_api_or_store_without_a_certificate(certificates: Certificates, tmp_path: Path) -> None:
    apiserver = control_plane.apiserver_flags(certificates, ADDRESSES, 6443, 2379)
    assert flag(apiserver, "anonymous-auth") == "false"
    assert flag(apiserver, "authorization-mode") == "Node,RBAC"
    assert "--client-cert-auth" in control_plane.etcd_flags(tmp_path, certificates, 2379, 2380)


def test_the_store_trusts_another_authority_than_the_cluster(certificates: Certificates, tmp_path: Path) -> None:
    trusted = flag(control_plane.etcd_flags(tmp_path, certificates, 2379, 2380), "trusted-ca-file")
    assert Path(trusted).read_bytes() != certificates.authority.certificate.read_bytes()


def test_programs_do_not_see_the_user_s_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", "/somebody/config")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = control_plane.clean_environment(tmp_path)
    assert not {"KUBECONFIG", "HTTPS_PROXY"} & set(environment)
    assert environment["HOME"] == str(tmp_path)
    assert "/usr/sbin" in environment["PATH"].split(":")


def test_containerd_keeps_to_its_own_folders(tmp_path: Path) -> None:
    state = Path("/run/kubeorch-3")
    text = node_config.containerd_config(tmp_path, state, Path("/opt/cni/bin"), "native", restrict_oom=True)
    config = tomllib.loads(text)
    assert config["root"] == str(tmp_path / "containerd")
    assert config["grpc"]["address"] == "/run/kubeorch-3/containerd.sock"
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == "localhost/pause:1"
    assert cri["restrict_oom_score_adj"] is True
    assert cri["containerd"]["snapshotter"] == "native"
    assert cri["cni"] == {"bin_dir": "/opt/cni/bin", "conf_dir": str(tmp_path / "cni")}


def test_the_kubelet_lets_nobody_in_unasked(certificates: Certificates, tmp_path: Path) -> None:
    config = node_config.kubelet_config(ADDRESSES, tmp_path, Path("/run/x"), certificates)
    assert config["address"] == ADDRESSES.node
    assert config["authentication"]["anonymous"] == {"enabled": False}
    assert config["authorization"] == {"mode": "Webhook"}
    assert config["readOnlyPort"] == 0
    assert config["clusterDNS"] == [ADDRESSES.dns_service]
    assert config["cgroupRoot"] == "/kubeorch-3"


def test_pods_get_addresses_of_their_cluster(tmp_path: Path) -> None:
    bridge, portmap = node_config.cni_config(ADDRESSES, tmp_path)["plugins"]
    assert bridge["ipam"]["ranges"] == [[{"subnet": "10.88.10.0/24", "gateway": "10.88.10.1"}]]
    assert portmap["type"] == "portmap"


def test_dns_forwards_only_where_there_is_somebody_to_ask() -> None:
    assert "forward . 192.0.2.53 192.0.2.54" in node_config.corefile(
        ADDRESSES, Path("/k"), ["192.0.2.53", "192.0.2.54"]
    )
    assert "forward" not in node_config.corefile(ADDRESSES, Path("/k"), [])


def test_dns_is_a_service_that_leads_to_the_node() -> None:
    objects = node_config.dns_objects(ADDRESSES)
    service = next(item for item in objects.values() if item["kind"] == "Service")
    endpoint = next(item for item in objects.values() if item["kind"] == "EndpointSlice")
    assert service["spec"]["clusterIP"] == ADDRESSES.dns_service
    assert endpoint["endpoints"][0]["addresses"] == [ADDRESSES.node]
    for path, item in objects.items():
        assert path.endswith(f"/{item['metadata']['name']}")


def test_the_proxy_changes_no_setting_that_may_be_read_only(tmp_path: Path) -> None:
    config = node_config.proxy_config(ADDRESSES, tmp_path / "config")
    assert config["mode"] == "iptables"
    assert config["conntrack"] == {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}
    json.dumps(config)


def test_a_simulated_machine_says_what_it_is() -> None:
    machine = simulated.node_manifest(7)
    assert machine["metadata"]["name"] == "simulated-7"
    assert machine["metadata"]["annotations"] == {"kwok.x-k8s.io/node": "fake"}
    assert machine["metadata"]["labels"]["type"] == "kwok"
