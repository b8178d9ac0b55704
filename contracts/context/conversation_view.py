"""A conversation as its caller is shown it: fetched by a GET, or as a row of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import whole_in
from duologue.contracts.errors import MalformedAnswer, NotReached, OperationMissing
from duologue.contracts.http.client import Client
from duologue.contracts.http.response import Response

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
class ConversationView:
    """Reads ``caller``'s copy of the conversation with ``peer``."""

    client: Client
    kind: str
    caller: str
    peer: str

    def ask(self) -> Response:
        """Return the answer to the GET of this conversation, whatever it is.

        On a target that lacks the operation, what is shown is read from the caller's list, unless
        the check is about that operation.
        """
        answer = self._get()
        if not self.client.is_replaceable(OPERATION["get", self.kind], answer):
            return answer
        return self._as_listed() or answer

    def _get(self) -> Response:
        return self.client.call(
            OPERATION["get", self.kind], caller=self.caller, path={ID_FIELD[self.kind]: self.peer}
        )

    def _as_listed(self) -> Response | None:
        """Return the row of the list as a GET would show it; None where the list has none."""
        try:
            row = self._row(withTags=True)
        except NotReached:
            return None
        return None if row is None else Response(200, {}, {"data": row}, "")

    def fetch(self) -> dict[str, Any]:
        """Return the conversation as GET shows it; raise NotReached where it shows none."""
        return self.shown_in(self.ask())

    def shown_in(self, answer: Response) -> dict[str, Any]:
        """Return the conversation that an answer shows; raise NotReached where it shows none."""
        if not answer.ok or not isinstance(answer.data, dict) or not answer.data:
            raise NotReached(f"{OPERATION['get', self.kind]} was answered {answer}")
        return answer.data

    def count(self) -> int:
        """Return the unread count as GET shows it; digits in a string count as their number."""
        return count_of(self.fetch())

    def count_in_view(self) -> int:
        """Return the unread count, 0 where the conversation is refused as not there (403, 404).

        For what follows a reset: whether the conversation stays is a clause of its own, and what
        has left the caller's view has nothing unread.
        """
        return 0 if self.ask().status in (403, 404) else self.count()

    def tags(self) -> Any:
        """Return the tags as GET shows them, else as the list does; None where neither does."""
        shown = self.fetch().get("tags")
        if shown is None:
            shown = (self.row(withTags=True) or {}).get("tags")
        return shown

    def row(self, **query: Any) -> dict[str, Any] | None:
        """Return this conversation's row in the caller's list; None where the list has none.

        On a target that lacks the list, the plain row is what a GET shows, unless the check is
        about the list.
        """
        try:
            return self._row(**query)
        except OperationMissing:
            answer = self._get()
            if query or answer.is_of_missing_operation:
                raise
            return None if 400 <= answer.status < 500 else self.shown_in(answer)

    def _row(self, **query: Any) -> dict[str, Any] | None:
        named = [(row, peer_of(row)) for row in list_rows(self.client, self.caller, **query)]
        mine = next((row for row, peer in named if peer == (self.kind, self.peer)), None)
        if mine is None and any(peer is None or self._is_named_in(row) for row, peer in named):
            raise NotReached("a row does not say, or says wrongly, with whom the conversation is")
        return mine

    def listed(self) -> dict[str, Any]:
        """Return this conversation's row in the caller's list; raise NotReached without one."""
        row = self.row()
        if row is None:
            raise NotReached(f"the list of {self.caller} has no row of {self.peer}")
        return row

    def only_row(self) -> dict[str, Any]:
        """Return the one row of the caller's list; raise NotReached where it has not just one."""
        rows = list_rows(self.client, self.caller)
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise NotReached(f"the list of {self.caller} has {len(rows)} rows, not 1")
        return rows[0]

    def owns(self, shown: Any) -> bool:
        """Return whether what was shown is this conversation; raise NotReached if unknown."""
        if not isinstance(shown, dict) or not shown:
            return False
        peer = peer_of(shown)
        is_mine = peer == (self.kind, self.peer)
        if peer is None or (not is_mine and self._is_named_in(shown)):
            raise NotReached("the answer does not say, or says wrongly, with whom it is")
        return is_mine

    def _is_named_in(self, shown: Any) -> bool:
        """Return whether the id names this peer, whatever conversationWith says."""
        return isinstance(shown, dict) and str(shown.get("conversationId")).endswith(self.peer)


def list_rows(client: Client, caller: str | None, **query: Any) -> list[Any]:
    """Return all rows of a list, page by page; raise NotReached where a page does not come."""
    rows: list[Any] = []
    for page in range(1, MOST_PAGES + 1):
        paged = {**query, "page": page} if page > 1 else query
        answer = client.call("listConversations", caller=caller, query=paged)
        if client.is_replaceable("listConversations", answer):
            raise OperationMissing(f"listConversations was answered {answer}")
        if not answer.ok or not isinstance(answer.data, list):
            raise NotReached(f"listConversations was answered {answer}")
        rows += answer.data
        if len(answer.data) < query.get("perPage", limits().usual_page):
            break
    return rows


def peer_of(conversation: Any) -> tuple[str, str] | None:
    """Return kind and id of the peer in a conversation; None where they cannot be read.

    That they can be is a clause of its own, and so is conversationType.
    """
    peer = conversation.get("conversationWith") if isinstance(conversation, dict) else None
    if not isinstance(peer, dict):
        return None
    kind = "group" if "guid" in peer else "user"
    key = peer.get(ID_FIELD[kind])
    return (kind, key) if isinstance(key, str) and key else None


def count_of(conversation: Any) -> int:
    """Return a conversation's unread count; raise MalformedAnswer where none can be read."""
    if not isinstance(conversation, dict):
        raise MalformedAnswer("a conversation", expected="an object", actual=conversation)
    return whole_in(conversation.get("unreadMessageCount"), "unreadMessageCount")
