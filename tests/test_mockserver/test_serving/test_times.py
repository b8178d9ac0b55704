"""The times of the world that is served: up to the start, or as its seed gives them (T20)."""

from __future__ import annotations

import json
import time
import urllib.request

import pytest

from duologue.mockserver.settings import Settings
from support.servers.served import served

NEWEST = "/conversations?perPage=1"


@pytest.mark.parametrize(
    ("world", "times", "is_moved"),
    [
        ("default", None, True),
        ("inbox", None, True),
        ("inbox", "fixed", False),
        ("examples", None, False),
        ("examples", "today", True),
        ("users=3,messages=3", None, False),
        ("mine.yaml", None, False),
        ("mine.yaml", "today", True),
    ],
)
def test_which_worlds_are_moved(world, times, is_moved):
    assert Settings(world=world, times=times).moves_times == is_moved


def _rows(url: str, path: str, name: str = "") -> list[dict[str, object]]:
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    if name:
        headers["X-Mock-World"] = name
    with urllib.request.urlopen(urllib.request.Request(url + path, headers=headers)) as answer:
        return json.load(answer)["data"]


def test_the_sidebar_ends_now_in_the_world_served_and_in_those_beside_it():
    before = int(time.time())
    with served("--world", "inbox", "--times", "today") as url:
        after = int(time.time())
        tops = [_rows(url, NEWEST, name)[0]["updatedAt"] for name in ("", "beside")]

    assert tops[0] == tops[1]
    assert before - 600 <= tops[0] <= after


def test_fixed_times_are_those_of_the_seed_at_every_start():
    starts = []
    for _ in range(2):
        with served("--world", "inbox", "--times", "fixed") as url:
            starts.append(_rows(url, "/conversations?perPage=100"))

    assert starts[0] == starts[1]
    assert starts[0][0]["updatedAt"] == 1_767_717_660
