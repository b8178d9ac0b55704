"""The list's order, pages and filters, as the readings take them from the vendor's material."""

from __future__ import annotations

from typing import Any

from contracts.chat import KINDS, Chat, must_be_done
from contracts.clause import Basis, clause
from contracts.clauses.inboxes import (
    HOW_MANY,
    TAGGED,
    UNREAD,
    USUAL_PAGE,
    Inbox,
    Shelf,
    inbox,
    labelled,
    make_inbox,
    make_unread,
    shelf,
    tagged,
)
from contracts.clauses.operations import describe
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.transport import Answer
from contracts.values import is_whole

LIST = ["listConversations"]
SOURCE = "Readings B12"
LARGEST_PAGE = 1000
GAP_S = 2.1


@clause(SOURCE, Basis.INFERRED, operations=LIST, slow=True)
def newest_first(scene: Scene) -> None:
    """The list is in the order of updatedAt, the newest first, of users and groups alike."""
    boxes = [make_inbox(scene) for _ in KINDS]
    for box in boxes:
        box.chats[-1].receive(3)  # neither the last that began nor the most unread comes first
    scene.pause(GAP_S)
    for box, middle in zip(boxes, (1, 2), strict=True):
        chat = box.chats[middle]
        chat.receive()
        with scene.case(chat.kind):
            scene.expect(
                "the first row after a message in one conversation, two seconds after all others",
                lambda box=box: box.keys()[:1],  # type: ignore[misc]  # bound early
                lambda first, chat=chat: first == [(chat.kind, chat.peer)],  # type: ignore[misc]
                expected=f"the {chat.kind} conversation with {chat.peer}",
            )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def page_size(scene: Scene) -> None:
    """perPage gives that many rows where there are as many, else all of them."""
    box = inbox(scene)
    for size, wanted in ((1, 1), (4, 4), (5, 5), (6, 5)):
        with scene.case(f"perPage={size}"):
            scene.expect_equal(
                "rows on the page",
                lambda size=size: len(box.keys(perPage=size)),  # type: ignore[misc]  # bound early
                wanted,
            )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def pages_follow_each_other(scene: Scene) -> None:
    """The pages of a list hold each conversation once: none twice, none left out."""
    box = inbox(scene)

    def pages() -> list[list[tuple[str, str]]]:
        return [box.keys(perPage=2, page=page) for page in (1, 2, 3)]

    scene.reach("a page of two", lambda: len(pages()[0]), lambda rows: rows == 2, expected="2 rows")
    scene.expect_equal("rows on pages of two", lambda: [len(page) for page in pages()], [2, 2, 1])
    scene.expect_equal(
        "the conversations on all pages",
        lambda: sorted(key for page in pages() for key in page),
        box.names(box.chats),
    )
    with scene.case():
        scene.expect_equal("page 1", lambda: box.keys(perPage=2, page=1), box.keys(perPage=2))


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def pagination_adds_up(scene: Scene) -> None:
    """meta.pagination tells the page, its size, and how many rows and pages pass the filters."""
    box = inbox(scene)
    groups = box.names(tuple(chat for chat in box.chats if chat.kind == "group"))
    scene.reach(
        "the groups on the way",
        lambda: sorted(box.keys(conversationType="group")),
        lambda keys: keys == groups,
        expected=str(groups),
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
        with scene.case(str(query)):
            scene.expect(
                "meta.pagination",
                lambda query=query, count=count: _told(box.page(**query), count),  # type: ignore[misc]
                lambda got, wanted=wanted: {k: got.get(k) for k in wanted} == wanted,  # type: ignore[misc]
                expected=str(wanted),
            )


def _told(answer: Answer, count: int) -> dict[str, Any]:
    """What a page tells of itself; NotReached where it does not hold the rows it should."""
    if len(answer.data) != count:
        raise NotReached(f"the page holds {len(answer.data)} rows, not {count}")
    return pagination(answer)


def pagination(answer: Answer) -> dict[str, Any]:
    """What stands under meta.pagination, empty where there is none."""
    meta = answer.body.get("meta") if isinstance(answer.body, dict) else None
    found = meta.get("pagination") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def past_the_end_is_empty(scene: Scene) -> None:
    """A page past the end is 200 with an empty list."""
    box = inbox(scene)
    query = {"perPage": 2, "page": 99}
    answer = scene.client.call("listConversations", caller=box.caller, query=query)
    scene.require(
        "a page past the end",
        answer.status == 200 and answer.data == [],
        expected="200 with no rows",
        actual=answer,
    )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def page_numbers_begin_at_1(scene: Scene) -> None:
    """Pages are counted from 1; a number below is refused (4xx) or taken for 1."""
    box = inbox(scene)
    first = box.keys(perPage=2)
    if len(first) != 2:
        raise NotReached(f"a page of two holds {len(first)} rows")
    for number in (0, -1):
        with scene.case(f"page={number}"):
            query = {"perPage": 2, "page": number}
            answer = scene.client.call("listConversations", caller=box.caller, query=query)
            scene.require(
                "a page before the first",
                400 <= answer.status < 500 or (answer.ok and _peers_on(answer) == first),
                expected="4xx, or 200 with the rows of page 1",
                actual=answer,
            )


def _peers_on(answer: Answer) -> list[tuple[str, str]]:
    return [describe(row) for row in answer.data] if isinstance(answer.data, list) else []


@clause(SOURCE, Basis.OBSERVED, operations=LIST, slow=True, heavy=True)
def default_page_size(scene: Scene) -> None:
    """A page holds 100 conversations unless the request says otherwise, and says that it does."""
    full = shelf(scene)
    for query, wanted in (({}, USUAL_PAGE), ({"page": 2}, full.length - USUAL_PAGE)):
        with scene.case(f"page {query.get('page', 1)}"):
            scene.expect_equal(
                "rows on the page, and its size as it is told",
                lambda query=query: _filled(scene, full, **query),  # type: ignore[misc]
                (wanted, USUAL_PAGE),
            )


def _filled(scene: Scene, full: Shelf, **query: Any) -> tuple[int, Any]:
    answer = scene.client.call("listConversations", caller=full.caller, query=query)
    if not answer.ok or not isinstance(answer.data, list):
        raise NotReached(f"listConversations with {query} was answered {answer}")
    return len(answer.data), pagination(answer).get("per_page", USUAL_PAGE)


@clause(SOURCE, Basis.OBSERVED, operations=LIST, slow=True, heavy=True)
def page_size_bounds(scene: Scene) -> None:
    """perPage goes from 1 to 1000; what lies outside is refused (4xx) or brought inside."""
    full = shelf(scene)
    for size, rows in ((1, 1), (LARGEST_PAGE, full.length)):
        with scene.case(f"perPage={size}"):
            scene.expect(
                "the largest and the least page",
                lambda size=size: _sized(scene, full, size),  # type: ignore[misc]  # bound early
                lambda got, size=size, rows=rows: _fills(got, size, rows),  # type: ignore[misc]
                expected=f"200 with {rows} of {full.length} rows, of size {size} if it is told",
            )
    for size in (0, LARGEST_PAGE + 1):
        with scene.case(f"perPage={size}"):
            answer = _sized(scene, full, size)
            scene.require(
                "a page size out of bounds",
                is_bounded(answer),
                expected=f"4xx, or 200 with per_page from 1 to {LARGEST_PAGE}",
                actual=answer,
            )


def _sized(scene: Scene, full: Shelf, size: int) -> Answer:
    return scene.client.call("listConversations", caller=full.caller, query={"perPage": size})


def _fills(answer: Answer, size: int, rows: int) -> bool:
    """Whether a page has its rows and, where it tells its size, the size asked for."""
    is_page = answer.ok and isinstance(answer.data, list)
    return is_page and len(answer.data) == rows and pagination(answer).get("per_page", size) == size


def is_bounded(answer: Answer) -> bool:
    """Whether a page size out of bounds was refused, or answered with one inside them."""
    if not answer.ok:
        return 400 <= answer.status < 500
    size = pagination(answer).get("per_page")
    return is_whole(size) and 1 <= int(size or 0) <= LARGEST_PAGE


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def conversation_type_filter(scene: Scene) -> None:
    """conversationType keeps the conversations of one kind: all of them, and no other."""
    box = inbox(scene)
    for kind in ("user", "group"):
        wanted = box.names(tuple(chat for chat in box.chats if chat.kind == kind))
        with scene.case(f"conversationType={kind}"):
            _lists(scene, box, wanted, conversationType=kind)


def _lists(scene: Scene, box: Inbox, wanted: list[tuple[str, str]], **query: Any) -> None:
    scene.expect_equal("the conversations listed", lambda: sorted(box.keys(**query)), wanted)


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def unread_filter(scene: Scene) -> None:
    """unread=true keeps the conversations with unread messages, and drops the others."""
    box = make_unread(scene)
    _lists(scene, box, box.names(tuple(box.chats[place] for place in UNREAD)), unread=True)


@clause("Readings C6", Basis.OBSERVED, operations=LIST)
def with_tags(scene: Scene) -> None:
    """With withTags=true a row shows the caller's tags on that conversation."""
    fixture = tagged(scene)
    chats = fixture.box.chats
    for chat, tags in ((chats[0], ["all", "one"]), (chats[1], ["all", "two"]), (chats[2], [])):
        with scene.case(f"a {chat.kind} conversation with {len(tags)} tags"):
            scene.expect(
                "the tags in the row",
                lambda chat=chat: (chat.row(withTags=True) or {}).get("tags") or [],  # type: ignore[misc]
                lambda got, tags=tags: isinstance(got, list) and sorted(got) == tags,  # type: ignore[misc]
                expected=str(tags),
            )


@clause("Readings C6", Basis.OBSERVED, operations=LIST)
def tags_only_on_request(scene: Scene) -> None:
    """Without withTags, or with withTags=false, a row shows no tags."""
    chat = tagged(scene).box.chats[0]
    for query in ({}, {"withTags": False}):
        with scene.case(str(query)):
            scene.expect(
                "the tags in the row",
                lambda query=query: chat.row(**query),  # type: ignore[misc]  # bound early
                lambda row: row is not None and not row.get("tags"),
                expected="a row without tags",
            )


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def tags_filter(scene: Scene) -> None:
    """tags keeps the conversations that carry any of the tags named, and drops the others."""
    fixture = tagged(scene)
    box, chats = fixture.box, fixture.box.chats
    for names, wanted in (
        (["one"], chats[:1]),
        (["one", "two"], chats[:2]),
        (["all"], [chats[place] for place in TAGGED]),
        (["on"], ()),  # within a tag it is none
        (["theirs"], ()),  # only the other side gave it
    ):
        with scene.case(f"tags={','.join(names)}"):
            _lists(scene, box, box.names(tuple(wanted)), tags=names)


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def with_user_and_group_tags(scene: Scene) -> None:
    """withUserAndGroupTags=true shows the tags of the user or group in conversationWith."""
    fixture = labelled(scene)
    for chat in fixture.marked:
        with scene.case(chat.kind):
            scene.expect(
                "the peer's tags in conversationWith",
                lambda chat=chat: chat.row(withUserAndGroupTags=True),  # type: ignore[misc]
                lambda row: sorted(_peer_tags(row)) == sorted([fixture.word, "x"]),
                expected=str([fixture.word, "x"]),
            )


def _peer_tags(row: Any) -> list[str]:
    peer = (row or {}).get("conversationWith")
    return (peer.get("tags") or []) if isinstance(peer, dict) else []


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def user_tags_filter(scene: Scene) -> None:
    """userTags keeps the conversations with users who carry any of the tags named."""
    _keeps_labelled(scene, "user")


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def group_tags_filter(scene: Scene) -> None:
    """groupTags keeps the conversations of groups that carry any of the tags named."""
    _keeps_labelled(scene, "group")


def _keeps_labelled(scene: Scene, kind: str) -> None:
    fixture = labelled(scene)
    for names, some in (
        ([fixture.word], fixture.marked),
        ([fixture.word, fixture.plain], fixture.box.chats),
    ):
        with scene.case(f"{len(names)} tags"):
            wanted = fixture.box.names(tuple(chat for chat in some if chat.kind == kind))
            _lists(scene, fixture.box, wanted, **{f"{kind}Tags": names})


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def search_key_filter(scene: Scene) -> None:
    """searchKey keeps the conversations whose user or group has it in the name."""
    fixture = labelled(scene)
    _lists(scene, fixture.box, fixture.box.names(fixture.marked), searchKey=fixture.word)


@clause(SOURCE, Basis.INFERRED, operations=LIST)
def filters_combine(scene: Scene) -> None:
    """Of several filters all count: what one of them drops is dropped."""
    tags, unread = tagged(scene).box, make_unread(scene)
    for box, one, other, places in (
        (tags, {"tags": ["all"]}, {"conversationType": "group"}, (1,)),
        (tags, {"tags": ["all"]}, {"conversationType": "user"}, (0, 4)),
        (unread, {"unread": True}, {"conversationType": "user"}, (0, 4)),
        (unread, {"unread": True}, {"tags": ["none-has-it"]}, ()),
    ):
        wanted = [box.chats[place] for place in places]
        with scene.case(f"{one} and {other}"):
            both = _kept_by(box, **one) & _kept_by(box, **other)
            if both != set(box.names(tuple(wanted))):
                raise NotReached(f"one of {one}, {other} does not keep what it should by itself")
            _lists(scene, box, sorted(both), **one, **other)


def _kept_by(box: Inbox, **query: Any) -> set[tuple[str, str]]:
    return set(box.keys(**query))


@clause("Readings C7", Basis.OBSERVED, operations=LIST, slow=True)
def whole_app(scene: Scene) -> None:
    """Without onBehalfOf the list holds every user's copy, by owner; uid, where shown, names it."""
    word = scene.cast.fresh_id()
    ana, bo, cleo = (scene.user(name, tags=[word]) for name in ("Ana", "Bo", "Cleo"))
    guid = scene.group(ana, [bo], tags=[word])
    for chat, query in (
        (Chat(scene, "user", ana, bo, bo), {"userTags": [word]}),
        (Chat(scene, "group", ana, guid, bo), {"groupTags": [word]}),
    ):
        chat.write()
        chat.receive()
        for side in (chat, chat.other_side):
            _is_the_only_one(scene, side, **query)
    scene.pause(GAP_S)  # the newest copies are not those of the first owner
    Chat(scene, "user", cleo, bo, bo).write()
    owners = {("user", ana): [bo], ("user", bo): [ana, cleo], ("user", cleo): [bo]}
    rows = _are_all(scene, {"userTags": [word]}, owners)
    named = [(row.get("uid"), describe(row)[1]) for row in rows]
    _are_by_owner(scene, [(uid, cleo in (uid, peer)) for uid, peer in named])
    _are_all(scene, {"groupTags": [word]}, {("group", guid): [ana, bo]})


def _is_the_only_one(scene: Scene, side: Chat, **query: Any) -> None:
    """NotReached unless the caller's own list, so narrowed, holds this conversation alone."""
    scene.reach(
        "its row in the caller's own list",
        lambda: [describe(row) for row in scene.rows(side.caller, **query)],
        lambda rows: rows == [(side.kind, side.peer)],
        expected=f"the conversation with {side.peer}",
    )


def _are_by_owner(scene: Scene, rows: list[tuple[str | None, bool]]) -> None:
    """Broken unless owners come in order, be it by code point or with numbers as numbers.

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
    scene.require(
        "the order of owners",
        any(
            all((len(one) * by, one) < (len(other) * by, other) for one, other in pairs)
            for by in (0, 1)
        ),
        expected="by uid first",
        actual=owners,
    )


def _are_all(
    scene: Scene, query: dict[str, Any], owners: dict[tuple[str, str], list[str]]
) -> list[dict[str, Any]]:
    """The rows; Broken unless they are just these copies, each of one of its owners."""
    wanted = sorted(key for key, some in owners.items() for _ in some)
    rows: list[dict[str, Any]] = []
    with scene.case(", ".join(query)):
        must_be_done("listConversations", scene.client.call("listConversations", query=query))
        rows = scene.expect(
            "the copies of a new conversation in the whole app's list",
            lambda: scene.rows(None, **query),
            lambda rows: sorted(describe(row) for row in rows) == wanted,
            expected=str(wanted),
        )
        told = sorted(row["uid"] for row in rows if "uid" in row)
        named = sorted(uid for some in owners.values() for uid in some)
        is_right = all(row["uid"] in owners[describe(row)] for row in rows if "uid" in row)
        scene.require(
            "uid", not told or (told == named and is_right), expected=str(named), actual=told
        )
    return rows
