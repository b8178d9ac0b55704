"""The text of messages for people."""

from __future__ import annotations

import pytest

from duologue.mockserver.inspector.views.message_text import kind_of, with_names


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ask <@uid:ana>.", "Ask @Ana Lima."),
        ("Ask <@uid:ANA>.", "Ask @Ana Lima."),
        ("Ask <@uid:zed>.", "Ask <@uid:zed>."),
        ("Ask nobody.", "Ask nobody."),
    ],
)
def test_mentions_are_shown_by_name(text: str, shown: str) -> None:
    assert with_names(text, {"ana": "Ana Lima"}) == shown


@pytest.mark.parametrize(
    ("type_", "content", "shown"),
    [
        ("image", {"attachments": [{"name": "lake.svg"}]}, "(image: lake.svg)"),
        ("image", {"attachments": "lake"}, "(image)"),
        ("extension_poll", {}, "(extension_poll)"),
        ("text", {}, ""),
        (7, {}, ""),
    ],
)
def test_a_message_without_text_is_shown_by_its_kind(
    type_: object, content: dict[str, object], shown: str
) -> None:
    assert kind_of(type_, content) == shown
