"""What holds across answers, members, pages and ids: the same thing is told wherever it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.answers import (
    Facts,
    Probe,
    agree,
    facts_of,
    further_places,
    shown_by_unread,
)
from duologue.contracts.clauses.support.filtered_lists import (
    FilteredList,
    by_one_filter,
    by_two_filters,
    of_peers,
    of_tags,
)
from duologue.contracts.clauses.support.list_fixtures import Inbox
from duologue.contracts.clauses.support.marking import UNREADS
from duologue.contracts.clauses.support.pairs import (
    brought_back,
    each_of_a_pair,
    each_to_tag,
    pair_of,
)
from duologue.contracts.clauses.support.reading import describe, id_of, places
from duologue.contracts.clauses.support.seconds import a_second_later
from duologue.contracts.clauses.support.steps import counts, counts_exactly
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import OPERATION, count_of, list_rows, peer_of
from duologue.contracts.context.expectations import ABSENT, shown
from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import NotReached, NotStaged, OperationMissing
from duologue.contracts.escaping import as_json
from duologue.contracts.http.client import deprecated_operations
from duologue.contracts.http.response import Response

SHOWING = [
    "listConversations",
    "getConversation",
    "getUserConversation",
    "getGroupConversation",
    "updateUserConversation",
    "updateGroupConversation",
]
FAMILY = "👨👩👧👦"
GROUP_VERBS = ("tag", "delivered", "read", "unread", "reset")
LETTERS = [
    *("Case", "case", "CASE", "\u00e9", "e\u0301", "\u00c9", "ß", "ss", "\ufb01", "fi"),
    *("\u0130", "\u0131", "#one", "one", "007", "7", "1.0", "true", "null", "\uff21", "A"),
    *("\u200d".join(FAMILY), FAMILY, "日本語", "日本语"),
]
# Tags, and others that no collation takes for them.
APART = {"#one": "one", "007": "7", "日本語": "日本语", "1.0": "1", "to do": "to"}
LONGEST_SHOWN = 40  # of a tag, in the name of a case
LONGEST_ID = 100
NO_TAGS = "the target shows no tags that were set"


# -- the same in every answer ------------------------------------------------------------------


@clause("Readings C2", Basis.INFERRED, operations=[*SHOWING, *UNREADS], slow=True, heavy=True)
def every_answer_tells_the_same(context: CheckContext) -> None:
    """Each answer that shows a conversation tells the same of it as its GET.

    By the peer, by the id, in the list, of an update, and of marking as unread: with unread
    messages, after a read, and after the newest message was deleted.
    """
    unseen: list[NotReached] = []

    def begin(kind: str) -> tuple[ConversationHandle, Facts]:
        conversation = context.conversations.new(kind, unread=1)
        return conversation, facts_of(conversation.view.fetch())

    begun = a_second_later(context, begin)
    context.each_kind(lambda context, kind: _tells_the_same(context, *begun(kind), unseen))
    if unseen:
        raise unseen[0]


def _tells_the_same(
    context: CheckContext, conversation: ConversationHandle, facts: Facts, unseen: list[NotReached]
) -> None:
    """Raise Broken where an answer tells something else; note those that tell nothing.

    ``facts`` are what the GET told a second ago: what does not change has to be the same now.
    """
    message = conversation.receive()
    before = counts(context, conversation, at_least=2)
    answers = [
        *places(conversation),
        *further_places(conversation, id_of(conversation)),
    ]
    wanted = {**facts, "unreadMessageCount": before, "lastMessage": message.id}
    unseen += _tell(context, answers, wanted, "with unread messages")
    conversation.do("read")
    unseen += _tell(context, answers, {**wanted, "unreadMessageCount": 0}, "after a read")
    kept = {name: value for name, value in facts.items() if name != "unreadMessageCount"}
    kept["lastMessage"] = message.id
    _unread_tells(context, conversation, kept, at_least=1, when="of read messages")
    conversation.do("read")
    if not context.create.unsend(message).ok:
        raise NotReached("the newest message could not be deleted")
    when = "after the newest message was deleted"
    deleted = {**wanted, "unreadMessageCount": 0, "lastMessage": ABSENT}
    unseen += _tell(context, answers, deleted, when)
    # Whether a deleted message can become unread is not decided by any document.
    kept["lastMessage"] = ABSENT
    _unread_tells(context, conversation, kept, at_least=0, when=when)


def _tell(
    context: CheckContext, answers: list[tuple[str, Probe]], wanted: Facts, when: str
) -> list[NotReached]:
    """Return why answers do not show the conversation: that is another clause's matter.

    Without the deprecated GET, which a target may lack.
    """
    unseen = []
    for name, probe in answers:
        with context.case(f"{name} {when}"):
            try:
                context.expect.eventually(
                    "what it tells",
                    lambda probe=probe: facts_of(probe()),  # type: ignore[misc]  # bound early
                    lambda told: agree(told, wanted),
                    expected=shown(wanted),
                )
            except NotReached as failure:
                context.client.explain(failure)
                unseen += [] if name in deprecated_operations() else [failure]
    return unseen


def _unread_tells(
    context: CheckContext,
    conversation: ConversationHandle,
    kept: Facts,
    *,
    at_least: int,
    when: str,
) -> None:
    """Raise Broken unless the answer to unread, where it shows the conversation, is as its GET.

    ``kept`` is what a mark does not change.
    """
    if shown_by_unread(conversation) is None:
        return  # success alone is right, too (readings B8a)
    context.clock.wait_out_lag()

    def both() -> list[Facts]:
        answered = shown_by_unread(conversation) or {}
        return [facts_of(answered), facts_of(conversation.view.fetch())]

    with context.case(f"{conversation.operation('unread')} {when}"):
        context.expect.eventually(
            "the conversation in its answer, and as the GET after it shows it",
            both,
            lambda told: (
                told[1]["unreadMessageCount"] >= at_least and agree(told[1], kept) and agree(*told)
            ),
            expected=f"the same in both, {at_least} or more unread, and {shown(kept)}",
        )


# -- filters and pages -------------------------------------------------------------------------


@clause("Readings B12", Basis.INFERRED, operations=["listConversations"], heavy=True)
def filtered_pages_join(context: CheckContext) -> None:
    """A filtered list in pages holds each row that passes once, and counts just these.

    By each filter of the list, and by two at once.
    """
    context.each(
        {
            each.name: partial(_joins, context, each)
            for each in (*by_one_filter(context), *by_two_filters(context))
        }
    )


def _joins(context: CheckContext, filtered: FilteredList) -> None:
    """Raise Broken unless a filtered list in pages is the whole one, and its totals are right."""
    box, query, wanted = filtered.box(context), filtered.query, filtered.names(context)
    context.expect.precondition(
        "the filtered list",
        lambda: sorted(box.keys(**query)),
        lambda got: got == wanted,
        expected=shown(wanted),
    )
    size = max(1, len(wanted) // 2)
    numbers = range(1, -(-len(wanted) // size) + 1)
    pages = [box.page(**query, perPage=size, page=number) for number in numbers]
    rows = [peer_of(row) for page in pages for row in page.data]
    context.expect.that(
        f"the rows on pages of {size}",
        sorted(map(str, rows)) == sorted(map(str, wanted)),
        expected=shown(wanted),
        actual=rows,
    )
    totals = [_totals(page) for page in pages]
    right = [len(wanted), len(numbers)]
    context.expect.that(
        "total and total_pages of a filtered list, where they are told",
        all(total in (None, right[0]) and n in (None, right[1]) for total, n in totals),
        expected=shown(right),
        actual=totals,
    )
    if all(each == (None, None) for each in totals):
        raise NotStaged("the target tells no totals of lists")


def _totals(page: Response) -> tuple[Any, Any]:
    meta = page.body.get("meta") if isinstance(page.body, dict) else None
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    told = pagination if isinstance(pagination, dict) else {}
    return told.get("total"), told.get("total_pages")


@clause("Readings B12", Basis.INFERRED, operations=["listConversations"], heavy=True)
def rows_tell_the_same_in_each_list(context: CheckContext) -> None:
    """A row tells the same in each list that holds it: by a filter, on a page, with tags."""
    lists = [(each.name, each.box, each.query) for each in by_one_filter(context)]
    lists += [
        ("withTags", of_tags, {"withTags": True}),
        ("withUserAndGroupTags", of_peers, {"withUserAndGroupTags": True}),
        ("perPage", of_tags, {"perPage": 2}),
        ("page", of_tags, {"perPage": 1, "page": 2}),
    ]
    context.each(
        {name: partial(_tells_its_rows, context, box(context), query) for name, box, query in lists}
    )
    with_tags: dict[str, dict[str, Any]] = {"tags": {"tags": ["all"]}, "unread": {"unread": True}}
    for name, query in with_tags.items():
        with context.case(f"withTags, {name}"):
            _shows_its_tags(context, of_tags(context), query)


def _tells_its_rows(context: CheckContext, box: Inbox, query: dict[str, Any]) -> None:
    """Raise Broken unless the rows of a list tell what those of the plain list tell."""
    whole = {describe(row): facts_of(row) for row in box.page().data}
    if all(facts["lastMessage"] == ABSENT for facts in whole.values()):
        raise NotStaged("the target shows no lastMessage in lists")
    rows = context.expect.precondition(
        "the rows of the list",
        lambda: box.page(**query).data,
        lambda rows: len(rows) > 0 and all(describe(row) in whole for row in rows),
        expected="some rows of the plain list",
    )
    told = [facts_of(row) for row in rows]
    wanted = [whole[describe(row)] for row in rows]
    context.expect.that(
        "what the rows tell",
        all(agree(*pair) for pair in zip(told, wanted, strict=True)),
        expected=shown(wanted),
        actual=told,
    )


def _shows_its_tags(context: CheckContext, box: Inbox, query: dict[str, Any]) -> None:
    """Raise Broken unless the rows of a list with tags show those that the whole list shows."""
    whole = {describe(row): _tags_in(row) for row in box.page(withTags=True).data}
    rows = box.page(withTags=True, **query).data
    told = {describe(row): _tags_in(row) for row in rows}
    if not any(whole.get(key) for key in told):
        raise NotReached("the list holds no row with tags")
    context.expect.that(
        "the tags in the rows",
        all(whole.get(key) == tags for key, tags in told.items()),
        expected=shown([whole.get(key) for key in told]),
        actual=list(told.values()),
    )


def _tags_in(row: dict[str, Any]) -> Any:
    tags = row.get("tags")
    return sorted(tags, key=repr) if isinstance(tags, list) else tags or []


@clause("Readings B12", Basis.INFERRED, operations=["listConversations"], heavy=True)
def a_filtered_list_is_as_of_now(context: CheckContext) -> None:
    """A list that is asked for again in the same way shows what has changed since."""
    context.each_kind(_lists_are_as_of_now)


def _lists_are_as_of_now(context: CheckContext, kind: str) -> None:
    """Check each filter before and after a change: rows are the unread counts, None for no row."""
    conversation = context.conversations.new(kind, unread=1)
    first = counts(context, conversation, at_least=1)  # joining a group may count (readings B3)
    name = "Other" if kind == "user" else "Some people"
    read, receive = (lambda: conversation.do("read")), conversation.receive
    retag = lambda: conversation.do("tag", body={"tags": ["then"]})  # noqa: E731 - one of three
    context.each(
        {
            f"{', '.join(query)} after {what}": partial(
                _is_as_of_now, context, conversation, query=query, change=change, rows=rows
            )
            for query, what, change, rows in (
                ({"conversationType": kind}, "a message", receive, (first, first + 1)),
                ({"searchKey": name}, "a message", receive, (first + 1, first + 2)),
                ({"perPage": 1}, "a message", receive, (first + 2, first + 3)),
                ({"unread": True}, "read", read, (first + 3, None)),
                ({"unread": True}, "a message", receive, (None, 1)),
                ({"tags": ["now"]}, "update", retag, (1, None)),
            )
        }
    )


def _is_as_of_now(
    context: CheckContext,
    conversation: ConversationHandle,
    *,
    query: dict[str, Any],
    change: Callable[[], object],
    rows: tuple[int | None, int | None],
) -> None:
    """Raise Broken unless the list has the conversation as the change leaves it.

    ``rows`` are its unread counts before and after, None where the filter drops it.
    """
    if "tags" in query:
        conversation.do("tag", body={"tags": query["tags"]})
    mine = (conversation.kind, conversation.peer)

    def listed() -> list[Any]:
        found = list_rows(context.client, conversation.caller, **query)
        return [(mine, count_of(row)) for row in found if peer_of(row) == mine]

    before, after = ([] if count is None else [(mine, count)] for count in rows)
    try:
        context.expect.precondition(
            "the list before", listed, lambda got: got == before, expected=shown(before)
        )
    finally:
        change()
    context.expect.equal("the list", listed, after)


# -- tags --------------------------------------------------------------------------------------


@clause(
    "Readings B11",
    Basis.OBSERVED,
    operations=["updateUserConversation", "updateGroupConversation"],
    heavy=True,
)
def tags_are_kept_letter_for_letter(context: CheckContext) -> None:
    """Tags that look alike are kept apart: case, accents, digits, signs, joined emoji."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        conversation.must("tag", body={"tags": LETTERS})
        context.expect.eventually(
            "the tags as they are kept",
            conversation.view.tags,
            lambda got: holds_just(got, LETTERS),
            expected=shown(LETTERS),
        )

    each_to_tag(context, check)


