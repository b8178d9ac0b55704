"""The list's order, pages and filters, as the readings take them from the vendor's material."""

from __future__ import annotations

from functools import partial
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.filtered_lists import (
    FilteredList,
    by_two_filters,
    of_tags,
)
from duologue.contracts.clauses.support.list_fixtures import (
    HOW_MANY,
    TAGGED,
    UNREAD,
    Inbox,
    ListFixture,
    inbox,
    long_list,
    make_inbox,
    tagged,
    tagged_peers,
    unread_inbox,
)
from duologue.contracts.clauses.support.reading import describe, must_show
from duologue.contracts.clauses.support.whole_app import (
    are_all,
    are_by_owner,
    is_the_only_one,
    owner_in,
)
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import holds_just, is_time, is_whole
from duologue.contracts.errors import NotReached
from duologue.contracts.escaping import as_json
from duologue.contracts.http.response import Response

Query = dict[str, Any]
LIST = ["listConversations"]
SOURCE = "Readings B12"
GAP_S = 2.1
LEAST_GAP_S = 2  # of rows whose order is judged, by the times that they show
NARROW = (("user", "group", "user"), ("group", "user", "user"))
OWNERS = ("Other", "Beside")  # who writes in one box has no conversation in the other one


@clause(SOURCE, Basis.INFERRED, operations=LIST, slow=True)
def newest_first(context: CheckContext) -> None:
    """The list is in the order of updatedAt, the newest first, of users and groups alike.

    A row whose lastMessage was deleted since stays in its place.
    """
    boxes = [
        make_inbox(context, kinds, unread=(len(kinds) - 1,), owner=owner)
        for kinds, owner in zip(NARROW, OWNERS, strict=True)
    ]
    for box in boxes:
        # Neither the last that began nor the most unread comes first.
        box.conversations[-1].receive()
    context.clock.pause(GAP_S)
    context.each(
        {
            box.conversations[1].kind: partial(_comes_first, context, box, box.conversations[1])
            for box in boxes
        }
    )
    for row in boxes[0].page().data:
        must_show(row, "updatedAt")


def _comes_first(context: CheckContext, box: Inbox, conversation: ConversationHandle) -> None:
    """Raise Broken unless a message makes a row the first, and its deletion leaves it there."""
    message = conversation.receive()
    _is_first(context, box, conversation, when="after a message, 2 s after all others")
    if conversation.view.row(unread=True) and len(box.keys(unread=True)) > 1:
        _is_first(context, box, conversation, when="among the unread ones", unread=True)
    must_show(conversation.view.listed(), "lastMessage")  # else its absence shows no deletion
    if not context.create.unsend(message).ok:
        raise NotReached("the message could not be deleted")
    context.expect.precondition(
        "its row without lastMessage",
        conversation.view.listed,
        lambda row: "lastMessage" not in row,
        expected="no lastMessage",
    )
    _is_first(context, box, conversation, when="after that message was deleted")


def _is_first(
    context: CheckContext, box: Inbox, conversation: ConversationHandle, *, when: str, **query: Any
) -> None:
    """Raise Broken unless a row is the first; NotReached where its updatedAt is not the latest.

    Where a message does not move it, the order would depend on the second that rows were made in.
    """
    context.expect.precondition(
        f"updatedAt of the {conversation.kind} conversation's row {when}",
        lambda: [row.get("updatedAt") for row in _own_first(box.page().data, conversation)],
        _is_ahead,
        expected=f"{LEAST_GAP_S} s or more after all others",
    )
    context.expect.eventually(
        f"the first row {when}",
        lambda: box.keys(**query)[:1],
        lambda first: first == [(conversation.kind, conversation.peer)],
        expected=f"the {conversation.kind} conversation with {conversation.peer}",
    )


def _is_ahead(times: list[Any]) -> bool:
    """Return whether the first is the latest by so much that order is judged, or none is shown."""
    mine, *others = times
    return not all(map(is_time, times)) or mine >= max(others) + LEAST_GAP_S


