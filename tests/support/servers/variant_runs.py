"""The clauses that generate nothing, on a conforming variant of the mock in this process."""

from __future__ import annotations

import time
from collections.abc import Iterable

from duologue.contracts.context.budget import Budget
from duologue.contracts.http.target import Target
from duologue.contracts.run.results import Run
from duologue.contracts.session import RunSettings, Session, new_token
from duologue.fixtures.worlds import make
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.variants import with_variants
from support.fakes import without_generated
from support.servers.app_transport import AppTransport, sleep_by
from support.waiting import WITHIN_S

# What these do takes time of the machine, not of the mock's clock.
IN_REAL_TIME = frozenset({"late-writes", "busy", "slow"})


def run_on_variants(
    variants: Iterable[str],
    *,
    seed: int = 42,
    in_real_time: bool = False,
    workers: int = 1,
    leave_out: tuple[str, ...] = (),
) -> Run:
    """Return a run on a mock with these variants; `leave_out`: how the left out clauses' ids begin.

    `seed` is that of the world and of what the run chooses. Unless it is `in_real_time`, the clock
    is one that nobody waits for.
    """
    own, sent = with_variants(documented.behaviours(), variants)
    app = create_app(world=make("default", seed), behaviours=own, faulty=sent)
    clock = inside(app).controls.clock
    if not in_real_time:
        clock.freeze()
    settle_s = WITHIN_S if in_real_time else 5.0  # what must show ends the polling
    target = Target("http://mock/v3", "mock-api-key", auth_only_key="auth-only", settle_s=settle_s)
    sleep = time.sleep if in_real_time else sleep_by(clock)
    session = Session(
        target,
        new_token(),
        RunSettings(workers=workers, budget=Budget(seed)),
        sleep=sleep,
        now=time.monotonic if in_real_time else clock.now,
    )
    session.transport = AppTransport(app, sleep=sleep, connections=max(workers, 8))
    try:
        session.run_preflight()
        chosen = [one for one in without_generated() if not one.id.startswith(leave_out)]
        return session.run(chosen)
    finally:
        inside(app).close()
