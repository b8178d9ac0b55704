"""Who may call at all, on whose behalf, and into whose conversations."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from contracts.chat import KINDS, Chat, peer_of
from contracts.clause import ALL_OPERATIONS, Basis, clause
from contracts.clauses.errors import BODIES, BY_ID, GROUP_OPERATIONS, NAMING, VERBS, every_call
from contracts.clauses.operations import id_of
from contracts.errors import NotReached, NotStaged
from contracts.scene import Scene
from contracts.transport import Answer

UNKNOWN_KEY = "0123456789abcdef0123456789abcdef01234567"


@clause("Readings T4", Basis.OBSERVED)
def key_required(scene: Scene) -> None:
    """Without an API key no operation is answered but with 401 or 403 and an AUTH_ERR code."""
    _is_kept_out(scene, None)


@clause("Readings T4", Basis.OBSERVED)
def key_known(scene: Scene) -> None:
    """An unknown API key is refused with 401 or 403 and an AUTH_ERR code."""
    _is_kept_out(scene, UNKNOWN_KEY)


@clause("Readings T4", Basis.OBSERVED)
def key_scope(scene: Scene) -> None:
    """A key of scope authOnly is refused with 401 or 403 and an AUTH_ERR code."""
    key = scene.client.target.auth_only_key
    if key is None:
        raise NotStaged("set CONTRACTS_AUTH_ONLY_KEY to a key of scope authOnly")
    _is_kept_out(scene, key)


def _is_kept_out(scene: Scene, key: str | None) -> None:
    chat = scene.chat()
    calls = [("listConversations", {}, None), *every_call(scene)]
    for operation, path, body in calls:
        with scene.case():
            answer = scene.client.call(operation, caller=chat.caller, path=path, body=body, key=key)
            scene.require(
                operation,
                answer.status in (401, 403) and answer.code.startswith("AUTH_ERR"),
                expected="401 or 403 with an AUTH_ERR code",
                actual=answer,
            )


@clause("Readings T5", Basis.INFERRED, operations=NAMING)
def caller_required(scene: Scene) -> None:
    """Without onBehalfOf, the 14 operations that act for a user are refused (4xx)."""
    for operation, path, body in every_call(scene):
        with scene.case():
            answer = scene.client.call(operation, path=path, body=body)
            _is_refused(scene, operation, answer)


def _is_refused(scene: Scene, name: str, answer: Answer) -> None:
    scene.require(
        name,
        400 <= answer.status < 500 and not answer.data,
        expected="a refusal (4xx), never the conversation",
        actual=answer,
    )


@clause("Readings B13", Basis.OBSERVED, operations=GROUP_OPERATIONS)
def members_only(scene: Scene) -> None:
    """Who is not a member of a group, or no more, is refused its conversation, and has no row."""
    chat = scene.fresh_chat("group")
    stranger = Chat(scene, "group", scene.newcomer("Stranger"), chat.peer, chat.other)
    for verb in VERBS:
        with scene.case():
            answer = stranger.ask(verb, body=BODIES.get(verb))
            _is_refused(scene, stranger.operation(verb), answer)
    with scene.case():
        row = stranger.row()
        scene.require("the stranger's list", row is None, expected="no such row", actual=row)
    with scene.case("who was kicked"):
        _is_out(scene, chat)


def _is_out(scene: Scene, chat: Chat) -> None:
    """A member who read and wrote, and was kicked, is a stranger again."""
    member = replace(chat, caller=scene.user("Member"))
    scene.cast.join(chat.peer, [member.caller])
    member.write()
    scene.cast.kick(chat.peer, member.caller)
    scene.expect(
        member.operation("get"),
        lambda: member.ask("get"),
        lambda answer: 400 <= answer.status < 500 and answer.data is None,
        expected="a refusal (4xx), never the conversation",
    )
    scene.expect_equal("the row in the list", member.row, None)


@clause("Readings B13", Basis.OBSERVED, operations=BY_ID)
def parties_only(scene: Scene) -> None:
    """Who is not a party to a conversation, of two or of a group, is refused it by its id."""
    stranger = scene.newcomer("Stranger")
    for kind in KINDS:
        path = {"conversationId": id_of(scene.fresh_chat(kind))}
        for name in BY_ID:
            with scene.case(kind):
                _is_refused(scene, name, scene.client.call(name, caller=stranger, path=path))


@clause(
    "Readings T9",
    Basis.OBSERVED,
    operations=["listConversations", "getUserConversation", "getGroupConversation"],
)
def ids_in_any_case(scene: Scene) -> None:
    """A uid or guid in capitals names whom it names in small letters, as caller and as peer."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        wanted = peer_of(chat.conversation())
        if wanted is None:
            raise NotReached("the conversation does not say with whom it is")
        for who, loud in (
            ("peer", replace(chat, peer=chat.peer.upper())),
            ("caller", replace(chat, caller=chat.caller.upper())),
        ):
            with scene.case(f"the {who} in capitals"):
                scene.expect_equal(loud.operation("get"), partial(_peer_in_get, loud), wanted)
        with scene.case("the list"):
            scene.expect(
                "listConversations",
                lambda: [_peers_listed(scene, each) for each in (chat.caller.upper(), chat.caller)],
                lambda got: got[0] == got[1],
                expected="the same rows for a caller in capitals and in small letters",
            )

    scene.each_kind(check)


def _peers_listed(scene: Scene, caller: str) -> Any:
    """With whom the conversations on the caller's first page are, or the refusal of the list."""
    answer = scene.client.call("listConversations", caller=caller)
    is_list = answer.ok and isinstance(answer.data, list)
    return sorted(map(str, map(peer_of, answer.data))) if is_list else str(answer)


def _peer_in_get(chat: Chat) -> Any:
    """Whom the conversation is with as GET shows it, or the refusal of it."""
    answer = chat.ask("get")
    return peer_of(answer.data) if answer.ok and isinstance(answer.data, dict) else str(answer)


@clause("Readings T10", Basis.OBSERVED)
def unknown_path(scene: Scene) -> None:
    """A path that the API does not have is answered 404 or 405."""
    caller = scene.newcomer("Caller")
    for method, path in (("GET", "/conversation"), ("GET", f"/users/{caller}/conversations/read")):
        with scene.case():
            _is_unknown(scene, method, path, caller=caller)


@clause("Readings T10", Basis.OBSERVED, operations=ALL_OPERATIONS)
def wrong_method(scene: Scene) -> None:
    """A method that a path does not have is answered 404 or 405."""
    chat = scene.chat()
    path = f"/users/{chat.peer}/conversation"
    for method, where in (
        ("PATCH", path),
        ("POST", path),
        ("GET", f"{path}/delivered"),
        ("PUT", "/conversations"),
    ):
        with scene.case():
            _is_unknown(scene, method, where, caller=chat.caller)


def _is_unknown(scene: Scene, method: str, path: str, *, caller: str) -> None:
    answer = scene.client.request(method, path, caller=caller)
    scene.require(
        f"{method} {path.replace(caller, '…')}",
        answer.status in (404, 405),
        expected="404 or 405",
        actual=answer,
    )
