"""The steps that two users take in turn, and what both must be shown after each.

Ana and Bo share a 1-on-1 and a group. A step is done on the target and in the model alike, then
both copies are compared with the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, count_of, list_rows
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import Broken
from duologue.contracts.stateful.model import ConversationModel, ModelMessage, View, initial_model

NAMES = ("ana", "bo")
FRESH_MESSAGES = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: the name of a method of StepRunner, and its arguments."""

    name: str
    words: Mapping[str, Any]


@dataclass(slots=True)
class StepRunner:
    """Two new users and what they do; ``steps_done`` lists the steps that were done, in words."""

    context: CheckContext
    steps_done: list[str] = field(default_factory=list)
    ledgers: dict[str, ConversationModel] = field(default_factory=dict)
    first_call: int = 0
    _chats: dict[tuple[str, str], ConversationHandle] = field(default_factory=dict)
    _messages: dict[str, SentMessage] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Let both write and read in both conversations, so that every count starts from 0.

        Then they write again, so that there is something to read, mark and delete.
        """
        self.first_call = len(self.context.client.calls)
        self._meet()
        for kind in KINDS:
            newest = [self._say(who, kind) for who in NAMES][-1]
            for who in NAMES:
                self._chats[who, kind].let_show(newest)
                self._chats[who, kind].do("read")
                self.ledgers[kind].copies[who].clear()
            self._look(kind)
            for who in NAMES * FRESH_MESSAGES:
                self._say(who, kind)
            self._look(kind)

    def take(self, step: Step) -> None:
        """Do a step and check both sides, or leave out what cannot be done now.

        Raises Broken if a side is not shown what the model says.
        """
        words = getattr(self, step.name)(**step.words)
        if words:
            kind = step.words.get("kind", "user")
            self.steps_done.append(f"{step.words['who']} {words} ({kind})")
            self._look(kind)

    def end(self) -> None:
        """Check at the end that the lists show what was seen one by one."""
        for who in NAMES:
            self._look_at_list(who)

    def calls(self) -> tuple[str, ...]:
        """Return everything that was called, as shell commands."""
        return tuple(call.curl() for call in self.context.client.calls[self.first_call :])

    # -- steps: each does it and tells it, or gives None where it cannot be done ----------------

    def say(self, who: str, kind: str) -> str | None:
        """Write a message, also in a conversation that its sender deleted before."""
        self._say(who, kind)
        return "writes"

    def read(self, who: str, kind: str) -> str | None:
        """Read everything."""
        if not self._has(who, kind):
            return None
        self._chats[who, kind].must("read")
        self.ledgers[kind].copies[who].clear()
        return "marks all as read"

    def read_up_to(self, who: str, kind: str, back: int) -> str | None:
        """Read up to a message."""
        number = self._number(who, kind, back)
        if number is None:
            return None
        self._chats[who, kind].must("read", body=self._naming(kind, number))
        self.ledgers[kind].copies[who].clear(number)
        return f"reads up to message {number + 1}"

    def delivered(self, who: str, kind: str) -> str | None:
        """Mark everything as delivered, which changes no count."""
        if not self._has(who, kind):
            return None
        self._chats[who, kind].must("delivered")
        return "marks all as delivered"

    def unread(self, who: str, kind: str) -> str | None:
        """Mark a conversation as unread."""
        if not self._has(who, kind) or not self.ledgers[kind].of_others(who):
            return None
        self._chats[who, kind].must("unread")
        self.ledgers[kind].mark_unread(who)
        return "marks as unread"

    def unread_after(self, who: str, kind: str, back: int) -> str | None:
        """Mark as unread what came after a message."""
        number = self._number(who, kind, back)
        if number is None or not self.ledgers[kind].of_others(who, after=number):
            return None
        self._chats[who, kind].must("unread", body=self._naming(kind, number))
        self.ledgers[kind].mark_unread_after(who, number)
        return f"marks as unread after message {number + 1}"

    def reset(self, who: str, kind: str) -> str | None:
        """Reset a conversation."""
        if not self._has(who, kind):
            return None
        self._chats[who, kind].must("reset")
        self.ledgers[kind].reset(who)
        self._let_go(who, kind)
        return "resets"

    def tag(self, who: str, kind: str, tags: tuple[str, ...]) -> str | None:
        """Replace a conversation's tags."""
        if not self._has(who, kind):
            return None
        self._chats[who, kind].must("tag", body={"tags": list(tags)})
        self.ledgers[kind].copies[who].tags = tags
        return f"sets the tags {list(tags)}"

    def unsend(self, who: str, kind: str, back: int) -> str | None:
        """Delete a message as its sender."""
        number = self._number(who, kind, back)
        if number is None or self.ledgers[kind].said[number].sender != who:
            return None
        message = self._messages[self.ledgers[kind].said[number].id]
        self.context.expect.precondition(
            # One just sent may be refused for a moment (readings T12).
            "the message is deleted",
            lambda: self.context.create.unsend(message),
            lambda answer: answer.ok,
            expected="2xx",
        )
        self.ledgers[kind].unsend(number)
        return f"deletes message {number + 1}"

    def delete(self, who: str) -> str | None:
        """Delete the 1-on-1 by its id."""
        if not self._has(who, "user"):
            return None
        answer = self.context.client.call(
            "deleteConversation",
            caller=self._chats[who, "user"].caller,
            path={"conversationId": self._keys[who]},
        )
        self.context.expect.that(
            "deleteConversation", answer.ok, expected="200 with a body under data", actual=answer
        )
        self.ledgers["user"].delete(who)
        self._let_go(NAMES[1 - NAMES.index(who)], "user")
        return "deletes the conversation"

    # -- on the way --------------------------------------------------------------------------

    def _meet(self) -> None:
        uids = {name: self.context.create.user(name.title()) for name in NAMES}
        group = self.context.create.group(uids["bo"], [uids["ana"]])
        for who, other in (NAMES, NAMES[::-1]):
            peers = {"user": uids[other], "group": group}
            for kind in KINDS:
                conversation = ConversationHandle(
                    self.context, kind, uids[who], peers[kind], uids[other]
                )
                self._chats[who, kind] = conversation
        self.ledgers = {kind: initial_model(NAMES) for kind in KINDS}

    def _say(self, who: str, kind: str) -> SentMessage:
        conversation = self._chats[who, kind]
        message = self.context.create.send(conversation.caller, kind=kind, to=conversation.peer)
        self._messages[message.id] = message
        self.ledgers[kind].say(ModelMessage(message.id, who))
        return message

    def _let_go(self, who: str, kind: str) -> None:
        """Treat a copy that is refused as deleted: clauses of their own judge that.

        (marks.reset-keeps-the-conversation, marks.delete-is-the-callers-alone)
        """
        self.context.clock.wait_out_lag()
        if self.ledgers[kind].copies[who].is_there and self._view(who, kind) is None:
            self.ledgers[kind].delete(who)

    def _has(self, who: str, kind: str) -> bool:
        return self.ledgers[kind].copies[who].is_there

    def _number(self, who: str, kind: str, back: int) -> int | None:
        """Return a message of this copy that is not deleted, counted from the newest."""
        model, copy = self.ledgers[kind], self.ledgers[kind].copies[who]
        standing = [n for n in range(copy.since, len(model.said)) if n not in model.unsent]
        if not standing or not copy.is_there:
            return None
        return standing[-1 - back % len(standing)]

    def _naming(self, kind: str, number: int) -> dict[str, str]:
        return {"messageId": self.ledgers[kind].said[number].id}

    # -- looking -----------------------------------------------------------------------------

    def _look(self, kind: str) -> None:
        for who in NAMES:
            self._look_at_copy(who, kind)

    def _look_at_copy(self, who: str, kind: str) -> None:
        model = self.ledgers[kind]
        seen = self.context.expect.eventually(
            f"the {kind} conversation of {who}",
            lambda: self._view(who, kind),
            lambda seen: model.agrees(who, seen),
            expected=model.expected(who),
        )
        if not self.context.clock.lag_s:  # else it may be a view of before
            model.settle(who, seen)

    def _look_at_list(self, who: str) -> None:
        self.context.expect.eventually(
            f"the list of {who}",
            lambda: self._listed(who),
            lambda seen: all(self.ledgers[kind].agrees(who, seen[kind]) for kind in KINDS),
            expected="; ".join(f"{kind}: {self.ledgers[kind].expected(who)}" for kind in KINDS),
        )

    def _view(self, who: str, kind: str) -> View | None:
        """Return a copy as GET shows it; None if it is refused."""
        conversation = self._chats[who, kind]
        answer = conversation.ask("get")
        if 400 <= answer.status < 500:
            return None
        if not answer.ok or not isinstance(answer.data, dict):
            raise Broken(conversation.operation("get"), expected="2xx or 4xx", actual=str(answer))
        if kind == "user":
            self._keys[who] = str(answer.data.get("conversationId"))
        return view_of(answer.data)

    def _listed(self, who: str) -> dict[str, View | None]:
        rows = list_rows(self.context.client, self._chats[who, "user"].caller, withTags=True)
        found: dict[str, View | None] = {}
        for kind in KINDS:
            own = [row for row in rows if self._chats[who, kind].view.owns(row)]
            found[kind] = view_of(own[0]) if own else None
        return found


def view_of(conversation: dict[str, Any]) -> View:
    """Return a conversation as the model compares it."""
    last, tags = conversation.get("lastMessage"), conversation.get("tags")
    return View(
        count_of(conversation),
        str(last.get("id")) if isinstance(last, dict) else None,
        tuple(map(str, tags)) if isinstance(tags, list) else None,
    )
