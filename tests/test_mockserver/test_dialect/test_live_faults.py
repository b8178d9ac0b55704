"""Faults of the documented dialect, applied to the live one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from duologue.mockserver import documented
from duologue.mockserver.app import inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.faults import FAULTS, with_faults

CALLS = (
    ("GET", "/conversations?withTags=true", None),
    ("GET", "/users/bo/conversation", None),
    ("PUT", "/groups/hikers/conversation", {"tags": ["x"]}),
    ("DELETE", "/users/bo/conversation/read", {}),
    ("DELETE", "/conversations/ana_user_bo", None),
)


def changed(behaviours: Behaviours) -> set[str]:
    """Return the names of changed behaviours."""
    healthy = documented.behaviours()
    names = (field.name for field in fields(Behaviours))
    return {name for name in names if getattr(behaviours, name) != getattr(healthy, name)}


def meeting() -> list[str]:
    """Return the faults that change behaviours of the live dialect."""
    ours = changed(behaviours_of("live")) | {"show_unread_message_count"}
    return [name for name in FAULTS if changed(with_faults(documented.behaviours(), [name])) & ours]


def test_no_fault_makes_the_live_dialect_fail(live: Any) -> None:
    """No fault causes an internal error in the live dialect."""
    mock, failed = inside(live.api.app), {}
    assert len(meeting()) > 100
    for name in meeting():
        mock.baseline.restore()
        mock.controls.configuration_control.set_faults([name])
        for method, path, body in CALLS:
            said = live.api.call(method, path, as_="ana", json=body).get_data(as_text=True)
            if "bug of the mock" in said:
                failed[name] = said

    assert failed == {}


def test_a_fault_of_the_count_is_applied_before_the_text_form(live: Any) -> None:
    """The count is converted to text last."""
    inside(live.api.app).controls.configuration_control.set_faults(["count-is-one-too-many"])
    shown = live.data("GET", "/users/bo/conversation", "ana")

    assert shown["unreadMessageCount"] == "4"
