"""What is decided once for every way to a cluster, and what the package is not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration
from urllib3.exceptions import SSLError

from shared.errors import ClusterUnreachable, InvalidInput
from shared.kubernetes.connection.configuration import ClusterConfiguration
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.transport import Transport
from tests.support.fake_api import Answer, FakeApi


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as fake:
        fake.always = Answer(200, {})
        yield fake


def configuration(server: str = "https://127.0.0.1:6443", **more: Any) -> ClusterConfiguration:
    return ClusterConfiguration(Credentials(server=server, **more))


def transport_of(found: ClusterConfiguration) -> Transport:
    return Transport(found, server="the server", seconds=2, write_seconds=2)


@pytest.mark.parametrize(
    ("server", "host", "name"),
    [
        ("https://127.0.0.1:6443", "https://127.0.0.1:6443", "127.0.0.1"),
        ("https://127.0.0.1/k8s/one/", "https://127.0.0.1:443/k8s/one", "127.0.0.1"),
        ("https://localhost:6443", "https://127.0.0.1:6443", "localhost"),
        ("https://[::ffff:127.0.0.1]:6443", "https://[::ffff:127.0.0.1]:6443", "::ffff:127.0.0.1"),
        ("http://127.0.0.1", "http://127.0.0.1:80", "127.0.0.1"),
    ],
)
def test_the_host_is_an_address_and_the_certificate_is_for_the_name(server: str, host: str, name: str) -> None:
    found = configuration(server)
    assert (found.host, found.tls_server_name) == (host, name)
    assert configuration(server, tls_server_name="api.shop.example").tls_server_name == "api.shop.example"


@pytest.mark.parametrize("server", ["https://169.254.169.254", "https://[fe80::1]:6443", "https://0.0.0.0:6443"])
def test_what_must_not_be_reached_is_no_configuration(server: str) -> None:
    with pytest.raises(InvalidInput, match="never an API server"):
        configuration(server)


def test_a_private_address_is_allowed_by_who_rules_the_platform() -> None:
    with pytest.raises(InvalidInput, match="private address"):
        ClusterConfiguration(Credentials(server="https://10.0.0.1:6443"), allow_private=False)


def test_verifying_is_what_holds_unless_it_is_switched_off() -> None:
    found = configuration(ca_certificate="PEM")
    assert (found.verify_ssl, found.assert_hostname, found.ca_cert_data) == (True, None, "PEM")
    found = configuration(insecure_skip_tls_verify=True)
    assert (found.verify_ssl, found.assert_hostname) == (False, False)


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    found = configuration()
    assert (found.proxy, found.no_proxy) == ("", "*")
    # as in-cluster credentials do
    found.host = "https://127.0.0.1:443"
    assert found.proxy == ""


def test_clusters_share_nothing(api: FakeApi) -> None:
    one, other = configuration(api.url, token="one"), configuration(api.url, token="other")
    for found in (one, other, one):
        transport = transport_of(found)
        transport.send("GET", "/version")
        transport.close()
    sent = [request.headers["Authorization"] for request in api.requests]
    assert sent == ["Bearer one", "Bearer other", "Bearer one"]
    assert Configuration._default is None
    assert ApiClient._default is None


def test_without_a_token_none_is_sent(api: FakeApi) -> None:
    transport = transport_of(configuration(api.url))
    transport.send("GET", "/version")
    transport.close()
    assert "Authorization" not in api.requests[0].headers


def test_a_token_that_is_renewed_is_sent_anew(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the package's credentials of a pod renew themselves: by a hook that is asked before each request."""
    found = configuration(api.url, token="first")
    transport, tokens = transport_of(found), iter(["second", "third"])

    def renew(asking: Configuration) -> None:
        asking.api_key["BearerToken"] = f"Bearer {next(tokens)}"

    monkeypatch.setattr(found, "refresh_api_key_hook", renew)
    transport.send("GET", "/version")
    transport.send("GET", "/version")
    transport.close()
    assert [request.headers["Authorization"] for request in api.requests] == ["Bearer second", "Bearer third"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "https://127.0.0.1/api", "http://elsewhere.example/api"])
def test_the_connections_of_a_cluster_go_nowhere_else(api: FakeApi, url: str) -> None:
    transport = transport_of(configuration(api.url, token="t"))
    with pytest.raises(Exception, match="host"):
        transport._api.call_api("GET", url)
    transport.close()
    assert api.requests == []


def test_the_packages_word_for_failed_tls_is_one_of_ours(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = transport_of(configuration(api.url))

    def fail(*_: object, **__: object) -> None:
        raise SSLError("[SSL: WRONG_VERSION_NUMBER] wrong version number")

    monkeypatch.setattr(transport._api.rest_client.pool_manager, "urlopen", fail)
    with pytest.raises(ClusterUnreachable, match="does not speak TLS") as unreachable:
        transport.send("GET", "/version")
    assert unreachable.value.details == {"reason": "tls"}
    transport.close()
