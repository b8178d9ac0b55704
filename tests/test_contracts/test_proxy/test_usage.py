"""The usage file, as `contracts diff` reads it."""

import json

from duologue.contracts.diff.usage import read_usages
from duologue.contracts.proxy.usage import MOST_NAMES, UsageRecord, fields_of


def test_it_counts_parameters_fields_and_statuses(exchange, tmp_path):
    record = UsageRecord()
    record.add(exchange("listConversations", query="?page=2&unread=true"))
    record.add(exchange("listConversations", query="?page=3", status=400))
    record.add(exchange("updateUserConversation", body={"tags": ["a", "b"]}))
    path = tmp_path / "usage.json"
    path.write_text(json.dumps(record.as_dict(consumer="app", recorded_at="2026-11-26T00:00:00Z")))
    (usage,) = read_usages([path])

    assert usage.consumer == "app"
    listed = usage.operations["GET /conversations"]
    assert listed["count"] == 2
    assert listed["parameters"] == {
        "query.page": 2,
        "query.unread": 1,
        "header.apikey": 2,
        "header.onBehalfOf": 2,
    }
    assert listed["statuses"] == {"200": 1, "400": 1}
    tagged = usage.operations["PUT /users/{}/conversation"]
    assert tagged["body_fields"] == {"": 1, "tags": 1, "tags[]": 1}


def test_no_value_is_kept(exchange):
    record = UsageRecord()
    body = {"tags": ["canary-1"]}
    record.add(exchange("updateUserConversation", query="?a=canary-2", body=body))

    assert "canary" not in json.dumps(record.as_dict(consumer="app", recorded_at=""))


def test_fields_of_nested_bodies_have_their_places():
    body = {"data": {"text": "x", "parts": [{"id": 1}, {"id": 2}]}}

    assert fields_of(body) == [
        "data",
        "data.text",
        "data.parts",
        "data.parts[]",
        "data.parts[].id",
        "data.parts[].id",
    ]


def test_a_client_cannot_make_the_record_grow_without_end(exchange):
    record = UsageRecord()
    for start in range(3):
        names = "&".join(f"n{start}-{n}=1" for n in range(150))
        record.add(exchange("listConversations", query=f"?{names}"))
    record.add(exchange("listConversations", query=f"?{'x' * 500}=1"))

    document = record.as_dict(consumer="app", recorded_at="")
    assert len(document["operations"]["GET /conversations"]["parameters"]) == MOST_NAMES
