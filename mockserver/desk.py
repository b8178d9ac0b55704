"""What a verb works with, and how it finds the copy that a call names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.engine import Connection

from mockserver.domain import errors
from mockserver.domain.model import Copy, Kind
from mockserver.store import talk
from mockserver.store.dialects import keeps_one_writer
from mockserver.store.looking import Looking, conversation_key

if TYPE_CHECKING:
    from mockserver.parts import Parts


class Desk(NamedTuple):
    """What a verb works with: the database, the parts in force, the time."""

    run: Connection
    parts: Parts
    looking: Looking
    now: int

    def find_copy(
        self,
        caller: str,
        *,
        kind: Kind,
        peer: str,
        unseen: Callable[[Copy], bool] | None = None,
    ) -> Copy:
        """The caller's copy of the conversation with `peer`.

        Checks in the order of readings T8: the caller, then the path, then the conversation. A copy
        that the caller does not see is as good as none, unless `unseen` lets it through.
        """
        parts = self.parts
        sight = self.looking.look(self.run, caller, kind=kind, peer=peer)
        parts.check_caller(caller, sight.caller)
        parts.check_peer(kind, peer, found=sight.peer)
        parts.check_party(caller, kind, peer=peer, sight=sight)
        copy = sight.copy
        if copy is not None and (parts.is_visible(copy) or (unseen is not None and unseen(copy))):
            return copy
        return parts.missing(caller, kind, peer)

    def find_by_id(self, caller: str, asked_for: str) -> Copy:
        """The caller's copy of the conversation that an id names (the deprecated pair)."""
        parts = self.parts
        named = parts.parse_conversation_id(asked_for, caller)
        kind, peer = named or ("user", "")
        sight = self.looking.look(self.run, caller, kind=kind, peer=peer)
        parts.check_caller(caller, sight.caller)
        copy = sight.copy
        if copy is None or not (parts.is_party(sight) and parts.is_visible(copy)):
            return parts.missing_by_id(caller, asked_for)
        return copy

    def place_of(self, copy: Copy, body: dict[str, Any]) -> int | None:
        """The place of the message that a body names; None where it names none.

        Raises MessageIdNotFound for a message that is not of this conversation.
        """
        if "messageId" not in body:
            return None
        number = int(body["messageId"])
        message = talk.find(self.run, number)
        if message is None or message.conversation != copy.conversation:
            raise errors.MessageIdNotFound(number, " of this conversation")
        return talk.place_of(self.run, message)

    def lock(self, caller: str, *, kind: Kind, peer: str) -> None:
        """Keep other writers from the conversation until this transaction ends."""
        if not keeps_one_writer(self.run):
            talk.lock(self.run, kind, key=conversation_key(kind, caller, peer))
