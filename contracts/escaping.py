"""Text of a target in other formats: nothing in it may steer a terminal, a page or a CI server."""

from __future__ import annotations

import html
import json
import re
from typing import Any

MARKDOWN_MARKS = re.compile(r"[\\`*_\[\]|~#@]")


def as_json(value: Any) -> str:
    """Return a value as JSON on one line; where it has no such form, as Python writes it."""
    try:
        return json.dumps(value, ensure_ascii=False, default=repr)
    except (TypeError, ValueError):  # keys that are no text
        return repr(value)


def printable(text: str) -> str:
    """Return one line: control and unprintable characters, line feeds too, as escapes."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def printable_lines(text: str) -> str:
    """Return the text with its lines left, and each of them printable."""
    return "\n".join(printable(line.expandtabs(4)) for line in text.split("\n"))


def in_markdown(text: str) -> str:
    """Return one line of Markdown, fit for a table's cell, that shows the text as it is."""
    escaped = html.escape(printable(text), quote=False)
    return MARKDOWN_MARKS.sub(lambda found: f"&#{ord(found[0])};", escaped)


def workflow_data(text: str) -> str:
    """Return the message of a workflow command of GitHub Actions, its line feeds escaped."""
    # "##[" begins a command of the old form wherever it stands in a line.
    lines = printable_lines(text).replace("##[", "# #[")
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """Return a property of a workflow command, such as its title."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")