@clause("Readings B11", Basis.INFERRED, operations=["listConversations"], slow=True, heavy=True)
def tags_are_found_as_sent(context: CheckContext) -> None:
    """A list by a tag holds what carries just it: words outside ASCII, digits, signs, long ones.

    Whether letter case and accents tell tags apart in a filter is not judged.
    """
    with pair_of(context) as pair:
        conversation = pair["user"]
        brought_back(context, conversation)
        for tags in (LETTERS, [*APART, "t" * limits().longest_tag]):
            conversation.do("tag", body={"tags": tags})
            context.clock.wait_out_lag()
            context.each(
                {
                    as_json(tag)[:LONGEST_SHOWN]: partial(_is_found, context, conversation, tag)
                    for tag in tags
                }
            )
        for tag, other in APART.items():
            with context.case(f"{as_json(other)} is not {as_json(tag)}"):
                context.expect.equal(
                    "whether the list by a tag that it does not carry holds the row",
                    partial(_has_row, conversation, other),
                    wanted=False,
                )


def _is_found(context: CheckContext, conversation: ConversationHandle, tag: str) -> None:
    context.expect.equal(
        "whether the list by a tag that it carries holds the row",
        partial(_has_row, conversation, tag),
        wanted=True,
    )


def _has_row(conversation: ConversationHandle, tag: str) -> bool:
    return conversation.view.row(tags=[tag]) is not None


