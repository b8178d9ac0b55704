"""The local authority and certificate of `serve --tls`.

The authority is made on first use and kept in the user's data folder, so that it has to be trusted
once. Each start makes a certificate of its own, signed by it.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock
from platformdirs import user_data_path

from duologue.mockserver.domain.errors import MockserverError

AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority-key.pem"
AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397  # browsers refuse longer ones
_EARLIER = datetime.timedelta(days=1)  # for clocks that are behind
_LOCAL = ("localhost", "127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::")  # noqa: S104  names of an address, not one to listen on


class CertificateUnusable(MockserverError):
    """The local authority, or a certificate given, cannot be used."""


class ServerCertificate(NamedTuple):
    """The files that a server needs for TLS, both PEM."""

    certificate: Path
    key: Path


class _Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def authority_path(folder: Path | None = None) -> Path:
    """Return the authority's certificate, made on first use; raise CertificateUnusable."""
    folder = folder or user_data_path("duologue") / "tls"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / "lock"):
            if not (folder / AUTHORITY).exists() or not (folder / AUTHORITY_KEY).exists():
                _write_authority(folder)
    except OSError as error:
        raise CertificateUnusable(
            f"the local authority cannot be kept in {folder} ({error.strerror or error}); give a"
            " certificate of your own with --tls-cert and --tls-key"
        ) from error
    return folder / AUTHORITY


def issue(host: str, into: Path, *, folder: Path | None = None) -> ServerCertificate:
    """Write a certificate for this machine and `host` into a private folder, and return its files.

    Raise CertificateUnusable if the authority cannot be used.
    """
    authority = _read(authority_path(folder))
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_general_name(name) for name in _names(host)])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _builder("duologue mock", key.public_key(), days=CERTIFICATE_DAYS)
        .issuer_name(authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(usage, critical=False)
        .add_extension(signed_by, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    files = ServerCertificate(into / "tls.pem", into / "tls-key.pem")
    chain = _pem(certificate) + _pem(authority.certificate)
    _write(files.certificate, chain)
    _write(files.key, _private(key))
    return files


def check(files: ServerCertificate) -> ServerCertificate:
    """Return the files if they are a certificate and its key; else raise CertificateUnusable."""
    import ssl  # noqa: PLC0415  takes 10 ms, and only who gives a certificate needs it

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files, password=_no_password)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise CertificateUnusable(
            f"--tls-cert {files.certificate} and --tls-key {files.key} are no certificate and its"
            f" key, both PEM and without a password ({error})"
        ) from error
    return files


def _no_password() -> str:
    raise ValueError("the key has a password")


def _write_authority(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"duologue mock authority ({socket.gethostname()[:40]})"
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, key.public_key(), days=AUTHORITY_DAYS)
        .issuer_name(_name(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / AUTHORITY_KEY, _private(key))
    _write(folder / AUTHORITY, _pem(certificate), mode=0o644)


def _read(path: Path) -> _Authority:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(
            path.with_name(AUTHORITY_KEY).read_bytes(), password=None
        )
    except (OSError, ValueError, TypeError) as error:
        raise CertificateUnusable(
            f"the local authority {path} cannot be read ({error}); remove the folder"
            f" {path.parent}, and the next start makes a new one to trust"
        ) from error
    now = datetime.datetime.now(datetime.UTC)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.not_valid_after_utc < now:
        raise CertificateUnusable(
            f"the local authority {path} is no longer valid; remove the folder {path.parent}, and"
            " the next start makes a new one to trust"
        )
    return _Authority(certificate, key)


def _builder(name: str, key: ec.EllipticCurvePublicKey, *, days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + datetime.timedelta(days=days) - _EARLIER)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: str) -> list[str]:
    """Return what clients may call the mock: this machine, and the address it listens on."""
    if host in _ANY:
        host = socket.gethostname()
    return list(dict.fromkeys((*_LOCAL, host.strip("[]"))))


def _general_name(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, readable by the user alone unless `mode` says otherwise."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
