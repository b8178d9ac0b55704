"""Callers with lists worth looking at, made once a run for the clauses that read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from contracts.chat import Chat
from contracts.clauses.crowds import crowd_of
from contracts.clauses.operations import describe
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.transport import Answer

HOW_MANY = 5
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
    """An inbox whose first two conversations, with a user and a group, have unread messages."""

    def make(backstage: Scene) -> Inbox:
        box = make_inbox(backstage)
        for chat in box.chats[2:]:
            chat.do("read")
        for chat in box.chats[:2]:
            chat.receive()
        return box

    return scene.once("unread inbox", make).seen_by(scene)


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
        for chat in box.chats[3:]:
            chat.other_side.do("tag", body={"tags": ["theirs"]})
        for chat, tag in zip_longest(box.chats, tags):
            wanted = ["all", tag] if tag else []
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
        return Labelled(listed_whole(Inbox(backstage, caller, tuple(chats))), word)

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
