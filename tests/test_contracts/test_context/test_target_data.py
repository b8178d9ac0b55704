"""What was made is removed, even where it is made after its removal."""

import pytest

from support.fakes import DirectTransport, session_on


class LateTransport(DirectTransport):
    """A transport that is interrupted in a creation, which the target does after a removal."""

    waiting = None
    is_done = False

    def _once(self, method, url, *, headers, content):
        if method == "POST" and self.waiting is None:
            self.waiting = {"headers": headers, "content": content}
            self.url = url
            raise KeyboardInterrupt
        answer = super()._once(method, url, headers=headers, content=content)
        if method == "DELETE" and not self.is_done:
            self.is_done = True
            super()._once("POST", self.url, **self.waiting)
        return answer


def test_a_user_that_comes_after_its_removal_is_removed_again(make_app, clock):
    """Ctrl-C ends the call, not what a slow target does with it."""
    app = make_app()
    session = session_on(app, clock)
    session.transport = LateTransport(app, sleep=clock.sleep)
    context = session.context()
    before = {*app.users}
    with pytest.raises(KeyboardInterrupt):
        context.create.user("Ana")

    assert context.teardown() == []
    assert {*app.users} == before


def test_users_that_are_made_side_by_side_have_names_in_the_order_of_their_ids(make_app, clock):
    """What an id stands for in a finding is the same in every run."""
    app = make_app()
    context = session_on(app, clock).context()

    uids = context.create.users(20)

    assert uids == sorted(uids, key=lambda uid: int(uid.rpartition("-")[2]))
    assert [app.users[uid]["name"] for uid in uids] == [f"Person {n}" for n in range(20)]
