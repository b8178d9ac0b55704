"""Text from a target or a document, made harmless for a terminal, Markdown and workflow commands.

Each way of writing has its own marks; none of them may be steered by what is shown.
"""

from __future__ import annotations

import html
import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKS = re.compile(r"[\\`*_\[\]|~#@]")


def clean(words: str) -> str:
    """Return text without what could steer a terminal, on one line."""
    return _CONTROL.sub("\ufffd", words)


def cell(words: str) -> str:
    """Return text that Markdown shows as it is, in a table's cell too."""
    escaped = html.escape(clean(words), quote=False)
    return _MARKS.sub(lambda found: f"&#{ord(found[0])};", escaped)


def command_data(words: str) -> str:
    """Return text as the message of a workflow command of GitHub Actions; line ends are kept."""
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(words: str) -> str:
    """Return text as a property's value of a workflow command of GitHub Actions."""
    return command_data(words).replace(":", "%3A").replace(",", "%2C")