# -- members and ids ---------------------------------------------------------------------------


@clause(
    "Readings C8",
    Basis.INFERRED,
    operations=["getGroupConversation", *(OPERATION[verb, "group"] for verb in GROUP_VERBS)],
    heavy=True,
)
def members_touch_no_other_member(context: CheckContext) -> None:
    """In a group of four, what one plain member does changes nothing for the two others."""
    writer, *plain = (context.create.user(name) for name in ("Writer", "Ana", "Bo", "Cleo"))
    guid = context.create.group(writer, plain)
    sides = [ConversationHandle(context, "group", uid, guid, writer) for uid in plain]
    messages = ConversationHandle(context, "group", writer, guid, plain[0])
    messages.write(2)
    counted = [counts(context, side, at_least=2) for side in sides]
    actor, *others = sides
    shows_tags = True
    # The reset comes last: where it hides the conversation (readings B9), nothing else is possible.
    for verb in GROUP_VERBS:
        if verb == "unread":
            counted = [_all_read(context, side) for side in sides]
        if verb == "reset":
            messages.write(2)
            counted = [counts(context, side, at_least=2) for side in sides]
        actor.do(verb, body={"tags": ["mine"]} if verb == "tag" else None)
        with context.case(actor.operation(verb)):
            for side, count in zip(others, counted[1:], strict=True):
                context.expect.stays("another member's unread count", side.view.count, count)
                with suppress(OperationMissing):  # nothing shows tags: its own clauses tell of it
                    context.expect.stays("another member's tags", partial(_tags_of, side), [])
        if verb == "tag":
            with suppress(OperationMissing):
                shows_tags = bool(_tags_of(actor))
    if not shows_tags:
        raise NotStaged(NO_TAGS)


