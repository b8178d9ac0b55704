"""Callers with lists to read, made once a run for the clauses on listing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from duologue.contracts.clauses.support.large_groups import many_users
from duologue.contracts.clauses.support.reading import describe
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import NotReached
from duologue.contracts.http.response import Response

IN_TURN = ("user", "group", "user", "group", "user")
HOW_MANY = len(IN_TURN)
TAGGED = (0, 1, 4)  # the oldest and the newest among them: a filter may miss either
UNREAD = (0, 3, 4)


@dataclass(frozen=True, slots=True)
class Inbox:
    """A caller with five conversations: three with users, two with groups."""

    context: CheckContext
    caller: str
    conversations: tuple[ConversationHandle, ...]

    def seen_by(self, context: CheckContext) -> Inbox:
        """Return the same conversations for another context: its findings show its own calls."""
        conversations = tuple(
            replace(conversation, context=context) for conversation in self.conversations
        )
        return replace(self, context=context, conversations=conversations)

    def page(self, **query: Any) -> Response:
        """Return one page of the caller's list; raise NotReached unless it comes with rows."""
        answer = self.context.client.call("listConversations", caller=self.caller, query=query)
        if not answer.ok or not isinstance(answer.data, list):
            raise NotReached(f"listConversations with {query} was answered {answer}")
        return answer

    def keys(self, **query: Any) -> list[tuple[str, str]]:
        """Return kind and peer of each row of one page."""
        return [describe(row) for row in self.page(**query).data]

    def names(self, conversations: tuple[ConversationHandle, ...]) -> list[tuple[str, str]]:
        """Return kind and peer of some of the conversations, as rows give them, sorted."""
        return sorted((conversation.kind, conversation.peer) for conversation in conversations)


def inbox(context: CheckContext) -> Inbox:
    """Return the five conversations, made once a run; clauses that only read share it."""

    def make(run_context: CheckContext) -> Inbox:
        return settled(make_inbox(run_context, unread=UNREAD))

    return context.run_fixture("inbox", make).seen_by(context)


def make_inbox(
    context: CheckContext,
    kinds: Sequence[str] = IN_TURN,
    *,
    unread: Sequence[int] = (),
    owner: str = "Other",
) -> Inbox:
    """Return a caller with conversations of these kinds, begun in this order.

    The other begins those at the places of ``unread``, the caller all others. The others are users
    of the whole run, ``owner`` among them, who has the groups: their lists are not looked at. They
    are made first: where each new user is greeted in a group of all, that group comes back to the
    callers made before.
    """
    context.create.require_empty_lists()
    other = context.conversations.shared_user(owner)
    users = {
        number: context.conversations.shared_user(f"Peer {number}")
        for number, kind in enumerate(kinds)
        if kind == "user"
    }
    caller = context.create.user("Caller")
    conversations = []
    for number, kind in enumerate(kinds):
        if kind == "group":
            peer, writer = context.create.group(other, [caller]), other
        else:
            peer = writer = users[number]
        conversation = ConversationHandle(context, kind, caller, peer, writer)
        _ = conversation.receive() if number in unread else conversation.write()
        conversations.append(conversation)
    return listed_whole(Inbox(context, caller, tuple(conversations)))


def listed_whole(box: Inbox) -> Inbox:
    """Return the inbox; raise NotReached where its plain list holds anything else."""
    box.context.expect.precondition(
        "the whole list on the way",
        lambda: sorted(box.keys()),
        lambda keys: keys == box.names(box.conversations),
        expected=shown(box.names(box.conversations)),
    )
    return box


def unread_inbox(context: CheckContext) -> Inbox:
    """Return the inbox; raise NotReached where others than ``UNREAD`` could not be read.

    It is another one where something came into the first: a target may greet new users in a group.
    """

    def make(run_context: CheckContext) -> Inbox:
        box = inbox(run_context)
        is_whole = sorted(box.keys()) == box.names(box.conversations)
        return box if is_whole else settled(make_inbox(run_context, unread=UNREAD))

    return with_unread(context.run_fixture("unread inbox", make).seen_by(context))


def settled(box: Inbox) -> Inbox:
    """Return a new box, read where it should be, before others look: a read may move a row.

    Where that is refused, ``with_unread`` says so to those who need it.
    """
    with suppress(NotReached):
        with_unread(box)
    return box


