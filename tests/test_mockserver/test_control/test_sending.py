"""Messages that the mock sends by itself: now, later, and not after a reset."""

from __future__ import annotations

import threading

import pytest

from duologue.mockserver.control.sending.scheduler import Scheduler
from duologue.mockserver.testing import running

WORLD = {"users": ["ana", "bo", "cy"], "groups": [{"guid": "g", "members": ["ana", "bo"]}]}
LATER = {"from": "bo", "to": "ana", "text": "Are you there?", "in_s": 2}


@pytest.fixture
def town(control):
    control.put("world", WORLD)
    control.put("clock", {"mode": "frozen"})
    return control


def texts(control, as_="ana"):
    rows = control.api.get("/conversations", as_=as_).get_json()["data"]
    return [row["lastMessage"]["data"]["text"] for row in rows if "lastMessage" in row]


def test_a_message_is_sent_at_once(town):
    told = town.post("send", {"from": "bo", "to": "ana", "text": "Hi"})

    assert told["message"]["sender"] == "bo"
    assert texts(town) == ["Hi"]


def test_a_group_can_be_named_by_its_guid_or_by_its_kind(town):
    for to in ("g", {"group": "g"}):
        assert town.post("send", {"from": "bo", "to": to, "text": "All"})["to"] == {"group": "g"}


def test_a_message_waits_until_the_clock_is_there(town):
    told = town.post("send", LATER)
    town.post("clock/advance", {"seconds": 1})
    before = texts(town)
    town.post("clock/advance", {"seconds": 1})

    assert told["message"] is None
    assert before == []
    assert texts(town) == ["Are you there?"]
    assert town.get("send") == []


def test_messages_come_in_the_order_of_their_times(town):
    for text, in_s in (("second", 5), ("first", 3), ("third", 5)):
        town.post("send", LATER | {"text": text, "in_s": in_s})
    town.post("clock/advance", {"seconds": 10})

    sent = [entry["request"]["body"]["data"]["text"] for entry in town.get("journal")]
    assert sent == ["first", "second", "third"]


def test_it_is_in_the_journal_as_what_it_is_and_can_be_explained(town):
    town.post("send", {"from": "bo", "to": "ana", "text": "Hi"})

    (entry,) = town.get("journal")
    assert (entry["operation"], entry["caller"], entry["status"]) == ("sendMessage", "bo", 200)
    assert entry["request"]["headers"]["User-Agent"] == "mockserver (/_mock)"
    assert town.get(f"why/{entry['id']}")["exact"]


def test_nothing_that_is_meant_for_the_app_under_test_applies(town):
    town.put("rate-limit", {"limit": 1, "per_s": 60})
    town.post("failures", {"status": 500})
    for _ in range(3):
        told = town.post("send", {"from": "bo", "to": "ana", "text": "Hi"})

    assert told["message"]["data"]["text"] == "Hi"


@pytest.mark.parametrize("how", ["reset", "world", "snapshot", "delete", "delete-one"])
def test_what_waits_is_dropped(town, how):
    town.post("snapshots", {"name": "kept"})
    told = town.post("send", LATER)
    {
        "reset": lambda: town.post("reset"),
        "world": lambda: town.put("world", WORLD),
        "snapshot": lambda: town.post("snapshots/kept/restore"),
        "delete": lambda: town.delete("send"),
        "delete-one": lambda: town.delete(f"send/{told['id']}"),
    }[how]()
    town.put("world", WORLD)
    town.post("clock/advance", {"seconds": 60})

    assert town.get("send") == []
    assert texts(town) == []


@pytest.mark.parametrize(
    ("wanted", "place", "reason"),
    [
        ({"from": "nobody"}, "from", "There is no user nobody."),
        ({"to": "nobody"}, "to", "There is no user nobody."),
        ({"to": {"group": "none"}}, "to", "There is no group none."),
        ({"from": "cy", "to": "g"}, "from", "cy is no member of the group g."),
    ],
)
def test_who_is_not_there_is_told_at_once(town, wanted, place, reason):
    status, error = town.refused("POST", "send", LATER | wanted)

    assert status == 422
    assert error["details"] == {place: [reason]}


def test_one_that_never_waited_cannot_be_dropped(town):
    assert town.refused("DELETE", "send/9")[0] == 404


def test_a_test_has_somebody_write_and_moves_the_clock():
    """By the handle, over HTTP, as in a test of an app."""
    with running() as mock:
        mock.load(WORLD)
        mock.clock.freeze()
        mock.send("bo", "ana", "Are you there?", in_s=120)
        before = len(mock.journal)
        mock.clock.advance(minutes=2)

        assert (before, len(mock.journal)) == (0, 1)


class StillClock:
    mode = "running"

    def now(self) -> int:
        return 100


def test_a_running_clock_needs_no_call():
    """Also for less than the second that the mock's clock shows."""
    sent = threading.Event()
    scheduler = Scheduler(StillClock())
    scheduler.post = lambda _: sent.set()
    scheduler.add("bo", kind="user", receiver="ana", text="Hi", in_s=0.01)

    assert sent.wait(60)


def test_the_next_one_is_waited_for_by_the_monotonic_clock():
    seconds = [10.0]
    sent: list[str] = []
    scheduler = Scheduler(StillClock(), monotonic_s=lambda: seconds[0])
    scheduler.post = lambda message: sent.append(message.text)
    scheduler.add("bo", kind="user", receiver="ana", text="Hi", in_s=60)
    left_s = scheduler.send_due()
    seconds[0] += 60

    assert left_s == 60
    assert scheduler.send_due() is None
    assert sent == ["Hi"]
