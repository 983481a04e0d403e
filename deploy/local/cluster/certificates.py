"""
The certificates of the local cluster: one authority, and one identity per program.

An identity's common name is its Kubernetes user, its organisation the group that RBAC knows.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.process import write_private

VALID_DAYS = 365
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """The subject of a certificate, and the addresses of a server with it."""

    file: str
    user: str
    group: str = ""
    addresses: Sequence[str] = ()
    """Names and IP addresses; none for a client."""


def _name(user: str, group: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(attributes)


def _alternatives(addresses: Sequence[str]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = []
    for address in addresses:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        except ValueError:
            names.append(x509.DNSName(address))
    return x509.SubjectAlternativeName(names)


def _key_text(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _begin(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # a machine whose clock was set back a little still accepts it
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


class Authority:
    """
    Issue certificates below one directory.

    The authority itself is kept from one start to the next, so that a kubeconfig somebody copied stays valid;
    what it issues is made anew at each start.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self.key = directory / "ca.key"
        if not self._is_valid():
            self._create()
        self._issuer = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        key = serialization.load_pem_private_key(self.key.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self.key} is not the key of this authority")
        self._key = key

    def _is_valid(self) -> bool:
        if not (self.certificate.exists() and self.key.exists()):
            return False
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
        return left > dt.timedelta(days=RENEW_DAYS)

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("kubeorch local cluster")
        certificate = (
            _begin(name, name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self.key, _key_text(key))
        write_private(self.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode())

    def issue(self, wanted: Wanted) -> Identity:
        """Write a certificate for one program; both ends of a connection may use it."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _begin(_name(wanted.user, wanted.group), self._issuer.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
                critical=False,
            )
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if wanted.addresses:
            builder = builder.add_extension(_alternatives(wanted.addresses), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        made = Identity(self.directory / f"{wanted.file}.crt", self.directory / f"{wanted.file}.key")
        write_private(made.key, _key_text(key))
        write_private(made.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode())
        return made


def ensure_signing_key(path: Path) -> Path:
    """Make the key that signs service account tokens once; pods keep their tokens over a restart."""
    if not path.exists():
        write_private(path, _key_text(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    return path
