"""Secrets are hidden in every form, and control characters are made visible."""

import base64
import json
from urllib.parse import quote

import pytest

from duologue.contracts.http.redaction import Redactor, visible

SECRET = "s3cr3t/key+with é&="
REDACTOR = Redactor({"CONTRACTS_API_KEY": SECRET})


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        *(base64.b64encode(b"u" * n + b":" + SECRET.encode() + b"!x").decode() for n in range(4)),
    ],
)
def test_a_secret_is_hidden_in_each_form(form):
    shown = REDACTOR.text(f"before {form} after")

    assert "$CONTRACTS_API_KEY" in shown
    assert form not in shown
    assert shown.startswith("before")
    assert shown.endswith("after")


def test_of_two_secrets_the_longer_is_hidden_first():
    redactor = Redactor({"A": "secret-1", "B": "secret-1-and-more"})

    assert redactor.text("secret-1-and-more secret-1") == "$B $A"


def test_short_values_are_no_secrets():
    assert Redactor({"A": "k"}).text("kettle") == "kettle"


def test_control_characters_are_shown_escaped():
    assert (
        visible("a\x1b]0;title\x07\r\n\tb\u202e\ud83d")
        == "a\\x1b]0;title\\x07\\x0d\n\tb\\u202e\\ud83d"
    )


def test_a_document_is_cleaned_in_keys_and_values():
    document = {SECRET: [f"x {SECRET}", 1, None, {"a": "\x1b"}]}

    assert REDACTOR.document(document) == {
        "$CONTRACTS_API_KEY": ["x $CONTRACTS_API_KEY", 1, None, {"a": "\\x1b"}]
    }
