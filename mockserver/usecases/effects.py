"""What the operations change: the default of each behaviour that writes.

Each is called within one transaction, with the copy that the checks let through.
"""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Group, LookupResult, Message, User
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import marks, receipts
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.messages import Draft, Moves


@rule("B6")
def mark_read(uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
    """Move the caller's read cursor and set the receipts that the others see."""
    seq = uow.behaviours.read_through(copy, up_to)
    marks.set_read(uow.conn, copy, seq)
    receipts.acknowledge(uow.conn, copy, up_to=seq, now=uow.now)


@rule("B7")
def mark_delivered(uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
    """Set the delivery receipts that the others see; the unread count stays."""
    seq = copy.last_seq if up_to is None else up_to
    receipts.deliver(uow.conn, copy, up_to=seq, now=uow.now)


@rule("B8")
def mark_unread(uow: UnitOfWork, copy: Copy, after: int | None) -> None:
    """Move the caller's read cursor back; the others see no difference."""
    newest = None if after is not None else message_store.newest_of_others(uow.conn, copy)
    marks.set_read(uow.conn, copy, uow.behaviours.unread_after(copy, after, newest=newest))


@rule("B9")
def reset(uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Set the caller's unread count to 0, and with `forever` remove the messages."""
    if uow.behaviours.erases_messages(copy.kind, forever):
        message_store.erase_all(uow.conn, copy.conversation)
    else:
        marks.set_read(uow.conn, copy, uow.behaviours.read_by_reset(copy))


@rule("B10")
def delete(uow: UnitOfWork, copy: Copy) -> None:
    """Hide the copy from the caller; the other side keeps its own."""
    marks.hide(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


@rule("B11")
def update_tags(uow: UnitOfWork, copy: Copy, sent: tuple[str, ...]) -> Copy:
    """Replace the tags of the caller's copy and return it."""
    tags = uow.behaviours.kept_tags(copy.tags, sent)
    marks.set_tags(uow.conn, copy, tags)
    return copy._replace(tags=tags)


@rule("B1", "B4", heading="Key behaviors")
def send(uow: UnitOfWork, draft: Draft, found: LookupResult) -> Message:
    """Store a message and move its conversation as the rules allow; return the message.

    `found` is what the sender sees of the receiver. The first message between two users begins
    their conversation (B1).
    """
    behaviours, before = uow.behaviours, found.copy
    if before is None:
        before = begin(uow, draft)
    members_count = found.peer.members_count if isinstance(found.peer, Group) else 2
    moves = Moves(
        # A reply in a thread is never unread.
        count=draft.parent_id is None and behaviours.counts_message(draft.kind, members_count),
        last_message=behaviours.moves_last_message(draft.kind, members_count),
        updated_at=(
            behaviours.moved_to(before.updated_at, uow.now)
            if behaviours.moves_updated_at(draft.kind, members_count)
            else None
        ),
    )
    return message_store.send(uow.conn, draft, before=before, moves=moves, now=uow.now)


@rule("B1")
def begin(uow: UnitOfWork, draft: Draft) -> Copy:
    """Begin a 1-on-1 conversation for both sides and return the sender's copy."""
    message_store.start(uow.conn, draft, now=uow.now)
    return uow.find_copy(draft.sender, kind=draft.kind, peer=draft.receiver)


@rule("C4", "E131")
def delete_message(uow: UnitOfWork, message: Message, *, by: str, forever: bool) -> Message:
    """Delete a message and return the notice; the conversation does not move."""
    message_store.delete_one(uow.conn, message, by=by, now=uow.now, forever=forever)
    return message_store.notice(uow.conn, message, by=by, now=uow.now)


@rule("B3")
def join(uow: UnitOfWork, guid: str, uid: str, *, scope: str) -> None:
    """Make a user a member; the conversation has no trace of it."""
    member_store.join(uow.conn, guid, uid, scope=scope, now=uow.now)


@rule("B3")
def kick(uow: UnitOfWork, guid: str, uid: str) -> None:
    """End a membership; the conversation has no trace of it."""
    member_store.leave(uow.conn, guid, uid)


@rule("B3")
def note_action(
    uow: UnitOfWork,
    group: Group,
    action: str,
    *,
    by: str,
    on: User,
    extras: dict[str, Any] | None,
) -> Message | None:
    """Return None: a group action leaves no message in the conversation.

    A replacement may return a message that says what was done, by which user and to which one.
    """
    del uow, group, action, by, on, extras
    return None


@rule("E123")
def deactivate(uow: UnitOfWork, user: User) -> None:
    """Deactivate a user: it is not found any more, and its uid stays taken."""
    user_store.deactivate(uow.conn, user.uid, now=uow.now)


@rule("E123")
def erase_user(uow: UnitOfWork, user: User) -> None:
    """Remove a user with all of its data."""
    user_store.erase(uow.conn, user.uid)


@rule("E126")
def erase_group(uow: UnitOfWork, group: Group) -> None:
    """Remove a group with its conversation."""
    group_store.erase(uow.conn, group.guid)
