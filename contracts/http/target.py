"""The target: its address, the keys from the environment, and how long to wait for it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from duologue.contracts.errors import ApiKeyMissing, ApiKeyUnusable

KEY_VARIABLE = "CONTRACTS_API_KEY"
AUTH_ONLY_VARIABLE = "CONTRACTS_AUTH_ONLY_KEY"
SECRET_LENGTH = 6  # shorter ones are made up, and stand in other words


@dataclass(frozen=True, slots=True)
class Target:
    """A service under test: ``url`` whole (``http://host/v3``), times in seconds.

    ``shows_receipts`` where it is known to tell when a message was delivered.
    """

    url: str
    api_key: str = field(repr=False)
    key_variable: str = KEY_VARIABLE
    auth_only_key: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    settle_s: float = 5.0
    shows_receipts: bool = False

    def hide(self, text: str) -> str:
        """Return the text without the keys, in case the target echoed one."""
        for key, variable in (
            (self.api_key, self.key_variable),
            (self.auth_only_key, AUTH_ONLY_VARIABLE),
        ):
            if key and len(key) >= SECRET_LENGTH:
                text = text.replace(key, f"${variable}")
        return text


def from_environment(
    url: str, *, key_variable: str = KEY_VARIABLE, timeout_s: float = 10.0, settle_s: float = 5.0
) -> Target:
    """Return the target at ``url`` with its keys read from the environment.

    Raises ApiKeyMissing when ``key_variable`` is unset or empty, ApiKeyUnusable when no header can
    carry what it holds. A second, optional variable
    (``CONTRACTS_AUTH_ONLY_KEY``) holds a key of scope authOnly, for the clause that needs one.
    """
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
    )


def _key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ApiKeyUnusable(variable)
    return key
