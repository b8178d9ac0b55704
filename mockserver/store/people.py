"""Sender and receiver of messages, loaded with the messages that are shown."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Copy, Group, Message, User
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import rows, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import unpack

# A deactivated user is still the sender of what that user wrote.
_USER = PreparedStatement(
    select(*rows.columns(schema.users, rows.USER_FIELDS)).where(
        schema.users.c.uid == bindparam("wanted")
    )
)
_MESSAGE = PreparedStatement(
    select(*rows.columns(schema.messages, rows.MESSAGE_FIELDS)).where(
        schema.messages.c.id == bindparam("wanted")
    )
)


class Known:
    """Users and groups, each looked up once."""

    def __init__(self, conn: Connection, found: Iterable[User | Group] = ()) -> None:
        self._conn = conn
        self._users: dict[str, User | None] = {}
        self._groups: dict[str, Group | None] = {}
        for one in found:
            if isinstance(one, User):
                self._users[one.uid] = one
            else:
                self._groups[one.guid] = one

    def user(self, uid: str) -> User | None:
        """Return the user, deactivated or not; None if there is none."""
        if uid not in self._users:
            row = _USER.first(self._conn, {"wanted": uid}) if uid else None
            self._users[uid] = None if row is None else rows.to_user(row)
        return self._users[uid]

    def group(self, guid: str) -> Group | None:
        """Return the group; None if there is none."""
        if guid not in self._groups:
            self._groups[guid] = group_store.find(self._conn, guid)
        return self._groups[guid]

    def dressed(self, message: Message) -> Message:
        """Return the message with its sender and receiver."""
        is_group = message.kind == "group"
        receiver = self.group(message.receiver) if is_group else self.user(message.receiver)
        whole = message._replace(sender_is=self.user(message.sender), receiver_is=receiver)
        return self.with_mentioned(whole)

    def with_mentioned(self, message: Message) -> Message:
        """Return the message with the users that its text mentions."""
        if message.mentions is None:
            return message
        users = [self.user(uid) for uid in unpack(message.mentions)]
        return message._replace(mentioned_are=tuple(user for user in users if user is not None))

    def copy_with_mentioned(self, copy: Copy) -> Copy:
        """Return the copy with the users that its last message mentions."""
        last = copy.last_message
        if last is None or last.mentions is None:
            return copy
        return copy._replace(last_message=self.with_mentioned(last))


def dressed(
    conn: Connection, messages: Iterable[Message], found: Iterable[User | Group | None] = ()
) -> tuple[Message, ...]:
    """Return the messages with their senders and receivers, and notices with what they are about.

    `found` are users and groups that need no look-up.
    """
    known = Known(conn, (one for one in found if one is not None))
    return tuple(_with_subject(conn, known, known.dressed(message)) for message in messages)


def _with_subject(conn: Connection, known: Known, message: Message) -> Message:
    """Return a notice of an edit or a deletion with the message it is about."""
    if not message.is_notice or message.metadata is None:
        return message
    row = _MESSAGE.first(conn, {"wanted": int(message.metadata)})
    subject = None if row is None else rows.to_message(row)
    return message if subject is None else message._replace(subject=known.dressed(subject))
