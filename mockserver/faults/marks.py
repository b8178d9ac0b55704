"""Faults of the marks: how far they reach, which copies they change, what a repetition does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Kind
from duologue.mockserver.faults.combinators import (
    Change,
    amended,
    applied_to_others_too,
    no_tags,
    other_parties,
    replaced,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import marks, schema
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store.criteria import Flag, Tables

READ_ALONE = "marks.read-is-the-callers-alone"
UP_TO = "marks.read-up-to-a-message"
REPEATS = "marks.repeats-change-nothing"
AFTER = "marks.unread-after-a-message"
UNREAD_ALONE = "marks.unread-is-the-callers-alone"
RESET_KEEPS = "marks.reset-keeps-the-conversation"
RESET_ALONE = "marks.reset-is-the-callers-alone"
DELETE_ALONE = "marks.delete-is-the-callers-alone"
DELETE_ENDS = "marks.delete-ends-with-the-next-message"
DELIVERED = "marks.delivered-shows-on-the-message"


def read_up_to(change: Callable[[Copy, int], int]) -> Change:
    """Read up to another position when a message is named."""

    def around(rule: Callable[..., int], copy: Copy, up_to: int | None) -> int:
        if up_to is None:
            return rule(copy, None)
        return max(copy.read_seq, min(change(copy, up_to), copy.last_seq))

    return wrapped("read_through", around)


def unread_from(change: Callable[[Copy, int], int]) -> Change:
    """Mark as unread from another position when a message is named."""

    def around(
        rule: Callable[..., int], copy: Copy, after: int | None, *, newest: int | None
    ) -> int:
        if after is None:
            return rule(copy, None, newest=newest)
        return max(0, min(change(copy, after), copy.last_seq))

    return wrapped("unread_after", around)


def before_it(copy: Copy, after: int) -> int:
    """Return the position that leaves as many unread as came up to the message."""
    return copy.last_seq - after


def again(effect: str, then: Callable[[UnitOfWork, Copy], None]) -> Change:
    """Do something else if there is nothing to mark."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> None:
        if _has_nothing_to(effect, copy):
            then(uow, copy)
        else:
            do(uow, copy, *rest)

    return wrapped(effect, around)


def _has_nothing_to(effect: str, copy: Copy) -> bool:
    if effect == "mark_delivered":
        return copy.delivered_seq >= copy.last_seq
    return copy.unread_count == 0 and copy.read_seq == copy.last_seq


def refused(_: UnitOfWork, __: Copy) -> None:
    """Refuse, because there is nothing to mark."""
    raise no_tags("There is nothing to mark.")


def unread_again(uow: UnitOfWork, copy: Copy) -> None:
    """Mark the newest message of others as unread."""
    newest = message_store.newest_of_others(uow.conn, copy)
    if newest:
        marks.set_read(uow.conn, copy, newest - 1)


def all_read(uow: UnitOfWork, copy: Copy) -> None:
    """Mark everything as read."""
    marks.set_read(uow.conn, copy, copy.last_seq)


def hidden(_: Callable[..., Any], uow: UnitOfWork, copy: Copy, __: bool) -> None:
    """Hide the copy from its owner."""
    marks.hide(uow.conn, copy, copy.last_seq)


