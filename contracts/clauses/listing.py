"""The list's order, pages and filters, as the readings take them from the vendor's material."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.chat import Chat
from contracts.clause import Basis, clause
from contracts.clauses.operations import describe
from contracts.clauses.properties import is_whole
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.transport import Answer

LIST = ["listConversations"]
SOURCE = "Readings B12"
HOW_MANY = 5
LARGEST_PAGE = 1000
GAP_S = 2.1


@dataclass(frozen=True, slots=True)
class Inbox:
    """A caller with five conversations: three with users, two with groups."""

    scene: Scene
    caller: str
    chats: tuple[Chat, ...]

    def seen_by(self, scene: Scene) -> Inbox:
        """The same conversations, read by another scene: its findings show its own calls."""
        chats = tuple(replace(chat, scene=scene) for chat in self.chats)
        return replace(self, scene=scene, chats=chats)

    def page(self, **query: Any) -> Answer:
        """One page of the caller's list; NotReached unless it comes with rows."""
        answer = self.scene.client.call("listConversations", caller=self.caller, query=query)
        if not answer.ok or not isinstance(answer.data, list):
            raise NotReached(f"listConversations with {query} was answered {answer}")
        return answer

    def keys(self, **query: Any) -> list[tuple[str, str]]:
        """Kind and peer of each row of one page."""
        return [describe(row) for row in self.page(**query).data]

    def names(self, chats: tuple[Chat, ...]) -> list[tuple[str, str]]:
        """Kind and peer of some of the conversations, as rows give them, sorted."""
        return sorted((chat.kind, chat.peer) for chat in chats)


def inbox(scene: Scene) -> Inbox:
    """The five conversations, made once a run; clauses that only read share it."""
    return scene.once("inbox", make_inbox).seen_by(scene)


def make_inbox(scene: Scene) -> Inbox:
    """A caller with five conversations that he or she began, of users and groups in turn."""
    caller, other = scene.user("Caller"), scene.user("Other")
    chats = []
    for number in range(HOW_MANY):
        is_group = number % 2 == 1
        peer = scene.group(other, [caller]) if is_group else scene.user(f"Peer {number}")
        chat = Chat(
            scene, "group" if is_group else "user", caller, peer, other if is_group else peer
        )
        chat.write()
        chats.append(chat)
    return Inbox(scene, caller, tuple(chats))


