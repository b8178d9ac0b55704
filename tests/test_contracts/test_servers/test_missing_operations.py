"""A target that lacks one operation: its own clauses are not held, and no other is."""

import re

import pytest

from duologue.contracts.clause import ALL_OPERATIONS
from duologue.contracts.http.client import rows
from support.independent.app import App
from support.servers.tolerant_servers import TOLERANCES

pytestmark = pytest.mark.one_python

# Only an update makes tags: without one kind's, lists by tags cannot be made whole.
ON_TAGS = {
    "listing.with-tags",
    "listing.tags-only-on-request",
    "listing.tags-filter",
    "listing.filters-combine",
    "consistency.filtered-pages-join",
    "consistency.rows-tell-the-same-in-each-list",
    "consistency.tags-are-found-as-sent",
    "consistency.a-filtered-list-is-as-of-now",
}
UPDATES = {"updateUserConversation", "updateGroupConversation"}


def lacking(operation, *, status, code):
    """Return an override that answers one operation as a server without it does."""
    method, path = rows()[operation]
    route = re.compile("/v3" + re.sub(r"{[^}]+}", "[^/]+", path))

    def answer(self, request):
        if request.method == method and route.fullmatch(request.route):
            return status, {"error": {"code": code, "message": "no such operation"}}
        return App.answer(self, request)

    return {"answer": answer}


def is_root(result):
    """Return whether a result that is not held follows from no other."""
    return not (result.because and result.because.root)


def own_clause(operation):
    """Return the id of the clause about one operation alone."""
    return "operations." + re.sub("[A-Z]", lambda sign: f"-{sign[0].lower()}", operation)


@pytest.mark.parametrize("operation", ALL_OPERATIONS)
def test_no_clause_about_another_operation_is_touched(judge, make_app, operation):
    app = make_app(
        overrides={
            **TOLERANCES["tags show in GET"],
            **lacking(operation, status=404, code="ERR_API_NOT_FOUND"),
        }
    )
    outcome = judge(app)

    touched = [result for result in outcome.results if result.verdict != "held"]
    others = {each.clause.id for each in touched if operation not in each.clause.operations}
    assert others <= (ON_TAGS if operation in UPDATES else set())
    assert [each.clause.id for each in touched if is_root(each)] == [own_clause(operation)]
    assert operation in outcome.unreached_operations


@pytest.mark.parametrize(("status", "code"), [(405, "METHOD"), (501, "NOT_IMPLEMENTED")])
def test_a_method_that_is_not_there_is_missing_too(judge, make_app, status, code):
    operation = "markUserConversationAsRead"
    outcome = judge(make_app(overrides=lacking(operation, status=status, code=code)))

    touched = [result for result in outcome.results if result.verdict != "held"]
    assert {each.clause.id for each in touched if operation not in each.clause.operations} == set()
    assert outcome.left_behind == ()
