"""Combinators: functions that build the changes of faults and variants.

A change is a function from behaviours to changed behaviours. It wraps what it gets, so several
changes can be combined.
"""

from __future__ import annotations

import copy as copies
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from sqlalchemy import select

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain.errors import BadRequest, Refusal
from duologue.mockserver.domain.model import Copy, Group, Kind, Shown, User
from duologue.mockserver.errors import DocumentLacksPart
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store import schema
from duologue.mockserver.usecases.types import Call

Change = Callable[[Behaviours], Behaviours]
Body = dict[str, Any]
CHANGED = "changed by a fault"  # the note on a refusal whose answer a fault changes


# --- any behaviour --------------------------------------------------------------------------------


def replaced(**behaviours: Any) -> Change:
    """Replace behaviours by these."""
    return lambda healthy: replace(healthy, **behaviours)


def wrapped(name: str, around: Callable[..., Any]) -> Change:
    """Wrap a behaviour: `around` gets the original behaviour and its arguments."""

    def change(healthy: Behaviours) -> Behaviours:
        inner = getattr(healthy, name)

        def behaviour(*args: Any, **named: Any) -> Any:
            return around(inner, *args, **named)

        return replace(healthy, **{name: behaviour})

    return change


def combined(*changes: Change) -> Change:
    """Apply several changes in order."""
    return lambda healthy: reduce(lambda behaviours, change: change(behaviours), changes, healthy)


def with_own_state(make: Callable[[], Change]) -> Change:
    """Build the change each time it is applied, so that its state is not shared."""
    return lambda healthy: make()(healthy)  # noqa: PLW0108 - built when it is applied


def during(operations: Sequence[str], name: str, around: Callable[..., Any]) -> Change:
    """Wrap a behaviour, but only while one of these operations is answered."""

    def make() -> Change:
        now = threading.local()

        def admit(inner: Callable[[str], None], operation_id: str) -> None:
            now.operation = operation_id
            inner(operation_id)

        def behaviour(inner: Callable[..., Any], *args: Any, **named: Any) -> Any:
            if getattr(now, "operation", "") in operations:
                return around(inner, *args, **named)
            return inner(*args, **named)

        return combined(wrapped("admit", admit), wrapped(name, behaviour))

    return with_own_state(make)


# --- serialization --------------------------------------------------------------------------------


def anywhere(copy: Copy, shown: Shown) -> bool:
    """Match every conversation."""
    del copy, shown
    return True


def in_lists(copy: Copy, shown: Shown) -> bool:
    """Match conversations in a list."""
    del copy
    return not shown.single


def alone(copy: Copy, shown: Shown) -> bool:
    """Match single conversations."""
    del copy
    return shown.single


def of_users(copy: Copy, shown: Shown) -> bool:
    """Match 1-on-1s."""
    del shown
    return copy.kind == "user"


def of_groups(copy: Copy, shown: Shown) -> bool:
    """Match group conversations."""
    del shown
    return copy.kind == "group"


def shown(
    name: str,
    change: Callable[[Any, Copy], Any],
    where: Callable[[Copy, Shown], bool] = anywhere,
) -> Change:
    """Change a shown property of conversations; `change` gets its value and the copy."""

    def around(show: Callable[..., Any], behaviours: Behaviours, copy: Copy, how: Shown) -> Any:
        value = show(behaviours, copy, how)
        return change(value, copy) if where(copy, how) else value

    return wrapped(f"show_{name}", around)


def valued(name: str, value: Any, where: Callable[[Copy, Shown], bool] = anywhere) -> Change:
    """Show one fixed value for a property of conversations."""
    return shown(name, lambda _, __: value, where)


# --- answers --------------------------------------------------------------------------------------


def answered(
    operations: Sequence[str],
    change: Callable[[ApiResponse], ApiResponse],
    when: Callable[[ApiResponse], bool] = lambda _: True,
) -> Change:
    """Change the answers to these operations for which `when` is true."""

    def around(
        finish: Callable[..., ApiResponse], operation_id: str, answer: ApiResponse
    ) -> ApiResponse:
        sent = finish(operation_id, answer)
        return change(sent) if operation_id in operations and when(sent) else sent

    return wrapped("finish", around)


def is_done(answer: ApiResponse) -> bool:
    """Return whether the answer is a success."""
    return answer.status == 200 and isinstance(answer.body, dict) and "data" in answer.body


def code_of(answer: ApiResponse) -> str:
    """Return the error code of a refusal; empty for a success."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def done_as(operations: Sequence[str], change: Callable[[Any], Any]) -> Change:
    """Change `data` in the successes of these operations."""
    return answered(
        operations,
        lambda answer: answer._replace(
            body={**answer.body, "data": change(copies.deepcopy(answer.body["data"]))}
        ),
        is_done,
    )


def failed_as(
    operations: Sequence[str], code: str, change: Callable[[ApiResponse], ApiResponse]
) -> Change:
    """Change the refusals of these operations that have this code."""
    return answered(operations, change, lambda answer: code_of(answer) == code)


def refused_as(
    check: str,
    change: Callable[[ApiResponse], ApiResponse],
    kind: Kind | None = None,
    *,
    operations: Sequence[str] = (),
) -> Change:
    """Change the answer to refusals by one check, for peers of one kind if given."""

    def around(inner: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return inner(*args, **named)
        except Refusal as problem:
            if kind is None or args[0] == kind:
                problem.add_note(CHANGED)
            raise

    def whole(problem: Refusal, healthy: Behaviours) -> ApiResponse:
        answer = ApiResponse(
            healthy.status_of(problem), healthy.headers_of(problem), healthy.show_refusal(problem)
        )
        return change(answer) if CHANGED in getattr(problem, "__notes__", ()) else answer

    def show_changed(healthy: Behaviours) -> Behaviours:
        return replace(
            healthy,
            status_of=lambda problem: whole(problem, healthy).status,
            headers_of=lambda problem: whole(problem, healthy).headers,
            show_refusal=lambda problem: whole(problem, healthy).body,
        )

    checked = during(operations, check, around) if operations else wrapped(check, around)
    return combined(checked, show_changed)


def status(number: int) -> Callable[[ApiResponse], ApiResponse]:
    """Return a function that changes an answer's status."""
    return lambda answer: answer._replace(status=number)


