"""Where existing conversations come from: a file that names them, or the target's own lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from duologue.contracts.context.existing_data.conversation import ExistingConversation, dicts
from duologue.contracts.context.limits import limits
from duologue.contracts.errors import ExistingDataUnreadable, NotReached
from duologue.contracts.http.client import Client
from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable

MOST_CALLERS_LOOKED_AT = 50


def from_file(path: Path) -> tuple[ExistingConversation, ...]:
    """Return the conversations that a file names (YAML or JSON); raise ExistingDataUnreadable.

    ``conversations: [{caller: ana, user: bo}, {caller: ana, group: hikers}]``
    """
    try:
        document = user_files.from_yaml(user_files.read_text(path))
    except (OSError, Unparsable) as cause:
        raise ExistingDataUnreadable(str(path), f"cannot be read as YAML ({cause})") from cause
    entries = document.get("conversations") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ExistingDataUnreadable(
            str(path), "expected 'conversations', a list of caller and user or group"
        )
    return tuple(_conversation(str(path), entry) for entry in entries)


def _conversation(source: str, entry: Any) -> ExistingConversation:
    named = entry if isinstance(entry, dict) else {}
    kinds = [kind for kind in ("user", "group") if kind in named]
    ids = [named.get(name) for name in ("caller", *kinds)]
    if len(kinds) != 1 or not all(isinstance(each, (str, int)) and str(each) for each in ids):
        raise ExistingDataUnreadable(
            source, f"expected caller and one of user, group; got {entry!r}"
        )
    return ExistingConversation(str(ids[0]), kinds[0], str(ids[1]))


def from_target(client: Client) -> tuple[ExistingConversation, ...]:
    """Return the conversations that the target lists; raise ExistingDataUnreadable without any."""
    try:
        users = dicts(client.call("listUsers", query={"perPage": MOST_CALLERS_LOOKED_AT}))
    except NotReached as cause:
        raise ExistingDataUnreadable("the target's lists", str(cause)) from cause
    found = [each for user in users for each in _listed_for(client, str(user.get("uid")))]
    if not found:
        raise ExistingDataUnreadable("the target's lists", "no user there has a conversation")
    return tuple(found)


def _listed_for(client: Client, caller: str) -> Iterator[ExistingConversation]:
    try:
        answer = client.call(
            "listConversations", caller=caller, query={"perPage": limits().usual_page}
        )
    except NotReached:
        return
    for row in dicts(answer):
        kind, peer = row.get("conversationType"), row.get("conversationWith")
        key = peer.get("uid" if kind == "user" else "guid") if isinstance(peer, dict) else None
        if kind in ("user", "group") and key:
            yield ExistingConversation(caller, kind, str(key))
