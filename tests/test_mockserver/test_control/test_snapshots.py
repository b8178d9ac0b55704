"""States kept under names."""

from __future__ import annotations

from duologue.mockserver.control import snapshots


def test_a_state_is_brought_back(control, clock):
    """With the clock as it stood; what was done since is undone."""
    control.put("clock", {"mode": "frozen", "now": clock.now})
    control.api.send("bo", "users/ana")
    kept = control.post("snapshots", {"name": "four-unread"})["snapshots"]
    control.post("clock/advance", {"seconds": 100})
    control.api.post("/users/bo/conversation/read", as_="ana")
    control.api.call("DELETE", "/users/bo", json={"permanent": True})

    told = control.post("snapshots/four-unread/restore")

    assert [told] == kept == [{"name": "four-unread", "at": clock.now, "world": "examples"}]
    assert control.api.unread("ana", "users/bo") == 4
    assert control.get("clock") == {"mode": "frozen", "now": clock.now}
    assert control.api.send("ana", "users/bo") == "13"


def test_as_often_as_one_likes(control):
    """Bringing it back does not use it up, and a reset leaves it alone."""
    control.post("snapshots", {"name": "start"})
    for _ in range(3):
        control.api.send("bo", "users/ana")
        control.post("reset")
        control.post("snapshots/start/restore")
        assert control.api.unread("ana", "users/bo") == 3


def test_names_are_listed_replaced_and_deleted(control):
    """In the order of the names."""
    control.post("snapshots", {"name": "b"})
    control.post("snapshots", {"name": "a"})
    control.api.send("bo", "users/ana")
    control.post("snapshots", {"name": "b"})
    control.post("reset")

    assert [one["name"] for one in control.get("snapshots")["snapshots"]] == ["a", "b"]
    control.post("snapshots/b/restore")
    assert control.api.unread("ana", "users/bo") == 4
    assert [one["name"] for one in control.delete("snapshots/b")["snapshots"]] == ["a"]
    assert control.refused("POST", "snapshots/b/restore")[0] == 404


def test_there_is_room_for_so_many(control, monkeypatch):
    """409 beyond that; one of the same name finds its place."""
    monkeypatch.setattr(snapshots, "MOST", 2)
    control.post("snapshots", {"name": "a"})
    control.post("snapshots", {"name": "b"})

    assert control.refused("POST", "snapshots", {"name": "c"})[0] == 409
    control.post("snapshots", {"name": "b"})


def test_trouble_is_no_part_of_a_state(control):
    """Faults, dialect, delays and limits stay as they are."""
    control.post("snapshots", {"name": "calm"})
    control.put("faults", {"faults": ["count-is-text"]})
    control.post("snapshots/calm/restore")

    assert control.get("faults")["on"] == ["count-is-text"]
