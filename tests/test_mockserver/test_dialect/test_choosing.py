"""How a dialect is chosen."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.dialect import DIALECTS, behaviours_of
from duologue.mockserver.errors import UnknownDialect
from support.waiting import WITHIN_S


def test_the_healthy_dialect_is_the_default(open_api: Any) -> None:
    """`documented` is every part in its healthy form."""
    api = open_api(examples(42), behaviours_of("documented"))

    assert behaviours_of("documented") == documented.behaviours()
    assert api.conversation("ana", "users/bo")["conversationId"] == "user_bo"
    assert api.conversation("ana", "users/bo")["unreadMessageCount"] == 3


def test_an_unknown_dialect_is_named_with_those_there_are() -> None:
    """A sentence, not a KeyError."""
    with pytest.raises(UnknownDialect) as refused:
        behaviours_of("old")

    assert (refused.value.name, refused.value.known) == ("old", tuple(DIALECTS))


def test_the_command_line_takes_a_dialect() -> None:
    """`serve --dialect live` answers like the real service."""
    words = [
        sys.executable,
        "-m",
        "duologue.mockserver",
        "serve",
        "--port",
        "0",
        "--print-url",
        "json",
    ]
    process = subprocess.Popen([*words, "--dialect", "live"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
        request = urllib.request.Request(f"{url}/users/bo/conversation", headers=headers)
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            assert json.load(answer)["data"]["conversationId"] == "ana_user_bo"
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)
