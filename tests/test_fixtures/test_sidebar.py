"""The builder of what a chat app shows beside plain text."""

from duologue.fixtures.pictures import file_of
from duologue.fixtures.sidebar import DELIVERED_AFTER_S, READ_AFTER_S, SidebarBuilder


def built(build):
    """Return the details by message of a world, and the world."""
    world = build(SidebarBuilder("test", 42)).build()
    return {one.id: one for one in world.details}, world


def test_a_read_message_has_both_receipts_and_another_has_none():
    details, world = built(lambda builder: builder.dm("ana", "bo", read=1, unread=1))
    sent = [message.sent_at for message in world.messages]

    assert [*details] == [1]
    assert details[1].delivered_at == sent[0] + DELIVERED_AFTER_S
    assert details[1].read_at == sent[0] + READ_AFTER_S


def test_a_groups_message_has_receipts_once_all_others_have_read_it():
    """Readings B18."""
    members = ["ana", "bo", "cleo"]
    details, _ = built(
        lambda builder: builder.group("crew", members=members, read=1, unread={"cleo": 1})
    )

    assert [*details] == [1]


def test_a_message_may_be_delivered_and_not_read():
    details, _ = built(lambda builder: builder.message("ana", "Hi", to="bo").delivered())

    assert details[1].delivered_at
    assert details[1].read_at is None


def test_a_file_is_sent_with_what_it_is():
    file = file_of("image", "lake.svg")
    details, world = built(
        lambda builder: builder.media("ana", to="bo", kind="image", file=file, caption="The lake")
    )

    assert (details[1].category, details[1].type) == ("message", "image")
    assert details[1].content == {"url": file["url"], "attachments": [file]}
    assert [message.text for message in world.messages] == ["The lake"]


def test_an_action_names_its_parties():
    details, _ = built(
        lambda builder: builder.group("crew", members=["ana", "bo"]).action(
            "added", by="ana", on="bo", guid="crew"
        )
    )
    entities = details[1].metadata["entities"]

    assert (details[1].category, details[1].type) == ("action", "groupMember")
    assert [entities[name]["entity"].get("uid") for name in ("by", "on")] == ["ana", "bo"]
    assert entities["for"]["entity"]["membersCount"] == 2


def test_presence_counts_from_the_end_of_the_world():
    _, world = built(
        lambda builder: (
            builder.dm("ana", "bo", read=3).presence("ana", says="Here").presence("bo", away_s=60)
        )
    )
    ana, bo = sorted(world.users)

    assert (ana.status, ana.last_active_at, ana.status_message) == ("online", world.now, "Here")
    assert (bo.status, bo.last_active_at) == ("offline", world.now - 60)


def test_a_block_has_the_time_of_the_newest_message():
    _, world = built(lambda builder: builder.dm("ana", "bo", read=1).block("ana", "bo"))

    (block,) = world.blocks
    assert (block.uid, block.blocked) == ("ana", "bo")
    assert block.blocked_at == world.messages[-1].sent_at
