"""Callers with lists worth looking at, made once a run for the clauses that read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from duologue.contracts.clauses.support.large_groups import crowd_of
from duologue.contracts.clauses.support.reading import describe
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import NotReached
from duologue.contracts.http.transport import Response

HOW_MANY = 5
TAGGED = (0, 1, 4)  # the oldest and the newest among them: a filter may miss either
UNREAD = (0, 3, 4)
USUAL_PAGE = 100


@dataclass(frozen=True, slots=True)
class Inbox:
    """A caller with five conversations: three with users, two with groups."""

    context: CheckContext
    caller: str
    chats: tuple[ConversationHandle, ...]

    def seen_by(self, context: CheckContext) -> Inbox:
        """The same conversations, read by another scene: its findings show its own calls."""
        chats = tuple(replace(conversation, context=context) for conversation in self.chats)
        return replace(self, context=context, chats=chats)

    def page(self, **query: Any) -> Response:
        """One page of the caller's list; NotReached unless it comes with rows."""
        answer = self.context.client.call("listConversations", caller=self.caller, query=query)
        if not answer.ok or not isinstance(answer.data, list):
            raise NotReached(f"listConversations with {query} was answered {answer}")
        return answer

    def keys(self, **query: Any) -> list[tuple[str, str]]:
        """Kind and peer of each row of one page."""
        return [describe(row) for row in self.page(**query).data]

    def names(self, chats: tuple[ConversationHandle, ...]) -> list[tuple[str, str]]:
        """Kind and peer of some of the conversations, as rows give them, sorted."""
        return sorted((conversation.kind, conversation.peer) for conversation in chats)


def inbox(context: CheckContext) -> Inbox:
    """The five conversations, made once a run; clauses that only read share it."""
    return context.run_fixture("inbox", make_inbox).seen_by(context)


def make_inbox(context: CheckContext) -> Inbox:
    """A caller with five conversations that he or she began, of users and groups in turn."""
    caller, other = context.create.user("Caller"), context.create.user("Other")
    chats = []
    for number in range(HOW_MANY):
        is_group = number % 2 == 1
        peer = (
            context.create.group(other, [caller])
            if is_group
            else context.create.user(f"Peer {number}")
        )
        conversation = ConversationHandle(
            context, "group" if is_group else "user", caller, peer, other if is_group else peer
        )
        conversation.write()
        chats.append(conversation)
    return listed_whole(Inbox(context, caller, tuple(chats)))


def listed_whole(box: Inbox) -> Inbox:
    """The inbox; NotReached where its plain list does not hold just its conversations."""
    box.context.expect.precondition(
        "the whole list on the way",
        lambda: sorted(box.keys()),
        lambda keys: keys == box.names(box.chats),
        expected=str(box.names(box.chats)),
    )
    return box


def make_unread(context: CheckContext) -> Inbox:
    """An inbox with unread messages in three conversations: those of ``UNREAD``."""

    def make(backstage: CheckContext) -> Inbox:
        box = make_inbox(backstage)
        for place, conversation in enumerate(box.chats):
            if place in UNREAD:
                conversation.receive()
            else:
                conversation.do("read")
        return box

    return context.run_fixture("unread inbox", make).seen_by(context)


@dataclass(frozen=True, slots=True)
class Tagged:
    """An inbox with tags on the caller's copies of the first two conversations and the last."""

    box: Inbox
    tags: tuple[str, ...]


def tagged(context: CheckContext) -> Tagged:
    """The tagged inbox, made once a run; NotReached where the tags were not taken."""

    def make(backstage: CheckContext) -> Tagged:
        box, tags = make_inbox(backstage), ("one", "two", "three")
        own = dict(zip(TAGGED, tags, strict=True))
        for place, conversation in enumerate(box.chats):
            if place in own:
                conversation.do("tag", body={"tags": [own[place], "all"]})
            else:
                conversation.other_side.do("tag", body={"tags": ["theirs"]})
        for place, conversation in enumerate(box.chats):
            wanted = ["all", own[place]] if place in own else []
            backstage.expect.precondition(
                "the tags on the way, where a GET shows any",
                lambda conversation=conversation: conversation.view.fetch().get("tags"),  # type: ignore[misc]
                lambda got, wanted=wanted: got is None or holds_just(got, wanted),  # type: ignore[misc]
                expected=str(wanted),
            )
        return Tagged(box, tags)

    made = context.run_fixture("tagged inbox", make)
    return replace(made, box=made.box.seen_by(context))


@dataclass(frozen=True, slots=True)
class TaggedListFixture:
    """An inbox some of whose peers carry tags and names of their own: the marked ones.

    ``word`` is their tag and in their names, ``plain`` the tag of the others.
    """

    box: Inbox
    word: str
    plain: str

    @property
    def marked(self) -> tuple[ConversationHandle, ...]:
        """The conversations with those that carry a tag and a name of their own."""
        return tuple(
            conversation for place, conversation in enumerate(self.box.chats) if place % 3 != 1
        )


def labelled(context: CheckContext) -> TaggedListFixture:
    """Two users and two groups that carry a tag and a name of their own, and one of each without.

    The plain ones stand between: a filter may miss the first or the last.
    """

    def make(backstage: CheckContext) -> TaggedListFixture:
        word, plain = backstage.data.fresh_id(), backstage.data.fresh_id()
        caller, other = (
            backstage.create.user("Caller"),
            backstage.create.user("Plain", tags=[plain]),
        )
        mark = {"tags": [word, "x"]}
        rows = [
            ("user", backstage.create.user(f"Mia {word} Ray", **mark)),
            ("user", other),
            ("user", backstage.create.user(f"{word}", **mark)),
            ("group", backstage.create.group(other, [caller], name=f"Club {word}", **mark)),
            ("group", backstage.create.group(other, [caller], tags=[plain])),
            ("group", backstage.create.group(other, [caller], name=f"{word} & Co", **mark)),
        ]
        chats = [ConversationHandle(backstage, kind, caller, peer, other) for kind, peer in rows]
        for conversation in chats:
            conversation.write()
        return TaggedListFixture(listed_whole(Inbox(backstage, caller, tuple(chats))), word, plain)

    made = context.run_fixture("labelled inbox", make)
    return replace(made, box=made.box.seen_by(context))


@dataclass(frozen=True, slots=True)
class ListFixture:
    """A caller with one conversation more than a page holds by default."""

    caller: str
    length: int


def shelf(context: CheckContext) -> ListFixture:
    """The caller of 101 conversations, made once a run."""

    def make(backstage: CheckContext) -> ListFixture:
        caller = backstage.create.user("Caller")
        peers = crowd_of(backstage)[: USUAL_PAGE + 1]
        backstage.create.greet(caller, peers)
        return ListFixture(caller, len(peers))

    return context.run_fixture("shelf", make)