def emptied(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Reset, and clear the last message."""
    do(uow, copy, forever)
    conversation = schema.conversations.c.id
    uow.conn.execute(
        update(schema.conversations)
        .where(conversation == copy.conversation)
        .values(last_message=None)
    )


def unlisted_when_read(visible: Callable[..., Flag], tables: Tables) -> Flag:
    """Select copies that are not completely read, or whose owner has written."""
    copy, conversation = tables.copy.c, tables.conversation.c
    cleared = (copy.read_seq == conversation.last_seq) & (copy.own == 0) & (copy.read_seq > 0)
    return visible(tables) & ~cleared


def kept_for_ever(_: Callable[..., None], uow: UnitOfWork, copy: Copy) -> None:
    """Hide the copy for ever."""
    marks.hide(uow.conn, copy, 2**40)
    marks.set_read(uow.conn, copy, copy.last_seq)


def deleted_and_read(do: Callable[..., None], uow: UnitOfWork, copy: Copy) -> None:
    """Delete, and mark everything as read for the other parties."""
    for other in other_parties(uow, copy):
        marks.set_read(uow.conn, other, other.last_seq)
    do(uow, copy)


def untagged_for_others(do: Callable[..., None], uow: UnitOfWork, copy: Copy) -> None:
    """Delete, and remove the other parties' tags."""
    for other in other_parties(uow, copy):
        marks.set_tags(uow.conn, other, ())
    do(uow, copy)


def back_with_the_second(copy: Copy) -> int:
    """Return the position after the next message."""
    return copy.last_seq + 1


def delivers_not(kind: Kind) -> Change:
    """Skip delivery marks on conversations of one kind."""

    def around(do: Callable[..., None], uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
        if copy.kind != kind:
            do(uow, copy, up_to)

    return wrapped("mark_delivered", around)


def only_integers() -> Change:
    """Accept message ids as numbers only, not as the strings that messages show."""
    return amended("components/schemas/After/properties/messageId", {"type": "integer"})


FAULTS: tuple[Fault, ...] = (
    Fault(
        "read-is-for-all",
        READ_ALONE,
        "Marking as read marks the copies of all parties.",
        applied_to_others_too("mark_read", other_parties),
    ),
    Fault(
        "read-of-groups-is-for-all",
        READ_ALONE,
        "Marking a group's conversation as read marks the copies of all members.",
        applied_to_others_too("mark_read", other_parties, "group"),
    ),
    Fault(
        "read-up-to-reads-all",
        UP_TO,
        "Reading up to a message reads everything.",
        read_up_to(lambda copy, _: copy.last_seq),
    ),
    Fault(
        "read-up-to-reads-nothing",
        UP_TO,
        "Reading up to a message reads nothing.",
        read_up_to(lambda copy, _: copy.read_seq),
    ),
    Fault(
        "read-up-to-leaves-the-message",
        UP_TO,
        "Reading up to a message leaves that message unread.",
        read_up_to(lambda _, up_to: up_to - 1),
    ),
    Fault(
        "read-up-to-reads-one-more",
        UP_TO,
        "Reading up to a message reads the one after it as well.",
        read_up_to(lambda _, up_to: up_to + 1),
    ),
    Fault(
        "read-twice-is-refused",
        REPEATS,
        "Marking as read is refused where nothing is unread.",
        again("mark_read", refused),
    ),
    Fault(
        "read-twice-is-unread",
        REPEATS,
        "Marking as read twice makes the newest message unread.",
        again("mark_read", unread_again),
    ),
    Fault(
        "delivered-twice-reads",
        REPEATS,
        "Marking as delivered twice marks as read.",
        again("mark_delivered", all_read),
    ),
    Fault(
        "reset-twice-is-refused",
        REPEATS,
        "A reset is refused where nothing is unread.",
        again("reset", refused),
    ),
    Fault(
        "unread-after-marks-the-newest",
        AFTER,
        "Marking as unread after a message marks the newest message alone.",
        unread_from(lambda copy, _: copy.last_seq - 2),
    ),
    Fault(
        "unread-after-marks-what-is-before",
        AFTER,
        "Marking as unread after a message marks as many as came up to it.",
        unread_from(before_it),
    ),
    Fault(
        "unread-after-marks-all",
        AFTER,
        "Marking as unread after a message marks all messages of others.",
        unread_from(lambda _, __: 0),
    ),
    Fault(
        "unread-after-leaves-one",
        AFTER,
        "Marking as unread after a message leaves the first one behind it read.",
        unread_from(lambda _, after: after + 1),
    ),
    Fault(
        "unread-after-does-nothing",
        AFTER,
        "Marking as unread after a message changes nothing but is answered as done.",
        unread_from(lambda copy, _: copy.read_seq),
    ),
    Fault(
        "unread-after-takes-no-strings",
        AFTER,
        "Marking as unread after a message refuses the id as messages show it.",
        only_integers(),
    ),
    Fault(
        "unread-is-for-all",
        UNREAD_ALONE,
        "Marking as unread marks the copies of all parties.",
        applied_to_others_too("mark_unread", other_parties),
    ),
    Fault(
        "unread-of-groups-is-for-all",
        UNREAD_ALONE,
        "Marking a group's conversation as unread marks the copies of all members.",
        applied_to_others_too("mark_unread", other_parties, "group"),
    ),
    Fault(
        "reset-hides",
        RESET_KEEPS,
        "A reset takes the conversation out of the caller's view.",
        wrapped("reset", hidden),
    ),
    Fault(
        "reset-forgets-the-last-message",
        RESET_KEEPS,
        "A reset leaves the conversation without lastMessage.",
        wrapped("reset", emptied),
    ),
    Fault(
        "reset-takes-the-row",
        RESET_KEEPS,
        "A conversation in which all is read is in no list.",
        wrapped("visible", unlisted_when_read),
    ),
    Fault(
        "reset-is-for-all",
        RESET_ALONE,
        "A reset brings the count of all parties to 0.",
        applied_to_others_too("reset", other_parties),
    ),
    Fault(
        "reset-of-groups-is-for-all",
        RESET_ALONE,
        "A reset of a group's conversation brings the count of all members to 0.",
        applied_to_others_too("reset", other_parties, "group"),
    ),
    Fault(
        "delete-is-for-all",
        DELETE_ALONE,
        "Deleting a conversation takes it out of the view of all parties.",
        applied_to_others_too("delete", other_parties),
    ),
    Fault(
        "delete-reads-for-the-other-side",
        DELETE_ALONE,
        "Deleting a conversation brings the other side's count to 0.",
        wrapped("delete", deleted_and_read),
    ),
    Fault(
        "delete-takes-the-tags-of-others",
        DELETE_ALONE,
        "Deleting a conversation removes the other side's tags.",
        wrapped("delete", untagged_for_others),
    ),
    Fault(
        "delete-is-for-ever",
        DELETE_ENDS,
        "A deleted conversation does not come back.",
        wrapped("delete", kept_for_ever),
    ),
    Fault(
        "delete-ends-with-the-second-message",
        DELETE_ENDS,
        "A deleted conversation comes back only with the second message after it.",
        replaced(hidden_by_delete=back_with_the_second),
    ),
    Fault(
        "delivered-user-leaves-no-receipt",
        DELIVERED,
        "Marking a 1-on-1 as delivered changes nothing but is answered as done.",
        delivers_not("user"),
    ),
    Fault(
        "delivered-group-leaves-no-receipt",
        DELIVERED,
        "Marking a group's conversation as delivered changes nothing but is answered as done.",
        delivers_not("group"),
    ),
    Fault(
        "delivered-up-to-a-message-delivers-all",
        DELIVERED,
        "Marking as delivered up to a message delivers those after it, too.",
        wrapped("mark_delivered", lambda do, uow, copy, _: do(uow, copy, None)),
    ),
)
