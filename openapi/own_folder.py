"""A folder for temporary files that no other user can put anything into."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


def own_folder(name: str) -> Path:
    """Return this user's folder of this name among the temporary files, made if it is not there.

    Its name can be known beforehand, so another user may have made it, or put a link in its place.
    Raise OSError for one that is a link, that another user owns, or that others may write to.
    """
    # Where no user has a number, each has a directory for temporary files.
    ending = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
    folder = Path(tempfile.gettempdir()) / f"{name}{ending}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_own(folder.lstat()):
        reason = f"{folder} is not this user's alone; remove it, or set TMPDIR to another directory"
        raise PermissionError(errno.EPERM, reason)
    return folder


def _is_own(found: os.stat_result) -> bool:
    """Return whether it is a folder, no link to one, that nobody else writes to."""
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
