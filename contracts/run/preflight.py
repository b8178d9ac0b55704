"""Check a target before judging it: its address, its key, how late its writes show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from duologue.contracts.context.new_users import given_conversations
from duologue.contracts.context.target_data import SentMessage, TargetData
from duologue.contracts.errors import (
    ApiKeyRefused,
    CertificateNotTrusted,
    ClientCertificateMissing,
    NotReached,
    NotStaged,
    NotTheApi,
    ProxyRefuses,
    RunNotMade,
    StillTooMany,
    TargetTooBusy,
    TargetUnreachable,
    WrongScheme,
)
from duologue.contracts.http.client import Client, fill, rows
from duologue.contracts.http.response import Response
from duologue.contracts.http.target import Target
from duologue.contracts.run.removal import RemovalCheck

SAMPLES = 2
PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class TargetProfile:
    """What a run knows of its target: ``lag_s`` 0 where a write shows in the next read.

    ``given_conversations`` is how many each new user has, by a welcome message or default group.
    ``removal_problem`` says how it keeps what is removed, empty where it does not.
    """

    lag_s: float = 0.0
    keeps_messages: bool = False
    given_conversations: int = 0
    left_behind: tuple[str, ...] = ()
    removal_problem: str = ""

    @property
    def note(self) -> str:
        """Return what the target keeps, as a sentence; empty where it keeps nothing."""
        if not self.removal_problem:
            return ""
        return f"what the run makes may stay there (--allow-leftovers): {self.removal_problem}"


NOBODY = "duo-preflight-nobody"


def ping(client: Client) -> Response:
    """Return the first answer of a target that is there, answers JSON and accepts the key.

    A list of users, one of conversations, or else the refusal of a conversation of nobody: a
    target need not have the operations that the run can do without. Raises TargetUnreachable,
    CertificateNotTrusted, WrongScheme, NotTheApi, TargetTooBusy or ApiKeyRefused.
    """
    problems: list[RunNotMade] = []
    for operation, caller in (
        ("listUsers", None),
        ("listConversations", None),
        ("getUserConversation", NOBODY),
    ):
        answer = _ask(client, operation, caller)
        problem = (_problem_of_refusal if caller else _problem)(client.target, answer)
        if problem is None:
            return answer
        problems.append(problem)
    raise next((each for each in problems if isinstance(each, ApiKeyRefused)), problems[0])


def _ask(client: Client, operation: str, caller: str | None) -> Response:
    """Return the answer to one GET, a gateway's page included."""
    method, path = rows()[operation]
    where = fill(path, {"uid": NOBODY}) if caller else f"{path}?perPage=1"
    try:
        return client.request(method, where, operation_id=operation, caller=caller)
    except StillTooMany as cause:
        raise TargetTooBusy(str(cause)) from cause
    except NotReached as cause:
        if isinstance(cause.answer, Response):
            return cause.answer
        raise _unreachable(client, cause) from cause


def _unreachable(client: Client, cause: NotReached) -> RunNotMade:
    url, reason = client.target.url, _reason(cause)
    if cause.status:
        hint = "a gateway answers, the target behind it is away; or give --target whole, version"
        return NotTheApi(
            url, status=cause.status, content_type="a page", hint=f"{hint} path included"
        )
    whole = str(cause)
    if "Tunnel connection failed: 407" in whole:
        return ProxyRefuses(url)
    if proxy := client.target.network.proxy_for(url):
        reason += f", through the proxy {urlsplit(proxy).netloc.rpartition('@')[2]}"
    if "CERTIFICATE_REQUIRED" in whole or "ALERT_HANDSHAKE_FAILURE" in whole:
        return ClientCertificateMissing(url)
    if "CERTIFICATE_VERIFY_FAILED" in whole:
        return CertificateNotTrusted(url, reason.partition(" (_ssl")[0])
    if url.startswith("https:") and ("WRONG_VERSION" in whole or "RECORD_LAYER" in whole):
        return WrongScheme(url)
    return TargetUnreachable(url, reason)


def _problem(target: Target, answer: Response) -> RunNotMade | None:
    """Return why an answer is none of the API's, or refuses the key; None where it is fine."""
    kind = answer.headers.get("content-type", "")
    if "json" in kind and answer.body is None:
        kind = f"{'JSON that cannot be read' if answer.text.strip() else 'an empty body'} as {kind}"
    if answer.status == 407:
        return ProxyRefuses(target.url)
    if not isinstance(answer.body, dict) or not {"data", "error"} & set(answer.body):
        return NotTheApi(
            target.url, status=answer.status, content_type=kind, hint=_hint(target, answer)
        )
    if answer.status in (401, 403):
        return ApiKeyRefused(target.key_variable, status=answer.status, code=answer.code)
    if answer.status == 404 and "error" in answer.body:
        told = f"error {answer.code}" if answer.code else "an error that has no code"
        return NotTheApi(target.url, status=404, content_type=told)
    return None


def _problem_of_refusal(target: Target, answer: Response) -> RunNotMade | None:
    """Return why an answer is not the API's to an unknown id; None where it is."""
    is_refusal = bool(answer.code) and not answer.code.startswith("AUTH_ERR")
    if is_refusal and not answer.is_of_missing_operation:
        return None
    return _problem(target, answer)


