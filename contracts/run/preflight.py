"""Check a target before judging it: its address, its key, how late its writes show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from duologue.contracts.context.target_data import SentMessage, TargetData
from duologue.contracts.errors import (
    ApiKeyRefused,
    NotReached,
    NotStaged,
    NotTheApi,
    TargetUnreachable,
)
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

SAMPLES = 2


@dataclass(frozen=True, slots=True)
class TargetProfile:
    """What a run knows of its target: ``lag_s`` 0 where a write shows in the next read."""

    lag_s: float = 0.0
    keeps_messages: bool = False
    left_behind: tuple[str, ...] = ()


def ping(client: Client) -> Response:
    """Return the first answer of a target that is there, answers JSON and accepts the key.

    The user list is asked, since it is not among the operations under test.
    Raises TargetUnreachable, NotTheApi or ApiKeyRefused.
    """
    target = client.target
    try:
        answer = client.call("listUsers", query={"perPage": 1})
    except NotReached as cause:
        raise TargetUnreachable(target.url, _reason(cause)) from cause
    if not isinstance(answer.body, dict) or not {"data", "error"} & set(answer.body):
        kind = answer.headers.get("content-type", "")
        raise NotTheApi(target.url, status=answer.status, content_type=kind)
    if answer.status in (401, 403):
        raise ApiKeyRefused(target.key_variable, status=answer.status, code=answer.code)
    if answer.status == 404 and answer.error:
        raise NotTheApi(target.url, status=404, content_type=f"error {answer.code}")
    return answer


def _reason(cause: NotReached) -> str:
    text = str(cause.__cause__ or cause)
    return text.rpartition(": ")[2] or text


def preflight(
    client: Client,
    data: TargetData | None,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> TargetProfile:
    """Return the target's profile; make and remove two users for it, unless ``data`` is None.

    Raises RunNotMade, CreationRefused included.
    """
    ping(client)
    if data is None:
        return TargetProfile()
    known, left = TargetProfile(), []
    try:
        known = _measured(client, data, now=now, sleep=sleep)
    except (NotReached, NotStaged):
        pass  # the clauses will say what does not work
    finally:
        data.explicit = True
        left = data.teardown()
    return replace(known, left_behind=tuple(left))


def _measured(
    client: Client, records: TargetData, *, now: Callable[[], float], sleep: Callable[[float], None]
) -> TargetProfile:
    ana, bo = records.user("Ana"), records.user("Bo")
    lags = []
    for _ in range(SAMPLES):
        message = records.send(ana, kind="user", to=bo, text=f"hello {records.names.fresh()}")
        lags.append(_lag(client, message.id, ana=ana, bo=bo, now=now, sleep=sleep))
    return TargetProfile(max(lags), _keeps_messages(client, records, message))


def _lag(
    client: Client,
    message_id: str,
    *,
    ana: str,
    bo: str,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> float:
    """Return the seconds until the receiver is shown the message; 0 at the first read."""
    started, first = now(), True
    while now() - started < client.target.settle_s or first:
        answer = client.call("getUserConversation", caller=bo, path={"uid": ana})
        last = answer.data.get("lastMessage") if isinstance(answer.data, dict) else None
        if isinstance(last, dict) and str(last.get("id")) == message_id:
            return 0.0 if first else now() - started
        first = False
        sleep(0.02)
    return 0.0  # it never shows: broken, not late


def _keeps_messages(client: Client, records: TargetData, message: SentMessage) -> bool:
    """Whether a message outlives the hard deletion of its sender and receiver."""
    records.teardown()
    if not client.call("getMessage", path={"id": message.id}).ok:
        return False
    with contextlib.suppress(NotReached):
        records.user("Ana", uid=message.sender)  # only its sender may take a message back
    return True
