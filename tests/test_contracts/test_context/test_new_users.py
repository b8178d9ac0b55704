"""New users to whom the target gives conversations."""

import pytest

from duologue.contracts.context.conversation_view import list_rows
from support.fakes import session_on
from support.servers.tolerant_servers import TOLERANCES

WELCOME = TOLERANCES["a new user has a conversation with a bot"]


@pytest.mark.parametrize(
    "given", ["has a conversation with a bot", "is in a group with a conversation"]
)
def test_a_new_user_to_whom_a_conversation_is_given_has_an_empty_list(make_app, clock, given):
    session = session_on(make_app(overrides=TOLERANCES[f"a new user {given}"]), clock)

    with session.opened() as context:
        assert session.profile.given_conversations == 1
        assert list_rows(context.client, context.create.user()) == []
    assert session.left_behind == []


def test_a_welcome_that_shows_late_is_waited_for(make_app, clock):
    session = session_on(make_app(overrides=WELCOME, late_s=0.5), clock)

    with session.opened() as context:
        assert list_rows(context.client, context.create.user()) == []


def test_where_new_users_have_no_conversation_nothing_more_is_asked(make_app, clock):
    session = session_on(make_app(), clock)

    with session.opened() as context:
        context.create.user()

        assert session.profile.given_conversations == 0
        assert [call.operation_id for call in context.client.calls] == ["createUser"]


def test_a_list_that_leaks_many_conversations_is_not_taken_for_a_welcome(make_app, clock):
    def listed(self, request):
        rows = [{"conversationWith": {"uid": f"u{n}"}} for n in range(6)]
        return {"data": rows, "meta": {}}

    session = session_on(make_app(overrides={"list_conversations": listed}), clock)

    assert session.profile.given_conversations == 0
