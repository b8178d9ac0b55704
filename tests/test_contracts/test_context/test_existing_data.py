"""Casts that are there already: used, judged, and left as they were."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from duologue.contracts.context.existing_data import (
    ExistingConversation,
    ExistingData,
    MessageHistories,
    StateRestorer,
    from_file,
    from_target,
    look,
)
from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.errors import ExistingDataUnreadable, NotReached, NotStaged
from duologue.contracts.http.client import Client
from duologue.contracts.http.target import Target

ANA_BO, ANA_HIKERS = (
    ExistingConversation("ana", "user", "bo"),
    ExistingConversation("ana", "group", "hikers"),
)


def village(app, *, is_read=False):
    """Ana with messages of Bo and of the hikers: three are unread, or none."""
    for uid in ("ana", "bo", "cleo"):
        app.users[uid] = {"uid": uid, "name": uid.title()}
    app.groups["hikers"] = {"guid": "hikers", "name": "Hikers"}
    app.members["hikers"] = {"ana": "admin", "bo": "participant"}
    for kind, receiver in (("user", "ana"), ("group", "hikers")):
        app.post("ana", "bo" if kind == "user" else "hikers", kind=kind, text="first")
        for number in range(6):
            app.post("bo", receiver, kind=kind, text=f"line {number}")
    app.read(("ana", "user", "bo"), None if is_read else 1004)
    app.read(("ana", "group", "hikers"), None if is_read else 1011)
    app.set_tags(("ana", "user", "bo"), ["old", "friends"])
    for copy in app.copies.values():
        copy.changed_at = 0
    return app


def views(app):
    """What the three users see of their conversations, but for the time of the last touch."""
    return {
        key: (len(app.unread(key, messages)), list(app.copy(key).tags))
        for key, messages in app.threads(None).items()
    }


def receipts(app):
    """What senders see of who got and read their messages."""
    return [(each.id, each.delivered_at, each.read_at) for each in app.messages]


@pytest.fixture
def client(direct):
    """A client of a village."""
    return lambda app: Client(Target("http://direct/v3", "k"), direct(app))


@pytest.fixture
def restorer(client, clock):
    """What restores Ana's conversation with Bo."""
    return lambda app: StateRestorer(client(app), ANA_BO, 0, clock.sleep)


@pytest.mark.parametrize(("is_read", "most_held"), [(True, 26), (False, 20)])
def test_a_fixed_cast_is_judged_and_left_as_it_was(judge, make_app, is_read, most_held):
    """Nothing is made, much is judged; counts, tags and the receipts of messages stay.

    Marks are judged on what is read already: else others would be told that it was read.
    """
    app = village(make_app(), is_read=is_read)
    before, told, users = views(app), receipts(app), dict(app.users)
    outcome = judge(app, existing=[ANA_BO, ANA_HIKERS])

    verdicts = {result.verdict.value for result in outcome.results}
    held = {result.clause.id for result in outcome.results if result.verdict == "held"}
    assert verdicts == {"held", "not_staged"}
    assert len(held) >= most_held, sorted(held)
    assert ("operations.mark-group-conversation-as-read" in held) == is_read
    assert (views(app), receipts(app), app.users) == (before, told, users)
    assert outcome.left_behind == ()
    assert outcome.exit_code == 0


def test_what_others_write_meanwhile_stays_unread(restorer, make_app):
    """Restoring reads no further than what was there before."""
    app = village(make_app(), is_read=True)
    before = look(restorer(app).client, ANA_BO)
    app.mark_unread_from(("ana", "user", "bo"), 1004)
    app.post("bo", "ana", kind="user", text="one more")

    assert restorer(app).restore(before) == []
    assert views(app)[("ana", "user", "bo")][0] == 1


def test_a_fixed_cast_is_left_as_it_was_where_writes_show_late(judge, make_app):
    """Putting back waits until it shows, too (readings T12)."""
    app = village(make_app())
    before, app.late_s = views(app), 0.5
    outcome = judge(app, existing=[ANA_BO, ANA_HIKERS])

    assert {result.verdict.value for result in outcome.results} == {"held", "not_staged"}
    assert views(app) == before
    assert outcome.left_behind == ()


