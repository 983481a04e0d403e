"""Kubeconfigs and forms: what is read of them, and what is refused at which place."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.errors import InvalidInput
from shared.kubernetes.connection.credentials import (
    LARGEST_KUBECONFIG,
    Credentials,
    parse_kubeconfig,
    require_valid,
)

Json = dict[str, Any]
ENDS = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@cache
def pair() -> tuple[str, str]:
    """Return a certificate that ends at ``ENDS``, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ada")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ENDS - timedelta(days=1))
        .not_valid_after(ENDS)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{body}.signature"


def config(*, user: Json | None = None, cluster: Json | None = None, context: Json | None = None, **more: Any) -> Json:
    return {
        "kind": "Config",
        "current-context": "dev",
        "contexts": [{"name": "dev", "context": {"cluster": "one", "user": "ada", **(context or {})}}],
        "clusters": [{"name": "one", "cluster": {"server": "https://10.0.0.1:6443", **(cluster or {})}}],
        "users": [{"name": "ada", "user": {"token": "t"} if user is None else user}],
        **more,
    }


def refused(given: Json | str, context: str | None = None) -> tuple[str, str]:
    """Return the place of the one mistake, and its sentence."""
    with pytest.raises(InvalidInput) as caught:
        parse_kubeconfig(given if isinstance(given, str) else yaml.safe_dump(given), context)
    [field] = caught.value.fields
    return field.path, field.message


def test_a_token_is_read_with_what_stands_around_it() -> None:
    found = parse_kubeconfig(
        yaml.safe_dump(
            config(
                user={"token": " secret\n"},
                cluster={
                    "certificate-authority-data": encoded(pair()[0]),
                    "tls-server-name": "api.example.com",
                    "insecure-skip-tls-verify": True,
                },
                context={"namespace": "shop"},
            )
        )
    )
    assert found == Credentials(
        server="https://10.0.0.1:6443",
        token="secret",
        ca_certificate=pair()[0],
        namespace="shop",
        tls_server_name="api.example.com",
        insecure_skip_tls_verify=True,
    )


def test_a_client_certificate_is_read_with_its_key() -> None:
    certificate, key = pair()
    user = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
    found = parse_kubeconfig(yaml.safe_dump(config(user=user)))
    assert (found.client_certificate, found.client_key, found.token) == (certificate, key, None)
    assert (found.namespace, found.expire_at) == ("default", ENDS)


def test_another_context_than_the_current_can_be_chosen() -> None:
    given = config()
    given["contexts"].append({"name": "live", "context": {"cluster": "one", "user": "ada", "namespace": "live"}})
    assert parse_kubeconfig(yaml.safe_dump(given), "live").namespace == "live"
    assert parse_kubeconfig(yaml.safe_dump(given)).namespace == "default"


@pytest.mark.parametrize("value", ["true", 1, "yes", None], ids=["a text", "a number", "a word", "nothing"])
def test_only_true_switches_verification_off(value: object) -> None:
    found = parse_kubeconfig(yaml.safe_dump(config(cluster={"insecure-skip-tls-verify": value})))
    assert found.insecure_skip_tls_verify is False


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("x" * (LARGEST_KUBECONFIG + 1), "is larger than 512 KiB"),
        ("a: [", "is not YAML; paste the whole file as it is"),
        ("- a", "is not a kubeconfig: kind must be Config"),
        ("kind: Pod", "is not a kubeconfig: kind must be Config"),
        ("", "is not a kubeconfig: kind must be Config"),
    ],
    ids=["large", "broken", "list", "pod", "empty"],
)
def test_what_is_no_kubeconfig(given: str, sentence: str) -> None:
    assert refused(given) == ("kubeconfig", sentence)


@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"current-context": ""}, "kubeconfig.current-context", "names no context; choose one of: dev"),
        ({"current-context": "", "contexts": None}, "kubeconfig.current-context", "choose one of: none"),
        ({"current-context": "live"}, "kubeconfig.contexts", "has no entry 'live'; there are: dev"),
        ({"contexts": "dev"}, "kubeconfig.contexts", "has no entry 'dev'; there are: none"),
        ({"contexts": [{"name": "dev", "context": "one"}]}, "kubeconfig.contexts", "has no entry 'dev'"),
        ({"contexts": [{"name": "dev", "context": {}}]}, "kubeconfig.clusters", "has no entry 'None'"),
        ({"clusters": []}, "kubeconfig.clusters", "has no entry 'one'; there are: none"),
        ({"users": [{"name": "bob", "user": {}}]}, "kubeconfig.users", "has no entry 'ada'; there are: bob"),
    ],
)
def test_an_entry_that_is_missing_is_named_with_those_there_are(changes: Json, place: str, sentence: str) -> None:
    path, found = refused(config(**changes))
    assert path == place
    assert sentence in found