def _tags_of(side: ConversationHandle) -> Any:
    return side.view.tags() or []


def _all_read(context: CheckContext, side: ConversationHandle) -> int:
    """Return 0, the unread count after a read; raise NotReached where another one shows."""
    side.do("read")
    counts_exactly(context, side, 0)
    return 0


@clause(
    "Readings B20",
    Basis.INFERRED,
    operations=["getUserConversation", "getGroupConversation", "getConversation"],
    heavy=True,
)
def ids_that_look_alike(context: CheckContext) -> None:
    """A user and a group of one id share nothing; an id may look like a conversation id.

    It may hold ``_`` and be 100 characters long.
    """
    caller, other = context.create.user("Caller"), context.create.user("Other")
    word = context.data.fresh_id()
    same = context.create.user("Same", uid=f"{word}_s")
    context.create.group(other, [caller], guid=same)
    alike = context.create.user("Alike", uid=f"user_{word}")
    long = context.create.user("Long", uid=f"{word}_".ljust(LONGEST_ID, "x"))
    club = context.create.group(other, [caller], guid=f"group_{word}_".ljust(LONGEST_ID, "x"))
    handles = [
        ConversationHandle(context, "user", caller, same, same),
        ConversationHandle(context, "group", caller, same, other),
        ConversationHandle(context, "user", caller, alike, alike),
        ConversationHandle(context, "user", caller, long, long),
        ConversationHandle(context, "group", caller, club, other),
    ]
    received = (0, 1, 2, 0, 0)
    before: dict[int, int] = {}  # joining a group may count (readings B3)
    for number, handle in enumerate(handles):
        handle.receive()
        with context.case(f"{handle.kind} {number + 1}"):
            context.expect.eventually(
                handle.operation("get"),
                partial(handle.ask, "get"),
                lambda got: got.ok,
                expected="200 with the conversation",
            )
            before[number] = counts(context, handle, at_least=1)
        if received[number]:
            handle.receive(received[number])
    for number, count in before.items():
        with context.case(f"{handles[number].kind} {number + 1}"):
            _is_itself(context, handles[number], count + received[number])
    if 1 in before:
        _share_nothing(context, handles[0], handles[1], before[1] + received[1])