def _own_first(rows: list[Any], conversation: ConversationHandle) -> list[dict[str, Any]]:
    """Return the rows of a list, that of the conversation first; raise NotReached without it."""
    mine = (conversation.kind, conversation.peer)
    in_order = sorted(rows, key=lambda row: describe(row) != mine)
    if len(rows) < len(NARROW[0]) or describe(in_order[0]) != mine:
        raise NotReached(f"the list has no row of {conversation.peer}, or not all others")
    return in_order


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def page_size(context: CheckContext) -> None:
    """perPage gives that many rows where there are as many, else all of them."""
    box = inbox(context)
    for size, wanted in ((1, 1), (4, 4), (5, 5), (6, 5)):
        with context.case(f"perPage={size}"):
            context.expect.equal(
                "rows on the page",
                lambda size=size: len(box.keys(perPage=size)),  # type: ignore[misc]  # bound early
                wanted,
            )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def pages_follow_each_other(context: CheckContext) -> None:
    """The pages of a list hold each conversation once: none twice, none left out."""
    box = inbox(context)

    def pages() -> list[list[tuple[str, str]]]:
        return [box.keys(perPage=2, page=page) for page in (1, 2, 3)]

    context.expect.precondition(
        "a page of two", lambda: len(pages()[0]), lambda rows: rows == 2, expected="2 rows"
    )
    context.expect.equal("rows on pages of two", lambda: [len(page) for page in pages()], [2, 2, 1])
    context.expect.equal(
        "the conversations on all pages",
        lambda: sorted(key for page in pages() for key in page),
        box.names(box.conversations),
    )
    with context.case():
        context.expect.equal("page 1", lambda: box.keys(perPage=2, page=1), box.keys(perPage=2))


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def pagination_adds_up(context: CheckContext) -> None:
    """meta.pagination tells the page, its size, and how many rows and pages pass the filters."""
    box = inbox(context)
    groups = box.names(
        tuple(conversation for conversation in box.conversations if conversation.kind == "group")
    )
    context.expect.precondition(
        "the groups on the way",
        lambda: sorted(box.keys(conversationType="group")),
        lambda keys: keys == groups,
        expected=shown(groups),
    )
    for query, total, count in (
        ({"perPage": 2, "page": 1}, HOW_MANY, 2),
        ({"perPage": 2, "page": 3}, HOW_MANY, 1),
        ({"perPage": 2, "page": 1, "conversationType": "group"}, len(groups), 2),
    ):
        wanted = {
            "total": total,
            "count": count,
            "per_page": 2,
            "current_page": query["page"],
            "total_pages": -(-total // 2),
        }
        with context.case(str(query)):
            context.expect.eventually(
                "meta.pagination",
                lambda query=query, count=count: _pagination_of(box.page(**query), count),  # type: ignore[misc]
                lambda got, wanted=wanted: {k: got.get(k) for k in wanted} == wanted,  # type: ignore[misc]
                expected=shown(wanted),
            )


def _pagination_of(answer: Response, count: int) -> dict[str, Any]:
    """Return a page's pagination; raise NotReached where it does not hold ``count`` rows."""
    if len(answer.data) != count:
        raise NotReached(f"the page holds {len(answer.data)} rows, not {count}")
    return pagination(answer)


def pagination(answer: Response) -> dict[str, Any]:
    """Return what stands under meta.pagination, {} where there is none."""
    meta = answer.body.get("meta") if isinstance(answer.body, dict) else None
    found = meta.get("pagination") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def past_the_end_is_empty(context: CheckContext) -> None:
    """A page past the end is 200 with an empty list."""
    box = inbox(context)
    query = {"perPage": 2, "page": 99}
    answer = context.client.call("listConversations", caller=box.caller, query=query)
    context.expect.that(
        "a page past the end",
        answer.status == 200 and answer.data == [],
        expected="200 with no rows",
        actual=answer,
    )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def page_numbers_begin_at_1(context: CheckContext) -> None:
    """Pages are counted from 1; a number below is refused (4xx) or taken for 1."""
    box = inbox(context)
    first = box.keys(perPage=2)
    if len(first) != 2:
        raise NotReached(f"a page of two holds {len(first)} rows")
    for number in (0, -1):
        with context.case(f"page={number}"):
            query = {"perPage": 2, "page": number}
            answer = context.client.call("listConversations", caller=box.caller, query=query)
            context.expect.that(
                "a page before the first",
                400 <= answer.status < 500 or (answer.ok and _peers_on(answer) == first),
                expected="4xx, or 200 with the rows of page 1",
                actual=answer,
            )


def _peers_on(answer: Response) -> list[tuple[str, str]]:
    return [describe(row) for row in answer.data] if isinstance(answer.data, list) else []


@clause(SOURCE, Basis.OBSERVED, operations=LIST, slow=True, heavy=True)
def default_page_size(context: CheckContext) -> None:
    """A page holds 100 conversations unless the request says otherwise, and tells no other size."""
    full, usual = long_list(context), limits().usual_page
    for query, wanted in (({}, usual), ({"page": 2}, full.length - usual)):
        with context.case(f"page {query.get('page', 1)}"):
            context.expect.equal(
                "rows on the page, and its size as it is told",
                lambda query=query: _filled(context, full, **query),  # type: ignore[misc]
                (wanted, usual),
            )


def _filled(context: CheckContext, full: ListFixture, **query: Any) -> tuple[int, Any]:
    answer = context.client.call("listConversations", caller=full.caller, query=query)
    if not answer.ok or not isinstance(answer.data, list):
        raise NotReached(f"listConversations with {as_json(query)} was answered {answer}")
    return len(answer.data), pagination(answer).get("per_page", limits().usual_page)


@clause(SOURCE, Basis.OBSERVED, operations=LIST, slow=True, heavy=True)
def page_size_bounds(context: CheckContext) -> None:
    """perPage goes from 1 to 1000; what lies outside is refused (4xx) or brought inside."""
    full, largest = long_list(context), limits().largest_page
    for size, rows in ((1, 1), (largest, min(largest, full.length))):
        with context.case(f"perPage={size}"):
            context.expect.eventually(
                "the largest and the least page",
                lambda size=size: _sized(context, full, size),  # type: ignore[misc]  # bound early
                lambda got, size=size, rows=rows: _fills(got, size, rows),  # type: ignore[misc]
                expected=f"200 with {rows} of {full.length} rows, of size {size} if it is told",
            )
    for size in (0, largest + 1):
        with context.case(f"perPage={size}"):
            answer = _sized(context, full, size)
            context.expect.that(
                "a page size out of bounds",
                is_bounded(answer),
                expected=f"4xx, or 200 with per_page from 1 to {largest}",
                actual=answer,
            )


def _sized(context: CheckContext, full: ListFixture, size: int) -> Response:
    return context.client.call("listConversations", caller=full.caller, query={"perPage": size})


def _fills(answer: Response, size: int, rows: int) -> bool:
    """Return whether a page has its rows and, where it tells its size, the size asked for."""
    is_page = answer.ok and isinstance(answer.data, list)
    return is_page and len(answer.data) == rows and pagination(answer).get("per_page", size) == size


def is_bounded(answer: Response) -> bool:
    """Return whether a page size out of bounds was refused, or answered with one inside them."""
    if not answer.ok:
        return 400 <= answer.status < 500
    size = pagination(answer).get("per_page")
    return is_whole(size) and 1 <= int(size or 0) <= limits().largest_page


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def conversation_type_filter(context: CheckContext) -> None:
    """conversationType keeps the conversations of one kind: all of them, and no other."""
    box = inbox(context)
    for kind in ("user", "group"):
        wanted = box.names(
            tuple(conversation for conversation in box.conversations if conversation.kind == kind)
        )
        with context.case(f"conversationType={kind}"):
            _lists(context, box, wanted, conversationType=kind)


def _lists(context: CheckContext, box: Inbox, wanted: list[tuple[str, str]], **query: Any) -> None:
    context.expect.equal("the conversations listed", lambda: sorted(box.keys(**query)), wanted)


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def unread_filter(context: CheckContext) -> None:
    """unread=true keeps the conversations with unread messages, and drops the others."""
    box = unread_inbox(context)
    _lists(
        context, box, box.names(tuple(box.conversations[place] for place in UNREAD)), unread=True
    )


@clause(SOURCE, Basis.INFERRED, operations=LIST)
def unread_false_keeps_all(context: CheckContext) -> None:
    """unread=false drops nothing: neither what is read nor what is unread."""
    box = unread_inbox(context)
    _lists(context, box, box.names(box.conversations), unread=False)


@clause("Readings C6", Basis.OBSERVED, operations=LIST, heavy=True)
def with_tags(context: CheckContext) -> None:
    """With withTags=true a row shows the caller's tags on that conversation, on each page."""
    fixture = tagged(context)
    conversations = fixture.box.conversations
    for conversation, tags in (
        (conversations[0], ["all", "one"]),
        (conversations[1], ["all", "two"]),
        (conversations[2], []),
    ):
        with context.case(f"a {conversation.kind} conversation with {len(tags)} tags"):
            context.expect.eventually(
                "the tags in the row",
                lambda conversation=conversation: (
                    (conversation.view.row(withTags=True) or {}).get("tags") or []
                ),  # type: ignore[misc]
                lambda got, tags=tags: holds_just(got, tags),  # type: ignore[misc]
                expected=shown(tags),
            )
    wanted = sorted((["all", tag] for tag in fixture.tags), key=repr)
    with context.case("pages of one"):
        context.expect.equal(
            "the tags in all rows with tags",
            lambda: sorted(filter(None, _tags_by_page(fixture.box)), key=repr),
            wanted,
        )


def _tags_by_page(box: Inbox) -> list[Any]:
    """Return the tags of each row of pages of one, those of a list in order."""
    pages = [box.page(perPage=1, page=number, withTags=True) for number in range(1, HOW_MANY + 1)]
    shown = [
        row.get("tags") if isinstance(row, dict) else row for page in pages for row in page.data
    ]
    return [sorted(tags, key=repr) if isinstance(tags, list) else tags for tags in shown]


@clause("Readings C6", Basis.OBSERVED, operations=LIST)
def tags_only_on_request(context: CheckContext) -> None:
    """Without withTags, or with withTags=false, a row shows no tags."""
    conversation = tagged(context).box.conversations[0]
    context.expect.precondition(
        "the tags in a row that is asked for with them",
        lambda: conversation.view.row(withTags=True),
        lambda row: bool(row and row.get("tags")),
        expected="tags",
    )
    for query in ({}, {"withTags": False}):
        with context.case(str(query)):
            context.expect.eventually(
                "the tags in the row",
                lambda query=query: conversation.view.row(**query),  # type: ignore[misc]  # bound early
                lambda row: row is not None and not row.get("tags"),
                expected="a row without tags",
            )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def tags_filter(context: CheckContext) -> None:
    """tags keeps the conversations that carry any of the tags named, and drops the others."""
    fixture = tagged(context)
    box, conversations = fixture.box, fixture.box.conversations
    for names, wanted in (
        (["one"], conversations[:1]),
        (["one", "two"], conversations[:2]),
        (fixture.tags, [conversations[place] for place in TAGGED]),  # three at once
        (["all"], [conversations[place] for place in TAGGED]),
        (["on"], ()),  # within a tag it is none
        (["theirs"], ()),  # only the other side gave it
    ):
        with context.case(f"tags={','.join(names)}"):
            _lists(context, box, box.names(tuple(wanted)), tags=names)


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def with_user_and_group_tags(context: CheckContext) -> None:
    """withUserAndGroupTags=true shows the tags of the user or group in conversationWith."""
    fixture = tagged_peers(context)
    for conversation in fixture.marked:
        with context.case(conversation.kind):
            context.expect.eventually(
                "the peer's tags in conversationWith",
                lambda conversation=conversation: conversation.view.row(withUserAndGroupTags=True),  # type: ignore[misc]
                lambda row: holds_just(_peer_tags(row), [fixture.word, "x"]),
                expected=shown([fixture.word, "x"]),
            )


def _peer_tags(row: Any) -> Any:
    peer = (row or {}).get("conversationWith")
    return peer.get("tags") if isinstance(peer, dict) else None


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def user_tags_filter(context: CheckContext) -> None:
    """userTags keeps the conversations with users who carry any of the tags named."""
    _keeps_labelled(context, "user")


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def group_tags_filter(context: CheckContext) -> None:
    """groupTags keeps the conversations of groups that carry any of the tags named."""
    _keeps_labelled(context, "group")


def _keeps_labelled(context: CheckContext, kind: str) -> None:
    fixture = tagged_peers(context)
    for names, some in (
        ([fixture.word], fixture.marked),
        ([fixture.word, fixture.plain], fixture.box.conversations),
    ):
        with context.case(f"{len(names)} tags"):
            wanted = fixture.box.names(
                tuple(conversation for conversation in some if conversation.kind == kind)
            )
            _lists(context, fixture.box, wanted, **{f"{kind}Tags": names})


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def search_key_filter(context: CheckContext) -> None:
    """searchKey keeps the conversations whose user or group has it in the name."""
    fixture = tagged_peers(context)
    box = fixture.box
    for what, key, some in (
        ("a word", fixture.word, fixture.marked),
        ("words outside ASCII", fixture.foreign, box.conversations[:1]),
    ):
        with context.case(what):
            _lists(context, box, box.names(some), searchKey=key)


@clause(SOURCE, Basis.INFERRED, operations=LIST)
def filters_combine(context: CheckContext) -> None:
    """Of several filters all count: what one of them drops is dropped."""
    nobody = FilteredList(unread_inbox, {"unread": True, "tags": ["none-has-it"]}, ())
    alone = FilteredList(of_tags, {"tags": ["all"], "conversationType": "group"}, (1,))
    context.each(
        {
            each.name: partial(_both_count, context, each)
            for each in (*by_two_filters(context), alone, nobody)
        }
    )


def _both_count(context: CheckContext, filtered: FilteredList) -> None:
    """Raise Broken unless a list by two filters holds what each of them keeps."""
    box, wanted = filtered.box(context), filtered.names(context)
    one, other = ({name: value} for name, value in filtered.query.items())
    context.expect.precondition(
        "what both filters keep, each by itself",
        partial(_kept_by_both, box, one, other),
        lambda kept: kept == wanted,
        expected=shown(wanted),
    )
    _lists(context, box, wanted, **filtered.query)


def _kept_by_both(box: Inbox, one: Query, other: Query) -> list[tuple[str, str]]:
    return sorted({*box.keys(**one)} & {*box.keys(**other)})


@clause("Readings C7", Basis.OBSERVED, operations=LIST, slow=True, heavy=True)
def whole_app(context: CheckContext) -> None:
    """Without onBehalfOf the list holds every user's copy.

    Where uid is shown, it names the owner, and rows are in its order. Also of one conversationType,
    and in pages.
    """
    word = context.data.fresh_id()
    ana, bo, cleo = (context.create.user(name, tags=[word]) for name in ("Ana", "Bo", "Cleo"))
    guid = context.create.group(ana, [bo], tags=[word])
    for conversation, query in (
        (ConversationHandle(context, "user", ana, bo, bo), {"userTags": [word]}),
        (ConversationHandle(context, "group", ana, guid, bo), {"groupTags": [word]}),
    ):
        conversation.write()
        for side in (conversation, conversation.other_side):
            is_the_only_one(context, side, **query)
    are_all(context, {"userTags": [word]}, {("user", ana): [bo], ("user", bo): [ana]})
    context.clock.pause(GAP_S)  # the newest copies are not those of the first owner
    ConversationHandle(context, "user", cleo, bo, bo).write()
    owners = {("user", ana): [bo], ("user", bo): [ana, cleo], ("user", cleo): [bo]}
    rows = are_all(context, {"userTags": [word]}, owners)
    named = [(owner_in(row), describe(row)[1]) for row in rows]
    are_by_owner(context, [(uid, cleo in (uid, peer)) for uid, peer in named])
    of_group = {("group", guid): [ana, bo]}
    are_all(context, {"groupTags": [word]}, of_group)
    # The same again, narrowed by the type and in pages.
    are_all(context, {"userTags": [word], "conversationType": "user"}, owners)
    are_all(context, {"groupTags": [word], "conversationType": "group"}, of_group)
    are_all(context, {"userTags": [word], "conversationType": "group"}, {})
    are_all(context, {"userTags": [word], "perPage": 3}, owners)
    are_all(context, {"groupTags": [word], "perPage": 1}, of_group)
    _has_totals(context, {"userTags": [word], "perPage": 3}, total=4, pages=2)


def _has_totals(context: CheckContext, query: Query, *, total: int, pages: int) -> None:
    """Raise Broken where the whole app's list tells other totals; it need not tell any."""
    with context.case(", ".join(query)):
        context.expect.eventually(
            "total and total_pages of the whole app's list, where they are told",
            lambda: pagination(context.client.call("listConversations", query=query)),
            lambda told: (
                (told.get("total", total), told.get("total_pages", pages)) == (total, pages)
            ),
            expected=shown({"total": total, "total_pages": pages}),
        )
