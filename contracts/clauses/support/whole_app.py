"""The whole app's list: the copies of several owners, told apart by tags of their own."""

from __future__ import annotations

from typing import Any

from duologue.contracts.clauses.support.reading import describe
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle, must_be_done
from duologue.contracts.context.conversation_view import list_rows
from duologue.contracts.context.expectations import shown


def owner_in(row: dict[str, Any]) -> str | None:
    """Return a row's uid, None where it shows none; what else it may show is judged before."""
    uid = row.get("uid")
    return uid if isinstance(uid, str) else None


def is_the_only_one(context: CheckContext, side: ConversationHandle, **query: Any) -> None:
    """Raise NotReached unless the caller's own list, so narrowed, holds this conversation alone."""
    context.expect.precondition(
        "its row in the caller's own list",
        lambda: [describe(row) for row in list_rows(context.client, side.caller, **query)],
        lambda rows: rows == [(side.kind, side.peer)],
        expected=f"the conversation with {side.peer}",
    )


def are_by_owner(context: CheckContext, rows: list[tuple[str | None, bool]]) -> None:
    """Raise Broken unless owners are in order, by code point or with numbers as numbers.

    Of rows with the same time no order is asked: of each pair one is of the earlier
    conversation, and one of the later.
    """
    owners = [str(uid) for uid, _ in rows]
    pairs = [
        (one, other)
        for place, (one, is_late) in enumerate(rows)
        for other, is_other_late in rows[place + 1 :]
        if one and other and one != other and is_late != is_other_late  # uid need not be shown
    ]
    context.expect.that(
        "the order of owners",
        any(
            all((len(one) * by, one) < (len(other) * by, other) for one, other in pairs)
            for by in (0, 1)
        ),
        expected="by uid first",
        actual=owners,
    )


def are_all(
    context: CheckContext, query: dict[str, Any], owners: dict[tuple[str, str], list[str]]
) -> list[dict[str, Any]]:
    """Return the rows; raise Broken unless they are just these copies, each of its owner."""
    wanted = sorted(key for key, some in owners.items() for _ in some)
    rows: list[dict[str, Any]] = []
    with context.case(", ".join(query)):
        must_be_done("listConversations", context.client.call("listConversations", query=query))
        rows = context.expect.eventually(
            "the copies of a new conversation in the whole app's list",
            lambda: list_rows(context.client, None, **query),
            lambda rows: sorted(describe(row) for row in rows) == wanted,
            expected=shown(wanted),
        )
        uids = sorted((row["uid"] for row in rows if "uid" in row), key=repr)
        named = sorted((uid for some in owners.values() for uid in some), key=repr)
        is_right = all(row["uid"] in owners[describe(row)] for row in rows if "uid" in row)
        context.expect.that(
            "uid", not uids or (uids == named and is_right), expected=shown(named), actual=uids
        )
    return rows
