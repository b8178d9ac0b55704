"""Generated users do not depend on Faker's version, on order or on number."""

import hashlib
import json
import re

import faker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.fixtures import people

POOLS_SHA256 = "db38f97571cb716dabbe970414957ea2e12e6e3d1bbe853ee53e6c2dfb1b4ef8"

seeds = st.integers(min_value=0, max_value=2**63)
rows = st.integers(min_value=0, max_value=200_000)


def test_the_committed_pools_are_the_ones_everybody_knows():
    """A changed pool changes every world; change this digest only on purpose."""
    digest = hashlib.sha256(people.POOLS_FILE.read_bytes()).hexdigest()

    assert digest == POOLS_SHA256


def test_the_pools_come_from_faker():
    """``python -m fixtures.people`` fills the pools again, with the Faker that filled them."""
    committed = people.POOLS_FILE.read_text(encoding="utf-8")
    if json.loads(committed)["faker"] != faker.VERSION:
        pytest.skip("another Faker than the one that filled the pools has other values")

    assert people.fill_pools() == committed


@pytest.mark.parametrize("pool", people.Pools._fields)
def test_no_value_occurs_twice_in_its_pool(pool):
    """Pools hold each value once, so that every value is equally likely."""
    values = getattr(people.pools(), pool)

    assert len(values) == len(set(values)) >= 500


@given(seed=seeds, index=rows)
def test_a_persons_uid_is_legal(seed, index):
    """A uid is 1 to 100 of a-z, 0-9, _ and - (readings T9)."""
    assert re.fullmatch(r"[a-z0-9_-]{1,100}", people.person(seed, index).uid)


@given(seed=seeds, index=rows)
def test_a_groups_guid_is_legal(seed, index):
    """A guid is 1 to 100 of a-z, 0-9, _ and - (readings T9)."""
    assert re.fullmatch(r"[a-z0-9_-]{1,100}", people.group(seed, index, members=("ana",)).guid)


@given(seed=seeds, first=rows, second=rows)
def test_two_rows_are_two_people(seed, first, second):
    """Names may repeat, uids may not."""
    same = people.person(seed, first).uid == people.person(seed, second).uid

    assert same == (first == second)


def test_another_seed_gives_other_users():
    """The seed decides the users."""
    ours, theirs = ([people.person(seed, index).name for index in range(20)] for seed in (42, 43))

    assert ours != theirs


def test_a_person_has_a_picture_that_needs_no_network():
    assert people.person(42, 7).avatar.startswith("data:image/svg+xml;base64,")
