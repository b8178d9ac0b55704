"""Faults of "Key behaviors": number, length, characters, owner and lifetime of tags."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import Copy, LookupResult, Message
from duologue.mockserver.faults.combinators import (
    Act,
    Change,
    amended,
    applied_to_others_too,
    no_tags,
    other_parties,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import marks, schema
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.usecases.types import Call

MANY_TAGS = "key-behaviors.at-most-25-tags"
LONG_TAGS = "key-behaviors.tags-up-to-100-characters"
UTF8MB4 = "key-behaviors.tags-are-utf8mb4"
REFUSED = "key-behaviors.refused-tags-change-nothing"
REPLACED = "key-behaviors.tags-are-replaced"
ALONE = "key-behaviors.tags-are-the-callers-alone"
STAY = "key-behaviors.tags-stay"
Tags = tuple[str, ...]


# --- tags: how many, how long, of what ------------------------------------------------------------

_TAGS, _TAG = "components/schemas/Tags", "components/schemas/Tag"


def refused_for(reason: Callable[[Copy, Tags], str | None]) -> Change:
    """Refuse further tags: those for which `reason` returns a reason."""

    def around(do: Callable[..., Copy], uow: UnitOfWork, copy: Copy, sent: Tags) -> Copy:
        why = reason(copy, sent)
        if why:
            raise no_tags(why)
        return do(uow, copy, sent)

    return wrapped("update_tags", around)


def longest_by(measure: Callable[[str], int]) -> Change:
    """Refuse tags that are longer than 100 by another measure."""
    return refused_for(
        lambda _, sent: "Too long." if any(measure(tag) > 100 for tag in sent) else None
    )


def stored(change: Callable[[Tags, Tags], Tags]) -> Change:
    """Store other tags than sent; `change` gets the previous and the sent tags."""
    return wrapped("kept_tags", lambda keep, before, sent: change(before, keep(before, sent)))


def each(change: Callable[[str], str]) -> Change:
    """Store each tag changed."""
    return stored(lambda _, sent: tuple(change(tag) for tag in sent))


def in_part(most: int | None = None, longest: int | None = None) -> Change:
    """Accept tags past a limit and cut them to the limit."""

    def around(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
        tags = call.body.get("tags") if isinstance(call.body, dict) else None
        if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
            return refuse(problem, call, act)
        cut = [tag[:longest] for tag in tags][:most]
        if len(cut) > 25 or any(len(tag) > 100 for tag in cut):
            return refuse(problem, call, act)
        return act(call._replace(body={"tags": cut}))

    return wrapped("refuse", around)


def done_though_refused(tags: Callable[[list[Any]], list[Any]]) -> Change:
    """Refuse tags past a limit but store them."""

    def around(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
        sent = call.body.get("tags") if isinstance(call.body, dict) else None
        if isinstance(sent, list) and all(isinstance(tag, str) and tag for tag in sent):
            act(call._replace(body={"tags": tags(sent)}))
        return refuse(problem, call, act)

    return wrapped("refuse", around)


def without_tags_then(effect: str) -> Change:
    """Remove the copy's tags with another effect."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        outcome = do(uow, copy, *rest)
        marks.set_tags(uow.conn, copy, ())
        return outcome

    return wrapped(effect, around)


