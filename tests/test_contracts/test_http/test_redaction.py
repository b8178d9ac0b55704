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


@pytest.mark.parametrize("length", [4, 9, len(SECRET)])
def test_a_secret_that_was_cut_is_hidden_too(length):
    """What is left of it at the end of a text of limited length is not shown either."""
    cut = f"x {'y' * 9}{SECRET[:length]}..., and more..."

    assert REDACTOR.text(cut) == f"x {'y' * 9}$CONTRACTS_API_KEY..., and more..."


def test_the_end_of_a_whole_text_is_no_cut_secret():
    assert REDACTOR.text(f"a {SECRET[:5]}") == f"a {SECRET[:5]}"


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