def _hint(target: Target, answer: Response) -> str:
    """Return the next step for an answer that is none of the API's; empty for the usual one."""
    if answer.has_byte_order_mark:
        return "it begins with a byte order mark, which JSON does not allow: remove it there"
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "").partition("?")[0] or "nowhere"
        return (
            f"it redirects to {where}, and no redirect is followed: give --target whole, version"
            " path included, as it is there"
        )
    if answer.status in (401, 403):
        return (
            "a gateway in front of the target refuses the request: give what it asks for with"
            " --header NAME=VARIABLE or --cookie NAME=VARIABLE"
        )
    if answer.status == 400:
        return _hint_of_tls(target, answer)
    if answer.status >= 500:
        return "the server fails: look at its log; or give --target whole, version path included"
    return ""


def _hint_of_tls(target: Target, answer: Response) -> str:
    """Return the next step where a gateway says what is wrong with the way to it; else empty."""
    if "SSL certificate" in answer.text:
        return "a gateway asks for a certificate of the client, or refuses it: --client-cert FILE"
    if "HTTPS" in answer.text and target.url.startswith("http:"):
        return "the port speaks TLS: write https:// in --target"
    return ""


def _reason(cause: NotReached) -> str:
    text = str(cause.__cause__ or cause)
    return (text.rpartition(": ")[2] or text).removesuffix('"))')


def preflight(
    client: Client,
    data: TargetData | None,
    *,
    removal: RemovalCheck,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> TargetProfile:
    """Return the target's profile; make and remove users for it, unless ``data`` is None.

    One for ``removal``, before anything else, and two more. Raises RunNotMade, CreationRefused and
    RemovalRefused included.
    """
    ping(client)
    if data is None:
        return TargetProfile()
    known, problem, left = TargetProfile(), "", []
    try:
        problem = removal.run()
        known = _measured(client, data, now=now, sleep=sleep)
    except (NotReached, NotStaged):
        pass  # the clauses will say what does not work
    finally:
        data.explicit = True
        left = data.teardown()
    return replace(known, left_behind=(*removal.left, *left), removal_problem=problem)


def _measured(
    client: Client, records: TargetData, *, now: Callable[[], float], sleep: Callable[[float], None]
) -> TargetProfile:
    ana, bo = records.user("Ana"), records.user("Bo")
    watch, lags = _LagWatch(client, now, sleep), []
    for _ in range(SAMPLES):
        # The answer may take longer than the write: the time begins before the request.
        started_s = now()
        message = records.send(ana, kind="user", to=bo, text=f"hello {records.names.fresh()}")
        lags.append(watch.lag_s(message.id, started_s, ana=ana, bo=bo))
    given = given_conversations(client, (ana, bo))
    return TargetProfile(max(lags), _keeps_messages(client, records, message), given)


@dataclass(slots=True)
class _LagWatch:
    """Measures how late a message shows, by GET and in the list: one may be behind the other."""

    client: Client
    now: Callable[[], float]
    sleep: Callable[[float], None]
    is_listed: bool = True  # False once the list never showed a message: broken, not late

    def lag_s(self, message_id: str, started_s: float, *, ana: str, bo: str) -> float:
        """Return the seconds until the receiver is shown the message; 0 at the first reads."""

        def fetched() -> bool:
            answer = self.client.call("getUserConversation", caller=bo, path={"uid": ana})
            return _last_id(answer.data) == message_id

        def listed() -> bool:
            answer = self.client.call("listConversations", caller=bo)
            if not answer.ok or not isinstance(answer.data, list):
                raise NotReached(f"listConversations was answered {answer}")
            return message_id in map(_last_id, answer.data)

        by_get, in_list = self._until(fetched, started_s), None
        if self.is_listed:
            with contextlib.suppress(NotReached):  # the list's own clauses say what is wrong
                in_list = self._until(listed, started_s)
            self.is_listed = in_list is not None
        return max(by_get or 0.0, in_list or 0.0)

    def _until(self, is_shown: Callable[[], bool], started_s: float) -> float | None:
        """Return the seconds until something shows, 0 at the first look; None if it never does."""
        first = True
        while self.now() - started_s < self.client.target.settle_s or first:
            if is_shown():
                return 0.0 if first else self.now() - started_s
            first = False
            self.sleep(PAUSE_S)
        return None


def _last_id(conversation: Any) -> str:
    """Return the id of a conversation's lastMessage; empty where none can be read."""
    last = conversation.get("lastMessage") if isinstance(conversation, dict) else None
    return str(last.get("id", "")) if isinstance(last, dict) else ""


def _keeps_messages(client: Client, records: TargetData, message: SentMessage) -> bool:
    """Return whether a message outlives the hard deletion of its sender and receiver."""
    records.teardown()
    if not client.call("getMessage", path={"id": message.id}).ok:
        return False
    with contextlib.suppress(NotReached):
        records.user("Ana", uid=message.sender)  # only its sender may take a message back
    return True
