"""Processes that may use a share of a core each, as if each had a core of its own that is slower.

Linux with control groups that this user may change (root, or a container that allows it).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PERIOD_US = 4_000  # short, so that a process that waits for its next share waits for milliseconds
_GROUPS = Path("/sys/fs/cgroup")


class NoGroups(RuntimeError):
    """Control groups cannot be used here."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(
            f"shares of cores need control groups that may be changed, as root: {cause}"
        )


@dataclass
class CoreShares:
    """The groups that were made, one for each process."""

    share: float
    _made: list[Path] = field(default_factory=list)

    def hold(self, pids: Iterable[int]) -> None:
        """Let each of these processes use its share; raise NoGroups where that is not possible."""
        quota = int(self.share * PERIOD_US)
        try:
            for pid in pids:
                group = self._new()
                if (group / "cpu.max").exists():
                    (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
                else:
                    (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
                    (group / "cpu.cfs_quota_us").write_text(str(quota))
                (group / "cgroup.procs").write_text(str(pid))
        except OSError as cause:
            raise NoGroups(cause) from cause

    def _new(self) -> Path:
        of_version_1 = _GROUPS / "cpu"
        group = (of_version_1 if of_version_1.is_dir() else _GROUPS) / (
            f"benchmark-{os.getpid()}-{len(self._made)}"
        )
        group.mkdir()
        self._made.append(group)
        return group

    def remove(self) -> None:
        """Remove the groups, whose processes have ended."""
        for group in self._made:
            with suppress(OSError):
                group.rmdir()


@contextmanager
def core_shares(share: float) -> Iterator[CoreShares]:
    """Yield what holds processes to a share of a core; they must end within the block."""
    shares = CoreShares(share)
    try:
        yield shares
    finally:
        shares.remove()
