"""What the verbs do: the healthy forms of parts that change something.

Each is called within one transaction, with the copy that the checks let through.
"""

from __future__ import annotations

from mockserver.desk import Desk
from mockserver.domain.model import Copy, Group, Message, Sight, User
from mockserver.store import circles, marks, people, talk
from mockserver.store.talk import Draft, Moves


def mark_read(desk: Desk, copy: Copy, up_to: int | None) -> None:
    """Move the caller's cursor, and let the others see that he has read (readings B6)."""
    seq = desk.parts.read_through(copy, up_to)
    talk.acknowledge(desk.run, copy, up_to=seq, now=desk.now)
    marks.set_read(desk.run, copy, seq)


def mark_delivered(desk: Desk, copy: Copy, up_to: int | None) -> None:
    """Let the others see that their messages arrived; the count stays (readings B7)."""
    seq = copy.last_seq if up_to is None else up_to
    talk.deliver(desk.run, copy, up_to=seq, now=desk.now)


def mark_unread(desk: Desk, copy: Copy, after: int | None) -> None:
    """Move the caller's cursor back; the others see nothing of it (readings B8)."""
    newest = None if after is not None else talk.newest_of_others(desk.run, copy)
    marks.set_read(desk.run, copy, desk.parts.unread_after(copy, after, newest=newest))


def reset(desk: Desk, copy: Copy, forever: bool) -> None:
    """Bring the caller's count to 0, and with `forever` remove the messages (readings B9)."""
    if desk.parts.erases_messages(copy.kind, forever):
        talk.erase_all(desk.run, copy.conversation)
    else:
        marks.set_read(desk.run, copy, desk.parts.read_by_reset(copy))


def delete(desk: Desk, copy: Copy) -> None:
    """Take the copy out of the caller's view; the other side keeps its own (readings B10)."""
    marks.hide(desk.run, copy, desk.parts.hidden_by_delete(copy))


def update_tags(desk: Desk, copy: Copy, sent: tuple[str, ...]) -> Copy:
    """The caller's copy with its new tags (readings B11)."""
    tags = desk.parts.kept_tags(copy.tags, sent)
    marks.set_tags(desk.run, copy, tags)
    return copy._replace(tags=tags)


def send(desk: Desk, draft: Draft, sight: Sight) -> Message:
    """The message as stored; it moves what the rules let it move (Key behaviors).

    `sight` is what the sender sees of the receiver; the first message between two users begins
    their conversation (readings B1).
    """
    parts, before = desk.parts, sight.copy
    if before is None:
        before = begin(desk, draft)
    crowd = sight.peer.members_count if isinstance(sight.peer, Group) else 2
    moves = Moves(
        count=parts.counts_message(draft.kind, crowd),
        last_message=parts.moves_last_message(draft.kind, crowd),
        updated_at=(
            parts.moved_to(before.updated_at, desk.now)
            if parts.moves_updated_at(draft.kind, crowd)
            else None
        ),
    )
    return talk.send(desk.run, draft, before=before, moves=moves, now=desk.now)


def begin(desk: Desk, draft: Draft) -> Copy:
    """The sender's copy of a 1-on-1 that begins now, for both sides (readings B1)."""
    talk.start(desk.run, draft, now=desk.now)
    return desk.find_copy(draft.sender, kind=draft.kind, peer=draft.receiver)


def delete_message(desk: Desk, message: Message, *, by: str, forever: bool) -> Message:
    """The notice of a deletion; it moves nothing, only the deleted message is shown no more."""
    talk.delete_one(desk.run, message, by=by, now=desk.now, forever=forever)
    return talk.notice(desk.run, message, by=by, now=desk.now)


def join(desk: Desk, guid: str, uid: str, *, scope: str) -> None:
    """Make a user a member; no trace is left in the conversation (readings B3)."""
    circles.join(desk.run, guid, uid, scope=scope, now=desk.now)


def kick(desk: Desk, guid: str, uid: str) -> None:
    """End a membership; no trace is left in the conversation (readings B3)."""
    circles.leave(desk.run, guid, uid)


def note_action(desk: Desk, group: Group, action: str, *, by: str, on: User) -> Message | None:
    """What a group action leaves in the conversation: nothing (readings B3).

    A replacement may leave a message that says what was done, by whom and to whom.
    """
    del desk, group, action, by, on
    return None


def deactivate(desk: Desk, user: User) -> None:
    """Let the user be found no more, his uid stay taken (api facts, section 5)."""
    people.deactivate(desk.run, user.uid, now=desk.now)


def erase_user(desk: Desk, user: User) -> None:
    """Remove a user with everything that was his (stage document, deleteUser)."""
    people.erase(desk.run, user.uid)


def erase_group(desk: Desk, group: Group) -> None:
    """Remove a group with its conversation (stage document, deleteGroup)."""
    circles.erase(desk.run, group.guid)
