"""Write a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text to a file in one step: where that fails, what stood there stays; raise OSError.

    A link stays a link, and a file keeps its permissions. What cannot be replaced is written in
    place: /dev/stdout, a pipe, a single file that is mounted into a container. Half a surrogate
    pair, as broken targets send it, has no UTF-8: an escape stands in.
    """
    if path.exists() and not path.is_file():
        _write(path, text)
        return
    target = Path(os.path.realpath(path))  # Path.resolve raises RuntimeError for a loop of links
    beside = target.with_name(f".{secrets.token_hex(6)}.new")  # another run may write here, too
    try:
        _write(beside, text)
        if target.exists():
            with suppress(OSError):  # some mounted folders have no permissions
                shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a mount
            raise
        _write(target, text)
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
