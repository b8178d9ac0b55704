"""How the text of an authentication token is made."""

from __future__ import annotations

from hashlib import sha256

_DIGITS = 40


def token_text(world: str, seed: int, *, number: int, uid: str) -> str:
    """Return the token of that number, `{uid}_{40 hexadecimal digits}`.

    The same in every run from the same world; nothing that it protects is real.
    """
    digest = sha256(f"{world}/{seed}/{number}/{uid}".encode()).hexdigest()
    return f"{uid}_{digest[:_DIGITS]}"
