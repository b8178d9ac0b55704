"""A conversation as one caller has it, with its operations by verb, for users and groups alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from duologue.contracts.context.clock import Clock
from duologue.contracts.context.conversation_view import ID_FIELD, OPERATION, ConversationView
from duologue.contracts.context.provisioning import Provisioning
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import Broken, NotReached, OperationMissing
from duologue.contracts.escaping import as_json
from duologue.contracts.http.client import Client
from duologue.contracts.http.response import Response

# What a target says of a user, a group or a member that does not show yet.
NOBODY_YET = {"ERR_UID_NOT_FOUND", "ERR_GUID_NOT_FOUND", "ERR_GROUP_NOT_JOINED"}
REPLACEMENT = {"read": "reset"}  # both set the unread count to 0 (readings B6, B9)


class ConversationContext(Protocol):
    """What a conversation handle needs of the context it belongs to."""

    client: Client
    clock: Clock

    @property
    def create(self) -> Provisioning:
        """What makes users, groups and messages; raises NotStaged where none may be made."""


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
    def view(self) -> ConversationView:
        """The conversation as the caller is shown it."""
        return ConversationView(self.context.client, self.kind, self.caller, self.peer)

    @property
    def other_side(self) -> ConversationHandle:
        """The same conversation as the other one has it."""
        peer = self.caller if self.kind == "user" else self.peer
        return replace(self, caller=self.other, peer=peer, other=self.caller)

    def operation(self, verb: str) -> str:
        """Return the operationId of a verb on this kind of conversation."""
        return OPERATION[verb, self.kind]

    def ask(self, verb: str, *, body: Any = None, content_type: str = "") -> Response:
        """Return the answer to one of the six verbs, whatever it is.

        ``content_type`` "" is JSON's where there is a body, and none where there is none.
        """
        if verb == "get":
            return self.view.ask()
        return self.context.client.call(
            self.operation(verb),
            caller=self.caller,
            path={ID_FIELD[self.kind]: self.peer},
            body=body,
            content_type=content_type,
        )

    def do(self, verb: str, *, body: Any = None) -> Response:
        """Return the answer to a verb that is only on the way.

        Where the target lacks the operation, another one that has the same effect is called.
        Raises NotReached where it was not done, OperationMissing where nothing could do it.
        """
        answer = self.ask(verb, body=body)
        if answer.ok:
            return answer
        is_missing = self.context.client.is_replaceable(self.operation(verb), answer)
        if is_missing and verb in REPLACEMENT:
            return self.do(REPLACEMENT[verb])
        failure = OperationMissing if is_missing else NotReached
        raise failure(f"{self.operation(verb)} was answered {answer}")

    def must_accept(self, verb: str, *, body: Any) -> Response:
        """Return the answer to a verb with a body that the clause is about.

        Raises Broken where the body is refused.
        """
        answer = self.ask(verb, body=body)
        if not answer.ok:
            title = f"{self.operation(verb)} with {as_json(body)}"
            raise Broken(title, expected="200", actual=str(answer))
        return answer

    def must(self, verb: str, *, body: Any = None) -> Response:
        """Return the answer to a verb that the clause is about.

        Raises Broken where it was not done.
        """
        return must_be_done(self.operation(verb), self.ask(verb, body=body))

    def must_succeed(self, verb: str, *, body: Any = None) -> Response:
        """Return the answer to a mark that the clause is about.

        Raises Broken where it does not say success.
        """
        return must_say_success(self.operation(verb), self.must(verb, body=body))

    def receive(self, times: int = 1) -> SentMessage:
        """Return the last of ``times`` messages that the other wrote, once they show."""
        return self._send(self.other, to=self.caller, times=times)

    def receive_at_once(self, times: int) -> None:
        """Let the other write so many messages at the same moment, without waiting for them.

        Any of them may come to be the last one.
        """
        with ThreadPoolExecutor(times) as pool:
            sent = [pool.submit(self._create, self.other, to=self.caller) for _ in range(times)]
        for each in sent:
            each.result()

    def write(self, times: int = 1) -> SentMessage:
        """Return the last of ``times`` messages that the caller wrote, once they show."""
        return self._send(self.caller, to=self.peer, times=times)

    def _send(self, sender: str, *, to: str, times: int) -> SentMessage:
        for _ in range(times):
            message = self._create(sender, to=to)
        self.let_show(message)
        return message

    def _create(self, sender: str, *, to: str) -> SentMessage:
        """Return a new message to the other one, or to the group."""
        receiver = to if self.kind == "user" else self.peer
        return self.context.create.send(sender, kind=self.kind, to=receiver)

    def let_show(self, message: SentMessage) -> None:
        """Wait until a sent message shows in the conversation, within the time to settle.

        Only on a target whose writes show late; what never shows is for the clauses to judge.
        """
        clock = self.context.clock
        if not clock.lag_s:
            return
        for _ in clock.tries():
            data = self.view.ask().data
            last = data.get("lastMessage") if isinstance(data, dict) else None
            if isinstance(last, dict) and str(last.get("id")) == message.id:
                return

    def let_users_show(self) -> None:
        """Wait until who takes part shows, within the time to settle, where nobody has written.

        Only on a target whose writes show late: by its lag, and longer where it is later than it
        was before the run.
        """
        clock = self.context.clock
        if not clock.lag_s:
            return
        clock.wait_out_lag()
        for _ in clock.tries():
            if self.view.ask().code not in NOBODY_YET:
                return


def must_be_done(operation: str, answer: Response) -> Response:
    """Return the answer; raise Broken where it is not 200 with a body under data."""
    if answer.status != 200 or not answer.ok:
        raise Broken(
            f"{operation} is answered as done",
            expected="200 with a body under data",
            actual=str(answer),
        )
    return answer


def must_say_success(operation: str, answer: Response) -> Response:
    """Return the answer; raise Broken where it does not say that it was done."""
    if not isinstance(answer.data, dict) or answer.data.get("success") is not True:
        raise Broken(
            f"{operation} says that it was done",
            expected="success: true under data",
            actual=str(answer),
        )
    return answer
