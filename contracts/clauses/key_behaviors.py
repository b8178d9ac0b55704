"""Heading "Key behaviors": birth, the 300-member limit, tags, and when lastMessage is absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.boundary import refused
from contracts.chat import Chat
from contracts.clause import Basis, clause
from contracts.clauses.connections import last, places
from contracts.clauses.marks import ids
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.stage import Message

SOURCE = "Key behaviors"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]
TAGGING = ["updateUserConversation", "updateGroupConversation"]
MOST_TAGS = 25
LONGEST_TAG = 100
MOST_MEMBERS = 300


@clause(SOURCE, operations=["getUserConversation", "listConversations"])
def user_conversation_starts_with_a_message(scene: Scene) -> None:
    """A 1-on-1 conversation is there for both sides from the first message, and not before."""
    chat = scene.pair()
    for side in (chat, chat.other_side):
        scene.require(
            "fetching a conversation before the first message",
            400 <= (early := side.ask("get")).status < 500,
            expected="a refusal (4xx)",
            actual=early,
        )
        scene.require("its row", side.row() is None, expected="none", actual="a row in the list")
    chat.write()
    for side in (chat, chat.other_side):
        is_there(scene, side)


def is_there(scene: Scene, side: Chat) -> None:
    """Broken unless the conversation is fetched and listed."""
    scene.expect(
        "fetching a conversation after the first message",
        lambda: side.ask("get"),
        lambda got: got.ok and side.owns(got.data),
        expected=f"200 with the conversation with {side.peer}",
    )
    scene.expect(
        "its row in the list after the first message",
        side.row,
        lambda row: row is not None,
        expected=f"the conversation with {side.peer}",
    )


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def group_conversation_starts_with_a_message(scene: Scene) -> None:
    """From its first message a group's conversation is there for each member."""
    writer, second, third = (scene.user(name) for name in ("Ana", "Bo", "Cleo"))
    guid = scene.group(writer, [second, third])
    chats = [Chat(scene, "group", uid, guid, writer) for uid in (writer, second, third)]
    chats[0].write()
    for side in chats:
        is_there(scene, side)


# -- more than 300 members --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crowd:
    """A group past the limit: as the caller saw it before, and a message sent since."""

    chat: Chat
    before: dict[str, Any]
    message: Message


def crowd_of(scene: Scene) -> list[str]:
    """The uids of 300 users, made once a run."""
    return scene.once("people", lambda backstage: backstage.cast.users(MOST_MEMBERS))


def full_group(scene: Scene) -> Chat:
    """A member's view of a group of exactly 300, in which one message was sent."""
    people = crowd_of(scene)
    guid = scene.group(people[0], people[1:])
    chat = Chat(scene, "group", people[1], guid, people[0])
    chat.write()
    return chat


def crowded_group(scene: Scene) -> Crowd:
    """A group that grew to 301, and a message that was sent in it a second later."""
    return scene.once("crowded group", _overcrowd)


