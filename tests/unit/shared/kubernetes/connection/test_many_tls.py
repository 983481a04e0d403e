"""Whom many at once trust, and as whom they come: as the client that sends one by one."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.cluster.certificates import Authority, Identity, Wanted
from shared.errors import ClusterUnreachable, InvalidInput
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.many import Apply
from tests.support.fake_api import Answer, FakeApi

MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}}


@dataclass(frozen=True)
class Server:
    api: FakeApi
    authority: Authority
    client: Identity

    def credentials(self, **more: object) -> Credentials:
        ours = {
            "server": self.api.url,
            "ca_certificate": self.authority.certificate.read_text(),
            "client_certificate": self.client.certificate.read_text(),
            "client_key": self.client.key.read_text(),
        }
        return Credentials.model_validate({**ours, **more})


def make_server(directory: Path, *addresses: str) -> Iterator[Server]:
    directory.mkdir()
    authority = Authority(directory)
    identity = authority.issue(Wanted("server", "api.shop.example", addresses=addresses))
    client = authority.issue(Wanted("client", "ada"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    # nobody without a certificate gets in
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with FakeApi(context) as api:
        api.respond = lambda request: Answer(200, request.body)
        yield Server(api, authority, client)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    yield from make_server(tmp_path / "one", "127.0.0.1")


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Server]:
    yield from make_server(tmp_path / "named", "api.shop.example")


@pytest.fixture
def nameless(tmp_path: Path) -> Iterator[Server]:
    """Its certificate has a name in its subject alone, which names nobody since RFC 6125."""
    yield from make_server(tmp_path / "nameless")


def comes_through(credentials: Credentials) -> bool:
    """Apply both ways, which must agree."""
    client = ClusterClient(credentials, timeout_seconds=2)
    told: dict[int, object] = {}
    left = client.apply_many([Apply(MANIFEST)], told.__setitem__, at_once=1, go_on=lambda: None)
    try:
        alone = client.apply(MANIFEST) == MANIFEST
    except ClusterUnreachable:
        alone = False
    client.close()
    assert (told == {0: MANIFEST}, list(left) == []) == (alone, alone)
    return alone


def test_the_authority_of_the_cluster_is_trusted_and_the_certificate_shown(server: Server) -> None:
    assert comes_through(server.credentials())


def test_another_authority_is_not_trusted(server: Server, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    assert not comes_through(server.credentials(ca_certificate=other.certificate.read_text()))
    assert server.api.requests == []


def test_nobody_is_trusted_because_the_system_does(server: Server) -> None:
    assert not comes_through(server.credentials(ca_certificate=None))
    assert server.api.requests == []


def test_the_certificate_must_be_for_the_server(named: Server) -> None:
    assert not comes_through(named.credentials())
    assert not comes_through(named.credentials(tls_server_name="another.example"))
    assert named.api.requests == []
    assert comes_through(named.credentials(tls_server_name="api.shop.example"))


# urllib3 says so, rightly
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_what_is_switched_off_is_not_verified(named: Server, tmp_path: Path) -> None:
    other = Authority(tmp_path).certificate.read_text()
    assert comes_through(named.credentials(ca_certificate=other, insecure_skip_tls_verify=True))


def test_without_a_certificate_nobody_gets_in(server: Server) -> None:
    assert not comes_through(server.credentials(client_certificate=None, client_key=None))


def test_a_name_in_the_subject_is_none(nameless: Server) -> None:
    # libcurl still takes it for one, and cannot be told otherwise; every run asks this way first
    client = ClusterClient(nameless.credentials(tls_server_name="api.shop.example"), timeout_seconds=2)
    with pytest.raises(ClusterUnreachable, match="another name"):
        client.version()
    client.close()
    assert nameless.api.requests == []


def test_a_key_of_somebody_else_is_said_before_anything_is_sent(server: Server, tmp_path: Path) -> None:
    other = Authority(tmp_path).issue(Wanted("other", "eve"))
    with pytest.raises(InvalidInput, match="does not fit the client certificate"):
        ClusterClient(server.credentials(client_key=other.key.read_text()))


def test_no_key_stays_in_a_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "temporary"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    assert comes_through(server.credentials())
    assert list(kept.iterdir()) == []


def test_of_another_name_one_is_told_what_helps(named: Server) -> None:
    client = ClusterClient(named.credentials(), timeout_seconds=2)
    with pytest.raises(ClusterUnreachable, match=r"is for another name\. Set the TLS server name"):
        client.version()
    client.close()


def test_a_watch_trusts_nobody_else(named: Server) -> None:
    client = ClusterClient(named.credentials(), timeout_seconds=2)
    with pytest.raises(ClusterUnreachable):
        next(client.watch("v1", "ConfigMap", resource_version="1", timeout_seconds=60))
    client.close()
    assert named.api.requests == []
