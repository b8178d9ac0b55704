"""Ids of users, groups and conversations."""

from __future__ import annotations

from duologue.mockserver.domain.model import Kind
from duologue.mockserver.domain.rule import rule

APP = "app_system"  # who acts where no caller is named (B19)


@rule("T9")
def fold(name: str) -> str:
    """Return a uid or guid as it is stored and looked up: upper case folded to lower."""
    return name.lower()


@rule("C1", heading="Conversation properties")
def conversation_id(kind: Kind, peer: str, *, owner: str) -> str:
    """Return `user_` and the uid of the other party, or `group_` and the guid."""
    del owner  # each side names the conversation after the other
    return f"{kind}_{peer}"


@rule("C1")
def parse_conversation_id(text: str, caller: str) -> tuple[Kind, str] | None:
    """Return the kind and the peer that an id names for `caller`; None if it names none."""
    del caller  # the documented form is relative to the caller and does not need the uid
    kind, _, peer = text.partition("_")
    if kind == "user" and peer:
        return "user", fold(peer)
    if kind == "group" and peer:
        return "group", fold(peer)
    return None


def pair_key(one: str, other: str) -> str:
    """Return the key of a 1-on-1 conversation, the same for both parties; no uid contains a bar."""
    return "|".join(sorted((one, other)))
