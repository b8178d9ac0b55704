"""One world's side of the socket: who is let in, what clients send, what they are told.

What a client sends becomes a request to the API, and what it is told follows from the log of
events: so it is the same whether REST or another client caused it. While no client is connected,
nothing here runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.events.changes import KINDS
from duologue.mockserver.control.events.log import Event
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.domain.errors import AuthTokenNotFound
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.socket import deliveries, frames
from duologue.mockserver.socket.audience import Audience
from duologue.mockserver.socket.connections import FRIENDS, Connection, Connections
from duologue.mockserver.socket.delivery import Context, Delivery
from duologue.mockserver.socket.frames import Frame
from duologue.mockserver.socket.incoming import Incoming
from duologue.mockserver.socket.line import Line, Outlet
from duologue.mockserver.socket.online_status import OnlineStatus
from duologue.mockserver.store import tokens as token_store

_WAIT_S = 60.0  # a change ends it at once
# Pages of the vendor's kits lose a receipt that comes before the answer to the request that sent
# the message: they do not know its number yet. Over a real network it never comes so fast.
RECEIPTS_AFTER_S = 0.15
GOING_AWAY, POLICY = 1001, 1008  # RFC 6455, section 7.4.1
TRY_AGAIN = 1013  # IANA's registry of close codes
# The kinds of events after which a token may not be taken any more.
_ENDING = {"sessions", "user-deleted"}
_REVOKED = "the token is not taken any more"
_NO_FRIENDS = (
    "The mock plays no friends (readings T19), so nothing is told:"
    " use subscribePresenceForAllUsers or subscribePresenceForRoles."
)
_log = logging.getLogger(__name__)


class Hub:
    """The clients of one world."""

    def __init__(self, dispatcher: Dispatcher, controls: Controls) -> None:
        self.connections = Connections()
        self._controls = controls
        controls.socket.clients, controls.socket.undoing = self.connections, self.undoing
        self._status = OnlineStatus(self.connections, controls)
        self._audience = Audience(self.connections, lambda: controls.state.connection)
        self._context = Context(self._audience, lambda: _reading(dispatcher))
        self._incoming = Incoming(controls.own_requests, self._audience)
        self.receipts_after_s = RECEIPTS_AFTER_S
        self._telling = threading.Lock()  # held while an event is told and a client is let in
        self._changing = threading.Condition()
        self._is_watching = False
        self._attended = 0  # clients that have come and whose end is not dealt with yet
        self._told = 0  # the number of the last event that the clients were told of

    # Clients come and go.

    def admit(self, frame: Frame, outlet: Outlet) -> Connection | None:
        """Let a client in by its first frame and answer it; return None if it is refused.

        No event is told meanwhile: the client learns of each one after the answer, and of none
        before it.
        """
        with self._telling:
            self._controls.state.revive()
            made = self._connection(frame, outlet)
            if made is None:
                outlet.send(self._refused(frame))
                return None
            with self._changing:
                self._attended += 1
            self.connections.add(made)
            outlet.send(frames.accepted(made.uid, made.device, now_s=self._controls.clock.now()))
            self._begin_to_watch(made.since)
        if made.subscription == FRIENDS:
            _log.warning("%s asks for the presence of friends. %s", made.uid, _NO_FRIENDS)
        self._status.update(made.uid)
        return made

    def _connection(self, frame: Frame, outlet: Outlet) -> Connection | None:
        """Return the connection of a client that may log in; None for any other."""
        body = frames.body_of(frame)
        token = frames.text_of(body, "auth")
        uid = token_store.owner(self._controls.state.connection, token) if token else None
        if uid is None or frame.get("type") != frames.AUTH or self._is_refused(uid):
            return None
        roles = body.get("roles")
        return Connection(
            uid=uid,
            device=frames.text_of(frame, "deviceId"),
            token=token,
            outlet=outlet,
            line=Line(outlet),
            subscription=frames.text_of(body, "presenceSubscription"),
            roles=tuple(map(str, roles)) if isinstance(roles, list) else (),
            since=self._controls.events.number,
        )

    def _is_refused(self, uid: str) -> bool:
        return self._controls.socket.faults_for(uid).refuse_login

    def _refused(self, frame: Frame) -> Frame:
        """Return the answer to a client that is not let in."""
        sender, device = frames.text_of(frame, "sender"), frames.text_of(frame, "deviceId")
        now_s = self._controls.clock.now()
        return frames.refused(sender, device, code=AuthTokenNotFound.code, now_s=now_s)

    def leave(self, connection: Connection) -> None:
        """Forget a client whose connection has ended; with the last one its user is offline."""
        self.connections.remove(connection)
        self._controls.events.wake()
        self._status.update(connection.uid)
        with self._changing:
            self._attended -= 1
            self._changing.notify_all()

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Let a block replace the state; then end the connections whose tokens it does not know.

        What is ended leaves no trace in the state that came back. A token's text follows from how
        many were issued before, so a later log-in may have the same one: it is not waited for.
        """
        with self._status.held():
            yield
            with self._telling:
                for one in self._without_token():
                    self.connections.remove(one)
                    one.outlet.close(POLICY, _REVOKED)
            self._status.forget_absent()

    def receive(self, connection: Connection, frame: Frame) -> None:
        """Act on what a client sends; a failure of the mock is logged and ends no connection."""
        if connection not in self.connections:  # ended, which the client does not know yet
            return
        try:
            self._controls.state.revive()
            for delivery in self._incoming.take(connection, frame):
                self._send(delivery)
        except Exception:
            _log.exception("a frame of the type %r was not acted on", frame.get("type"))

    # Changes.

    def _begin_to_watch(self, since: int) -> None:
        """Tell of the events after this number from now on, unless somebody is told already."""
        with self._changing:
            if self._is_watching:
                return
            self._is_watching = True
            self._told = since
        threading.Thread(target=self._watch, name="socket", daemon=True).start()

    def _watch(self) -> None:
        """Tell the clients of each change, until there are none."""
        log = self._controls.events
        while self._goes_on():
            for event in log.after(self._told):
                with self._telling:
                    self._close_those_behind(event)
                    self._tell(event)
                self._note(told=event.number)
            log.wait(self._told, None, _WAIT_S, until=self._is_empty)

    def _close_those_behind(self, event: Event) -> None:
        """Close the connections that have missed events before this one.

        The log keeps a bounded number of events. The vendor's clients connect again by themselves,
        and read by REST what they have missed, as after any loss of the connection.
        """
        missed = event.number - self._told - 1
        if not missed:
            return
        behind = [one for one in self.connections if one.since < event.number - 1]
        _log.warning("the socket is %s events behind; it closes %s clients", missed, len(behind))
        for one in behind:
            one.outlet.close(TRY_AGAIN, "events were lost; connect again")

    def _note(self, *, told: int) -> None:
        with self._changing:
            self._told = told
            self._changing.notify_all()

    def wait_until_told(self, timeout_s: float) -> bool:
        """Wait until the clients were told of all that has happened; return whether they were."""
        number = self._controls.events.number
        with self._changing:
            return self._changing.wait_for(
                lambda: self._told >= number or not self._is_watching, timeout_s
            )

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Wait until no client is connected; return whether none is."""
        with self._changing:
            return self._changing.wait_for(lambda: not self._attended, timeout_s)

    def _is_empty(self) -> bool:
        return len(self.connections) == 0

    def _goes_on(self) -> bool:
        """Return whether there is still somebody to tell."""
        if self._controls.events.is_closed:
            for one in self.connections:
                one.outlet.close(GOING_AWAY, "the mock has ended")
        with self._changing:
            self._is_watching = not (self._is_empty() or self._controls.events.is_closed)
            return self._is_watching

    def _tell(self, event: Event) -> None:
        try:
            self._controls.state.revive()
            if event.entry is not None:
                for delivery in deliveries.of_entry(self._context, event.entry):
                    self._send(delivery, number=event.number)
            self._end_sessions(event)
        except Exception:
            _log.exception("the socket's clients were not told of event %s", event.number)

    def _send(self, delivery: Delivery, *, number: int | None = None) -> None:
        """Send a frame to those it is for, unless they came after the event of this number."""
        is_presence = delivery.frame["type"] == frames.PRESENCE
        delay_s = self.receipts_after_s if delivery.frame["type"] == frames.RECEIPTS else 0
        for one in self.connections:
            is_cause = bool(delivery.device) and one.device == delivery.device
            came_later = number is not None and one.since >= number
            if one.uid not in delivery.to or came_later or is_cause:
                continue
            if not is_presence or one.wants_presence_of(delivery.role):
                faults = self._controls.socket.faults_for(one.uid, number)
                one.line.send(delivery.frame, faults, delay_s=delay_s)

    def _end_sessions(self, event: Event) -> None:
        """Close the connections whose tokens are not taken any more."""
        kind = event.made().kind if event.entry is None else _kind_of(event.entry)
        if kind in _ENDING:
            for one in self._without_token():
                one.outlet.close(POLICY, _REVOKED)

    def _without_token(self) -> list[Connection]:
        """Return the connections whose tokens are not taken any more."""
        conn = self._controls.state.connection
        return [one for one in self.connections if token_store.owner(conn, one.token) != one.uid]


def _reading(dispatcher: Dispatcher) -> UnitOfWork:
    """Return the state with the behaviours that are in force now."""
    return dispatcher.runtime.service.reading()


def _kind_of(entry: JournalEntry) -> str:
    return KINDS.get(entry.operation_id or "", "")


HubOf = Callable[[str], Hub | None]  # by the path that a client asks for
