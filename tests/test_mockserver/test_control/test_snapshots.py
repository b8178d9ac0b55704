"""Named snapshots of the state."""

from __future__ import annotations

from duologue.mockserver.control import snapshots


def test_a_snapshot_restores_the_state(control, clock):
    """With the clock of that time; later changes are undone."""
    control.put("clock", {"mode": "frozen", "now": clock.now})
    control.api.send("bo", "users/ana")
    kept = control.post("snapshots", {"name": "four-unread"})["snapshots"]
    control.post("clock/advance", {"seconds": 100})
    control.api.post("/users/bo/conversation/read", as_="ana")
    control.api.call("DELETE", "/users/bo", json={"permanent": True})

    answer = control.post("snapshots/four-unread/restore")

    assert [answer] == kept == [{"name": "four-unread", "at": clock.now, "world": "examples"}]
    assert control.api.unread("ana", "users/bo") == 4
    assert control.get("clock") == {"mode": "frozen", "now": clock.now}
    assert control.api.send("ana", "users/bo") == "13"


def test_a_snapshot_can_be_restored_repeatedly(control):
    """A snapshot can be restored repeatedly and survives a reset."""
    control.post("snapshots", {"name": "start"})
    for _ in range(3):
        control.api.send("bo", "users/ana")
        control.post("reset")
        control.post("snapshots/start/restore")
        assert control.api.unread("ana", "users/bo") == 3


def test_names_are_listed_replaced_and_deleted(control):
    """Ordered by name."""
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


def test_the_number_of_snapshots_is_limited(control, monkeypatch):
    """409 above the limit; a snapshot of the same name is replaced."""
    monkeypatch.setattr(snapshots, "MOST", 2)
    control.post("snapshots", {"name": "a"})
    control.post("snapshots", {"name": "b"})

    assert control.refused("POST", "snapshots", {"name": "c"})[0] == 409
    control.post("snapshots", {"name": "b"})


def test_faults_and_limits_are_not_part_of_a_snapshot(control):
    """Faults, dialect, delays and limits do not change."""
    control.post("snapshots", {"name": "calm"})
    control.put("faults", {"faults": ["count-is-text"]})
    control.post("snapshots/calm/restore")

    assert control.get("faults")["on"] == ["count-is-text"]
