"""How to let browsers and other clients trust the local authority of `serve --tls`."""

from __future__ import annotations

from pathlib import Path

_STEPS = {
    "curl": 'curl --cacert "{path}" https://localhost:8080/v3/users',
    "Node": 'NODE_EXTRA_CA_CERTS="{path}" node app.js',
    "Python": 'SSL_CERT_FILE="{path}" (urllib, httpx) or REQUESTS_CA_BUNDLE="{path}" (requests)',
    "Chrome, Edge, Chromium on Linux": (
        'certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n duologue -i "{path}"'
        "  (package libnss3-tools)"
    ),
    "Chrome, Edge, Safari on macOS": (
        'security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db "{path}"'
    ),
    "Chrome, Edge on Windows": 'certutil -user -addstore Root "{path}"',
    "Firefox": (
        "Settings, Privacy & Security, View Certificates, Authorities, Import, trust for websites"
    ),
    "iOS simulator": 'xcrun simctl keychain booted add-root-cert "{path}"',
    "Android emulator": (
        "Settings, Security, Install a certificate, CA; and allow user certificates in the app's"
        " network security configuration for debug builds"
    ),
}


def advice(path: Path) -> str:
    """Return where the authority lies and, line by line, how each client trusts it."""
    width = max(map(len, _STEPS))
    lines = [f"  {client:{width}}  {step.format(path=path)}" for client, step in _STEPS.items()]
    head = f"The authority of 'mockserver serve --tls' is {path}"
    foot = (
        "Trust it on machines for development only: who reads authority-key.pem beside it can"
        " vouch for any site there. To end the trust, remove it where it was added."
    )
    return "\n".join([head, "", *lines, "", foot])
