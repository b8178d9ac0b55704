"""What clients send: receipts and presence become requests to the API, typing is passed on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from duologue.mockserver.control.sending.own_requests import OwnRequests
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.audience import Audience
from duologue.mockserver.socket.connections import Connection
from duologue.mockserver.socket.delivery import Delivery
from duologue.mockserver.socket.frames import Frame

_log = logging.getLogger(__name__)
_MARKS = {frames.READ: "AsRead", frames.DELIVERED: "AsDelivered"}
_KINDS = {"user": "User", "group": "Group"}


class Incoming:
    """Acts on the frames of the clients that are logged in."""

    def __init__(self, own_requests: OwnRequests, audience: Audience) -> None:
        self._own_requests = own_requests
        self._audience = audience

    def take(self, connection: Connection, frame: Frame) -> Iterator[Delivery]:
        """Act on a frame; yield what other clients are told at once.

        A receipt or a status is told once the request that it becomes has changed the state.
        """
        kind = frames.text_of(frame, "type")
        if kind == frames.RECEIPTS:
            self._mark(connection, frame)
        elif kind == frames.PRESENCE:
            self._set_status(connection, frames.text_of(frames.body_of(frame), "action"))
        elif kind in frames.RELAYED:
            yield from self._passed_on(connection, frame)
        else:
            _log.info("a frame of the type %r has no effect", kind)

    def _mark(self, connection: Connection, frame: Frame) -> None:
        body = frames.body_of(frame)
        mark = _MARKS.get(frames.text_of(body, "action"))
        kind, peer = frames.text_of(frame, "receiverType"), frames.text_of(frame, "receiver")
        if mark is None or kind not in _KINDS or not peer:
            return
        sent: dict[str, Any] = {"messageId": body["messageId"]} if body.get("messageId") else {}
        self._own_requests.mark(
            f"mark{_KINDS[kind]}Conversation{mark}",
            peer,
            sent,
            caller=connection.uid,
            device=connection.device,
        )

    def _set_status(self, connection: Connection, status: str) -> None:
        if status in {frames.ONLINE, frames.OFFLINE}:
            self._own_requests.change_user(connection.uid, {"status": status})

    def _passed_on(self, connection: Connection, frame: Frame) -> Iterator[Delivery]:
        """Yield what a client says to others: it is theirs to say as the user that is logged in."""
        kind, peer = frames.text_of(frame, "receiverType"), frames.text_of(frame, "receiver")
        to = self._audience.listening(connection.uid, kind, peer)
        passed = frames.event(
            frames.text_of(frame, "type"),
            frames.body_of(frame),
            sender=connection.uid,
            receiver=(kind, peer),
            device=connection.device,
        )
        yield Delivery(passed, to, connection.device)
