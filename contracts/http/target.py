"""The target: its address, the secrets from the environment, and how long to wait for it."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from duologue.contracts.errors import (
    ApiKeyMissing,
    ApiKeyUnusable,
    HeaderUnusable,
    OptionInvalid,
    TargetAddressHoldsQuery,
    TargetAddressHoldsSecret,
    TargetAddressInvalid,
)
from duologue.contracts.http.connection import (
    CERT_PASSWORD_VARIABLE,
    Network,
    environment_secrets,
    tls_context,
)
from duologue.contracts.http.redaction import Redactor

KEY_VARIABLE = "CONTRACTS_API_KEY"
AUTH_ONLY_VARIABLE = "CONTRACTS_AUTH_ONLY_KEY"
# A header's name (RFC 9110, 5.6.2), and what the suite sends itself.
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OWN_HEADERS = ("accept", "apikey", "connection", "content-length", "content-type", "host")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SecretHeader:
    """A header that a gateway wants: ``shown`` has variables where ``value`` has secrets."""

    name: str
    value: str = field(repr=False)
    shown: str


def _assume_running() -> None:
    """Do nothing: the target is not a process of ours."""


@dataclass(frozen=True, slots=True)
class Target:
    """A service under test: ``url`` whole (``http://host/v3``), times in seconds.

    ``shows_receipts`` where it is known to tell when a message was delivered. ``secrets`` maps
    variables to values, beside the two keys; ``headers`` go with every request. ``read_only``
    where no request but GET may be sent; ``deprecated`` where deprecated operations may be called.
    ``check_running`` raises RunNotMade once the target is known to be gone for good.
    """

    url: str
    api_key: str = field(repr=False)
    key_variable: str = KEY_VARIABLE
    auth_only_key: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    settle_s: float = 5.0
    shows_receipts: bool = False
    headers: tuple[SecretHeader, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: Network = field(default_factory=Network)
    read_only: bool = False
    deprecated: bool = True
    check_running: Callable[[], None] = field(default=_assume_running, repr=False, compare=False)
    redactor: Redactor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {self.key_variable: self.api_key, AUTH_ONLY_VARIABLE: self.auth_only_key or ""}
        object.__setattr__(self, "redactor", Redactor({**self.secrets, **keys}))

    def hide(self, text: str) -> str:
        """Return the text as it may be shown, in case the target echoed a secret."""
        return self.redactor.text(text)


def from_environment(  # noqa: PLR0913 - one optional word for each thing that is named
    url: str,
    *,
    key_variable: str = KEY_VARIABLE,
    timeout_s: float = 10.0,
    settle_s: float = 5.0,
    headers: Iterable[str] = (),
    cookies: Iterable[str] = (),
    network: Network | None = None,
) -> Target:
    """Return the target at ``url`` with its secrets read from the environment.

    ``headers`` and ``cookies`` are of the form ``NAME=VARIABLE``. A second, optional key
    (``CONTRACTS_AUTH_ONLY_KEY``) is of scope authOnly, for the clause that needs one.

    Raises what ``check_address`` and ``check_proxy`` raise, ApiKeyMissing when ``key_variable`` is
    unset or empty, ApiKeyUnusable when no header can carry what it holds, HeaderUnusable,
    OptionInvalid for a certificate file that cannot be used.
    """
    check_address(url)
    network = network or Network()
    check_proxy(network, url)
    check_certificates(network, url)
    key = _key(key_variable)
    if not key:
        raise ApiKeyMissing(key_variable)
    return Target(
        url.rstrip("/"),
        key,
        key_variable=key_variable,
        auth_only_key=_key(AUTH_ONLY_VARIABLE) or None,
        timeout_s=timeout_s,
        settle_s=settle_s,
        headers=gateway_headers(headers, cookies),
        secrets=_secrets([*headers, *cookies]),
        network=network,
    )


def check_proxy(network: Network, url: str) -> None:
    """Raise OptionInvalid where the environment names a proxy for a URL that cannot be asked."""
    if not network.has_usable_proxy(url):
        raise OptionInvalid(
            f"{urlsplit(url).scheme.upper()}_PROXY",
            "it holds no address of an http proxy: write http://host:port, or"
            " http://name:password@host:port; or name the target's host in NO_PROXY",
        )


def check_certificates(network: Network, url: str) -> None:
    """Raise OptionInvalid where a certificate file cannot be used for an https address."""
    if not url.startswith("https:"):
        return
    try:
        tls_context(Network(ca_file=network.trusted()))
    except OSError as cause:  # ssl.SSLError is one
        why = f"{network.trusted()} is no PEM file of authorities ({_reason(cause)})"
        raise OptionInvalid("--ca, SSL_CERT_FILE or REQUESTS_CA_BUNDLE", why) from cause
    try:
        tls_context(network)
    except OSError as cause:
        raise OptionInvalid(
            "--client-cert",
            f"{network.client_cert} is no PEM file with certificate and key, or the key's password"
            f" is not in {CERT_PASSWORD_VARIABLE} ({_reason(cause)})",
        ) from cause


def _reason(cause: OSError) -> str:
    why = cause.reason if isinstance(cause, ssl.SSLError) else cause.strerror
    return why or str(cause).partition(" (_ssl")[0]


def redactor_of(variables: Iterable[str]) -> Redactor:
    """Return what hides the values of these variables, of the two keys, and other passwords."""
    names = {*variables, KEY_VARIABLE, AUTH_ONLY_VARIABLE}
    named = {name: os.environ.get(name, "").strip() for name in names}
    return Redactor({**environment_secrets(), **named})


def variables_in(pairs: Iterable[str]) -> list[str]:
    """Return the variables in texts of the form ``NAME=VARIABLE``."""
    return [pair.partition("=")[2] for pair in pairs]


def check_address(url: str) -> None:
    """Raise TargetAddressInvalid, ...HoldsSecret or ...HoldsQuery for an unusable address."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole, parts = False, urlsplit("")
    if "@" in url:
        raise TargetAddressHoldsSecret
    bare = url.partition("?")[0].partition("#")[0]
    if not is_whole:
        raise TargetAddressInvalid(bare)
    if bare != url:  # what stands there may be a secret
        raise TargetAddressHoldsQuery(bare)


def _secrets(pairs: Iterable[str]) -> dict[str, str]:
    named = {name: os.environ.get(name, "").strip() for name in variables_in(pairs)}
    return {**environment_secrets(), **named}


def gateway_headers(
    headers: Iterable[str], cookies: Iterable[str], *, reserved: Collection[str] = OWN_HEADERS
) -> tuple[SecretHeader, ...]:
    """Return the headers of texts ``NAME=VARIABLE``; raise HeaderUnusable."""
    found = [SecretHeader(*_pair("--header", each)) for each in headers]
    for header in found:
        if header.name.lower() in reserved:
            raise HeaderUnusable("--header", f"{header.name} is set by the suite itself")
    pairs = [_pair("--cookie", each) for each in cookies]
    if pairs:
        value = "; ".join(f"{name}={value}" for name, value, _ in pairs)
        shown = "; ".join(f"{name}={shown}" for name, _, shown in pairs)
        found.append(SecretHeader("Cookie", value, shown))
    return tuple(found)


def _pair(option: str, text: str) -> tuple[str, str, str]:
    """Return name, value and what is shown for it; what stands after ``=`` is never repeated."""
    name, _, variable = text.partition("=")
    if not HEADER_NAME.fullmatch(name) or not VARIABLE_NAME.fullmatch(variable):
        raise HeaderUnusable(option, "expected NAME=VARIABLE, the name of an environment variable")
    value = os.environ.get(variable, "").strip()
    if not value:
        raise HeaderUnusable(
            option,
            f"the environment variable given for {name} is not set: give its name, not"
            " the value itself, and export it",
        )
    if not (value.isascii() and value.isprintable()):
        raise HeaderUnusable(
            option, f"the value for {name} holds line breaks or characters beyond ASCII"
        )
    return name, value, f"${variable}"


def _key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ApiKeyUnusable(variable)
    return key
