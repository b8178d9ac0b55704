"""What a run notes of its test data does not depend on the order of threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from duologue.contracts.context.target_data import DataRecord


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_the_removed_id_that_is_looked_up_is_the_same_in_each_order(order):
    record = DataRecord()
    for key in order:
        record.note_removed("user", key, as_done=True)

    assert record.take_removed() == {"user": "c"}


def test_what_was_not_there_any_more_is_not_looked_up():
    """Its absence shows nothing about the removal."""
    record = DataRecord(present={("user", "a"): None, ("user", "b"): None})
    record.note_removed("user", "a", as_done=True)
    record.note_removed("user", "b", as_done=False)

    assert record.take_removed() == {"user": "a"}
    assert record.present == {}


def test_what_is_taken_is_not_looked_up_again():
    record = DataRecord()
    record.note_removed("user", "a", as_done=True)
    record.take_removed()

    assert record.take_removed() == {}


def test_what_threads_make_side_by_side_is_all_counted():
    record = DataRecord()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: record.note_made("member", 2), range(400)))

    assert record.made == {"member": 800}
