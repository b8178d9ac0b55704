"""Callers with lists worth looking at, made once a run for the clauses that read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.chat import Chat
from contracts.clauses.crowds import crowd_of
from contracts.clauses.operations import describe
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.transport import Answer

HOW_MANY = 5
TAGGED = (0, 1, 4)  # the oldest and the newest among them: a filter may miss either
UNREAD = (0, 3, 4)
USUAL_PAGE = 100


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
    return listed_whole(Inbox(scene, caller, tuple(chats)))


def listed_whole(box: Inbox) -> Inbox:
    """The inbox; NotReached where its plain list does not hold just its conversations."""
    box.scene.reach(
        "the whole list on the way",
        lambda: sorted(box.keys()),
        lambda keys: keys == box.names(box.chats),
        expected=str(box.names(box.chats)),
    )
    return box


def make_unread(scene: Scene) -> Inbox:
    """An inbox with unread messages in three conversations: those of ``UNREAD``."""

    def make(backstage: Scene) -> Inbox:
        box = make_inbox(backstage)
        for place, chat in enumerate(box.chats):
            if place in UNREAD:
                chat.receive()
            else:
                chat.do("read")
        return box

    return scene.once("unread inbox", make).seen_by(scene)


@dataclass(frozen=True, slots=True)
class Tagged:
    """An inbox with tags on the caller's copies of the first two conversations and the last."""

    box: Inbox
    tags: tuple[str, ...]


def tagged(scene: Scene) -> Tagged:
    """The tagged inbox, made once a run; NotReached where the tags were not taken."""

    def make(backstage: Scene) -> Tagged:
        box, tags = make_inbox(backstage), ("one", "two", "three")
        own = dict(zip(TAGGED, tags, strict=True))
        for place, chat in enumerate(box.chats):
            if place in own:
                chat.do("tag", body={"tags": [own[place], "all"]})
            else:
                chat.other_side.do("tag", body={"tags": ["theirs"]})
        for place, chat in enumerate(box.chats):
            wanted = ["all", own[place]] if place in own else []
            backstage.reach(
                "the tags on the way, where a GET shows any",
                lambda chat=chat: chat.conversation().get("tags"),  # type: ignore[misc]
                lambda got, wanted=wanted: got is None or sorted(got) == wanted,  # type: ignore[misc]
                expected=str(wanted),
            )
        return Tagged(box, tags)

    made = scene.once("tagged inbox", make)
    return replace(made, box=made.box.seen_by(scene))


@dataclass(frozen=True, slots=True)
class Labelled:
    """An inbox some of whose peers carry tags and names of their own: the marked ones.

    ``word`` is their tag and in their names, ``plain`` the tag of the others.
    """

    box: Inbox
    word: str
    plain: str

    @property
    def marked(self) -> tuple[Chat, ...]:
        """The conversations with those that carry a tag and a name of their own."""
        return tuple(chat for place, chat in enumerate(self.box.chats) if place % 3 != 1)


def labelled(scene: Scene) -> Labelled:
    """Two users and two groups that carry a tag and a name of their own, and one of each without.

    The plain ones stand between: a filter may miss the first or the last.
    """

    def make(backstage: Scene) -> Labelled:
        word, plain = backstage.cast.fresh_id(), backstage.cast.fresh_id()
        caller, other = backstage.user("Caller"), backstage.user("Plain", tags=[plain])
        mark = {"tags": [word, "x"]}
        rows = [
            ("user", backstage.user(f"Mia {word} Ray", **mark)),
            ("user", other),
            ("user", backstage.user(f"{word}", **mark)),
            ("group", backstage.group(other, [caller], name=f"Club {word}", **mark)),
            ("group", backstage.group(other, [caller], tags=[plain])),
            ("group", backstage.group(other, [caller], name=f"{word} & Co", **mark)),
        ]
        chats = [Chat(backstage, kind, caller, peer, other) for kind, peer in rows]
        for chat in chats:
            chat.write()
        return Labelled(listed_whole(Inbox(backstage, caller, tuple(chats))), word, plain)

    made = scene.once("labelled inbox", make)
    return replace(made, box=made.box.seen_by(scene))


@dataclass(frozen=True, slots=True)
class Shelf:
    """A caller with one conversation more than a page holds by default."""

    caller: str
    length: int


def shelf(scene: Scene) -> Shelf:
    """The caller of 101 conversations, made once a run."""

    def make(backstage: Scene) -> Shelf:
        caller = backstage.user("Caller")
        peers = crowd_of(backstage)[: USUAL_PAGE + 1]
        backstage.cast.greet(caller, peers)
        return Shelf(caller, len(peers))

    return scene.once("shelf", make)
