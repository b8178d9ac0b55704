"""Which copies are unread follows every request and every way in which a state comes."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from duologue.fixtures import worlds
from duologue.fixtures.examples import examples
from duologue.mockserver.app import inside
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import criteria, schema, world_cache
from duologue.mockserver.store.criteria import Criteria, Tables
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.unread_copies import totals, unread

UIDS = ("ana", "bo", "cleo", "dan")


def kept(store):
    """What the tables have; of those that are read, the groups."""
    conn = store.reading()
    rows = conn.execute(select(unread.c.uid, unread.c.kind, unread.c.peer)).all()
    read = conn.exec_driver_sql("SELECT uid, 'group', peer FROM read_copies").all()
    (total,) = conn.execute(select(totals)).all()
    assert tuple(total) == tuple(
        sum(row.kind == kind for row in rows) for kind in ("user", "group")
    )
    return {tuple(row) for row in rows}, {tuple(row) for row in read}


def computed(store):
    copy, conversation = schema.copies, schema.conversations
    tables = Tables(copy, conversation, schema.users, "user")
    is_unread = criteria.visible(tables) & (criteria.unread_count(tables) > 0)
    rows = store.reading().execute(
        select(copy.c.uid, copy.c.kind, copy.c.peer, is_unread).join(
            conversation, conversation.c.id == copy.c.conversation_id
        )
    )
    rows = [tuple(row) for row in rows]
    mine = {row[:3] for row in rows if row[3]}
    return mine, {row[:3] for row in rows if row[1] == "group"} - mine


def pages(store, by, **wanted):
    conn, listing = store.reading(), Listing(by)
    return [
        listing.page(conn, None, wanted=Filters(unread=True, **wanted), per_page=3, number=number)
        for number in (1, 2, 3, 7)
    ]


def asked(tables, count):
    """As `criteria.with_unread`, which the tables stand for; this one is not known to them."""
    del tables
    return count > 0


class Requests:
    """Requests drawn by a seed: each changes who has read what."""

    def __init__(self, api, seed):
        self.api, self.draw = api, random.Random(seed)
        for uid in UIDS:
            api.post("/users", json={"uid": uid, "name": uid})
        for guid in ("g1", "g2"):
            api.post("/groups", json={"guid": guid, "name": guid, "type": "public"}, as_="ana")
            api.post(f"/groups/{guid}/members", json={"participants": list(UIDS[1:])}, as_="ana")
        self.sent = []

    def step(self):
        one, other = self.draw.sample(UIDS, 2)
        peer = self.draw.choice([f"users/{other}", "groups/g1", "groups/g2"])
        often = [self.say, self.say, self.say, self.read, self.read]
        rest = [self.unread, self.delete, self.hide, self.reset, self.leave, self.join]
        self.draw.choice(often + rest)(one, peer)

    def say(self, one, peer):
        kind, receiver = peer.split("/")
        body = {"receiver": receiver, "receiverType": kind[:-1], "data": {"text": "Hello."}}
        answer = self.api.post("/messages", json=body, as_=one)
        if answer.status_code == 200:
            self.sent.append(answer.json["data"]["id"])

    def read(self, one, peer):
        self.api.post(f"/{peer}/conversation/read", json=self._place(), as_=one)

    def unread(self, one, peer):
        self.api.delete(f"/{peer}/conversation/read", json=self._place(), as_=one)

    def _place(self):
        is_whole = not self.sent or self.draw.random() < 0.5
        return {} if is_whole else {"messageId": self.draw.choice(self.sent)}

    def delete(self, one, _):
        if self.sent:
            forever = {"permanent": self.draw.random() < 0.3}
            self.api.delete(f"/messages/{self.draw.choice(self.sent)}", json=forever, as_=one)

    def hide(self, one, peer):
        self.api.delete(f"/{peer}/conversation", as_=one)

    def reset(self, one, peer):
        self.api.post(f"/{peer}/conversation/reset", as_=one)

    def leave(self, one, peer):
        self.api.delete(f"/groups/g1/members/{one}", as_=one)

    def join(self, one, peer):
        self.api.post("/groups/g1/members", as_=one)


@pytest.mark.parametrize("seed", range(2))
def test_requests_leave_the_tables_as_the_copies_are(open_api, seed):
    api = open_api(examples(42))
    store = inside(api.app).store
    requests = Requests(api, seed)
    seen = set()

    for number in range(80):
        requests.step()
        assert kept(store) == computed(store), number
        seen |= kept(store)[0]
    assert pages(store, Criteria()) == pages(store, Criteria(with_unread=asked))
    api.delete(f"/users/{UIDS[1]}", json={"permanent": False})
    assert kept(store) == computed(store)
    api.delete(f"/users/{UIDS[2]}", json={"permanent": True})
    assert kept(store) == computed(store)
    api.client.post("/_mock/reset")

    assert kept(store) == computed(store) != (set(), set())
    assert len(seen) > 10, seen


@pytest.mark.parametrize(
    "wanted",
    [{}, {"conversation_type": "user"}, {"conversation_type": "group"}, {"hide_blocked": True}],
    ids=str,
)
def test_pages_are_those_that_look_at_every_copy(tmp_path, wanted):
    file = tmp_path / "state.sqlite"
    world_cache.build(worlds.make("users=12,messages=600,groups=3,conversations=20"), file)
    store = Store(f"sqlite:///{file}")
    conn = store.reading()
    conn.exec_driver_sql(
        "INSERT INTO blocks SELECT uid, peer, 1 FROM copies WHERE kind = 'user' AND uid > peer"
    )

    found = pages(store, Criteria(), **wanted)

    assert found == pages(store, Criteria(with_unread=asked), **wanted)
    assert found[0].total > 3
    store.close()


TABLES = ("unread_copies", "read_copies", "unread_totals")


def test_a_state_of_before_gets_the_tables(tmp_path):
    """A file as versions before them wrote it: nothing keeps them, until it is opened."""
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")
    before = kept(store)
    conn = store.reading()
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE ?"
    for name in conn.exec_driver_sql(triggers, ("%read_copies%",)).scalars().all():
        conn.exec_driver_sql(f"DROP TRIGGER {name}")
    for name in TABLES:
        conn.exec_driver_sql(f"DROP TABLE {name}")
    store.close()

    store = Store(f"sqlite:///{file}")

    assert kept(store) == computed(store) == before
    assert before[0]
    store.close()


def test_a_restored_state_has_the_tables(open_api):
    api = open_api(examples(42))
    store = inside(api.app).store
    saved, before = StateSnapshot(store), kept(store)
    requests = Requests(api, 1)
    for _ in range(20):
        requests.step()
    changed = kept(store)

    saved.into(store)

    assert kept(store) == computed(store) == before != changed
    saved.close()


def test_a_page_looks_at_unread_copies_alone(tmp_path):
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")
    seen: list[str] = []
    conn = store.reading()
    raw = conn.connection.driver_connection
    raw.set_trace_callback(seen.append)
    Listing(Criteria()).page(conn, None, wanted=Filters(unread=True), per_page=3, number=2)
    raw.set_trace_callback(None)
    plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {seen[0]}")]
    store.close()

    scans = [line for line in plan if line.startswith("SCAN ")]
    assert not [line for line in scans if "copies" in line and "unread_copies" not in line], scans
