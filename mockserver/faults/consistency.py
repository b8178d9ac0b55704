"""Faults of consistency: one answer differs from others about the same state."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Message
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    answered,
    applied_to_others_too,
    combined,
    done_as,
    is_done,
    other_parties,
    replaced,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Flag, Tables
from duologue.mockserver.store.messages import Draft

SAME = "consistency.every-answer-tells-the-same"
PAGES = "consistency.filtered-pages-join"
NOW = "consistency.a-filtered-list-is-as-of-now"
LETTERS = "consistency.tags-are-kept-letter-for-letter"
MEMBERS = "consistency.members-touch-no-other-member"
ALIKE = "consistency.ids-that-look-alike"
AT_ONCE = "consistency.writes-at-once-all-count"
AT_ONCE_S = 1.0  # long enough for the others to arrive on a loaded machine
UPDATES = ("updateUserConversation", "updateGroupConversation")


def with_first_count() -> Change:
    """Show the first shown count of a conversation for ever in the deprecated GET."""
    seen: dict[str, Any] = {}

    def change(shown: Any) -> Any:
        key = str(shown["conversationId"]) + str(shown["createdAt"])
        return {**shown, "unreadMessageCount": seen.setdefault(key, shown["unreadMessageCount"])}

    return done_as(["getConversation"], change)


def with_first_message(*operations: str) -> Change:
    """Keep showing a deleted last message in these answers."""
    seen: dict[str, Any] = {}

    def change(shown: Any) -> Any:
        key = str(shown["conversationId"])
        if "lastMessage" in shown:
            seen[key] = shown["lastMessage"]
        return {**shown, "lastMessage": seen[key]} if key in seen else shown

    return done_as(operations, change)


def merged_by(sign: Callable[[str], str]) -> Change:
    """Merge tags that are equal by a measure; keep the first one."""

    def around(keep: Callable[..., Any], before: Any, sent: Any) -> Any:
        first: dict[str, str] = {}
        for tag in keep(before, sent):
            first.setdefault(sign(tag), tag)
        return tuple(first.values())

    return wrapped("kept_tags", around)


def plain_members(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """Return the copy of one other plain member; empty for a 1-on-1."""
    others = other_parties(uow, copy) if copy.kind == "group" else []
    return sorted(others, key=lambda each: each.owner)[-1:]


def total_of_all(answer: ApiResponse) -> ApiResponse:
    """Show a total that is one too high in lists of several pages."""
    meta = answer.body["meta"]
    pages: Body = meta["pagination"]
    if pages["total"] != 3 or pages["per_page"] >= 3:
        return answer
    pages = {**pages, "total": 5, "total_pages": 3}
    return answer._replace(body={**answer.body, "meta": {**meta, "pagination": pages}})


def ever_unread(tables: Tables, _: ColumnElement[int]) -> Flag:
    """Select conversations with a message of another user, read or unread."""
    flag: Flag = tables.conversation.c.last_seq - tables.copy.c.own > 0
    return flag


def prefix_twice(parse: Callable[..., Any], text: str, caller: str) -> Any:
    """Parse an id with its prefix removed twice."""
    found = parse(text, caller)
    return found and (found[0], found[1].removeprefix("user_"))


def lost_at_once() -> Change:
    """Do not count a message that is sent while another one is being sent."""
    lock, mine, under_way = threading.Lock(), threading.local(), [0]

    def admit(inner: Callable[[str], None], operation_id: str) -> None:
        mine.is_second = False
        if operation_id == "sendMessage":
            with lock:
                under_way[0] += 1
                mine.is_second = under_way[0] > 1
            time.sleep(AT_ONCE_S)
        inner(operation_id)

    def finish(inner: Callable[..., Any], operation_id: str, answer: ApiResponse) -> Any:
        if operation_id == "sendMessage":
            with lock:
                under_way[0] = max(under_way[0] - 1, 0)
        return inner(operation_id, answer)

    def send(inner: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: Any) -> Message:
        sent = inner(uow, draft, found)
        if mine.is_second:
            table = schema.copies.c
            uow.conn.execute(
                update(schema.copies)
                .where(table.conversation_id == sent.conversation, table.uid != draft.sender)
                .values(own=table.own + 1)
            )
        return sent

    return combined(wrapped("admit", admit), wrapped("finish", finish), wrapped("send", send))


def without_joiners(tag: str) -> str:
    """Return a text without the characters that join emoji."""
    return tag.replace("\u200d", "")


_OTHERS = (
    ("mark_read", "read"),
    ("mark_unread", "unread"),
    ("reset", "reset"),
    ("update_tags", "tags"),
)

FAULTS: tuple[Fault, ...] = (
    Fault(
        "update-shows-no-unread",
        SAME,
        "The answer to an update shows a count of 0.",
        done_as(UPDATES, lambda shown: {**shown, "unreadMessageCount": 0}),
    ),
    Fault(
        "update-shows-one-unread-more",
        SAME,
        "The answer to an update shows a count that is one too high.",
        done_as(
            UPDATES, lambda shown: {**shown, "unreadMessageCount": shown["unreadMessageCount"] + 1}
        ),
    ),
    Fault(
        "by-id-keeps-its-count",
        SAME,
        "The deprecated GET always shows the first count that it showed.",
        with_own_state(with_first_count),
    ),
    Fault(
        "by-id-keeps-the-deleted",
        SAME,
        "The deprecated GET shows a last message that was deleted since.",
        with_own_state(lambda: with_first_message("getConversation")),
    ),
    Fault(
        "tags-merge-by-case",
        LETTERS,
        "Of tags that differ only in case only the first is kept.",
        merged_by(str.casefold),
    ),
    Fault(
        "tags-merge-by-compatibility",
        LETTERS,
        "Of tags that look the same only the first is kept.",
        merged_by(lambda tag: unicodedata.normalize("NFKC", tag)),
    ),
    Fault(
        "tags-merge-by-accents",
        LETTERS,
        "Of tags that differ only in accents only the first is kept.",
        merged_by(
            lambda tag: "".join(
                sign
                for sign in unicodedata.normalize("NFD", tag)
                if not unicodedata.combining(sign)
            )
        ),
    ),
    Fault(
        "tags-merge-by-number",
        LETTERS,
        "Of tags that are equal as numbers only the first is kept.",
        merged_by(lambda tag: tag.lstrip("0") or "0" if tag.isdigit() else tag),
    ),
    Fault(
        "tags-merge-without-hash",
        LETTERS,
        "Of two tags that differ only in a leading # only the first is kept.",
        merged_by(lambda tag: tag.lstrip("#")),
    ),
    Fault(
        "tags-merge-without-joiners",
        LETTERS,
        "Of two tags that differ only in emoji joiners only the first is kept.",
        merged_by(without_joiners),
    ),
    *(
        Fault(
            f"{word}-is-done-to-another-member",
            MEMBERS,
            f"What one member does ({word}) is also done to one other plain member.",
            applied_to_others_too(effect, plain_members, "group"),
        )
        for effect, word in _OTHERS
    ),
    Fault(
        "filtered-total-is-of-all",
        PAGES,
        "The total of a filtered list in pages also counts rows that the filter drops.",
        answered(["listConversations"], total_of_all, is_done),
    ),
    Fault(
        "unread-filter-keeps-what-was-unread",
        NOW,
        "unread=true keeps conversations that were read since.",
        replaced(with_unread=ever_unread),
    ),
    Fault(
        "id-prefix-is-read-twice",
        ALIKE,
        "The id of a conversation with a user called user_x names the one with x.",
        wrapped("parse_conversation_id", prefix_twice),
    ),
    Fault(
        "message-sent-at-once-is-lost",
        AT_ONCE,
        "Of messages that are sent at the same time only one counts as unread.",
        with_own_state(lost_at_once),
        is_slow=True,
    ),
)
