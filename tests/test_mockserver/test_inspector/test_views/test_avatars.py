"""Names and times on the page."""

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
    """Other characters are skipped; there are at most two letters."""
    assert initials(name) == letters


@pytest.mark.parametrize("name", [None, "", "  ", 7, {"a": 1}])
def test_a_user_without_a_name_is_shown_by_uid(name: object) -> None:
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
def test_near_times_are_short(unix: int, short: str) -> None:
    """Today's times show the hour, this year's the day, others a date, all in UTC."""
    shown = moment(unix, NOON)

    assert shown is not None
    assert shown.short == short
    assert str(unix) in shown.full


@pytest.mark.parametrize("unix", [None, "1767268800", True, -1, 10**15, 1.5])
def test_invalid_times_are_not_shown(unix: object) -> None:
    """A broken timestamp does not break the page."""
    assert moment(unix, NOON) is None


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    """It is shown unchanged."""
    assert pretty("<not json>") == "<not json>"
    assert pretty({"a": "é"}) == '{\n  "a": "é"\n}'


def test_code_is_set_as_code_and_everything_is_escaped() -> None:
    """Sentences may quote content of requests."""
    assert prose("`<b>` is <i>") == "<code>&lt;b&gt;</code> is &lt;i&gt;"
    assert prose("a ` alone") == "a ` alone"


def test_a_long_path_may_break_at_its_slashes() -> None:
    """Paths come from clients and are escaped."""
    assert wrapped("/v3/<b>") == "/<wbr>v3/<wbr>&lt;b&gt;"
