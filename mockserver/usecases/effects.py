"""What the verbs do: the healthy forms of parts that change something.

Each is called within one transaction, with the copy that the checks let through.
"""

from __future__ import annotations

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Group, LookupResult, Message, User
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import marks
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.messages import Draft, Moves


def mark_read(uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
    """Move the caller's cursor, and let the others see that he has read (readings B6)."""
    seq = uow.behaviours.read_through(copy, up_to)
    message_store.acknowledge(uow.conn, copy, up_to=seq, now=uow.now)
    marks.set_read(uow.conn, copy, seq)


def mark_delivered(uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
    """Let the others see that their messages arrived; the count stays (readings B7)."""
    seq = copy.last_seq if up_to is None else up_to
    message_store.deliver(uow.conn, copy, up_to=seq, now=uow.now)


def mark_unread(uow: UnitOfWork, copy: Copy, after: int | None) -> None:
    """Move the caller's cursor back; the others see nothing of it (readings B8)."""
    newest = None if after is not None else message_store.newest_of_others(uow.conn, copy)
    marks.set_read(uow.conn, copy, uow.behaviours.unread_after(copy, after, newest=newest))


def reset(uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Bring the caller's count to 0, and with `forever` remove the messages (readings B9)."""
    if uow.behaviours.erases_messages(copy.kind, forever):
        message_store.erase_all(uow.conn, copy.conversation)
    else:
        marks.set_read(uow.conn, copy, uow.behaviours.read_by_reset(copy))


def delete(uow: UnitOfWork, copy: Copy) -> None:
    """Take the copy out of the caller's view; the other side keeps its own (readings B10)."""
    marks.hide(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


def update_tags(uow: UnitOfWork, copy: Copy, sent: tuple[str, ...]) -> Copy:
    """The caller's copy with its new tags (readings B11)."""
    tags = uow.behaviours.kept_tags(copy.tags, sent)
    marks.set_tags(uow.conn, copy, tags)
    return copy._replace(tags=tags)


def send(uow: UnitOfWork, draft: Draft, found: LookupResult) -> Message:
    """The message as stored; it moves what the rules let it move (Key behaviors).

    `found` is what the sender sees of the receiver; the first message between two users begins
    their conversation (readings B1).
    """
    behaviours, before = uow.behaviours, found.copy
    if before is None:
        before = begin(uow, draft)
    crowd = found.peer.members_count if isinstance(found.peer, Group) else 2
    moves = Moves(
        count=behaviours.counts_message(draft.kind, crowd),
        last_message=behaviours.moves_last_message(draft.kind, crowd),
        updated_at=(
            behaviours.moved_to(before.updated_at, uow.now)
            if behaviours.moves_updated_at(draft.kind, crowd)
            else None
        ),
    )
    return message_store.send(uow.conn, draft, before=before, moves=moves, now=uow.now)


def begin(uow: UnitOfWork, draft: Draft) -> Copy:
    """The sender's copy of a 1-on-1 that begins now, for both sides (readings B1)."""
    message_store.start(uow.conn, draft, now=uow.now)
    return uow.find_copy(draft.sender, kind=draft.kind, peer=draft.receiver)


def delete_message(uow: UnitOfWork, message: Message, *, by: str, forever: bool) -> Message:
    """The notice of a deletion; it moves nothing, only the deleted message is shown no more."""
    message_store.delete_one(uow.conn, message, by=by, now=uow.now, forever=forever)
    return message_store.notice(uow.conn, message, by=by, now=uow.now)


def join(uow: UnitOfWork, guid: str, uid: str, *, scope: str) -> None:
    """Make a user a member; no trace is left in the conversation (readings B3)."""
    group_store.join(uow.conn, guid, uid, scope=scope, now=uow.now)


def kick(uow: UnitOfWork, guid: str, uid: str) -> None:
    """End a membership; no trace is left in the conversation (readings B3)."""
    group_store.leave(uow.conn, guid, uid)


def note_action(uow: UnitOfWork, group: Group, action: str, *, by: str, on: User) -> Message | None:
    """What a group action leaves in the conversation: nothing (readings B3).

    A replacement may leave a message that says what was done, by whom and to whom.
    """
    del uow, group, action, by, on
    return None


def deactivate(uow: UnitOfWork, user: User) -> None:
    """Let the user be found no more, his uid stay taken (E123)."""
    user_store.deactivate(uow.conn, user.uid, now=uow.now)


def erase_user(uow: UnitOfWork, user: User) -> None:
    """Remove a user with everything that was his (stage document, deleteUser)."""
    user_store.erase(uow.conn, user.uid)


def erase_group(uow: UnitOfWork, group: Group) -> None:
    """Remove a group with its conversation (stage document, deleteGroup)."""
    group_store.erase(uow.conn, group.guid)
