"""How users, groups and conversations are named."""

from __future__ import annotations

from duologue.mockserver.domain.model import Kind


def fold(name: str) -> str:
    """`name` as it is stored and looked up: upper case folded to lower (readings T9)."""
    return name.lower()


def conversation_id(kind: Kind, peer: str, *, owner: str) -> str:
    """`user_` and the other party's uid, or `group_` and the guid (Conversation properties)."""
    del owner  # each side names the conversation after the other
    return f"{kind}_{peer}"


def parse_conversation_id(text: str, caller: str) -> tuple[Kind, str] | None:
    """Kind and peer that `text` names in the eyes of `caller`; None where it names nothing."""
    del caller  # the documented form is relative to the caller and needs no look at his uid
    kind, _, peer = text.partition("_")
    if kind == "user" and peer:
        return "user", fold(peer)
    if kind == "group" and peer:
        return "group", fold(peer)
    return None


def pair_key(one: str, other: str) -> str:
    """The name of a 1-on-1 conversation that both of its parties share; no uid holds a bar."""
    return "|".join(sorted((one, other)))
