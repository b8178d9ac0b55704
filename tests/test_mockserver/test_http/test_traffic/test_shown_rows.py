"""Rows that were shown before are neither checked nor encoded again, and read the same."""

from __future__ import annotations

import orjson
import pytest
from jsonschema_rs import Draft202012Validator

from duologue.mockserver.http.traffic.shown_rows import ShownRow, encode, is_valid

SCHEMA = {
    "required": ["data", "meta"],
    "properties": {"data": {"type": "array", "maxItems": 3, "items": {"required": ["id"]}}},
}


@pytest.fixture
def validator():
    return Draft202012Validator(SCHEMA)


def test_a_row_is_checked_once(validator):
    row = ShownRow({"id": 1})
    assert is_valid({"data": [row], "meta": {}}, validator, 3)
    del row["id"]  # nobody does; it shows who looks

    assert is_valid({"data": [row], "meta": {}}, validator, 3)
    assert not is_valid({"data": [row], "meta": {}}, Draft202012Validator(SCHEMA), 3)


def test_a_new_row_among_checked_ones_is_checked(validator):
    row = ShownRow({"id": 1})
    assert is_valid({"data": [row], "meta": {}}, validator, 3)

    assert not is_valid({"data": [row, {}], "meta": {}}, validator, 3)
    assert not is_valid({"data": [row, ShownRow({})], "meta": {}}, validator, 3)


def test_an_invalid_row_stays_invalid(validator):
    row = ShownRow({})

    assert [is_valid({"data": [row], "meta": {}}, validator, 3) for _ in range(2)] == [False] * 2


def test_the_rest_of_a_list_is_checked_each_time(validator):
    row = ShownRow({"id": 1})
    assert is_valid({"data": [row], "meta": {}}, validator, 3)

    assert not is_valid({"data": [row]}, validator, 3)
    assert not is_valid({"data": [row] * 4, "meta": {}}, validator, 3)
    assert not is_valid({"data": row, "meta": {}}, validator, 3)
    assert is_valid({"data": [row] * 3, "meta": {}}, validator, 3)


def test_the_bytes_are_those_of_plain_rows():
    plain = [{"id": 1, "name": "Bö", "in": {"a": [None, 1.5]}}, {"id": 2}]
    rows = [ShownRow(each) for each in plain]
    body = {"data": rows, "meta": {"count": 2}}

    encoded = [encode(body) for _ in range(2)]

    assert encoded == [orjson.dumps({"data": plain, "meta": {"count": 2}})] * 2
    assert rows[0].encoded == orjson.dumps(plain[0])