def test_a_break_on_a_fixed_cast_is_told(judge, make_app):
    """What was found before the stage was missed is not lost."""

    def in_milliseconds(self, key, messages):
        return messages[0].sent_at * 1000

    app = village(make_app(overrides={"created_at": in_milliseconds}))
    name = "properties.created-at-is-unix-seconds"
    outcome = judge(app, name, existing=[ANA_BO, ANA_HIKERS])

    assert [result.verdict.value for result in outcome.results] == ["broken"]


def test_a_deleted_last_message_of_the_cast_is_no_break(judge, make_app):
    """lastMessage may be absent from a conversation that the suite did not make (readings C4)."""
    app = village(make_app())
    for message in app.messages:
        if message.id in (1007, 1014):
            app.mark_deleted(message)
    outcome = judge(app, "properties.last-message-is-an-object", existing=[ANA_BO, ANA_HIKERS])

    assert [result.verdict.value for result in outcome.results] == ["not_staged"]


def test_a_cast_with_unread_messages_alone_stages_less(judge, make_app):
    """What needs messages that are read says that the cast has none."""
    app = village(make_app())
    outcome = judge(app, "operations.mark-user-conversation-as-read", existing=[ANA_BO])

    (result,) = outcome.results
    assert (result.verdict.value, outcome.exit_code) == ("not_staged", 1)
    assert "delivered and read" in result.why


@pytest.mark.parametrize("wanted", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("named_counts", [True, False])
def test_read_state_is_put_back(restorer, make_app, wanted, named_counts):
    """Whether a service counts the message named in unread or not, the old count comes back."""

    def after(self, key, since):
        type(self).mark_unread_from(self, key, since if since is None else since + 1)

    app = village(make_app(overrides={} if named_counts else {"mark_unread_from": after}))
    app.mark_unread_from(("ana", "user", "bo"), 1002 + (0 if named_counts else 1) - 1)
    before = {"unreadMessageCount": wanted, "tags": ["old", "friends"]}

    assert restorer(app).restore(before) == []
    assert views(app)[("ana", "user", "bo")][0] == wanted


def test_what_cannot_be_put_back_is_told(restorer, make_app):
    """A count that the API gives no way to is reported, with what it was and is."""
    app = village(make_app())

    (left,) = restorer(app).restore({"unreadMessageCount": 99, "tags": ["old", "friends"]})

    assert left == "unread count of user conversation of ana with bo: was 99, is 1"


def test_tags_that_do_not_come_back_are_told(restorer, make_app):
    """Tags are compared after putting them back, as counts are."""
    app = village(make_app(overrides={"set_tags": lambda self, key, tags: None}))
    app.copies[("ana", "user", "bo")].tags = ["mine"]

    (left,) = restorer(app).restore({"unreadMessageCount": 3, "tags": ["old"]})

    assert left == "tags of user conversation of ana with bo: was ['old'], is ['mine']"


def test_a_target_that_goes_away_ends_no_run(client, make_app):
    """A conversation that could not be put back is left behind, not a crash."""
    app = village(make_app())
    visitor = client(app)
    cast = ExistingData((ANA_BO,), visitor, IdGenerator("t"))
    cast.find("user", unread=0, client=visitor)

    def gone(*_, **__):
        raise NotReached("the line is dead")

    visitor._transport._once = gone

    assert cast.teardown() == ["user conversation of ana with bo (the line is dead)"]


def test_putting_back_goes_on_when_the_run_is_ended(client, make_app):
    """After Ctrl-C all but the calls that put back are refused."""
    app = village(make_app(), is_read=True)
    before = views(app)
    visitor = client(app)
    cast = ExistingData((ANA_BO,), visitor, IdGenerator("t"))
    cast.find("user", unread=1, client=visitor)
    app.set_tags(("ana", "user", "bo"), [])
    visitor._transport.stopping.set()

    assert cast.teardown() == []
    assert views(app) == before


def test_roles_are_found_by_reading_lists(client, make_app):
    """``--cast auto`` takes what the users' own lists show."""
    roles = from_target(client(village(make_app())))

    assert {
        ANA_BO,
        ANA_HIKERS,
        ExistingConversation("bo", "user", "ana"),
        ExistingConversation("bo", "group", "hikers"),
    } == set(roles)


def test_an_empty_target_gives_no_cast(client, make_app):
    """A target without conversations says so."""
    with pytest.raises(ExistingDataUnreadable, match="no user there has a conversation"):
        from_target(client(make_app()))


@pytest.mark.parametrize("departure", ["list_users", "list_conversations"])
def test_odd_lists_give_no_cast(client, make_app, departure):
    """Rows that are no objects are passed over."""
    odd = {
        departure: lambda self, request: {"data": [None, 7, {"conversationWith": []}], "meta": {}}
    }

    with pytest.raises(ExistingDataUnreadable):
        from_target(client(village(make_app(overrides=odd))))


def test_a_file_names_conversations(tmp_path):
    """YAML or JSON; ids of digits need no quotes."""
    path = tmp_path / "cast.yaml"
    path.write_text("conversations:\n- {caller: ana, user: bo}\n- {caller: 7, group: hikers}\n")
    same = tmp_path / "cast.json"
    entries = [{"caller": "ana", "user": "bo"}, {"caller": "7", "group": "hikers"}]
    same.write_text(json.dumps({"conversations": entries}))

    assert (
        from_file(path) == (ANA_BO, ExistingConversation("7", "group", "hikers")) == from_file(same)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "conversations: []",
        "conversations: [ana]",
        "conversations: [{caller: ana}]",
        "conversations: [{caller: ana, user: bo, group: hikers}]",
        "conversations: [{user: bo}]",
        "conversations: [{caller: ana, user: }]",
        "conversations: [{caller: ana, user: [bo]}]",
        "conversations: {caller: ana\n- [",
        "\x00",
        "[" * 5000,
        f"conversations: {'9' * 5000}",
    ],
)
def test_an_unreadable_file_is_told_in_one_line(tmp_path, text):
    """The sentence names the file and what was expected there."""
    path = tmp_path / "cast.yaml"
    path.write_text(text)

    with pytest.raises(ExistingDataUnreadable) as error:
        from_file(path)

    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ExistingDataUnreadable, match="No such file"):
        from_file(tmp_path / "none.yaml")


