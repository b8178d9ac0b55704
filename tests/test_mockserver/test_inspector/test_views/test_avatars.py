"""How names and times look on the page."""

from __future__ import annotations

import pytest

from duologue.mockserver.inspector.rendering import prose, wrapped
from duologue.mockserver.inspector.views.avatars import avatar_of, initials, moment, pretty

NOON = 1_767_268_800  # 2026-01-01 12:00:00 UTC


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Lima", "AL"),
        ("Mae McAllister-van der Berg", "MB"),
        ("X", "X"),
        ("zoë d'Arc", "ZD"),
        ("王小明", "王"),
        ("🦊 Fox 🇵🇹", "F"),
        ("<b>Bobby</b> & Tables", "BT"),
        ("🦊", "🦊"),
        ("", ""),
        ("ß", "SS"),
    ],
)
def test_initials_are_the_first_letters_of_the_first_and_last_word(name: str, letters: str) -> None:
    """Signs are passed over; there are never more than two letters."""
    assert initials(name) == letters


@pytest.mark.parametrize("name", [None, "", "  ", 7, {"a": 1}])
def test_who_has_no_name_goes_by_his_id(name: object) -> None:
    """A broken name does not break the page."""
    assert avatar_of("bo", name).name == "bo"


@pytest.mark.parametrize(
    ("unix", "short"),
    [
        (NOON, "12:00"),
        (NOON - 43_200, "00:00"),
        (NOON - 43_201, "2025-12-31"),
        (NOON + 86_400, "2 Jan"),
        (0, "1970-01-01"),
        (253_402_300_799, "9999-12-31"),
    ],
)
def test_times_are_short_where_they_are_near(unix: int, short: str) -> None:
    """Today has hours, this year days, any other time a date, all in UTC."""
    shown = moment(unix, NOON)

    assert shown is not None
    assert shown.short == short
    assert str(unix) in shown.full


@pytest.mark.parametrize("unix", [None, "1767268800", True, -1, 10**15, 1.5])
def test_what_is_no_time_is_not_shown(unix: object) -> None:
    """A broken timestamp does not break the page."""
    assert moment(unix, NOON) is None


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    """What was sent is shown as it was sent."""
    assert pretty("<not json>") == "<not json>"
    assert pretty({"a": "é"}) == '{\n  "a": "é"\n}'


def test_code_is_set_as_code_and_everything_is_escaped() -> None:
    """Sentences of the mock may quote what came over the wire."""
    assert prose("`<b>` is <i>") == "<code>&lt;b&gt;</code> is &lt;i&gt;"
    assert prose("a ` alone") == "a ` alone"


def test_a_long_path_may_break_at_its_slashes() -> None:
    """A path comes from whoever sends the request, so it is escaped like everything."""
    assert wrapped("/v3/<b>") == "/<wbr>v3/<wbr>&lt;b&gt;"