@clause(SOURCE, Basis.INFERRED, operations=LIST, slow=True)
def newest_first(scene: Scene) -> None:
    """The list is in the order of updatedAt, the newest first."""
    box = make_inbox(scene)
    scene.pause(GAP_S)
    middle = box.chats[1]
    middle.receive()
    scene.expect(
        "the first row after a message in one conversation, two seconds after all others",
        lambda: box.keys()[:1],
        lambda first: first == [(middle.kind, middle.peer)],
        expected=f"the {middle.kind} conversation with {middle.peer}",
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
    """meta.pagination tells the page, its size, and how many rows and pages there are."""
    box = inbox(scene)
    for page, count in ((1, 2), (3, 1)):
        wanted = {
            "total": HOW_MANY,
            "count": count,
            "per_page": 2,
            "current_page": page,
            "total_pages": 3,
        }
        with scene.case(f"page {page} of 3"):
            scene.expect(
                "meta.pagination",
                lambda page=page: pagination(box.page(perPage=2, page=page)),  # type: ignore[misc]
                lambda got, wanted=wanted: {k: got.get(k) for k in wanted} == wanted,  # type: ignore[misc]
                expected=str(wanted),
            )


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
def page_size_bounds(scene: Scene) -> None:
    """perPage goes from 1 to 1000; what lies outside is refused (4xx) or brought inside."""
    box = inbox(scene)
    for size in (1, LARGEST_PAGE):
        with scene.case(f"perPage={size}"):
            answer = _sized(scene, box, size)
            scene.require(
                "the largest and the least page", answer.ok, expected="200", actual=answer
            )
    for size in (0, LARGEST_PAGE + 1):
        with scene.case(f"perPage={size}"):
            answer = _sized(scene, box, size)
            scene.require(
                "a page size out of bounds",
                is_bounded(answer),
                expected=f"4xx, or 200 with per_page from 1 to {LARGEST_PAGE}",
                actual=answer,
            )


def _sized(scene: Scene, box: Inbox, size: int) -> Answer:
    return scene.client.call("listConversations", caller=box.caller, query={"perPage": size})


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
    box = make_inbox(scene)
    unread = box.chats[:2]
    for chat in box.chats[2:]:
        chat.do("read")
    for chat in unread:
        chat.receive()
    _lists(scene, box, box.names(unread), unread=True)


@dataclass(frozen=True, slots=True)
class Tagged:
    """An inbox with tags on the caller's copies of the first three conversations."""

    box: Inbox
    tags: tuple[str, ...]


def tagged(scene: Scene) -> Tagged:
    """The tagged inbox, made once a run; NotReached where the tags were not taken."""

    def make(backstage: Scene) -> Tagged:
        box, tags = make_inbox(backstage), ("one", "two", "three")
        for chat, tag in zip(box.chats, tags, strict=False):
            chat.do("tag", body={"tags": [tag, "all"]})
        return Tagged(box, tags)

    made = scene.once("tagged inbox", make)
    return replace(made, box=made.box.seen_by(scene))


@clause("Readings C6", Basis.OBSERVED, operations=LIST)
def with_tags(scene: Scene) -> None:
    """With withTags=true a row shows the caller's tags on that conversation."""
    fixture = tagged(scene)
    chat = fixture.box.chats[0]
    scene.expect(
        "the tags in the row",
        lambda: chat.row(withTags=True),
        lambda row: sorted((row or {}).get("tags") or []) == ["all", fixture.tags[0]],
        expected=str(["all", fixture.tags[0]]),
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
        (["all"], chats[:3]),
        (["none-has-it"], ()),
    ):
        with scene.case(f"tags={','.join(names)}"):
            _lists(scene, box, box.names(tuple(wanted)), tags=names)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An inbox whose peers carry tags and names of their own."""

    box: Inbox
    word: str


def labelled(scene: Scene) -> Labelled:
    """A user and a group that carry a tag and a name of their own, and one of each without."""

    def make(backstage: Scene) -> Labelled:
        word = backstage.cast.fresh_id()
        caller, other = backstage.user("Caller"), backstage.user("Plain")
        mark = {"tags": [word, "x"]}
        rows = [
            ("user", backstage.user(f"Mia {word} Ray", **mark)),
            ("user", other),
            ("group", backstage.group(other, [caller], name=f"Club {word}", **mark)),
            ("group", backstage.group(other, [caller])),
        ]
        chats = [Chat(backstage, kind, caller, peer, other) for kind, peer in rows]
        for chat in chats:
            chat.write()
        return Labelled(Inbox(backstage, caller, tuple(chats)), word)

    made = scene.once("labelled inbox", make)
    return replace(made, box=made.box.seen_by(scene))


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def with_user_and_group_tags(scene: Scene) -> None:
    """withUserAndGroupTags=true shows the tags of the user or group in conversationWith."""
    fixture = labelled(scene)
    for chat in (fixture.box.chats[0], fixture.box.chats[2]):
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
    """userTags keeps the conversations with users who carry the tag."""
    fixture = labelled(scene)
    wanted = fixture.box.names(fixture.box.chats[:1])
    _lists(scene, fixture.box, wanted, userTags=[fixture.word])


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def group_tags_filter(scene: Scene) -> None:
    """groupTags keeps the conversations of groups that carry the tag."""
    fixture = labelled(scene)
    wanted = fixture.box.names(fixture.box.chats[2:3])
    _lists(scene, fixture.box, wanted, groupTags=[fixture.word])


@clause(SOURCE, Basis.OBSERVED, operations=LIST)
def search_key_filter(scene: Scene) -> None:
    """searchKey keeps the conversations whose user or group has it in the name."""
    fixture = labelled(scene)
    wanted = fixture.box.names((fixture.box.chats[0], fixture.box.chats[2]))
    _lists(scene, fixture.box, wanted, searchKey=fixture.word)


@clause("Readings C7", Basis.OBSERVED, operations=LIST)
def whole_app(scene: Scene) -> None:
    """Without onBehalfOf the list holds every user's copy; uid, where shown, names its owner."""
    word = scene.cast.fresh_id()
    ana, bo = (scene.user(name, tags=[word]) for name in ("Ana", "Bo"))
    Chat(scene, "user", ana, bo, bo).write()
    rows = scene.expect(
        "the two copies of a new 1-on-1 in the whole app's list",
        lambda: [row for row in scene.rows(None, userTags=[word]) if describe(row)[1] in (ana, bo)],
        lambda rows: sorted(describe(row) for row in rows) == sorted([("user", ana), ("user", bo)]),
        expected=f"one with {ana} and one with {bo}",
    )
    owner = {ana: bo, bo: ana}
    for row in rows:
        if "uid" in row:
            wanted = owner[describe(row)[1]]
            scene.require("uid", row["uid"] == wanted, expected=wanted, actual=row["uid"])
