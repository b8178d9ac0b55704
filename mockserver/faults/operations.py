"""Faults of "Available operations": an operation does too little, too much, or something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, or_, true

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain.model import Copy, Kind, Shown
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    answered,
    applied_to_others_instead,
    applied_to_others_too,
    callers_others,
    combined,
    done_as,
    during,
    is_done,
    other_parties,
    replaced,
    skipped,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store.criteria import Flag, Tables, Value

CLAUSE = "operations."
ALL = {"user": "1-on-1", "group": "group"}


# --- the list -------------------------------------------------------------------------------------


def or_the_other_sides(tables: Tables, caller: Value) -> Flag:
    """Select the caller's copies, and others' copies of their 1-on-1s with the caller."""
    copy = tables.copy.c
    return or_(copy.uid == caller, and_(copy.kind == "user", copy.peer == caller))


def without(kind: Kind) -> Change:
    """List no conversations of one kind."""
    return wrapped(
        "visible",
        lambda visible, tables: and_(visible(tables), tables.copy.c.kind != kind),
    )


def first_row_again(data: list[Any]) -> list[Any]:
    """Repeat the first row at the end of a list of two."""
    return [*data, data[0]] if len(data) == 2 else data


# --- what is fetched ------------------------------------------------------------------------------


def by_the_first_id() -> Change:
    """Answer every id with the conversation that the caller fetched first."""
    first: dict[str, Any] = {}

    def around(parse: Callable[..., Any], text: str, caller: str) -> Any:
        return first.setdefault(caller, parse(text, caller))

    return during(["getConversation"], "parse_conversation_id", around)


def with_the_peer_before(kind: Kind) -> Change:
    """Show the peer of the first fetched conversation of a kind in all later ones."""

    def make() -> Change:
        first: dict[str, Copy] = {}

        def around(show: Callable[..., Any], behaviours: Behaviours, copy: Copy, how: Shown) -> Any:
            if not (how.single and copy.kind == kind):
                return show(behaviours, copy, how)
            before = first.setdefault(copy.owner, copy)
            return show(behaviours, copy._replace(peer=before.peer, peer_is=before.peer_is), how)

        name = f"get{kind.title()}Conversation"
        return combined(
            during([name], "show_conversation_with", around),
            during([name], "show_conversation_id", around),
        )

    return with_own_state(make)


def not_by_id(kind: Kind) -> Change:
    """Find no conversation of one kind by its id."""

    def around(parse: Callable[..., Any], text: str, caller: str) -> Any:
        named = parse(text, caller)
        return None if named and named[0] == kind else named

    return during(["getConversation"], "parse_conversation_id", around)


# --- what is tagged -------------------------------------------------------------------------------


def tags_kept(kind: Kind, keep: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Change:
    """Store some tags and answer with all of them."""

    def around(do: Callable[..., Copy], uow: UnitOfWork, copy: Copy, sent: tuple[str, ...]) -> Copy:
        if copy.kind != kind:
            return do(uow, copy, sent)
        return do(uow, copy, keep(sent))._replace(tags=sent)

    return wrapped("update_tags", around)


def without_tags(data: Body) -> Body:
    """Remove the tags from a conversation."""
    return {name: value for name, value in data.items() if name != "tags"}


def _of_update(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"update-{kind}", f"{CLAUSE}update-{kind}-conversation"
    operation = f"update{kind.title()}Conversation"
    kind_name = ALL[kind]
    return (
        Fault(
            f"{name}-stores-nothing",
            clause,
            f"Tags of a {kind_name} conversation are answered, but not stored.",
            skipped("update_tags", kind),
        ),
        Fault(
            f"{name}-stores-one-tag",
            clause,
            f"Of the tags of a {kind_name} conversation only the first is stored.",
            tags_kept(kind, lambda tags: tags[:1]),
        ),
        Fault(
            f"{name}-answers-without-tags",
            clause,
            f"The answer to an update of a {kind_name} conversation does not show the tags.",
            done_as([operation], without_tags),
        ),
        Fault(
            f"{name}-answers-success-alone",
            clause,
            f"The answer to an update of a {kind_name} conversation is not the conversation.",
            done_as([operation], lambda _: {"success": True, "message": "done"}),
        ),
        Fault(
            f"{name}-tags-all",
            clause,
            f"Tags of one {kind_name} conversation go to all others of the caller's, too.",
            applied_to_others_too("update_tags", callers_others, kind),
        ),
        Fault(
            f"{name}-tags-the-other-side",
            clause,
            f"Tags of a {kind_name} conversation go to the other side's copy, not the caller's.",
            applied_to_others_instead("update_tags", other_parties, kind),
        ),
    )


def _of_get(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"get-{kind}", f"{CLAUSE}get-{kind}-conversation"
    operation, kind_name = f"get{kind.title()}Conversation", ALL[kind]
    return (
        Fault(
            f"{name}-shows-another-peer",
            clause,
            f"A caller's second fetched {kind_name} conversation shows the peer of the first.",
            with_the_peer_before(kind),
        ),
        Fault(
            f"{name}-answers-a-list",
            clause,
            f"A {kind_name} conversation is fetched as a list of one.",
            done_as([operation], lambda data: [data]),
        ),
        Fault(
            f"{name}-answers-nothing",
            clause,
            f"A {kind_name} conversation is fetched as an empty object.",
            done_as([operation], lambda _: {}),
        ),
        Fault(
            f"{name}-fails",
            clause,
            f"Fetching a {kind_name} conversation is answered 500.",
            answered(
                [operation],
                lambda answer: answer._replace(
                    status=500, body={"error": {"code": "ERR_EXCEPTION", "message": "Oh."}}
                ),
                is_done,
            ),
        ),
    )


_LISTING = (
    Fault(
        "list-shows-everybodys",
        f"{CLAUSE}list-conversations",
        "The list holds everybody's conversations.",
        replaced(of_caller=lambda _, __: true()),
    ),
    Fault(
        "list-shows-the-other-sides-copy",
        f"{CLAUSE}list-conversations",
        "The list holds, beside the caller's copy of a 1-on-1, the other side's.",
        replaced(of_caller=or_the_other_sides),
    ),
    Fault(
        "list-leaves-out-users",
        f"{CLAUSE}list-conversations",
        "The list holds no 1-on-1 conversation.",
        without("user"),
    ),
    Fault(
        "list-leaves-out-groups",
        f"{CLAUSE}list-conversations",
        "The list holds no group's conversation.",
        without("group"),
    ),
    Fault(
        "list-shows-a-row-twice",
        f"{CLAUSE}list-conversations",
        "A list of two conversations holds the first of them twice.",
        done_as(["listConversations"], first_row_again),
    ),
    Fault(
        "list-is-keyed",
        f"{CLAUSE}list-conversations",
        "The list is an object with a number for each row, not an array.",
        done_as(["listConversations"], lambda rows: {str(n): row for n, row in enumerate(rows)}),
    ),
)

_BY_ID = (
    Fault(
        "get-by-id-remembers-the-first",
        f"{CLAUSE}get-conversation",
        "After a caller fetched one id, every other id fetches that conversation, too.",
        with_own_state(by_the_first_id),
    ),
    Fault(
        "get-by-id-knows-no-users",
        f"{CLAUSE}get-conversation",
        "The id of a 1-on-1 fetches nothing.",
        not_by_id("user"),
    ),
    Fault(
        "get-by-id-knows-no-groups",
        f"{CLAUSE}get-conversation",
        "The id of a group's conversation fetches nothing.",
        not_by_id("group"),
    ),
    Fault(
        "get-by-id-answers-a-list",
        f"{CLAUSE}get-conversation",
        "A conversation is fetched by its id as a list of one.",
        done_as(["getConversation"], lambda data: [data]),
    ),
    Fault(
        "delete-user-does-nothing",
        f"{CLAUSE}delete-conversation",
        "Deleting a 1-on-1 by its id changes nothing but is answered as done.",
        skipped("delete", "user"),
    ),
    Fault(
        "delete-group-does-nothing",
        f"{CLAUSE}delete-conversation",
        "Deleting a group's conversation by its id changes nothing but is answered as done.",
        skipped("delete", "group"),
    ),
    Fault(
        "delete-deletes-all",
        f"{CLAUSE}delete-conversation",
        "Deleting one conversation deletes all of the caller's.",
        applied_to_others_too("delete", callers_others),
    ),
    Fault(
        "delete-deletes-the-other-sides",
        f"{CLAUSE}delete-conversation",
        "Deleting a 1-on-1 deletes the other side's copy instead of the caller's.",
        applied_to_others_instead("delete", other_parties, "user"),
    ),
    Fault(
        "delete-leaves-the-row",
        f"{CLAUSE}delete-conversation",
        "A deleted conversation is still in the list.",
        replaced(visible=lambda _: true()),
    ),
    Fault(
        "delete-leaves-the-conversation",
        f"{CLAUSE}delete-conversation",
        "A deleted conversation can still be fetched.",
        replaced(is_visible=lambda _: True),
    ),
)

FAULTS: tuple[Fault, ...] = (
    *_LISTING,
    *_BY_ID,
    *_of_get("user"),
    *_of_get("group"),
    *_of_update("user"),
    *_of_update("group"),
)
