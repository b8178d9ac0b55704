"""Lists of a target that greets each new user in a group of all: callers are made last."""

from duologue.contracts.clause import choose
from support.fakes import session_on
from support.servers.tolerant_servers import TOLERANCES

GREETED = TOLERANCES["a new user is in a group with a conversation"]
SOME = ("listing.newest-first", "listing.page-size", "listing.user-tags-filter", "*pages-join")


def test_lists_are_judged_though_few_clauses_run(make_app, clock):
    """In a whole run that group soon has more than 300 members, and is silent."""
    run = session_on(make_app(overrides=GREETED), clock).run(choose(SOME))

    assert {each.clause.id: each.why for each in run.results if each.verdict != "held"} == {}
