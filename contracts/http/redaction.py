"""What may be shown: secrets hidden in all their forms, control characters made visible."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MIN_SECRET_LENGTH = 6  # shorter values are made up for tests, and stand in ordinary words
MIN_BASE64_LENGTH = 8
CUT = "..."  # ends a text that was cut, perhaps in the middle of a secret
MIN_CUT_LENGTH = 4
# C0 without line feed and tab, DEL, C1, surrogates, and what changes the direction of a line.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff]")


class Redactor:
    """The one place that every outgoing text passes.

    ``secrets`` maps the name of a variable to its value; a hidden value is shown as ``$NAME``.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        forms = {
            form: f"${name}"
            for name, value in (secrets or {}).items()
            if len(value) >= MIN_SECRET_LENGTH
            for form in _forms(value)
        }
        self._shown = forms
        longest_first = sorted(forms, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def text(self, text: str) -> str:
        """Return a text as it may be shown."""
        if self._secret is not None:
            text = self._secret.sub(lambda match: self._shown[match[0]], text)
            *cut, last = text.split(CUT)
            text = CUT.join([*map(self._without_beginning, cut), last])
        return visible(text)

    def _without_beginning(self, part: str) -> str:
        """Return a text without the beginning of a secret at its end, where one was cut."""
        for form, shown in self._shown.items():
            for length in range(min(len(form), len(part)), MIN_CUT_LENGTH - 1, -1):
                if part.endswith(form[:length]):
                    return part[:-length] + shown
        return part

    def document(self, value: Any) -> Any:
        """Return a JSON value with each text in it, keys included, as it may be shown."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.document(key): self.document(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(item) for item in value]
        return value


def visible(text: str) -> str:
    """Return a text with its control characters escaped, line feeds and tabs left."""
    return _CONTROL.sub(lambda match: _escape(match[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _forms(value: str) -> Iterator[str]:
    """Yield a secret as it may stand in a text: plain, in JSON, in a URL, in base64."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    for safe in ("", "/"):
        yield quote(value, safe=safe)
        yield quote_plus(value, safe=safe)
        yield quote(value, safe=safe).lower()
    yield from _base64_forms(value.encode())


def _base64_forms(raw: bytes) -> Iterable[str]:
    """Yield the base64 text of a value wherever it begins in the encoded bytes.

    Base64 takes three bytes at a time, so a value looks different after 0, 1 or 2 others (as after
    the name and colon of basic authentication). Only characters that depend on the value alone are
    taken, so that text around it does not matter.
    """
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for before in range(3):
            text = encode(b"\0" * before + raw).decode().rstrip("=")
            start = (8 * before + 5) // 6
            end = 8 * (before + len(raw)) // 6
            if end - start >= MIN_BASE64_LENGTH:
                yield text[start:end]
