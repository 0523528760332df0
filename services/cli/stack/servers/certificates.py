"""Makes the certificate by which the parts of a local server know each other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from services.cli.stack.data_folder import write_private
from services.cli.stack.ports import LOOPBACK

VALID_DAYS = 36_500
"""The certificate is made once and never leaves its data folder, as a password would not."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM: an authority that has signed one certificate only, that certificate, and its key."""

    authority: Path
    certificate: Path
    key: Path


def ensure_certificates(folder: Path) -> Certificates:
    """Returns the certificate of the folder, which is made at the first call. Blocks for a moment then."""
    files = Certificates(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    # Written last, so that a killed start is made good by the next.
    if not files.key.exists():
        _make(files)
    return files


def _make(files: Certificates) -> None:
    """Signs a certificate with an authority whose key is forgotten: none can be added."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import (
        BasicConstraints,
        CertificateBuilder,
        DNSName,
        IPAddress,
        Name,
        NameAttribute,
        SubjectAlternativeName,
        random_serial_number,
    )
    from cryptography.x509.oid import NameOID

    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, name = (
        Name([NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("likeness store", LOOPBACK)
    )
    now = datetime.now(UTC)
    begun = (
        CertificateBuilder()
        .issuer_name(authority_name)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
    )
    authority = (
        begun.subject_name(authority_name)
        .public_key(authority_key.public_key())
        .serial_number(random_serial_number())
        .add_extension(BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = SubjectAlternativeName([IPAddress(ip_address(LOOPBACK)), DNSName("localhost")])
    certificate = (
        begun.subject_name(name)
        .public_key(key.public_key())
        .serial_number(random_serial_number())
        .add_extension(names, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    write_private(files.authority, authority.public_bytes(pem).decode())
    write_private(files.certificate, certificate.public_bytes(pem).decode())
    form = serialization.PrivateFormat.PKCS8
    write_private(files.key, key.private_bytes(pem, form, serialization.NoEncryption()).decode())