@pytest.mark.parametrize(
    ("user", "place", "sentence"),
    [
        ({"exec": {"command": "aws"}}, ".exec", "would run a program on this server"),
        ({"token": "t", "exec": None}, ".exec", "would run a program on this server"),
        ({"auth-provider": {"name": "gcp"}}, ".auth-provider", "plugins are not run here"),
        ({"username": "ada"}, ".username", "basic authentication was removed"),
        ({"password": "x"}, ".username", "basic authentication was removed"),
        ({"tokenFile": "/etc/passwd"}, ".tokenFile", "names a file, which this server does not have"),
        ({"client-certificate": "/a.pem"}, ".client-certificate", "kubectl config view --raw --flatten"),
        ({"client-key": "/a.key"}, ".client-key", "kubectl config view --raw --flatten"),
        ({"client-key-data": "?"}, ".client-key-data", "is not base64 of a PEM text"),
        ({"client-certificate-data": "/w=="}, ".client-certificate-data", "is not base64 of a PEM text"),
        ({}, "", "has neither a token nor a client certificate"),
        ({"token": "  "}, "", "has neither a token nor a client certificate"),
        ({"token": 7}, "", "has neither a token nor a client certificate"),
    ],
)
def test_a_user_that_is_refused(user: Json, place: str, sentence: str) -> None:
    path, found = refused(config(user=user))
    assert path == f"kubeconfig.users.ada.user{place}"
    assert sentence in found


@pytest.mark.parametrize(
    ("cluster", "place"),
    [
        ({"certificate-authority": "/ca.pem"}, "kubeconfig.clusters.one.cluster.certificate-authority"),
        ({"certificate-authority-data": "?"}, "kubeconfig.clusters.certificate-authority-data"),
        ({"certificate-authority-data": "bm8gUEVN"}, "kubeconfig.ca_certificate"),
        ({"server": "10.0.0.1:6443"}, "kubeconfig.server"),
        ({"server": None}, "kubeconfig.server"),
    ],
)
def test_a_cluster_that_is_refused(cluster: Json, place: str) -> None:
    assert refused(config(cluster=cluster))[0] == place


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"server": "ftp://10.0.0.1"}, "server"),
        ({"server": "https://"}, "server"),
        ({"server": "https://ada@10.0.0.1"}, "server"),
        ({"server": "https://:x@10.0.0.1"}, "server"),
        ({"server": "https://10.0.0.1/?a=b"}, "server"),
        ({"server": "https://10.0.0.1/#a"}, "server"),
        ({"server": "https://10.0.0.1:99999"}, "server"),
        ({"ca_certificate": "-----BEGIN"}, "ca_certificate"),
        ({"client_certificate": "no"}, "client_certificate"),
        ({"client_key": "alone"}, "client_key"),
        ({"token": "a b"}, "token"),
        ({"token": "a\nb"}, "token"),
    ],
)
def test_a_form_that_cannot_be_right_names_its_field(values: Json, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_valid(Credentials(**{"server": "https://10.0.0.1", **values}))
    assert [field.path for field in caught.value.fields] == [place]


@pytest.mark.parametrize("server", ["https://10.0.0.1:6443", "https://[::1]:6443", "http://api.example.com/k8s/one/"])
def test_addresses_that_can_be_right(server: str) -> None:
    assert require_valid(Credentials(server=server, token="t")).server == server


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (jwt({"exp": ENDS.timestamp()}), ENDS),
        (jwt({"exp": str(int(ENDS.timestamp()))}), ENDS),
        (jwt({"sub": "ada"}), None),
        (jwt({"exp": "soon"}), None),
        (jwt({"exp": None}), None),
        (jwt({"exp": 10**20}), None),
        (jwt(["exp"]), None),
        ("head.?.signature", None),
        ("opaque", None),
        ("", None),
    ],
)
def test_the_end_of_a_token_is_read_where_it_says_one(token: str, expected: datetime | None) -> None:
    assert Credentials(server="https://10.0.0.1", token=token).expire_at == expected


def test_mistakes_do_not_repeat_what_was_typed() -> None:
    with pytest.raises(InvalidInput) as caught:
        require_valid(Credentials(server="https://10.0.0.1", token="very secret"))
    assert "very" not in caught.value.message
