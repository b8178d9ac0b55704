"""A conversation as one caller has it, with its operations by verb, for users and groups alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.errors import Broken, NotReached
from contracts.stage import Message
from contracts.transport import Answer

if TYPE_CHECKING:
    from contracts.scene import Scene

KINDS = ("user", "group")
OPERATION = {
    ("get", "user"): "getUserConversation",
    ("get", "group"): "getGroupConversation",
    ("tag", "user"): "updateUserConversation",
    ("tag", "group"): "updateGroupConversation",
    ("reset", "user"): "resetUserConversation",
    ("reset", "group"): "resetGroupConversation",
    ("read", "user"): "markUserConversationAsRead",
    ("read", "group"): "markGroupConversationAsRead",
    ("delivered", "user"): "markUserConversationAsDelivered",
    ("delivered", "group"): "markGroupConversationAsDelivered",
    ("unread", "user"): "markUserConversationAsUnread",
    ("unread", "group"): "markGroupConversationAsUnread",
}
ID_FIELD = {"user": "uid", "group": "guid"}
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Chat:
    """``caller``'s copy of a conversation with ``peer``; ``other`` is one who writes in it.

    ``found`` where it was there before: what it holds is not the suite's doing.
    """

    scene: Scene
    kind: str
    caller: str
    peer: str
    other: str
    found: bool = False

    @property
    def other_side(self) -> Chat:
        """The same conversation as the other one has it."""
        peer = self.caller if self.kind == "user" else self.peer
        return replace(self, caller=self.other, peer=peer, other=self.caller)

    def operation(self, verb: str) -> str:
        """The operationId of a verb on this kind of conversation."""
        return OPERATION[verb, self.kind]

    def ask(self, verb: str, *, body: Any = None) -> Answer:
        """The answer to one of the six verbs, whatever it is."""
        return self.scene.client.call(
            self.operation(verb),
            caller=self.caller,
            path={ID_FIELD[self.kind]: self.peer},
            body=body,
        )

    def do(self, verb: str, *, body: Any = None) -> Answer:
        """The answer to a verb that is only on the way: NotReached where it was not done."""
        answer = self.ask(verb, body=body)
        if not answer.ok:
            raise NotReached(f"{self.operation(verb)} was answered {answer}")
        return answer

    def must(self, verb: str, *, body: Any = None) -> Answer:
        """The answer to a verb that the clause is about: Broken where it was not done."""
        answer = self.ask(verb, body=body)
        if not answer.ok:
            raise Broken(
                f"{self.operation(verb)} is answered as done",
                expected="200 with a body under data",
                actual=str(answer),
            )
        return answer

    def conversation(self) -> dict[str, Any]:
        """The conversation as GET shows it; NotReached where it shows none."""
        data = self.do("get").data
        if not isinstance(data, dict):
            raise NotReached(f"{self.operation('get')} answered no object under data: {data!r}")
        return data

    def count(self) -> int:
        """The unread count as GET shows it (a string of digits is taken as its number)."""
        return count_of(self.conversation())

    def count_in_view(self) -> int:
        """The unread count, 0 where the conversation is refused as not there (403, 404).

        For what follows a reset: whether the conversation stays is a clause of its own, and what
        has left the caller's view has nothing unread.
        """
        return 0 if self.ask("get").status in (403, 404) else self.count()

    def tags(self) -> list[str] | None:
        """The tags as GET shows them, else as the list does; None where neither does."""
        shown = self.conversation().get("tags")
        if shown is None:
            shown = (self.row(withTags=True) or {}).get("tags")
        return shown

    def row(self, **query: Any) -> dict[str, Any] | None:
        """This conversation's row in the caller's list, None where the list has none."""
        return next((row for row in self.scene.rows(self.caller, **query) if self.owns(row)), None)

    def listed(self) -> dict[str, Any]:
        """This conversation's row in the caller's list; NotReached where the list has none."""
        row = self.row()
        if row is None:
            raise NotReached(f"the list of {self.caller} has no row of {self.peer}")
        return row

    def owns(self, row: Any) -> bool:
        """Whether a row of the caller's list is this conversation."""
        if not isinstance(row, dict) or not isinstance(row.get("conversationWith"), dict):
            return False
        return bool(row["conversationWith"].get(ID_FIELD[self.kind]) == self.peer)

    def receive(self, times: int = 1) -> Message:
        """The last of ``times`` messages that the other wrote, once they show."""
        return self._say(self.other, to=self.caller, times=times)

    def write(self, times: int = 1) -> Message:
        """The last of ``times`` messages that the caller wrote, once they show."""
        return self._say(self.caller, to=self.peer, times=times)

    def _say(self, sender: str, *, to: str, times: int) -> Message:
        receiver = to if self.kind == "user" else self.peer
        for _ in range(times):
            message = self.scene.send(sender, kind=self.kind, to=receiver)
        self.scene.let_show(self, message)
        return message


def count_of(conversation: dict[str, Any]) -> int:
    """A conversation's unread count as a number; NotReached where none can be read."""
    shown = conversation.get("unreadMessageCount")
    try:
        return int(shown)  # type: ignore[arg-type]  # whatever the target sent is tried
    except (TypeError, ValueError) as cause:
        raise NotReached(f"no unread count can be read from {shown!r}") from cause
