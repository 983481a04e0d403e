from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
import time_machine
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.cluster import kubeconfig
from deploy.local.cluster.certificates import RENEW_DAYS, VALID_DAYS, Authority, Wanted, ensure_signing_key


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "pki")


def test_a_certificate_is_signed_by_the_authority(authority: Authority) -> None:
    made = load(authority.issue(Wanted("admin", "somebody")).certificate)
    made.verify_directly_issued_by(load(authority.certificate))


def test_user_and_group_are_where_kubernetes_looks_for_them(authority: Authority) -> None:
    subject = load(authority.issue(Wanted("admin", "somebody", "system:masters")).certificate).subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "somebody"
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "system:masters"


def test_a_server_is_found_by_its_names_and_addresses(authority: Authority) -> None:
    made = load(authority.issue(Wanted("server", "server", addresses=("kubernetes.default", "10.96.0.1"))).certificate)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["kubernetes.default"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.96.0.1")]


def test_only_the_authority_may_sign(authority: Authority) -> None:
    made = load(authority.issue(Wanted("server", "server")).certificate)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert load(authority.certificate).extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_keys_are_their_owner_s_alone(authority: Authority, tmp_path: Path) -> None:
    made = authority.issue(Wanted("admin", "somebody"))
    files = [authority.key, made.key, ensure_signing_key(tmp_path / "tokens.key")]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_authority_is_kept_and_identities_are_new(tmp_path: Path) -> None:
    first = Authority(tmp_path)
    before = first.issue(Wanted("admin", "somebody")).certificate.read_bytes()
    again = Authority(tmp_path)
    assert load(again.certificate) == load(first.certificate)
    assert again.issue(Wanted("admin", "somebody")).certificate.read_bytes() != before


def test_an_authority_that_soon_expires_is_replaced(tmp_path: Path) -> None:
    old = load(Authority(tmp_path).certificate)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=VALID_DAYS - RENEW_DAYS + 1)):
        assert load(Authority(tmp_path).certificate) != old


def test_the_key_of_tokens_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "tokens.key"
    assert ensure_signing_key(path).read_bytes() == ensure_signing_key(path).read_bytes()


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.key.unlink()
    ensure_signing_key(authority.key)
    with pytest.raises(TypeError, match="not the key of this authority"):
        Authority(tmp_path)


def test_a_kubeconfig_has_everything_inline(authority: Authority, tmp_path: Path) -> None:
    made = authority.issue(Wanted("admin", "somebody"))
    path = kubeconfig.write(tmp_path / "config", "https://127.0.0.1:6443", authority.certificate, made)
    assert path.stat().st_mode & 0o777 == 0o600
    config = yaml.safe_load(path.read_text())
    assert config["current-context"] == config["contexts"][0]["name"]
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
    assert str(tmp_path) not in path.read_text()


def test_keys_are_elliptic(authority: Authority) -> None:
    key = load(authority.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