def with_unread(box: Inbox) -> Inbox:
    """Return a box, once what is not of ``UNREAD`` is read: joining a group may count (B3)."""
    for place, conversation in enumerate(box.conversations):
        if place not in UNREAD and conversation.view.count():
            conversation.do("read")
    return box


@dataclass(frozen=True, slots=True)
class Tagged:
    """An inbox with tags on the caller's copies of the first two conversations and the last."""

    box: Inbox
    tags: tuple[str, ...]


def tagged(context: CheckContext) -> Tagged:
    """Return the tagged inbox, made once a run; raise NotReached where tags were not stored."""

    def make(run_context: CheckContext) -> Tagged:
        box, tags = make_inbox(run_context, unread=UNREAD), ("one", "two", "three")
        own = dict(zip(TAGGED, tags, strict=True))
        for place, conversation in enumerate(box.conversations):
            if place in own:
                conversation.do("tag", body={"tags": [own[place], "all"]})
            else:
                conversation.other_side.do("tag", body={"tags": ["theirs"]})
        for place, conversation in enumerate(box.conversations):
            wanted = ["all", own[place]] if place in own else []
            run_context.expect.precondition(
                "the tags on the way, where a GET shows any",
                lambda conversation=conversation: conversation.view.fetch().get("tags"),  # type: ignore[misc]
                lambda got, wanted=wanted: got is None or holds_just(got, wanted),  # type: ignore[misc]
                expected=shown(wanted),
            )
        return Tagged(settled(box), tags)

    made = context.run_fixture("tagged inbox", make)
    return replace(made, box=made.box.seen_by(context))


@dataclass(frozen=True, slots=True)
class TaggedListFixture:
    """An inbox some of whose peers carry tags and names of their own: the marked ones.

    ``word`` is their tag and in their names, ``plain`` the tag of the others. ``foreign`` is in the
    name of the first, outside ASCII.
    """

    box: Inbox
    word: str
    plain: str

    @property
    def foreign(self) -> str:
        """What to search for the first by: the middle of its name."""
        return f"\u00eda {self.word} R\u00e4"

    @property
    def marked(self) -> tuple[ConversationHandle, ...]:
        """The conversations with those that carry a tag and a name of their own."""
        return tuple(
            conversation
            for place, conversation in enumerate(self.box.conversations)
            if place % 3 != 1
        )


def tagged_peers(context: CheckContext) -> TaggedListFixture:
    """Return an inbox whose peers are two tagged users, two tagged groups, and one of each plain.

    The plain ones stand between: a filter may miss the first or the last.
    """

    def make(run_context: CheckContext) -> TaggedListFixture:
        run_context.create.require_empty_lists()
        word, plain = run_context.data.fresh_id(), run_context.data.fresh_id()
        mark = {"tags": [word, "x"]}
        first = run_context.create.user(f"M\u00eda {word} R\u00e4y", **mark)
        other = run_context.create.user("Plain", tags=[plain])
        last = run_context.create.user(f"{word}", **mark)
        caller = run_context.create.user("Caller")  # after all others: see make_inbox
        rows = [
            ("user", first),
            ("user", other),
            ("user", last),
            ("group", run_context.create.group(other, [caller], name=f"Club {word}", **mark)),
            ("group", run_context.create.group(other, [caller], tags=[plain])),
            ("group", run_context.create.group(other, [caller], name=f"{word} & Co", **mark)),
        ]
        conversations = [
            ConversationHandle(run_context, kind, caller, peer, peer if kind == "user" else other)
            for kind, peer in rows
        ]
        for place, conversation in enumerate(conversations):
            _ = conversation.receive() if place in UNREAD else conversation.write()
        box = listed_whole(Inbox(run_context, caller, tuple(conversations)))
        return TaggedListFixture(settled(box), word, plain)

    made = context.run_fixture("inbox of tagged peers", make)
    return replace(made, box=made.box.seen_by(context))


@dataclass(frozen=True, slots=True)
class ListFixture:
    """A caller with one conversation more than a page holds by default."""

    caller: str
    length: int


def long_list(context: CheckContext) -> ListFixture:
    """Return the caller of 101 conversations, made once a run."""

    def make(run_context: CheckContext) -> ListFixture:
        run_context.create.require_empty_lists()
        caller = run_context.create.user("Caller")
        peers = many_users(run_context)[: limits().usual_page + 1]
        run_context.create.greet(caller, peers)
        return ListFixture(caller, len(peers))

    return context.run_fixture("long list", make)
