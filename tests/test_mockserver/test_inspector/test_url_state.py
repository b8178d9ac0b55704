"""The state of the page in its URL."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from duologue.mockserver.inspector.url_state import UrlState


def test_a_view_is_restored_from_its_url() -> None:
    """Every view can be restored from its URL."""
    view = UrlState("ana", "groups/hikers", 12, users="b&o", chats="ö ?", chats_page=2, show="mine")

    assert UrlState.of(dict(parse_qsl(view.text.partition("?")[2]))) == view


def test_defaults_are_not_in_the_url() -> None:
    """The URL of the default view has no query."""
    assert UrlState().text == "./"
    assert UrlState("ana").to(show="errors") == "./?as=ana&show=errors"


@pytest.mark.parametrize(
    "query",
    [
        {"users_page": "0"},
        {"users_page": "-1"},
        {"users_page": "two"},
        {"users_page": "1" * 40},
        {"before": "²"},
        {"show": "everything"},
    ],
)
def test_invalid_values_are_ignored(query: dict[str, str]) -> None:
    """Invalid values in a URL are ignored."""
    assert UrlState.of(query) == UrlState()


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("users/bo", ("user", "bo")),
        ("groups/hikers", ("group", "hikers")),
        ("users/", None),
        ("bots/bo", None),
        ("", None),
    ],
)
def test_an_open_conversation_is_named_by_its_other_party(
    text: str, peer: tuple[str, str] | None
) -> None:
    """The open conversation is named as the API's paths name it."""
    assert UrlState(open=text).peer == peer
