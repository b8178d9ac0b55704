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

PARTIES = ("ana", "bo")
UNREAD_MESSAGES = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the name of a method of StepRunner, and its arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(slots=True)
class StepRunner:
    """Runs the steps of two new users; ``steps_done`` lists those that were done, as text."""

    context: CheckContext
    steps_done: list[str] = field(default_factory=list)
    models: dict[str, ConversationModel] = field(default_factory=dict)
    first_call: int = 0
    _conversations: dict[tuple[str, str], ConversationHandle] = field(default_factory=dict)
    _messages: dict[str, SentMessage] = field(default_factory=dict)
    _conversation_ids: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Let both write and read in both conversations, so that every count starts from 0.

        Then they write again, so that there is something to read, mark and delete.
        """
        self.first_call = len(self.context.client.calls)
        self._create_conversations()
        for kind in KINDS:
            newest = [self._send(party, kind) for party in PARTIES][-1]
            for party in PARTIES:
                self._conversations[party, kind].let_show(newest)
                self._conversations[party, kind].do("read")
                self.models[kind].copies[party].clear()
            self._check_copies(kind)
            for party in PARTIES * UNREAD_MESSAGES:
                self._send(party, kind)
            self._check_copies(kind)

    def take(self, step: Step) -> None:
        """Do a step and check both sides, or leave out what cannot be done now.

        Raises Broken if a side is not shown what the model says.
        """
        description = getattr(self, step.name)(**step.arguments)
        if description:
            kind = step.arguments.get("kind", "user")
            self.steps_done.append(f"{step.arguments['party']} {description} ({kind})")
            self._check_copies(kind)

    def end(self) -> None:
        """Check that the lists show what the copies showed one by one."""
        for party in PARTIES:
            self._check_list(party)

    def is_spent(self, kind: str) -> bool:
        """Return whether a party has no copy, or no message of the other to read or mark."""
        model = self.models[kind]
        return not all(model.copies[party].exists and model.of_others(party) for party in PARTIES)

    def calls(self) -> tuple[str, ...]:
        """Return the calls of this sequence as shell commands."""
        return tuple(call.curl() for call in self.context.client.calls[self.first_call :])

    # -- steps: each returns what was done as text, or None if it cannot be done now

    def send_message(self, party: str, kind: str) -> str | None:
        """Write a message, also in a conversation that its sender deleted before."""
        self._send(party, kind)
        return "writes"

    def mark_read(self, party: str, kind: str) -> str | None:
        """Read everything."""
        if not self._has_copy(party, kind):
            return None
        self._conversations[party, kind].must("read")
        self.models[kind].copies[party].clear()
        return "marks all as read"

    def mark_read_up_to(self, party: str, kind: str, back: int) -> str | None:
        """Read up to a message."""
        number = self._message_number(party, kind, back)
        if number is None:
            return None
        self._conversations[party, kind].must("read", body=self._message_body(kind, number))
        self.models[kind].copies[party].clear(number)
        return f"reads up to message {number + 1}"

    def mark_delivered(self, party: str, kind: str) -> str | None:
        """Mark everything as delivered, which changes no count."""
        if not self._has_copy(party, kind):
            return None
        self._conversations[party, kind].must("delivered")
        return "marks all as delivered"

    def mark_unread(self, party: str, kind: str) -> str | None:
        """Mark a conversation as unread."""
        if not self._has_copy(party, kind) or not self.models[kind].of_others(party):
            return None
        self._conversations[party, kind].must("unread")
        self.models[kind].mark_unread(party)
        return "marks as unread"

    def mark_unread_after(self, party: str, kind: str, back: int) -> str | None:
        """Mark as unread what came after a message."""
        number = self._message_number(party, kind, back)
        if number is None or not self.models[kind].of_others(party, after=number):
            return None
        self._conversations[party, kind].must("unread", body=self._message_body(kind, number))
        self.models[kind].mark_unread_after(party, number)
        return f"marks as unread after message {number + 1}"

    def reset(self, party: str, kind: str) -> str | None:
        """Reset a conversation."""
        if not self._has_copy(party, kind):
            return None
        self._conversations[party, kind].must("reset")
        self.models[kind].reset(party)
        self._accept_deletion(party, kind)
        return "resets"

    def set_tags(self, party: str, kind: str, tags: tuple[str, ...]) -> str | None:
        """Replace a conversation's tags."""
        if not self._has_copy(party, kind):
            return None
        self._conversations[party, kind].must("tag", body={"tags": list(tags)})
        self.models[kind].copies[party].tags = tags
        return f"sets the tags {list(tags)}"

    def delete_message(self, party: str, kind: str, back: int) -> str | None:
        """Delete a message as its sender."""
        number = self._message_number(party, kind, back)
        if number is None or self.models[kind].messages[number].sender != party:
            return None
        message = self._messages[self.models[kind].messages[number].id]
        self.context.expect.precondition(
            # A message just sent may be refused for a moment (readings T12).
            "the message is deleted",
            lambda: self.context.create.unsend(message),
            lambda answer: answer.ok,
            expected="2xx",
        )
        self.models[kind].delete_message(number)
        return f"deletes message {number + 1}"

    def delete_conversation(self, party: str) -> str | None:
        """Delete the 1-on-1 by its id."""
        may_delete = self.context.client.may_call("deleteConversation")
        if not may_delete or not self._has_copy(party, "user"):
            return None
        answer = self.context.client.call(
            "deleteConversation",
            caller=self._conversations[party, "user"].caller,
            path={"conversationId": self._conversation_ids[party]},
        )
        self.context.expect.that(
            "deleteConversation", answer.ok, expected="200 with a body under data", actual=answer
        )
        self.models["user"].delete_copy(party)
        self._accept_deletion(PARTIES[1 - PARTIES.index(party)], "user")
        return "deletes the conversation"

    # -- helpers of the steps

    def _create_conversations(self) -> None:
        uids = {name: self.context.create.user(name.title()) for name in PARTIES}
        group = self.context.create.group(uids["bo"], [uids["ana"]])
        for party, other in (PARTIES, PARTIES[::-1]):
            peers = {"user": uids[other], "group": group}
            for kind in KINDS:
                conversation = ConversationHandle(
                    self.context, kind, uids[party], peers[kind], uids[other]
                )
                self._conversations[party, kind] = conversation
        self.models = {kind: initial_model(PARTIES) for kind in KINDS}

    def _send(self, party: str, kind: str) -> SentMessage:
        conversation = self._conversations[party, kind]
        message = self.context.create.send(conversation.caller, kind=kind, to=conversation.peer)
        self._messages[message.id] = message
        self.models[kind].add_message(ModelMessage(message.id, party))
        return message

    def _accept_deletion(self, party: str, kind: str) -> None:
        """Treat a copy that is refused as deleted: clauses of their own judge that.

        (marks.reset-keeps-the-conversation, marks.delete-is-the-callers-alone)
        """
        self.context.clock.wait_out_lag()
        if self.models[kind].copies[party].exists and self._view(party, kind) is None:
            self.models[kind].delete_copy(party)

    def _has_copy(self, party: str, kind: str) -> bool:
        return self.models[kind].copies[party].exists

    def _message_number(self, party: str, kind: str, back: int) -> int | None:
        """Return a message of this copy that is not deleted, counted from the newest."""
        model, copy = self.models[kind], self.models[kind].copies[party]
        remaining = [
            n for n in range(copy.first_number, len(model.messages)) if n not in model.deleted
        ]
        if not remaining or not copy.exists:
            return None
        return remaining[-1 - back % len(remaining)]

    def _message_body(self, kind: str, number: int) -> dict[str, str]:
        return {"messageId": self.models[kind].messages[number].id}

    # -- checks

    def _check_copies(self, kind: str) -> None:
        for party in PARTIES:
            self._check_copy(party, kind)

    def _check_copy(self, party: str, kind: str) -> None:
        model = self.models[kind]
        view = self.context.expect.eventually(
            f"the {kind} conversation of {party}",
            lambda: self._view(party, kind),
            lambda view: model.allows(party, view),
            expected=model.expected(party),
        )
        if not self.context.clock.lag_s:  # with a lag it may be an older view
            model.settle(party, view)

    def _check_list(self, party: str) -> None:
        self.context.expect.eventually(
            f"the list of {party}",
            lambda: self._list_views(party),
            lambda views: all(self.models[kind].allows(party, views[kind]) for kind in KINDS),
            expected="; ".join(f"{kind}: {self.models[kind].expected(party)}" for kind in KINDS),
        )

    def _view(self, party: str, kind: str) -> View | None:
        """Return a copy as GET shows it; None if it is refused."""
        conversation = self._conversations[party, kind]
        answer = conversation.ask("get")
        if 400 <= answer.status < 500:
            return None
        if not answer.ok or not isinstance(answer.data, dict):
            raise Broken(conversation.operation("get"), expected="2xx or 4xx", actual=str(answer))
        if kind == "user":
            self._conversation_ids[party] = str(answer.data.get("conversationId"))
        return view_of(answer.data)

    def _list_views(self, party: str) -> dict[str, View | None]:
        rows = list_rows(
            self.context.client, self._conversations[party, "user"].caller, withTags=True
        )
        found: dict[str, View | None] = {}
        for kind in KINDS:
            own = [row for row in rows if self._conversations[party, kind].view.owns(row)]
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