def code(name: str) -> Callable[[ApiResponse], ApiResponse]:
    """Return a function that changes an answer's error code."""

    def change(answer: ApiResponse) -> ApiResponse:
        error = {**answer.body["error"], "code": name}
        return answer._replace(body={**answer.body, "error": error})

    return change


def body(content: Any) -> Callable[[ApiResponse], ApiResponse]:
    """Return a function that changes an answer's body."""
    return lambda answer: answer._replace(body=content)


def text(content: str, kind: str = "text/plain") -> Callable[[ApiResponse], ApiResponse]:
    """Return a function that replaces an answer's JSON by text."""
    return lambda answer: ApiResponse(
        answer.status, {**answer.headers, "Content-Type": kind}, content.encode()
    )


PAGE = "<!doctype html><html><body><h1>Something went wrong</h1></body></html>"


# --- requests -------------------------------------------------------------------------------------


def amended(pointer: str, value: Any) -> Change:
    """Validate requests against a document with `value` at the path `pointer` (`a/b/c`).

    Raise DocumentLacksPart where the document has no such place.
    """
    *steps, last = pointer.split("/")

    def around(inner: Callable[..., Body], name: str, document: Body) -> Body:
        written = inner(name, document)
        if name != "openapi":
            return written
        written = copies.deepcopy(written)
        try:
            place = reduce(lambda node, step: node[step], steps, written)
        except LookupError as cause:
            raise DocumentLacksPart("A fault", f"#/{pointer}") from cause
        place[last] = value
        return written

    return wrapped("document", around)


Act = Callable[[Call], Any]


def no_tags(reason: str) -> BadRequest:
    """Return a refusal of tags."""
    return BadRequest({"tags": [reason]})


# --- effects --------------------------------------------------------------------------------------


def skipped(effect: str, kind: Kind) -> Change:
    """Skip an effect on conversations of one kind and answer as if it was done."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if copy.kind != kind:
            return do(uow, copy, *rest)
        return copy._replace(tags=rest[0]) if effect == "update_tags" else None

    return wrapped(effect, around)


Others = Callable[[UnitOfWork, Copy], list[Copy]]


def applied_to_others_too(effect: str, others: Others, kind: Kind | None = None) -> Change:
    """Apply an effect to other copies, too."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if kind in (None, copy.kind):
            for other in others(uow, copy):
                do(uow, other, *_elsewhere(effect, rest))
        return do(uow, copy, *rest)

    return wrapped(effect, around)


def applied_to_others_instead(effect: str, others: Others, kind: Kind | None = None) -> Change:
    """Apply an effect to other copies instead of the caller's."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if kind not in (None, copy.kind):
            return do(uow, copy, *rest)
        for other in others(uow, copy):
            do(uow, other, *rest)
        return copy._replace(tags=rest[0]) if effect == "update_tags" else None

    return wrapped(effect, around)


def _elsewhere(effect: str, rest: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an effect's arguments for another conversation; positions in this one are dropped."""
    return (None,) if effect.startswith("mark_") else rest


def callers_others(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """Return the caller's copies of other conversations of the same kind."""
    table = schema.copies.c
    peers = select(table.peer).where(
        table.uid == copy.owner, table.kind == copy.kind, table.peer != copy.peer
    )
    found = [_look(uow, copy.owner, copy.kind, peer) for (peer,) in uow.conn.execute(peers).all()]
    return [each for each in found if each is not None]


def other_parties(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """Return the other parties' copies of the same conversation."""
    table = schema.copies.c
    owners = select(table.uid).where(
        table.conversation_id == copy.conversation, table.uid != copy.owner
    )
    peer = copy.owner if copy.kind == "user" else copy.peer
    found = [_look(uow, owner, copy.kind, peer) for (owner,) in uow.conn.execute(owners).all()]
    return [each for each in found if each is not None]


def _look(uow: UnitOfWork, owner: str, kind: Kind, peer: str) -> Copy | None:
    return uow.lookup.find(uow.conn, owner, kind=kind, peer=peer).copy


def invented(caller: str, kind: Kind, peer: str) -> Copy:
    """Return a copy of a conversation that does not exist and has no messages."""
    now = 1_790_000_000
    name = "somebody"
    return Copy(
        owner=caller,
        kind=kind,
        peer=peer,
        conversation=0,
        unread_count=0,
        read_seq=0,
        last_seq=0,
        hidden_seq=-1,
        created_at=now,
        updated_at=now,
        tags=(),
        peer_is=User(peer, name, now) if kind == "user" else Group(peer, name, "public", now),
    )
