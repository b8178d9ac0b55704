"""Tags as one text in which a tag is found by its exact letters.

Each tag stands between two unit separators. A separator or a NUL within a tag (which PostgreSQL
cannot store) is escaped, so `holds(tags, key(tag))` is true for that tag and no other.
"""

from __future__ import annotations

MARK = "\x1f"
_ESCAPES = (("\\", "\\\\"), (MARK, "\\u"), ("\0", "\\0"))
_BACK = {"\\\\": "\\", "\\u": MARK, "\\0": "\0"}


def key(tag: str) -> str:
    """Return what to look for in a packed text to find `tag`."""
    return f"{MARK}{_escape(tag)}{MARK}"


def pack(tags: tuple[str, ...]) -> str:
    """Return the tags as one text in their order; empty for none."""
    if not tags:
        return ""
    plain = MARK.join(tags)
    if "\\" in plain or "\0" in plain or plain.count(MARK) != len(tags) - 1:
        plain = MARK.join(map(_escape, tags))
    return MARK + plain + MARK


def unpack(packed: str) -> tuple[str, ...]:
    """Return the tags of a packed text in their order."""
    if not packed:
        return ()
    tags = packed[1:-1].split(MARK)
    return tuple(map(_unescape, tags) if "\\" in packed else tags)


def _escape(tag: str) -> str:
    for plain, escaped in _ESCAPES:
        tag = tag.replace(plain, escaped)
    return tag


def _unescape(tag: str) -> str:
    if "\\" not in tag:
        return tag
    rest = iter(tag)
    return "".join(_BACK[letter + next(rest)] if letter == "\\" else letter for letter in rest)