def test_a_file_in_another_encoding_is_told(tmp_path):
    path = tmp_path / "cast.yaml"
    path.write_bytes(b"conversations: [{caller: \xff}]")

    with pytest.raises(ExistingDataUnreadable, match="cannot be read"):
        from_file(path)


def lists_of_messages(visitor):
    """Return the queries of the lists of messages that were asked for."""
    asked = [each.url for each in visitor.calls if each.operation_id == "listMessages"]
    return [dict(parse_qsl(urlsplit(url).query)) for url in asked]


def test_the_messages_of_a_conversation_are_read_once_until_another_is_written(client, make_app):
    """Each check would read them again, all of the caller's at that."""
    app = village(make_app(), is_read=True)
    visitor, histories = client(app), MessageHistories()
    for _ in range(3):
        cast = ExistingData((ANA_BO,), visitor, IdGenerator("t"), histories=histories)
        cast.find("user", unread=1, client=visitor)
        assert cast.teardown() == []
    (query,) = lists_of_messages(visitor)
    assert query["conversationId"]
    app.post("bo", "ana", kind="user", text="one more")
    app.read(("ana", "user", "bo"), None)
    ExistingData((ANA_BO,), visitor, IdGenerator("t"), histories=histories).find(
        "user", unread=1, client=visitor
    )

    assert len(lists_of_messages(visitor)) == 2


def test_a_message_without_a_receipt_ends_the_reading(client, make_app):
    """The other pages of a long history tell nothing more."""
    app = village(make_app(), is_read=True)
    app.messages = [replace(each, read_at=None) for each in app.messages]
    for number in range(1100):
        app.post("ana", "bo", kind="user", text=f"line {number}")
    visitor = client(app)
    cast = ExistingData((ANA_BO,), visitor, IdGenerator("t"))

    with pytest.raises(NotStaged):
        cast.find("user", unread=1, client=visitor)

    assert len(lists_of_messages(visitor)) == 1