def message_clears(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message and remove all tags of the conversation."""
    message = send(uow, draft, found)
    copy = schema.copies.c
    uow.conn.execute(
        update(schema.copies).where(copy.conversation_id == message.conversation).values(tags="")
    )
    return message


def code_units(tag: str) -> int:
    """Return the length of a tag in UTF-16 code units."""
    return len(tag.encode("utf-16-le")) // 2


_LIMITS = (
    Fault(
        "tags-end-at-24",
        MANY_TAGS,
        "25 tags are refused.",
        amended(f"{_TAGS}/maxItems", 24),
    ),
    Fault(
        "tags-end-at-26",
        MANY_TAGS,
        "26 tags are taken.",
        amended(f"{_TAGS}/maxItems", 26),
    ),
    Fault(
        "tags-never-end",
        MANY_TAGS,
        "Any number of tags is taken.",
        amended(f"{_TAGS}/maxItems", 10_000),
    ),
    Fault(
        "tags-past-25-are-dropped",
        MANY_TAGS,
        "Of more than 25 tags the first 25 are taken, without a word.",
        in_part(most=25),
    ),
    Fault(
        "tags-count-with-those-before",
        MANY_TAGS,
        "25 tags are refused where there were tags before.",
        refused_for(lambda copy, sent: "Too many." if len(sent) + len(copy.tags) > 25 else None),
    ),
    Fault(
        "tags-past-24-are-not-stored",
        MANY_TAGS,
        "Of 25 tags 24 are stored.",
        stored(lambda _, sent: sent[:24]),
    ),
    Fault(
        "tag-ends-at-99",
        LONG_TAGS,
        "A tag of 100 characters is refused.",
        amended(f"{_TAG}/maxLength", 99),
    ),
    Fault(
        "tag-ends-at-101",
        LONG_TAGS,
        "A tag of 101 characters is taken.",
        amended(f"{_TAG}/maxLength", 101),
    ),
    Fault(
        "tag-never-ends",
        LONG_TAGS,
        "A tag of any length is taken.",
        amended(f"{_TAG}/maxLength", 100_000),
    ),
    Fault(
        "tag-is-cut-at-100",
        LONG_TAGS,
        "Of a tag of more than 100 characters the first 100 are taken, without a word.",
        in_part(longest=100),
    ),
    Fault(
        "tag-is-cut-at-99",
        LONG_TAGS,
        "Of a tag of 100 characters 99 are stored.",
        each(lambda tag: tag[:99]),
    ),
    Fault(
        "tags-share-1000-characters",
        LONG_TAGS,
        "Tags of more than 1000 characters in all are refused.",
        refused_for(lambda _, sent: "Too long." if sum(map(len, sent)) > 1000 else None),
    ),
    Fault(
        "tags-are-counted-in-bytes",
        UTF8MB4,
        "A tag is refused that is longer than 100 bytes.",
        longest_by(lambda tag: len(tag.encode())),
    ),
    Fault(
        "tags-are-counted-in-utf-16",
        UTF8MB4,
        "A tag is refused that is longer than 100 units of UTF-16.",
        longest_by(code_units),
    ),
    Fault(
        "tags-have-three-bytes",
        UTF8MB4,
        "Characters that need four bytes are dropped, as utf8mb3 does.",
        each(lambda tag: "".join(sign for sign in tag if ord(sign) < 0x10000) or "?"),
    ),
    Fault(
        "tags-are-ascii",
        UTF8MB4,
        "Characters beyond ASCII become question marks.",
        each(lambda tag: tag.encode("ascii", "replace").decode()),
    ),
    Fault(
        "tags-are-escaped",
        UTF8MB4,
        "Quotes and angle brackets in tags are stored as HTML entities.",
        each(html.escape),
    ),
    Fault(
        "tags-lose-backslashes",
        UTF8MB4,
        "Backslashes in tags are dropped.",
        each(lambda tag: tag.replace("\\", "")),
    ),
    Fault(
        "tags-part-at-commas",
        UTF8MB4,
        "A tag with a comma becomes two.",
        stored(lambda _, sent: tuple(part for tag in sent for part in tag.split(","))),
    ),
    Fault(
        "tags-are-in-small-letters",
        UTF8MB4,
        "Capital letters in tags become small ones.",
        each(str.lower),
    ),
    Fault(
        "tags-are-composed",
        UTF8MB4,
        "Letters with combining marks are stored as one character.",
        each(lambda tag: unicodedata.normalize("NFC", tag)),
    ),
)

_STATE = (
    Fault(
        "refused-tags-are-stored",
        REFUSED,
        "More tags than allowed are refused, but the first 25 are stored.",
        done_though_refused(lambda tags: [tag[:100] for tag in tags][:25]),
    ),
    Fault(
        "refused-tags-clear",
        REFUSED,
        "Refused tags leave the conversation without any.",
        done_though_refused(lambda _: []),
    ),
    Fault(
        "refused-tags-are-stored-up-to-the-bad-one",
        REFUSED,
        "The tags before one that is too long are stored, though refused.",
        done_though_refused(
            lambda tags: [tag for tag in tags if len(tag) <= 100] if len(tags) <= 25 else tags[:1]
        ),
    ),
    Fault(
        "tags-are-added",
        REPLACED,
        "An update adds its tags to those there were.",
        stored(lambda before, sent: tuple(dict.fromkeys((*before, *sent)))),
    ),
    Fault(
        "tags-are-never-cleared",
        REPLACED,
        "An update without tags leaves those there were.",
        stored(lambda before, sent: sent or before),
    ),
    Fault(
        "tags-are-toggled",
        REPLACED,
        "An update with the same tags takes them away.",
        stored(lambda before, sent: () if before == sent else sent),
    ),
    Fault(
        "tags-are-set-once",
        REPLACED,
        "Tags once set are not replaced by others.",
        stored(lambda before, sent: before if before and sent else sent),
    ),
    Fault(
        "tags-are-everybodys",
        ALONE,
        "Tags go to the copies of all parties.",
        applied_to_others_too("update_tags", other_parties),
    ),
    Fault(
        "tags-of-groups-are-everybodys",
        ALONE,
        "Tags of a group's conversation go to the copies of all members.",
        applied_to_others_too("update_tags", other_parties, "group"),
    ),
    Fault(
        "message-clears-tags",
        STAY,
        "A message takes the tags of its conversation away.",
        wrapped("send", message_clears),
    ),
    Fault(
        "read-clears-tags",
        STAY,
        "Marking as read takes the tags away.",
        without_tags_then("mark_read"),
    ),
    Fault(
        "delivered-clears-tags",
        STAY,
        "Marking as delivered takes the tags away.",
        without_tags_then("mark_delivered"),
    ),
    Fault(
        "unread-clears-tags",
        STAY,
        "Marking as unread takes the tags away.",
        without_tags_then("mark_unread"),
    ),
)

FAULTS: tuple[Fault, ...] = (*_LIMITS, *_STATE)
