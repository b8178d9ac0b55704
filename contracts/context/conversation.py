"""A conversation as one caller has it, with its operations by verb, for users and groups alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from duologue.contracts.context.test_data import SentMessage
from duologue.contracts.errors import Broken, NotReached
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

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


class ConversationContext(Protocol):
    """What a conversation handle needs of the context it belongs to."""

    client: Client

    def send(self, sender: str, *, kind: str, to: str) -> SentMessage:
        """Send a message; return it."""

    def let_show(self, conversation: ConversationHandle, message: SentMessage) -> None:
        """Wait until a sent message shows in the conversation."""

    def rows(self, caller: str | None, **query: Any) -> list[dict[str, Any]]:
        """Return all rows of a list."""


@dataclass(frozen=True, slots=True)
class ConversationHandle:
    """``caller``'s copy of a conversation with ``peer``; ``other`` is one who writes in it.

    ``found`` where it was there before: what it holds is not the suite's doing.
    """

    context: ConversationContext
    kind: str
    caller: str
    peer: str
    other: str
    found: bool = False

    @property
    def other_side(self) -> ConversationHandle:
        """The same conversation as the other one has it."""
        peer = self.caller if self.kind == "user" else self.peer
        return replace(self, caller=self.other, peer=peer, other=self.caller)

    def operation(self, verb: str) -> str:
        """The operationId of a verb on this kind of conversation."""
        return OPERATION[verb, self.kind]

    def ask(self, verb: str, *, body: Any = None) -> Response:
        """The answer to one of the six verbs, whatever it is."""
        return self.context.client.call(
            self.operation(verb),
            caller=self.caller,
            path={ID_FIELD[self.kind]: self.peer},
            body=body,
        )

    def do(self, verb: str, *, body: Any = None) -> Response:
        """The answer to a verb that is only on the way: NotReached where it was not done."""
        answer = self.ask(verb, body=body)
        if not answer.ok:
            raise NotReached(f"{self.operation(verb)} was answered {answer}")
        return answer

    def taken(self, verb: str, *, body: Any) -> Response:
        """The answer to a verb in a form that the clause is about: Broken where it is refused."""
        answer = self.ask(verb, body=body)
        if not answer.ok:
            raise Broken(f"{self.operation(verb)} with {body}", expected="200", actual=str(answer))
        return answer

    def must(self, verb: str, *, body: Any = None) -> Response:
        """The answer to a verb that the clause is about: Broken where it was not done."""
        return must_be_done(self.operation(verb), self.ask(verb, body=body))

    def must_succeed(self, verb: str, *, body: Any = None) -> Response:
        """The answer to a mark that the clause is about: Broken where it does not say success."""
        return must_say_success(self.operation(verb), self.must(verb, body=body))

    def fetch(self) -> dict[str, Any]:
        """The conversation as GET shows it; NotReached where it shows none."""
        return self.shown_in(self.ask("get"))

    def shown_in(self, answer: Response) -> dict[str, Any]:
        """The conversation that an answer shows; NotReached where it shows none."""
        if not answer.ok or not isinstance(answer.data, dict) or not answer.data:
            raise NotReached(f"{self.operation('get')} was answered {answer}")
        return answer.data

    def count(self) -> int:
        """The unread count as GET shows it (a string of digits is taken as its number)."""
        return count_of(self.fetch())

    def count_in_view(self) -> int:
        """The unread count, 0 where the conversation is refused as not there (403, 404).

        For what follows a reset: whether the conversation stays is a clause of its own, and what
        has left the caller's view has nothing unread.
        """
        return 0 if self.ask("get").status in (403, 404) else self.count()

    def tags(self) -> list[str] | None:
        """The tags as GET shows them, else as the list does; None where neither does."""
        shown = self.fetch().get("tags")
        if shown is None:
            shown = (self.row(withTags=True) or {}).get("tags")
        return shown

    def row(self, **query: Any) -> dict[str, Any] | None:
        """This conversation's row in the caller's list, None where the list has none."""
        rows = self.context.rows(self.caller, **query)
        named = [(row, peer_of(row)) for row in rows]
        mine = next((row for row, peer in named if peer == (self.kind, self.peer)), None)
        if mine is None and any(peer is None or self._is_named_in(row) for row, peer in named):
            raise NotReached("a row does not say, or says wrongly, with whom the conversation is")
        return mine

    def listed(self) -> dict[str, Any]:
        """This conversation's row in the caller's list; NotReached where the list has none."""
        row = self.row()
        if row is None:
            raise NotReached(f"the list of {self.caller} has no row of {self.peer}")
        return row

    def only_row(self) -> dict[str, Any]:
        """The one row of the caller's list; NotReached where it is not one."""
        rows = self.context.rows(self.caller)
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise NotReached(f"the list of {self.caller} has {len(rows)} rows, not 1")
        return rows[0]

    def owns(self, shown: Any) -> bool:
        """Whether what was shown is this conversation; NotReached where it does not say whose."""
        if not isinstance(shown, dict) or not shown:
            return False
        peer = peer_of(shown)
        is_mine = peer == (self.kind, self.peer)
        if peer is None or (not is_mine and self._is_named_in(shown)):
            raise NotReached("the answer does not say, or says wrongly, with whom it is")
        return is_mine

    def _is_named_in(self, shown: Any) -> bool:
        """Whether the id names this peer, whatever conversationWith says."""
        return isinstance(shown, dict) and str(shown.get("conversationId")).endswith(self.peer)

    def receive(self, times: int = 1) -> SentMessage:
        """The last of ``times`` messages that the other wrote, once they show."""
        return self._say(self.other, to=self.caller, times=times)

    def write(self, times: int = 1) -> SentMessage:
        """The last of ``times`` messages that the caller wrote, once they show."""
        return self._say(self.caller, to=self.peer, times=times)

    def _say(self, sender: str, *, to: str, times: int) -> SentMessage:
        receiver = to if self.kind == "user" else self.peer
        for _ in range(times):
            message = self.context.send(sender, kind=self.kind, to=receiver)
        self.context.let_show(self, message)
        return message


def peer_of(conversation: Any) -> tuple[str, str] | None:
    """Kind and id of the peer in a conversation, None where they cannot be read.

    That they can be is a clause of its own, and so is conversationType.
    """
    peer = conversation.get("conversationWith") if isinstance(conversation, dict) else None
    if not isinstance(peer, dict):
        return None
    kind = "group" if "guid" in peer else "user"
    key = peer.get(ID_FIELD[kind])
    return (kind, key) if isinstance(key, str) and key else None


def must_be_done(operation: str, answer: Response) -> Response:
    """The answer; Broken where it is not 200 with a body under data."""
    if answer.status != 200 or not answer.ok:
        raise Broken(
            f"{operation} is answered as done",
            expected="200 with a body under data",
            actual=str(answer),
        )
    return answer


def must_say_success(operation: str, answer: Response) -> Response:
    """The answer; Broken where it does not say that it was done."""
    if not isinstance(answer.data, dict) or answer.data.get("success") is not True:
        raise Broken(
            f"{operation} says that it was done",
            expected="success: true under data",
            actual=str(answer),
        )
    return answer


def count_of(conversation: dict[str, Any]) -> int:
    """A conversation's unread count as a number; NotReached where none can be read."""
    shown = conversation.get("unreadMessageCount")
    text = str(shown)
    if isinstance(shown, bool) or not (text.isascii() and text.isdigit()):
        raise NotReached(f"no unread count can be read from {shown!r}")
    return int(text)
