"""Shards: which clauses each one plays, and what its checks find of other shards' clauses."""

import pytest

from duologue.contracts.clause import Basis, Clause, choose
from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import OptionInvalid
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.sharding import deal, parse, set_apart

CLAUSES = choose(())


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_clause_is_in_one_shard(count):
    dealt = [deal(CLAUSES, index, count) for index in range(1, count + 1)]

    names = [each.id for clauses, _ in dealt for each in clauses]
    assert sorted(names) == sorted(each.id for each in CLAUSES)
    assert len({len(clauses) for clauses, _ in dealt}) <= 2
    for clauses, shard in dealt:
        assert shard.others == {each.id for each in CLAUSES} - {each.id for each in clauses}


def test_slow_clauses_are_dealt_to_all_shards():
    """One shard with all of them would take as long as the whole run."""
    slow = [sum(each.slow for each in deal(CLAUSES, index, 3)[0]) for index in (1, 2, 3)]

    assert max(slow) - min(slow) <= 1
    assert sum(slow) == sum(each.slow for each in CLAUSES)


def test_a_shard_keeps_the_order_of_the_clauses():
    clauses, _ = deal(CLAUSES, 2, 3)

    assert clauses == [each for each in CLAUSES if each in clauses]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "1", "a/b", "1/1000", "", "01/3", "-1/3"])
def test_another_text_than_a_part_is_refused(text):
    with pytest.raises(OptionInvalid, match="2/3"):
        parse(text)


def test_a_part_is_read():
    assert parse("2/3") == (2, 3)


def test_more_shards_than_clauses_are_refused():
    with pytest.raises(OptionInvalid, match="no 3 shards can be made of 2 clauses"):
        deal(CLAUSES[:2], 1, 3)


def test_findings_of_other_shards_are_set_apart():
    clause = Clause("errors.a", "A statement.", "Nowhere", Basis.INFERRED, (), print)
    own, other = Finding("own", "1", "2"), Finding("other", "1", "2")
    found = (("errors.b", own), ("errors.c", other))

    (result,), (pending,) = set_apart(
        [Result(clause, Verdict.HELD, elsewhere=found)], frozenset({"errors.c"})
    )

    assert result.elsewhere == (("errors.b", own),)
    assert (pending.clause, pending.found_by, pending.finding) == ("errors.c", "errors.a", other)
