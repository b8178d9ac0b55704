"""The target: its keys come from the environment, and stay out of all reports."""

import pytest

from duologue.contracts.errors import ApiKeyMissing, ApiKeyUnusable
from duologue.contracts.http.target import Target, from_environment


def test_keys_come_from_the_environment(monkeypatch):
    """White space about a key is not part of it; a slash at the end is not part of the address."""
    monkeypatch.setenv("STAGING_KEY", " abc\n")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "def")
    target = from_environment("http://host/v3/", key_variable="STAGING_KEY")

    assert (target.url, target.api_key, target.auth_only_key) == ("http://host/v3", "abc", "def")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_is_told_by_its_variable(monkeypatch, value):
    monkeypatch.delenv("CONTRACTS_API_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("CONTRACTS_API_KEY", value)

    with pytest.raises(ApiKeyMissing, match="CONTRACTS_API_KEY"):
        from_environment("http://host/v3")


@pytest.mark.parametrize("key", ["secret\nsecret", "sécret", "secret\x7f"])
@pytest.mark.parametrize("variable", ["CONTRACTS_API_KEY", "CONTRACTS_AUTH_ONLY_KEY"])
def test_a_key_that_no_header_carries_is_told_without_it(monkeypatch, variable, key):
    """The sentence names the variable, not what it holds."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "usable")
    monkeypatch.setenv(variable, key)

    with pytest.raises(ApiKeyUnusable, match=variable) as error:
        from_environment("http://host/v3")
    assert "cret" not in str(error.value)


def test_a_target_does_not_show_its_keys():
    assert "secret" not in repr(Target("http://host/v3", "secret-1", auth_only_key="secret-2"))


def test_an_echoed_key_is_hidden():
    """A server that repeats the key in an error does not get it into a report."""
    target = Target("http://host/v3", "secret-1", auth_only_key="secret-2", key_variable="KEY")

    assert target.hide("no secret-1 and no secret-2") == "no $KEY and no $CONTRACTS_AUTH_ONLY_KEY"
    assert Target("http://host/v3", "k").hide("a key") == "a key"
