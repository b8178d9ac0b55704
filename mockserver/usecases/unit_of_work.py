"""The unit of work over the SQL store, and how it finds the copy that a call names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.model import Copy, Kind, LookupResult
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store.backends import keeps_one_writer
from duologue.mockserver.store.lookup import Lookup, conversation_key


class SqlUnitOfWork(NamedTuple):
    """One transaction over the SQL store, the behaviours in force, the time in UNIX seconds."""

    conn: Connection
    behaviours: Behaviours
    lookup: Lookup
    now: int

    def with_behaviours(self, behaviours: Behaviours) -> SqlUnitOfWork:
        """Return the same transaction with other behaviours."""
        return self._replace(behaviours=behaviours)

    @rule("T8")
    def find_copy(
        self,
        caller: str,
        *,
        kind: Kind,
        peer: str,
        unseen: Callable[[Copy], bool] | None = None,
    ) -> Copy:
        """Return the caller's copy of the conversation with `peer`.

        Check the caller, then the path, then the conversation. A copy that the caller does not see
        counts as missing unless `unseen` accepts it. Raise what the checks raise.
        """
        behaviours = self.behaviours
        found = self.lookup.find(self.conn, caller, kind=kind, peer=peer)
        behaviours.check_caller(caller, found.caller)
        behaviours.check_peer(kind, peer, found=found.peer)
        behaviours.check_party(caller, kind, peer=peer, found=found)
        copy = found.copy
        if copy is not None and (
            behaviours.is_visible(copy) or (unseen is not None and unseen(copy))
        ):
            return copy
        return behaviours.missing(caller, kind, peer)

    def find_by_id(self, caller: str, asked_for: str) -> Copy:
        """Return the caller's copy of the conversation with this id (deprecated operations)."""
        behaviours = self.behaviours
        named = behaviours.parse_conversation_id(asked_for, caller)
        kind, peer = named or ("user", "")
        found = self.lookup.find(self.conn, caller, kind=kind, peer=peer)
        behaviours.check_caller(caller, found.caller)
        copy = found.copy
        if copy is None or not (behaviours.is_party(found) and behaviours.is_visible(copy)):
            return behaviours.missing_by_id(caller, asked_for)
        return copy

    def place_of(self, copy: Copy, body: dict[str, Any]) -> int | None:
        """Return the place of the message that a body names; None if it names none.

        Raise MessageIdNotFound for a message that is not of this conversation.
        """
        if "messageId" not in body:
            return None
        number = int(body["messageId"])
        message = message_store.find(self.conn, number)
        if message is None or message.conversation != copy.conversation:
            raise errors.MessageIdNotFound(number, " of this conversation")
        return message_store.place_of(self.conn, message)

    def lock(self, caller: str, *, kind: Kind, peer: str) -> None:
        """Keep other writers from the conversation, if it exists, until this transaction ends."""
        if not keeps_one_writer(self.conn):
            message_store.lock(self.conn, kind, key=conversation_key(kind, caller, peer))

    def find_locked(self, caller: str, *, kind: Kind, peer: str) -> LookupResult:
        """Return caller, peer and copy, with other writers kept from their conversation.

        If it does not exist, they are kept from beginning it.
        """
        self.lock(caller, kind=kind, peer=peer)
        found = self.lookup.find(self.conn, caller, kind=kind, peer=peer)
        if found.copy is not None or keeps_one_writer(self.conn):
            return found
        message_store.lock_new(self.conn, kind, key=conversation_key(kind, caller, peer))
        return self.lookup.find(self.conn, caller, kind=kind, peer=peer)