def _share_nothing(
    context: CheckContext, one: ConversationHandle, other: ConversationHandle, count: int
) -> None:
    """Raise Broken unless what is done to a user's conversation leaves the group's as it was."""
    for verb, body in (("read", None), ("tag", {"tags": ["alike"]}), ("reset", None)):
        if not one.ask(verb, body=body).ok:
            continue  # that it is done is another clause's matter
        with context.case(f"{one.operation(verb)}, the group of the same id"):
            context.expect.stays("its unread count", other.view.count, count)
            context.expect.stays("its tags", partial(_tags_of, other), [])
        if verb == "tag" and not _tags_of(one):
            raise NotStaged(NO_TAGS)


def _is_itself(context: CheckContext, handle: ConversationHandle, count: int) -> None:
    """Raise Broken unless the count is its own, and its id names it, where that may be asked."""
    key, peer = id_of(handle), (handle.kind, handle.peer)
    context.expect.equal("the unread count", handle.view.count, count)
    if context.client.may_call("getConversation"):
        context.expect.equal(
            "whose conversation its id names", lambda: _named_by(context, handle.caller, key), peer
        )


def _named_by(context: CheckContext, caller: str, key: str) -> Any:
    answer = context.client.call("getConversation", caller=caller, path={"conversationId": key})
    if answer.is_of_missing_operation:
        raise NotReached(f"getConversation was answered {answer}")
    return peer_of(answer.data)


@clause(
    "Readings B21",
    Basis.INFERRED,
    operations=["getUserConversation", "getGroupConversation"],
    heavy=True,
)
def writes_at_once_all_count(context: CheckContext) -> None:
    """Messages that are sent at the same moment to one conversation all count."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        before = conversation.view.count()
        conversation.receive_at_once(4)
        context.expect.equal(
            "the unread count after 4 messages at once", conversation.view.count, before + 4
        )
        conversation.do("read")
        counts_exactly(context, conversation, 0)

    each_of_a_pair(context, check)
