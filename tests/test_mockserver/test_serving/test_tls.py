"""https: the local authority, certificates of one's own, and clients that trust them."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from duologue.mockserver.serving import certificates
from duologue.mockserver.serving.certificates import CertificateUnusable, ServerCertificate
from duologue.mockserver.serving.trust import advice
from support.servers.served import COMMAND, SERVE
from support.waiting import WITHIN_S

HEADERS = {"apikey": "mock-api-key", "onBehalfOf": "ana"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the authority of this module's mocks lies."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[dict[str, str]]:
    """The addresses of a mock with --tls, whose user has no authority yet."""
    yield from _serve(data, "--tls", "--world", "inbox")


def _serve(data: Path, *options: str) -> Iterator[dict[str, str]]:
    environment = os.environ | {"XDG_DATA_HOME": str(data)}
    process = subprocess.Popen(
        [*SERVE, *options, "--print-url", "json"],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def _get(url: str, trusted: Path) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=HEADERS)
    context = ssl.create_default_context(cafile=trusted)
    with urllib.request.urlopen(request, timeout=WITHIN_S, context=context) as answer:
        return answer.status, answer.read()


on_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="XDG_DATA_HOME is Linux's way to move the folder"
)


@on_linux
def test_api_and_control_plane_answer_a_client_that_trusts_the_authority(
    served: dict[str, str], data: Path
) -> None:
    authority = data / "duologue" / "tls" / "authority.pem"

    api = _get(f"{served['url']}/conversations", authority)
    by_name = _get(f"{served['control']}/health".replace("127.0.0.1", "localhost"), authority)

    assert served["url"].startswith("https://127.0.0.1:")
    assert (api[0], by_name[0]) == (200, 200)
    assert "data" in json.loads(api[1])


@on_linux
def test_a_client_that_does_not_trust_it_refuses(served: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        _get(f"{served['url']}/conversations", other)


@on_linux
def test_ca_prints_the_path_of_the_same_authority(data: Path, served: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "ca", "--path"],
        env=os.environ | {"XDG_DATA_HOME": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert _get(f"{served['url']}/conversations", Path(done.stdout.strip()))[0] == 200


def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    trusted, chain, key = (tmp_path / name for name in ("ca.pem", "chain.pem", "key.pem"))
    authority.cert_pem.write_to_path(str(trusted))
    own.private_key_pem.write_to_path(str(key))
    for one in own.cert_chain_pems:
        one.write_to_path(str(chain), append=True)

    serving = _serve(tmp_path, "--tls-cert", str(chain), "--tls-key", str(key))
    answer = _get(f"{next(serving)['url']}/conversations", trusted)
    serving.close()

    assert answer[0] == 200
    assert not (tmp_path / "duologue").exists()  # no authority was needed


def test_the_authority_is_made_once_and_its_key_is_the_users_alone(tmp_path: Path) -> None:
    first = certificates.authority_path(tmp_path).read_bytes()
    second = certificates.authority_path(tmp_path).read_bytes()

    assert first == second
    key = tmp_path / certificates.AUTHORITY_KEY
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_certificate_names_the_host_it_is_for(tmp_path: Path) -> None:
    files = certificates.issue("mock.example", tmp_path, folder=tmp_path / "authority")

    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "mock.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_an_authority_that_cannot_be_read_says_what_helps(tmp_path: Path) -> None:
    certificates.authority_path(tmp_path).write_text("not a certificate")

    with pytest.raises(CertificateUnusable, match="remove the folder"):
        certificates.issue("127.0.0.1", tmp_path, folder=tmp_path)


def test_files_that_are_no_certificate_are_refused(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("nothing")

    with pytest.raises(CertificateUnusable, match="no certificate and its key"):
        certificates.check(ServerCertificate(tmp_path / "cert.pem", tmp_path / "key.pem"))


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    options = ["--tls-cert", str(tmp_path / "cert.pem")]

    done = subprocess.run([*SERVE, *options], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "name the key as well, --tls-key" in done.stderr


def test_the_advice_names_every_kind_of_client(tmp_path: Path) -> None:
    said = advice(tmp_path / "authority.pem")

    for client in ("curl", "Node", "Python", "Chrome", "Safari", "Firefox", "Android"):
        assert client in said
