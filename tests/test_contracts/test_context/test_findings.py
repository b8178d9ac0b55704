"""Findings: roles in place of ids, repeated calls folded, and a fingerprint for two runs."""

from duologue.contracts.context.findings import LONGEST_TITLE, Finding, Roles, folded, titled
from support.independent.app import App


def test_ids_are_told_by_their_roles():
    """Two ids of one role are numbered in the order in which they were made."""
    roles = Roles("t")
    for key, name in (("duo-t-1", "Caller"), ("duo-t-12", "Peer"), ("duo-t-3", "Peer")):
        roles.note(key, name)
    text = '["user_duo-t-12", "duo-t-1", "duo-t-3", "duo-t-99"]'

    named = roles.named_in(text)

    assert roles.replaced(text, named) == '["user_peer #2", "caller", "peer", "id"]'
    assert named["peer #2"] == "duo-t-12"


def test_the_order_of_ids_in_a_list_makes_no_difference():
    """Sorted as text, the tenth id stands before the ninth in one run alone."""
    told = []
    for first in (8, 9):
        roles, ids = Roles("t"), [f"duo-t-{first}", f"duo-t-{first + 1}"]
        for key in ids:
            roles.note(key, "Group")
        text = f"{sorted(ids)} without {ids[1]}"
        told.append(Finding("rows", "all", roles.replaced(text, roles.named_in(text))))

    assert told[0].actual != told[1].actual
    assert told[0].fingerprint("a.b") == told[1].fingerprint("a.b")


def test_a_date_makes_no_difference():
    one, same = (Finding("a type", "1", f'"2026-11-26T12:40:{s}+00:00"') for s in (24, 28))

    assert one.fingerprint("a.b") == same.fingerprint("a.b")
    assert one.fingerprint("a.b") != Finding("a type", "1", '"24"').fingerprint("a.b")


def test_how_often_it_was_answered_makes_no_difference():
    """Another seed generates other requests."""
    one, same, once = (
        Finding("a server error", "2xx", f"500 ERR_X{times}")
        for times in (" (in 137 answers)", " (in 9 answers)", "")
    )

    assert len({each.fingerprint("a.b") for each in (one, same, once)}) == 1


def test_ids_that_calls_alone_name_are_numbered_last():
    roles = Roles("t")
    for number in (1, 2):
        roles.note(f"duo-t-{number}", "Group")

    named = roles.named_in("the row of duo-t-2", "curl /groups/duo-t-1; curl /groups/duo-t-2")

    assert named == {"group": "duo-t-2", "group #2": "duo-t-1"}


def test_a_poll_is_told_once():
    """Rounds of one to three calls that repeat each other are one with a number."""
    assert folded(["put", "get", "get", "get"]) == ("put", "get, x3")
    assert folded(["put", *["get", "list"] * 3, "get"]) == ("put", "get, x3", "list, x3", "get")
    assert folded(["a", "b", "c"]) == ("a", "b", "c")


def test_a_title_is_at_most_100_characters_long():
    """What does not fit is counted."""
    assert titled(["one", "two", "one"]) == "one; two"
    long = titled([f"a case with a rather long name, number {n}" for n in range(9)])
    assert len(long) <= LONGEST_TITLE
    assert long.endswith("; and 7 more")
    assert len(titled(["x" * 300, "y"])) == LONGEST_TITLE


def test_the_fingerprint_is_of_what_was_found():
    """Another value or clause has another one; ids, times and calls make no difference."""
    one = Finding("a title", "1", "2 at 1780000000", ("curl 1",))
    same = Finding("a title", "1", "2 at 1780000999", ("curl 2",))

    assert one.fingerprint("a.b") == same.fingerprint("a.b")
    assert one.fingerprint("a.b") != one.fingerprint("a.c")
    assert one.fingerprint("a.b") != Finding("a title", "1", "3", ()).fingerprint("a.b")


def test_where_a_value_was_cut_makes_no_difference():
    """It depends on how long the ids in it are, and cuts one of them in two."""
    values = [
        f'{{"id": "{message}", "text": "{"word " * 30}", "by": "duo-{token}...'
        for message, token in ((7, "5491"), (318, "0"))
    ]
    one, same = (Finding("a title", "1", value) for value in values)
    other = Finding("a title", "1", '{"id": "7", "text": "another...')

    assert one.fingerprint("a.b") == same.fingerprint("a.b")
    assert one.fingerprint("a.b") != other.fingerprint("a.b")


def test_two_runs_that_find_the_same_have_the_same_fingerprints(judge, make_app):
    """By role: the ids are others in each run."""

    def conversation(self, key, messages, **wants):
        shown = App.conversation(self, key, messages, **wants)
        return {**shown, "conversationId": f"x_{key[2]}", "unreadMessageCount": "2"}

    def prints():
        outcome = judge(make_app(overrides={"conversation": conversation})).as_dict()
        return [
            (clause["id"], finding["fingerprint"])
            for clause in outcome["clauses"]
            for finding in clause["findings"]
        ]

    first = prints()

    assert first
    assert first == prints()