def _overcrowd(scene: Scene) -> Crowd:
    chat = full_group(scene)
    scene.cast.join(chat.peer, [scene.user("One too many")])
    scene.pause(1.5 * scene.pace.lag_s)
    before = chat.conversation()
    scene.next_second()
    message = scene.send(chat.other, kind="group", to=chat.peer)
    scene.pause(1.5 * scene.pace.lag_s)
    return Crowd(chat, before, message)


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def full_group_still_counts(scene: Scene) -> None:
    """In a group of exactly 300 members, a message still moves count and lastMessage."""
    chat = full_group(scene)
    scene.expect(
        "fetching the conversation of 300 members after a message",
        lambda: chat.ask("get"),
        lambda got: not 400 <= got.status < 500,
        expected="200 with the conversation",
    )
    before = chat.count()
    message = chat.receive()
    scene.expect_equal("the unread count with 300 members", chat.count, before + 1)
    scene.expect(
        "the id of lastMessage with 300 members",
        lambda: last(chat.conversation())[0],
        lambda got: got in ids(message.id),
        expected=message.id,
    )


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_count(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves the unread count as it was."""
    _keeps(scene, "unreadMessageCount")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_last_message(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves lastMessage as it was."""
    _keeps(scene, "lastMessage")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_updated_at(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves updatedAt as it was."""
    _keeps(scene, "updatedAt")


def _keeps(scene: Scene, name: str) -> None:
    crowd = crowded_group(scene)

    def value(conversation: dict[str, Any]) -> Any:
        return last(conversation)[0] if name == "lastMessage" else conversation.get(name)

    def read() -> Any:
        data = scene.client.call(
            "getGroupConversation", caller=crowd.chat.caller, path={"guid": crowd.chat.peer}
        ).data
        if not isinstance(data, dict):
            raise NotReached("the crowded group's conversation was not answered")
        return value(data)

    title = f"{name} after a message to 301 members"
    scene.expect_equal(title, read, value(crowd.before))


# -- tags -------------------------------------------------------------------------------------


@clause(SOURCE, operations=TAGGING)
def at_most_25_tags(scene: Scene) -> None:
    """25 tags are taken and kept; 26 are refused."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        _kept(scene, chat, [f"tag {n}" for n in range(1, MOST_TAGS + 1)])
        refused(scene, chat.operation("tag"), chat.ask("tag", body=many(MOST_TAGS + 1)))

    scene.each_kind(check)


def many(count: int) -> dict[str, list[str]]:
    """A request body with that many short tags, all different."""
    return {"tags": [f"tag {n}" for n in range(1, count + 1)]}


@clause(SOURCE, operations=TAGGING)
def tags_up_to_100_characters(scene: Scene) -> None:
    """A tag of 100 characters is taken and kept; one of 101 is refused."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        _kept(scene, chat, ["t" * LONGEST_TAG, "short"])
        long = {"tags": ["t" * (LONGEST_TAG + 1), "short"]}
        refused(scene, chat.operation("tag"), chat.ask("tag", body=long))

    scene.each_kind(check)


@clause(SOURCE, operations=TAGGING)
def tags_are_utf8mb4(scene: Scene) -> None:
    """Tags hold any character of UTF8mb4, and 100 of them count as 100 whatever their bytes."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        _kept(
            scene, chat, ["🎂 birthday", "семья", "家族", "naïve", 'quotes "and" \\ slash', "a,b"]
        )
        _kept(scene, chat, ["🎂" * LONGEST_TAG])

    scene.each_kind(check)


def _kept(scene: Scene, chat: Chat, tags: list[str]) -> None:
    chat.must("tag", body={"tags": tags})
    scene.expect(
        f"the tags after storing {len(tags)}",
        chat.tags,
        lambda got: sorted(got or []) == sorted(tags),
        expected=str(tags),
    )


@clause(SOURCE, Basis.INFERRED, operations=TAGGING)
def refused_tags_change_nothing(scene: Scene) -> None:
    """A refused update leaves the tags that were there."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        kept: list[str] | None = ["kept"]
        tagged(scene, chat, ["kept"])
        for body in (many(MOST_TAGS + 1), {"tags": ["good", "t" * (LONGEST_TAG + 1)]}):
            answer = chat.ask("tag", body=body)
            if answer.ok:
                raise NotReached(f"tags past a limit were not refused: {answer}")
            scene.expect_stays("the tags after a refused update", chat.tags, kept)

    scene.each_kind(check)


def tagged(scene: Scene, chat: Chat, tags: list[str]) -> None:
    """Brings the caller's copy to these tags; NotReached where they do not show."""
    chat.do("tag", body={"tags": tags})
    scene.reach(
        "the tags set on the way",
        chat.tags,
        lambda got: sorted(got or []) == sorted(tags),
        expected=str(tags),
    )


@clause("Readings B11", Basis.OBSERVED, operations=TAGGING)
def tags_are_replaced(scene: Scene) -> None:
    """An update replaces the whole list of tags; an empty list clears it; a repeat keeps it."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        tagged(scene, chat, ["first", "second"])
        for tags in (["third"], ["third"], []):
            chat.must("tag", body={"tags": tags})
            scene.expect(
                f"the tags after replacing them with {tags}",
                chat.tags,
                lambda got, tags=tags: (got or []) == tags,  # type: ignore[misc]  # bound early
                expected=str(tags),
            )

    scene.each_kind(check)


@clause("Readings C6", Basis.OBSERVED, operations=TAGGING)
def tags_are_the_callers_alone(scene: Scene) -> None:
    """Tags belong to the caller's copy: the other side does not see them."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        tagged(scene, chat, ["mine"])
        scene.expect(
            "the other side's tags",
            chat.other_side.tags,
            lambda got: not got,
            expected="none",
        )

    scene.each_kind(check)


# -- lastMessage ------------------------------------------------------------------------------


@clause(SOURCE, operations=READING)
def deleted_last_message_is_hidden(scene: Scene) -> None:
    """When the newest message is deleted, lastMessage is absent: not null, not the one before."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        message = chat.receive()
        scene.reach(
            "deleting the last message",
            lambda: scene.cast.unsend(message),
            lambda answer: answer.ok,
            expected="200",
        )
        for place, probe in places(chat):
            with scene.case(place):
                scene.expect(
                    "lastMessage after its deletion",
                    lambda probe=probe: probe().get("lastMessage", "absent"),  # type: ignore[misc]
                    lambda got: got == "absent",
                    expected="absent",
                )

    scene.each_kind(check)


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def new_group_has_no_last_message(scene: Scene) -> None:
    """A new group's conversation has no lastMessage, or is not there yet.

    An action on the members (added, joined) is not a message of theirs, and may show.
    """
    chat = scene.pair("group")
    answer = chat.ask("get")
    shown = [answer.data] if isinstance(answer.data, dict) else []
    row = chat.row()
    for conversation in (*shown, *([row] if row else [])):
        message = conversation.get("lastMessage", "absent")
        is_action = isinstance(message, dict) and message.get("category") == "action"
        scene.require(
            "lastMessage of a group without messages",
            message == "absent" or is_action,
            expected="absent",
            actual=message,
        )
