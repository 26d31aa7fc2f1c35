"""A certificate authority for a stack and the certificates it signs.

Keys are ECDSA P-256 throughout: with an ECDSA certificate a server can be held to TLS 1.3 even where its software
has no option for that (see `etcd`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = [
    "BACKDATE",
    "Authority",
    "Issued",
    "issue",
    "issued_by",
    "new_authority",
    "not_after",
    "not_before",
    "split",
    "stamp",
]

BACKDATE = dt.timedelta(minutes=5)
"""How far a certificate's start lies in the past, so that a clock that is a little late still accepts it."""


@dataclasses.dataclass(frozen=True)
class Issued:
    """A certificate and its private key, both PEM, and when it ends (RFC 3339, UTC)."""

    certificate: str
    key: str
    not_after: str


Authority = Issued


def stamp(moment: dt.datetime) -> str:
    """A moment as RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def not_before(certificate: str) -> dt.datetime:
    """When a PEM certificate begins: BACKDATE before it was made. Earlier than that nobody accepts it."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_before_utc


def not_after(certificate: str) -> dt.datetime:
    """When a PEM certificate ends."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def issued_by(certificate: str, authority: str) -> bool:
    """Whether `authority` signed `certificate` (both PEM)."""
    try:
        signer = x509.load_pem_x509_certificate(authority.encode())
        x509.load_pem_x509_certificate(certificate.encode()).verify_directly_issued_by(signer)
    except Exception:  # noqa: BLE001 - any failure to parse or verify means the same: no
        return False
    return True


def split(bundle: str) -> list[str]:
    """The certificates of a PEM bundle, one text each; none where it holds something else."""
    try:
        found = x509.load_pem_x509_certificates(bundle.encode())
    except ValueError:
        return []
    return [one.public_bytes(serialization.Encoding.PEM).decode() for one in found]


def new_authority(common_name: str, validity: dt.timedelta, now: dt.datetime) -> Authority:
    """A self-signed authority that may sign end certificates only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        _builder(name, name, key.public_key(), now, now + validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
    )
    return _issued(builder.sign(key, hashes.SHA256()), key)


def issue(
    authority: Authority,
    common_name: str,
    *,
    organizational_unit: str = "",
    dns_names: Sequence[str] = (),
    ip_addresses: Sequence[str] = (),
    validity: dt.timedelta,
    now: dt.datetime,
) -> Issued:
    """A certificate for server and client authentication, signed by `authority`, which it never outlives.

    The organizational unit is part of the subject where one is given: by it MongoDB knows members of a set.
    """
    signer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signing_key = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(signing_key, ec.EllipticCurvePrivateKey):
        msg = f"the authority's key is {type(signing_key).__name__}, not ECDSA"
        raise TypeError(msg)
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organizational_unit:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, organizational_unit))
    name = x509.Name(attributes)
    alternatives: list[x509.GeneralName] = [x509.DNSName(entry) for entry in dns_names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(entry)) for entry in ip_addresses]
    builder = (
        _builder(name, signer.subject, key.public_key(), now, min(now + validity, signer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return _issued(builder.sign(signing_key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, end: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        stamp(certificate.not_valid_after_utc),
    )
